import CandidateExecution
import Diagnostics
import ExperimentRecords
import Foundation
import KernelModel
import LineageLog
import Sandboxing
import SearchPolicies

/// Measures what winners bring where it matters to the user: in a program that runs the kernels.
///
/// The project is copied twice into a scratch directory; one copy gets the winners. Both are built with
/// the user's command and run in turn, in random order. The user's tree is not touched.
struct ProgramInPlace {
  /// Pairs of runs; each pair is one datum.
  static let pairs = 9
  /// Longest time that a build or a run may take.
  static let wall = Duration.seconds(300)

  let program: Configuration.Program
  /// Directory of the configuration, copied whole.
  let project: String
  let runner: Runner

  /// A file with the winners in it.
  struct ChangedFile {
    /// Path relative to the project.
    var path: String
    var bytes: [UInt8]
  }

  /// Builds and times both copies.
  ///
  /// Throws: `InputError` when a command fails, with its first words.
  func measure(_ files: [ChangedFile], winners: [Digest], seed: UInt64) async throws
    -> ProgramMeasured
  {
    let scratch = FileManager.default.temporaryDirectory
      .appendingPathComponent("ratchet-program-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { remove(scratch) }
    let copies = ["original", "winners"].map { scratch.appendingPathComponent($0) }
    for copy in copies { try copyProject(to: copy) }
    for file in files { try put(file, in: copies[1]) }
    if let build = program.build {
      for copy in copies { _ = try await run(build, in: copy) }
    }
    let samples = try await time(copies, seed: seed)
    // Every run is a fresh process, so every pair is a load of its own.
    let loads = samples.map { pair in
      PairedTiming(pairs: [
        .init(
          original: Int(pair[0] * 1e9), candidate: Int(pair[1] * 1e9), candidateFirst: false)
      ])
    }
    let statistics = PairedStatistics(loads)
    guard let speedup = statistics.speedup(seed: seed) else {
      throw InputError("the program's runs could not be timed", remedy: "make it run longer")
    }
    return ProgramMeasured(
      build: program.build ?? "", run: program.run, winners: winners, speedup: speedup,
      pairs: loads.count, baselineSeconds: statistics.originalNanoseconds / 1e9,
      winnerSeconds: statistics.candidateNanoseconds / 1e9)
  }

  /// Seconds of each pair of runs, the original's first; a first pair warms caches and is dropped.
  private func time(_ copies: [URL], seed: UInt64) async throws -> [[Double]] {
    var generator = SplitMix(seed: seed)
    var samples: [[Double]] = []
    for _ in 0...Self.pairs {
      let order = generator.next() & 1 == 0 ? [0, 1] : [1, 0]
      var pair = [0.0, 0.0]
      for index in order { pair[index] = try await run(program.run, in: copies[index]) }
      samples.append(pair)
    }
    return Array(samples.dropFirst())
  }

  /// Replaces a file of the copy, which may be a link to one that is the user's own.
  private func put(_ file: ChangedFile, in copy: URL) throws {
    let path = copy.appendingPathComponent(file.path).standardizedFileURL
    let place = path.deletingLastPathComponent().resolvingSymlinksInPath().path
    let own = copy.resolvingSymlinksInPath().path
    guard place == own || place.hasPrefix(own + "/") else {
      throw InputError(
        "'\(file.path)' lies outside the project, so that no copy of it can be changed")
    }
    let files = FileManager.default
    if files.fileExists(atPath: path.path) { try files.removeItem(at: path) }
    try Data(file.bytes).write(to: path)
  }

  private func copyProject(to copy: URL) throws {
    let files = FileManager.default
    try files.createDirectory(at: copy, withIntermediateDirectories: true)
    for name in try files.contentsOfDirectory(atPath: project)
    where name != ".ratchet" && name != ".git" {
      try files.copyItem(
        atPath: "\(project)/\(name)", toPath: copy.appendingPathComponent(name).path)
    }
  }

  /// Runs a command of the user's configuration and returns its wall seconds.
  private func run(_ command: String, in directory: URL) async throws -> Double {
    let start = ContinuousClock.now
    let result = try await GuardedCommand(
      "/bin/sh", ["-c", command], directory: directory.path,
      environment: ProcessInfo.processInfo.environment, wall: Self.wall, memory: nil
    ).run(with: runner)
    let seconds = (ContinuousClock.now - start).seconds
    guard result.status == .exited(0) else {
      let words = String(decoding: result.errors.prefix(200), as: UTF8.self)
        .split(separator: "\n").first.map { ": \($0)" }
      throw InputError(
        "the program's command '\(command)' failed\(words ?? "")",
        remedy: "try it in a copy of \(project), or remove 'program' from .ratchet.yml")
    }
    return seconds
  }

  private func remove(_ directory: URL) {
    // A scratch copy that cannot be removed is in the system's temporary directory and harms nothing.
    _ = try? FileManager.default.removeItem(at: directory)
  }
}
