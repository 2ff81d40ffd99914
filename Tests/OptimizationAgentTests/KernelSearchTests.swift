import ExperimentRecords
import Foundation
import KernelModel
import KernelParsing
import LineageLog
import SearchPolicies
import Synchronization
import SystemPackage
import Testing

@testable import OptimizationAgent

/// The loop's decisions on scripted timings: no compiler, no clock.
@Suite struct KernelSearchTests {
  static let source = """
    void product(int n, double c[restrict n][n], const double a[restrict n][n],
                 const double b[restrict n][n])
    {
      for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
          for (int k = 0; k < n; k++)
            c[i][j] += a[i][k] * b[k][j];
    }
    """

  private struct Run {
    var result: SearchResult
    var entries: [LineageEntry.Content]
  }

  private func search(
    _ executor: any CandidateExecutor, evaluations: Int, seed: UInt64 = 1,
    trust: MeasurementTrust = MeasurementTrust(), largestGrowth: Int = 24 << 10,
    ceilings: CeilingWatch = CeilingWatch(), before: [LineageEntry.Content] = []
  ) async throws -> Run {
    let directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("ratchet-search-\(UUID().uuidString)")
    defer { _ = try? FileManager.default.removeItem(at: directory) }
    let build = BuildFlags(
      compiler: nil, arguments: ["-std=gnu11"], directory: "/tmp", database: nil)
    let parsed = try KernelParser().parseText(Self.source, at: "/tmp/product.c", build: build)
    let kernel = try #require(parsed.kernel(named: "product"))
    let writer = try LineageWriter(StateDirectory(FilePath(directory.path)), command: "test")
    for content in before { try writer.append(content) }
    let name = KernelName(file: "product.c", function: "product")
    let log = SearchLog(writer: writer, campaign: "test", kernel: name, baseline: .zero)
    let space = TransformationSpace(kernel, describe: ShapeExtraction.shape(of:)) {
      log.record(refusal: $1, of: $0, cost: $2)
    }
    var search = KernelSearch(
      name: name, executor: executor, log: log,
      stop: StopSignal(stateDirectory: directory.path), onProgress: { _, _, _, _ in },
      originalBytes: kernel.source.bytes,
      proposer: BeamSearch(seed: seed, vectorBytes: 32, cacheBytes: [32_768, 1 << 20]),
      budget: SearchBudget(.evaluations(evaluations)), trust: trust)
    search.largestGrowth = largestGrowth
    search.ceilings = ceilings
    let result = try await search.run(in: space)
    return Run(result: result, entries: writer.lineage.entries.map(\.entry.content))
  }

  /// Timings that reward the order in which `j` runs innermost.
  private static let rewardsOrder: @Sendable (String) -> Double = { text in
    guard let j = text.range(of: "int j ="), let k = text.range(of: "int k =") else { return 0.5 }
    return k.lowerBound < j.lowerBound ? 3 : 0.9
  }

  private func proposals(_ run: Run) -> [Proposal] {
    run.entries.compactMap { if case .proposal(let proposal) = $0 { proposal } else { nil } }
  }

  @Test func whatPaysWinsAndEveryProposalHasOneEntry() async throws {
    let run = try await search(ScriptedExecutor(speedup: Self.rewardsOrder), evaluations: 12)
    let winner = try #require(run.result.winner)
    #expect(run.result.outcome == .improved)
    #expect(winner.measurements[0].speedup.median == 3)
    #expect(winner.recipe.steps.count == 1, "a minimised winner keeps the one step that pays")
    let evaluated = proposals(run).filter { ![.refused, .duplicate].contains($0.outcome) }
    let searched = evaluated.filter { $0.proposer != "minimise" && $0.proposer != "finalist" }
    #expect(searched.count == run.result.evaluations)
    #expect(Set(searched.map(\.recipe)).count == searched.count)
  }

  /// The script counts one compiler run for each text, and further ones for confirmations none.
  @Test(arguments: [0, 1, 3, 6])
  func aCeilingOnCompilesIsOvershotByNoMoreThanOneCandidate(limit: Int) async throws {
    var ceilings = Ceilings()
    ceilings.lower(.compiles, to: Double(limit), by: "test")
    let run = try await search(
      ScriptedExecutor(speedup: Self.rewardsOrder), evaluations: 50,
      ceilings: CeilingWatch(ceilings))
    let compiled = proposals(run).reduce(0) { $0 + $1.cost.compiles }
    #expect(compiled <= limit + 1)
    #expect(run.result.evaluations == limit)
    #expect(run.result.outcome == .failed)
    #expect(run.result.ceiling?.ceiling == .compiles)
    #expect(run.result.ceiling?.limit == Double(limit))
    #expect(run.result.reason?.contains("the ceiling on compiles") == true)
    #expect(!run.entries.contains { $0.kind == "winner" })
  }

