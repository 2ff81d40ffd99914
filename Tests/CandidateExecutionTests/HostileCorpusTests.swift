import Foundation
import Testing

@testable import CandidateExecution

/// Every program of `fixtures/hostile` meets its end in time, alone, and under its right name.
@Suite(.serialized) struct HostileCorpusTests {
  @Test func thereAreEnoughPrograms() {
    #expect(HostileProgram.all.count >= 50)
    for program in HostileProgram.all {
      #expect(program.keys["tries"] != nil && program.keys["expect"] != nil, "\(program)")
    }
  }

  @Test(arguments: HostileProgram.all)
  func isContained(_ program: HostileProgram) async throws {
    let place = try await HostileBench.shared.value
    guard program.applies(with: place.layers) else { return }
    let object = try await place.build(program)
    let directory = URL(fileURLWithPath: object.path).deletingLastPathComponent().path
    let before = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()

    let allowed = program.limit + .seconds(1)
    var took: Duration = .zero
    // A busy machine may be late once; what really lives on is late every time.
    for _ in 0..<3 {
      let start = ContinuousClock.now
      let words = try await place.run(object, program)
      took = ContinuousClock.now - start
      #expect(
        program.expected.contains { words == $0 || words.hasPrefix("failed: " + $0) }, "\(words)")
      if took <= allowed { break }
    }
    #expect(took <= allowed)
    #expect(living(object.path).isEmpty, "a process is left")
    #expect(place.canary.damage().isEmpty)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == before)
  }

  /// The layers that need no privilege hold alone: a part of the corpus, without the others.
  @Test(arguments: HostileProgram.all.enumerated().filter { $0.offset % 8 == 0 }.map(\.element))
  func isContainedWithoutPrivileges(_ program: HostileProgram) async throws {
    let place = try await HostileBench.shared.value
    guard program.applies(with: place.layers) else { return }
    let object = try await place.build(program)
    let words = try await place.run(
      object, program,
      without: [
        .userNamespace, .processNamespace, .mountNamespace, .networkNamespace, .ipcNamespace,
        .readOnlyFiles, .memoryGroup, .processGroup,
      ])
    #expect(
      program.expected.contains { words == $0 || words.hasPrefix("failed: " + $0) }, "\(words)")
    #expect(living(object.path).isEmpty, "a process is left")
    #expect(place.canary.damage().isEmpty)
  }
}
