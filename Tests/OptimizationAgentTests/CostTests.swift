import ExperimentRecords
import Foundation
import LineageLog
import SearchPolicies
import SystemPackage
import Testing

@testable import OptimizationAgent

@Suite struct CostTests {
  private func measurement(_ before: Double, _ after: Double) -> ExperimentRecords.Measurement {
    .init(
      workload: "w", speedup: .init(median: before / after, low: 1, high: 9), pairs: 1, loads: 1,
      baselineNanoseconds: before, candidateNanoseconds: after, compiler: "", flags: [])
  }

  /// By hand: workloads of 4 ms and 1 ms become 1 ms and 0.25 ms. The geometric means are
  /// √(4 · 1) = 2 ms and √(1 · 0.25) = 0.5 ms, so a call saves 1.5 ms. A search of 30 CPU seconds
  /// is paid back after 30 / 0.0015 = 20,000 calls.
  @Test func breakEvenOfAHandMadeCase() throws {
    let even = BreakEven(
      [measurement(4e6, 1e6), measurement(1e6, 0.25e6)], cost: Cost(cpuSeconds: 30))
    #expect(abs(even.secondsSavedPerCall - 1.5e-3) < 1e-12)
    #expect(abs(try #require(even.calls) - 20_000) < 1e-6)
  }

  @Test func whatSavesNothingNeverPays() {
    #expect(BreakEven([measurement(1e6, 1e6)], cost: Cost(cpuSeconds: 30)).calls == nil)
    #expect(BreakEven([measurement(1e6, 2e6)], cost: Cost(cpuSeconds: 30)).calls == nil)
  }

  /// Of 20 CPU seconds, 4 in the compiler, 5 in the judge and 10 in measurement: 1 of 20 is left.
  @Test func overheadIsWhatIsNeitherCompilerNorJudgeNorMeasurement() throws {
    let cost = Cost(
      cpuSeconds: 20, phases: [.compile: 4, .examine: 5, .measure: 10, .propose: 0.5, .parse: 0.2])
    #expect(abs(try #require(cost.overheadShare) - 0.05) < 1e-12)
    #expect(Cost().overheadShare == nil)
  }

  @Test func theJudgesCompilerCountsAsCompiling() throws {
    var meter = CostMeter(
      Cost(cpuSeconds: 5, phases: [.examine: 3, .compile: 2]))
    meter.add(
      Examination(verdict: .tested, evidence: [], compiles: 4, compileSeconds: 1.25))
    #expect(meter.total.phases == [.examine: 1.75, .compile: 3.25])
    #expect(meter.total.compiles == 4)
    #expect(meter.total.cpuSeconds == 5)
  }

  @Test func whatIsBookedElsewhereIsTakenOut() {
    var meter = CostMeter(Cost(cpuSeconds: 3, wallSeconds: 4, phases: [.propose: 3]))
    meter.deduct(Cost(cpuSeconds: 1, wallSeconds: 2, phases: [.record: 1]), from: .propose)
    #expect(meter.total == Cost(cpuSeconds: 2, wallSeconds: 2, phases: [.propose: 2]))
  }

  @Test func writingIsBookedWithTheBytesOfNewObjects() throws {
    let directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("ratchet-costs-\(UUID().uuidString)")
    defer { _ = try? FileManager.default.removeItem(at: directory) }
    let writer = try LineageWriter(StateDirectory(FilePath(directory.path)), command: "test")
    let name = KernelName(file: "a.c", function: "f")
    let log = SearchLog(writer: writer, campaign: "c", kernel: name, baseline: .zero)
    let proposal = ProposedRecipe(.empty, parent: .empty, origin: "test")
    let text = [UInt8](repeating: 65, count: 100)
    for _ in 0..<2 {
      log.record(proposal, outcome: .noGain, text: text, cost: Cost(cpuSeconds: 1))
    }
    try log.check()
    #expect(log.cost.diskBytes == 100)
    #expect(log.cost.phases.keys.contains(.record))
    let costs = writer.lineage.entries.compactMap { stored -> Cost? in
      if case .proposal(let proposal) = stored.entry.content { proposal.cost } else { nil }
    }
    #expect(costs.map(\.diskBytes) == [100, 0])
  }
}
