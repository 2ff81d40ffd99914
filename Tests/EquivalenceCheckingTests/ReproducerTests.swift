import ExperimentRecords
import Foundation
import Testing

@testable import EquivalenceChecking

/// A counterexample is a program that a person can build and run.
@Suite struct ReproducerTests {
  @Test(arguments: [
    "last-element-dropped", "copied-backwards-under-overlap", "negative-zero-lost-by-adding-zero",
    "one-element-too-many", "search-returns-last-hit", "stride-zero-forgotten",
  ])
  func programShowsTheDifference(_ name: String) async throws {
    let test = try CorpusCase.named(name, in: "refuted")
    let result = try await JudgeFixture.verifier(test).verify(test.candidate)
    try shows(try #require(result.counterexample))
  }

  @Test func programPassesNullPointers() async throws {
    let test = try CorpusCase.named("null-check-left-out", in: "exploits")
    let result = try await JudgeFixture.verifier(test).verify(test.candidate)
    let counterexample = try #require(result.counterexample)
    #expect(counterexample.inputs.contains("count == NULL"), "\(counterexample)")
    try shows(counterexample)
  }

  private func shows(_ counterexample: Counterexample) throws {
    let program = try #require(counterexample.reproducer)
    let directory = NSTemporaryDirectory() + "/ratchet-reproducer-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try program.write(toFile: directory + "/show.c", atomically: true, encoding: .utf8)
    for optimization in ["-O0", "-O2"] {
      let words = [optimization, "-w", "show.c", "-o", "show", "-lm"]
      #expect(try run("/usr/bin/env", ["cc"] + words, in: directory) == 0)
      #expect(try run(directory + "/show", [], in: directory) == 1, "\(counterexample)")
    }
  }

  private func run(_ path: String, _ words: [String], in directory: String) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = words
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
