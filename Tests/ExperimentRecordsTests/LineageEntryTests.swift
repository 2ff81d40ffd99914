import Diagnostics
import ExperimentRecords
import Foundation
import Testing

@Suite struct LineageEntryTests {
  @Test(arguments: sampleContents)
  func everyKindSurvivesTheWayThroughJSON(content: LineageEntry.Content) throws {
    let entry = LineageEntry(
      time: Timestamp(milliseconds: 1_795_361_761_123), campaign: "c1", content)
    let json = try JSONEncoder().encode(entry)
    #expect(try JSONDecoder().decode(LineageEntry.self, from: json) == entry)
  }

  @Test func namesItsKeysAsDocumented() throws {
    let entry = LineageEntry(
      time: Timestamp(milliseconds: 0), .stopRequested(StopRequested(by: "SIGTERM")))
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    #expect(
      String(decoding: try encoder.encode(entry), as: UTF8.self)
        == #"{"kind":"stopRequested","stopRequested":{"by":"SIGTERM","reason":""},"#
        + #""time":"1970-01-01T00:00:00.000Z","version":1}"#)
  }

  @Test func recipesAreTextInRecords() throws {
    let json = try JSONEncoder().encode([try Recipe(parsing: "tile(loop: i, by: 8)")])
    #expect(String(decoding: json, as: UTF8.self) == #"["tile(loop: i, by: 8)"]"#)
  }

  @Test func passesOverKeysAndKindsOfLaterTimes() throws {
    let stop = """
      {"version": 1, "time": "2026-11-22T15:36:01.123Z", "kind": "stopRequested", "mood": "calm",
       "stopRequested": {"by": "file STOP", "reason": "", "phase": "compile"}}
      """
    let entry = try JSONDecoder().decode(LineageEntry.self, from: Data(stop.utf8))
    #expect(entry.content == .stopRequested(StopRequested(by: "file STOP")))

    let later = #"{"version":1,"time":"2026-11-22T15:36:01.123Z","kind":"dreamt","dreamt":{}}"#
    let unknown = try JSONDecoder().decode(LineageEntry.self, from: Data(later.utf8))
    #expect(unknown.content == .unknown(kind: "dreamt"))
    #expect(throws: EncodingError.self) { try JSONEncoder().encode(unknown) }
  }

  @Test func refusesARecipeThatIsNone() {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Recipe.self, from: Data(#""tile(""#.utf8))
    }
  }
}

private let kernel = KernelName(file: "src/blur.c", function: "blur3")
private let interval = ConfidenceInterval(median: 1.8, low: 1.74, high: 1.86)
private let measurement = Measurement(
  workload: "L2", sizes: ["n": 512], speedup: interval, pairs: 200, loads: 5,
  loadRatios: [1.79, 1.81], baselineNanoseconds: 1.5e6, candidateNanoseconds: 8.3e5,
  compiler: "clang 21.0.0", flags: ["-O3"], smallestResolvableEffect: 0.004)
private let evidence = Evidence(
  level: .l2, method: "Differential", result: .passed, inputs: 400, seed: .max,
  sizes: [["n": 0], ["n": 65]], compilers: ["clang -O3"], branchCoverage: 1, detail: "agreed")
private let step = Step("tile", [Argument("loop", "i"), Argument("by", 64)])

