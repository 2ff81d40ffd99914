import ExperimentRecords
import Foundation
import SystemPackage
import Testing

@testable import LineageLog

@Suite struct BundleDirectoryTests {
  let scratch: Scratch
  let place: FilePath
  let bundle: EvidenceBundle

  init() throws {
    scratch = try Scratch()
    place = scratch.path.appending("bundle")
    bundle = try WinnerLineage().bundle()
  }

  @Test func isReadAsItWasWritten() throws {
    try bundle.write(to: place)
    #expect(try EvidenceBundle(directory: place) == bundle)
    let link = scratch.path.appending("link")
    try FileManager.default.createSymbolicLink(
      atPath: link.string, withDestinationPath: place.string)
    #expect(try EvidenceBundle(directory: link) == bundle)
  }

  @Test func needsADirectoryOfItsOwn() throws {
    try FileManager.default.createDirectory(
      atPath: place.string, withIntermediateDirectories: true)
    try bundle.write(to: place)
    let error = #expect(throws: LineageError.self) { try bundle.write(to: place) }
    #expect(error?.exitCode == 2)
    #expect(try EvidenceBundle(directory: place) == bundle)
  }

  @Test func whatCannotBeWrittenWholeIsRemoved() throws {
    for count in 0..<80 {
      let target = scratch.path.appending("b\(count)")
      let faulty = FaultyFiles()
      faulty.arm(.error(.noSpace), at: count)
      do {
        try bundle.write(to: target, files: faulty)
        #expect(count > 30)
        return
      } catch {
        let left = (try? FileManager.default.subpathsOfDirectory(atPath: target.string)) ?? []
        #expect(left.allSatisfy { $0 == "samples" }, "\(count): \(left)")
        try bundle.write(to: target)
      }
    }
  }

  @Test func nothingButPlainFilesIsOpened() throws {
    func refuses(_ name: String, _ change: (FilePath) throws -> Void) throws {
      let copy = scratch.path.appending("copy")
      try? FileManager.default.removeItem(atPath: copy.string)
      try bundle.write(to: copy)
      try change(copy.appending(name))
      let error = #expect(throws: BundleDefect.self) { try EvidenceBundle(directory: copy) }
      #expect(error?.file == name)
      #expect(error?.exitCode == 4)
    }
    let files = FileManager.default
    let outside = scratch.path.appending("outside")
    try scratch.write(bundle.files["original.c"] ?? [], to: outside)
    try refuses("original.c") {
      try files.removeItem(atPath: $0.string)
      try files.createSymbolicLink(atPath: $0.string, withDestinationPath: outside.string)
    }
    try refuses("original.c") {
      try files.removeItem(atPath: $0.string)
      try files.createSymbolicLink(atPath: $0.string, withDestinationPath: "candidate.c")
    }
    try refuses("README.txt") {
      try files.removeItem(atPath: $0.string)
      try files.createSymbolicLink(atPath: $0.string, withDestinationPath: "/nowhere/at/all")
    }
    try refuses("README.txt") {
      try files.removeItem(atPath: $0.string)
      try files.createDirectory(atPath: $0.string, withIntermediateDirectories: false)
    }
    try refuses("proofs.json") {
      try files.removeItem(atPath: $0.string)
      #expect(mkfifo($0.string, 0o600) == 0)
    }
    try refuses("evidence.json") { #expect(truncate($0.string, 65 << 20) == 0) }
    try refuses(".hidden") { try scratch.write([1], to: $0) }
    try refuses("samples/x") { try scratch.write([1], to: $0) }
    // A directory of samples that lies elsewhere.
    let elsewhere = scratch.path.appending("elsewhere")
    try files.createDirectory(atPath: elsewhere.string, withIntermediateDirectories: false)
    try scratch.write(
      WinnerLineage.samples,
      to: elsewhere.appending(String(EvidenceBundleTests.sample.dropFirst(8))))
    try refuses(EvidenceBundleTests.sample) {
      let samples = $0.removingLastComponent().string
      try files.removeItem(atPath: samples)
      try files.createSymbolicLink(atPath: samples, withDestinationPath: elsewhere.string)
    }
  }

  @Test func whatIsNoBundleIsSaidToBeNone() throws {
    for path in [scratch.path, scratch.path.appending("nothing")] {
      #expect(throws: (any Error).self) { try EvidenceBundle(directory: path) }
    }
  }
}