  @Test func whatWasSpentBeforeCounts() async throws {
    var ceilings = Ceilings()
    ceilings.lower(.compiles, to: 10, by: "test")
    let watch = CeilingWatch(ceilings, before: Cost(compiles: 9))
    let run = try await search(
      ScriptedExecutor(speedup: Self.rewardsOrder), evaluations: 50, ceilings: watch)
    #expect(run.result.evaluations == 1)
    var cpu = Ceilings()
    cpu.lower(.cpu, to: 5, by: "test")
    let none = try await search(
      ScriptedExecutor(speedup: Self.rewardsOrder), evaluations: 50,
      ceilings: CeilingWatch(cpu, before: Cost(cpuSeconds: 5), uncounted: CostMeter.spent))
    #expect(none.result.evaluations == 0)
    #expect(none.result.ceiling?.ceiling == .cpu)
  }

  /// What seems faster than the machine can be is kept for review, and wins neither now nor later.
  @Test func whatIsImpossibleIsQuarantined() async throws {
    let limit = RooflineLimit(
      workload: "w", operations: 1, bytes: 8, certainBytes: 8, isWhole: true, nanoseconds: 5000,
      limitedBy: "L1", certainNanoseconds: 5000)
    let scripted = ScriptedExecutor(speedup: Self.rewardsOrder)
    let executor = RooflineExecutor(scripted, limits: [limit]) { return [limit] }
    let run = try await search(executor, evaluations: 6)
    #expect(run.result.winner == nil)
    let held = run.entries.compactMap { content -> Quarantined? in
      if case .quarantined(let held) = content { held } else { nil }
    }
    let timed = proposals(run).filter { $0.reason?.contains("quarantined") == true }
    #expect(!held.isEmpty && held.count == timed.count)
    #expect(held.allSatisfy { $0.measurement.limit == limit })
    #expect(timed.allSatisfy { $0.outcome == .inconclusive })
    // The same texts in a later campaign, on a machine that is believed to be faster.
    let again = try await search(
      scripted, evaluations: 6, before: held.map { .quarantined($0) })
    let winner = again.result.winner?.newSource
    #expect(winner.map { text in !held.contains { $0.source == text } } ?? true)
    #expect(
      proposals(again).contains { $0.reason?.contains("is quarantined by entry") == true })
  }

  @Test func theEvaluationBudgetIsKept() async throws {
    let run = try await search(ScriptedExecutor(speedup: { _ in 1 }), evaluations: 5)
    #expect(run.result.evaluations <= 5)
    #expect(run.result.outcome == .noGain)
  }

  @Test func aFastCandidateThatIsWrongNeverWins() async throws {
    let executor = ScriptedExecutor(speedup: { _ in 5 }, verdict: { _ in .refuted })
    let run = try await search(executor, evaluations: 6)
    #expect(run.result.outcome == .noGain)
    #expect(proposals(run).contains { $0.outcome == .rejectedWrong })
    #expect(!proposals(run).contains { $0.outcome == .improved })
  }

  @Test func anInconclusiveVerdictIsNoPass() async throws {
    let executor = ScriptedExecutor(speedup: { _ in 5 }, verdict: { _ in .inconclusive })
    let run = try await search(executor, evaluations: 6)
    #expect(run.result.winner == nil)
  }

  /// The judge may fail to decide about one text, because its build takes too long, and know of the
  /// next.
  @Test func anUndecidedFinalistLeavesAChanceToTheNext() async throws {
    let best = Mutex<String?>(nil)
    // Every step pays, so that finalists stay as different as they were found.
    let executor = ScriptedExecutor(
      speedup: { Self.rewardsOrder($0) * (1 + Double($0.utf8.count) / 2000) },
      fullVerdict: { text in
        best.withLock {
          if $0 == nil { $0 = text }
          return $0 == text ? .inconclusive : nil
        }
      })
    let run = try await search(executor, evaluations: 12)
    #expect(run.result.outcome == .improved)
    #expect(proposals(run).contains { $0.outcome == .inconclusive && $0.proposer == "finalist" })
  }

  @Test func ofCandidatesThatAreAsGoodTheShortestComesFirst() throws {
    func candidate(_ fitness: Double, _ steps: Int) throws -> KernelSearch.Evaluated {
      let recipe = try Recipe(
        parsing: (0..<steps).map { "unroll(loop: i, by: \($0 + 2))" }.joined(separator: "; "))
      return KernelSearch.Evaluated(
        proposal: ProposedRecipe(recipe, parent: .empty, origin: "script"), text: [],
        built: BuiltCandidate(path: "/nowhere", source: .zero, compiles: 1), measurements: [],
        fitness: fitness, entry: .zero)
    }
    let ranked = try [
      candidate(5, 4), candidate(4.95, 2), candidate(4.91, 2), candidate(4.8, 1), candidate(2, 1),
    ]
    #expect(KernelSearch.simplestFirst(ranked).map(\.fitness) == [4.95, 4.91, 5, 4.8, 2])
    #expect(KernelSearch.simplestFirst([]).isEmpty)
  }

  @Test func whatGrowsTooLongIsRefusedUnbuilt() async throws {
    let run = try await search(
      ScriptedExecutor(speedup: { Double($0.utf8.count) }), evaluations: 12, largestGrowth: 300)
    let refused = proposals(run).filter { $0.reason?.contains("nobody reads") == true }
    #expect(!refused.isEmpty)
    #expect(refused.allSatisfy { $0.outcome == .refused && $0.measurements.isEmpty })
    let text = try #require(run.result.text)
    #expect(text.count <= Self.source.utf8.count + 300)
  }

  @Test func theWinnersTestIsInTheLog() async throws {
    let run = try await search(ScriptedExecutor(speedup: Self.rewardsOrder), evaluations: 12)
    let test = try #require(run.result.winner?.confirmation)
    #expect(test.ordinal == 1 && test.above == test.loads)
    #expect(test.logEvidence >= test.logThreshold)
    #expect(abs(test.error - 0.0001 * 6 / (.pi * .pi)) < 1e-12, "one kernel, first confirmation")
  }

  @Test func aGainThatFreshLoadsDoNotShowNeverWins() async throws {
    let executor = ScriptedExecutor(speedup: Self.rewardsOrder, confirmed: { _ in 1.001 })
    let run = try await search(executor, evaluations: 12)
    #expect(run.result.outcome == .noGain)
    let tests = proposals(run).compactMap(\.confirmation)
    #expect(!tests.isEmpty)
    #expect(tests.map(\.ordinal) == Array(1...tests.count), "each spends a part of its own")
  }

  @Test func nothingWinsWhileTheSentinelsMisbehave() async throws {
    let trust = MeasurementTrust(distrust: "two copies of one object differ")
    let run = try await search(
      ScriptedExecutor(speedup: Self.rewardsOrder), evaluations: 12, trust: trust)
    #expect(run.result.winner == nil)
    #expect(run.result.reason == "withheld: two copies of one object differ")
    #expect(proposals(run).contains { $0.outcome == .inconclusive })
  }

  @Test func sameSeedAndTimingsSameDecisions() async throws {
    let first = try await search(ScriptedExecutor(speedup: Self.rewardsOrder), evaluations: 10)
    let second = try await search(ScriptedExecutor(speedup: Self.rewardsOrder), evaluations: 10)
    #expect(proposals(first).map(\.recipe) == proposals(second).map(\.recipe))
    #expect(proposals(first).map(\.outcome) == proposals(second).map(\.outcome))
    #expect(first.result.winner?.recipe == second.result.winner?.recipe)
  }

  @Test func breakEvenIsCostOverSavings() async throws {
    let run = try await search(ScriptedExecutor(speedup: Self.rewardsOrder), evaluations: 12)
    let winner = try #require(run.result.winner)
    let saved = try #require(winner.secondsSavedPerCall)
    #expect(abs(saved - 2000e-9) < 1e-12, "3000 ns before, 1000 ns after")
    let calls = try #require(winner.breakEvenCalls)
    #expect(abs(calls * saved - winner.cost.cpuSeconds) < 0.5 * winner.cost.cpuSeconds + 1e-3)
  }
}

@Suite struct FitnessTests {
  private func measurement(_ median: Double) -> ExperimentRecords.Measurement {
    .init(
      workload: "w",
      speedup: ConfidenceInterval(median: median, low: median * 0.9, high: median * 1.1), pairs: 1,
      loads: 1, baselineNanoseconds: 1, candidateNanoseconds: 1, compiler: "", flags: [])
  }

  @Test func oneLosingWorkloadDecides() {
    #expect(Fitness.value(of: [measurement(4), measurement(0.5)]) == 0.5)
    #expect(abs(Fitness.value(of: [measurement(4), measurement(1)]) - 2) < 1e-12)
    #expect(Fitness.value(of: []) == 0)
  }
}