private let sampleContents: [LineageEntry.Content] = [
  .campaignStarted(
    CampaignStarted(
      tool: "ratchet 0.1.0", paths: ["src"], settings: ["budget": "60s"], seed: 7,
      machine: Machine(
        cpu: "A", caches: [.init(level: 1, kind: "data", bytes: 32768)], cores: 2, kernel: "L",
        operatingSystem: "D"),
      compiler: Compiler(name: "clang", version: "21.0.0", path: "clang"), flags: ["-O3"])),
  .baseline(
    Baseline(
      kernel: kernel, source: .zero, contract: "requires n >= 0;", contractOrigin: "inferred",
      workloads: [Workload(name: "L2", sizes: ["n": 512])], nanoseconds: ["L2": 1.5e6])),
  .proposal(
    Proposal(
      kernel: kernel, recipe: Recipe([step]), parent: .zero, outcome: .rejectedWrong,
      verdict: .refuted, evidence: [evidence],
      counterexample: Counterexample(
        inputs: "n = 3", cell: "out[2]", expected: "1", actual: "2"))),
  .proposal(
    Proposal(
      kernel: kernel, recipe: Recipe([step]), outcome: .refused,
      refusal: Refusal(
        step: step, reason: "'out' may overlap 'in'",
        location: SourceLocation(file: "src/blur.c", line: 3, column: 5),
        dependence: .init(.anti, from: "in[i]", to: "out[i]", direction: "(<)"),
        missingFacts: [#"\separated(in + (0 .. n), out + (0 .. n))"#]))),
  .winner(
    Winner(
      kernel: kernel, recipe: Recipe([step]), proposal: .zero,
      effects: [StepEffect(step: step, speedup: interval)], baseSource: .zero, newSource: .zero,
      verdict: .tested, evidence: [evidence], measurements: [measurement], breakEvenCalls: 52_000)),
  .kernelFinished(
    KernelFinished(
      kernel: kernel, outcome: .noGain, reason: "nothing was faster",
      smallestResolvableEffect: 0.015)),
  .applied(Applied(winner: .zero, kernel: kernel, before: .zero, after: .zero)),
  .reverted(Reverted(applied: .zero, winner: .zero, kernel: kernel, before: .zero, after: .zero)),
  .approval(Approval(subject: .zero, granted: false, by: "ada")),
  .stopRequested(StopRequested(by: "SIGINT", reason: "typed Ctrl-C")),
  .programMeasured(
    ProgramMeasured(
      build: "make", run: "./demo", winners: [.zero],
      speedup: ConfidenceInterval(median: 1.2, low: 1.1, high: 1.3), pairs: 7,
      baselineSeconds: 0.5, winnerSeconds: 0.4)),
  .sentinelChecked(
    SentinelChecked(
      kernel: kernel, pair: .slower, isTrusted: false, reason: "faster in 9 of 9 loads", loads: 9,
      above: 9, ratio: 1.01, smallestEffect: 0.01)),
  .campaignEnded(CampaignEnded(reason: .budget, kernels: ["no-gain": 1], evaluations: 57)),
  .checkpoint(
    Checkpoint(entries: 3, root: .zero, signature: .init(key: "0a", value: "0b"))),
  .approval(
    Approval(
      subject: .zero, granted: true, by: "ada", signature: .init(key: "0a", value: "0b"))),
  .actionRefused(
    ActionRefused(
      action: "write a patch file", subject: .zero, kernel: kernel, needed: .patches,
      allowed: .report, origin: ".ratchet.yml", reason: "the level is too low", by: "ada")),
  .quarantined(
    Quarantined(
      kernel: kernel, recipe: Recipe([step]), proposal: .zero, source: .zero,
      measurement: measurement, reason: "faster than the machine")),
  .envelopeDeclared(
    EnvelopeDeclared(
      hash: .zero,
      bounds: EnvelopeBounds(
        paths: ["policy"], lastGeneration: 3, cpuHours: 2, largestGrowth: 1.5), by: "ada")),
  .generationEnded(
    GenerationEnded(
      number: 2, level: .selfChange, improvement: 0.25, cpuHours: 1.5, product: .zero,
      envelope: .zero)),
  .tripwirePaused(
    TripwirePaused(generation: .zero, number: 2, earlier: .zero, earlierRate: 0.1, rate: 0.3)),
  .campaignEnded(
    CampaignEnded(
      reason: .ceiling,
      ceiling: CeilingReached(
        ceiling: .compiles, limit: 50, spent: 51, origin: "the command line"))),
  .rejudged(
    Rejudged(
      winner: .zero, kernel: kernel, standing: .inDoubt, reason: "it did not return in time",
      verdict: .inconclusive, required: .bounded, evidence: [evidence],
      judge: JudgeIdentity(tool: "ratchet 0.1.0", program: .zero),
      compiler: Compiler(name: "clang", version: "21.0.0", path: "clang"),
      changes: ["with 'requires n >= 0;'"], cost: Cost(cpuSeconds: 2))),
  .retracted(
    Retracted(
      winner: .zero, kernel: kernel, judgement: .zero, ancestor: .zero, reason: "it is refuted",
      proposals: [.zero])),
]
