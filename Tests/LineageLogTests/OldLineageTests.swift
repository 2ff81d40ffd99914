import ExperimentRecords
import Foundation
import LineageLog
import SystemPackage
import Testing

/// Lineages in `fixtures/lineage` keep opening, whatever comes.
@Suite struct OldLineageTests {
  static let folder = FilePath(#filePath).removingLastComponent().removingLastComponent()
    .removingLastComponent().appending("fixtures/lineage")

  let state = StateDirectory(folder.appending("format-1"))

  /// The folders that hold a log which has to open; those that are refused lie deeper.
  static func lineages() throws -> [String] {
    let files = SystemFiles()
    return try files.list(folder).filter { name in
      let path = folder.appending(name)
      return try files.status(path)?.kind == .directory
        && files.status(path.appending("lineage.jsonl")) != nil
    }
  }

  @Test func everyOldLineageVerifies() throws {
    let names = try Self.lineages()
    #expect(names.contains("format-1"))
    #expect(names.count >= 5)
    for name in names {
      let report = try Lineage.verify(StateDirectory(Self.folder.appending(name)))
      #expect(report.defect == nil, "\(name)")
      #expect(report.entries > 0, "\(name)")
    }
  }

  /// Every kind that has ever been written is in one of them.
  @Test func everyKindIsThere() throws {
    let kinds = try Self.lineages().flatMap { name in
      try Lineage.read(StateDirectory(Self.folder.appending(name))).entries
        .map(\.entry.content.kind)
    }
    let known: Set = [
      "campaignStarted", "baseline", "proposal", "winner", "kernelFinished", "applied", "reverted",
      "approval", "stopRequested", "programMeasured", "sentinelChecked", "campaignEnded",
      "checkpoint", "rejudged", "retracted",
    ]
    #expect(known.isSubset(of: kinds), "missing: \(known.subtracting(kinds))")
  }

  @Test func fieldsThatCameLaterAreReadWhereTheyAre() throws {
    let statistics = try lineage("format-1-statistics")
    let winner = try #require(statistics.latestWinners.values.first?.winner)
    #expect(winner.confirmation?.above == 9)
    #expect(winner.threads == nil && winner.smaller == nil)
    #expect(statistics.campaigns.first?.started.peaks?.levels.count == 2)
    let threads = try lineage("format-1-checkpoints")
    #expect(threads.latestParallelWinners.values.first?.winner.threads == 2)
    #expect(threads.latestWinners.values.first?.winner.smaller?.count == 1)
    let seals = threads.entries.compactMap { stored -> Checkpoint? in
      if case .checkpoint(let checkpoint) = stored.entry.content { checkpoint } else { nil }
    }
    #expect(seals.map { $0.signature != nil } == [false, true, true])
  }

  @Test func whatLaterVersionsAddIsPassedOver() throws {
    let lineage = try lineage("format-1-from-later")
    let unknown = lineage.entries.compactMap { stored -> String? in
      if case .unknown(let kind) = stored.entry.content { kind } else { nil }
    }
    #expect(unknown == ["dreamed", "winnerRevised"])
    #expect(lineage.latestWinners.count == 1)
  }

  @Test(arguments: ["format-2", "version-2"])
  func aHigherVersionIsRefusedInOneLine(_ name: String) throws {
    let state = StateDirectory(Self.folder.appending("refused/" + name))
    do {
      _ = try Lineage.read(state)
      Issue.record("\(name) opened")
    } catch {
      #expect(error.exitCode == 2)
      #expect(error.diagnostic.message.contains("written by another version of ratchet"))
      #expect(error.diagnostic.remedy?.contains("use a newer ratchet") == true)
    }
  }

  private func lineage(_ name: String) throws -> Lineage {
    try Lineage.read(StateDirectory(Self.folder.appending(name)))
  }

  @Test func formatOneSaysWhatItSaid() throws {
    let lineage = try Lineage.read(state)
    #expect(lineage.entries.count == 29)
    #expect(lineage.head.short == "665a60897133")
    #expect(lineage.kernels.map(\.function) == ["matmul", "sum", "transpose", "scan"])
    let matmul = KernelName(file: "src/dense.c", function: "matmul")
    #expect(lineage.entries(of: matmul).count == 11)
    #expect(lineage.kernels(named: "matmul") == [matmul])
    #expect(lineage.kernels(named: "src/dense.c:matmul") == [matmul])
    let winner = try #require(lineage.latestWinners[matmul])
    #expect(winner.winner.recipe.description == "interchange(outer: j)")
    #expect(winner.winner.verdict == .bounded)
    #expect(try lineage.entry(idPrefix: winner.id.short).id == winner.id)
    #expect(Set(lineage.latestWinners.keys.map(\.function)) == ["matmul", "transpose"])
  }

  @Test func campaignsTellWhereToGoOn() throws {
    let lineage = try Lineage.read(state)
    let campaigns = lineage.campaigns
    #expect(campaigns.map(\.name) == ["20261122-100000-7f3a", "20261122-110000-91c2"])
    #expect(campaigns[0].ended?.reason == .budget)
    #expect(!campaigns[0].isResumable)
    #expect(campaigns[0].baselines.count == 3)
    #expect(campaigns[0].finished.values.count { $0.outcome == .improved } == 2)
    #expect(campaigns[0].proposals.values.joined().count == 10)
    #expect(lineage.resumableCampaign?.name == campaigns[1].name)
    #expect(campaigns[1].stopRequested?.by == "SIGINT")
  }

  @Test func itsSourcesKnowWhatWasApplied() throws {
    let lineage = try Lineage.read(state)
    let source = try #require(lineage.appliedSources["src/dense.c"])
    #expect(source.current.layers.map(\.kernel.function) == ["matmul"])
    let text = try ObjectStore(state).get(source.current.digest)
    #expect(
      String(decoding: text, as: UTF8.self).contains("for (int k = 0; k < n; k++)\n      for"))
  }

  @Test func itCanBeContinued() throws {
    let scratch = try Scratch()
    let copy = scratch.path.appending("copy")
    try FileManager.default.copyItem(atPath: state.path.string, toPath: copy.string)
    let writer = try LineageWriter(StateDirectory(copy), command: "test")
    try writer.append(stop(0))
    writer.close()
    #expect(try Lineage.verify(StateDirectory(copy)).entries == 30)
  }
}
