import ExperimentRecords
import Foundation
import LineageLog
import Testing

import struct ExperimentRecords.Measurement

@testable import Reporting

@Suite struct ReportTests {
  private func entries(_ contents: [LineageEntry.Content]) -> [LineageEntry] {
    contents.map { LineageEntry(time: Timestamp(milliseconds: 0), campaign: "c", $0) }
  }

  private func name(_ function: String) -> KernelName {
    KernelName(file: "a.c", function: function)
  }

  private func winner(
    _ function: String, _ median: Double, _ verdict: Verdict, recipe: String = "normalize()"
  ) throws -> LineageEntry.Content {
    .winner(
      Winner(
        kernel: name(function), recipe: try Recipe(parsing: recipe), proposal: .zero,
        baseSource: .zero, newSource: .zero, verdict: verdict,
        measurements: [
          Measurement(
            workload: "w",
            speedup: .init(median: median, low: median * 0.99, high: median * 1.01), pairs: 10,
            loads: 2, baselineNanoseconds: 100, candidateNanoseconds: 50, compiler: "clang 21",
            flags: [])
        ]))
  }

  private let start = LineageEntry.Content.campaignStarted(
    CampaignStarted(
      tool: "ratchet", paths: ["."], seed: 1,
      machine: Machine(cpu: "c", cores: 1, kernel: "k", operatingSystem: "o"),
      compiler: Compiler(name: "clang", version: "21", path: "clang"), flags: []))

  @Test func judgingCostsAreToldByLevel() throws {
    func evidence(_ level: Level, _ seconds: Double) -> Evidence {
      Evidence(level: level, method: "m", result: .passed, seconds: seconds)
    }
    func rejected(_ evidence: [Evidence], proposer: String) throws -> LineageEntry.Content {
      .proposal(
        Proposal(
          kernel: name("f"), recipe: try Recipe(parsing: "normalize()"), proposer: proposer,
          outcome: .inconclusive, evidence: evidence))
    }
    let lineage = try Lineage(
      entries([
        start,
        // A first look is no full examination, and neither is one of before costs were kept.
        try rejected([evidence(.l0, 9), evidence(.l2, 9)], proposer: "search"),
        try rejected([evidence(.l0, 0), evidence(.l2, 0)], proposer: "finalist"),
        try rejected([evidence(.l0, 0.5), evidence(.l2, 1)], proposer: "finalist"),
        try rejected(
          [evidence(.l0, 0.5), evidence(.l2, 3), evidence(.l3, 2)], proposer: "finalist"),
      ]))
    let costs = try #require(Report(lineage).examinationCosts)
    #expect(costs.finalists == 2)
    #expect(costs.medianCpuSeconds == 3.5)
    #expect(costs.greatestCpuSeconds == 5.5)
    #expect(costs.levels.map(\.level) == [.l0, .l2, .l3])
    #expect(costs.levels.map(\.count) == [2, 2, 1])
    #expect(costs.levels.map(\.medianCpuSeconds) == [0.5, 2, 2])
    #expect(
      ClosingTable(Report(lineage)).summaryLines().contains {
        $0.contains("2 finalists, median 3.50 CPU s (L0 0.50, L2 2.00, L3 2.00), at most 5.50")
      })
  }

  @Test func whatIsFasterOnThreadsStandsApartFromTheFiguresForOneCore() throws {
    guard
      case .winner(var parallel) = try winner(
        "f", 1.9, .proved, recipe: "parallelize(loop: i)")
    else { return }
    parallel.threads = 2
    parallel.measurements[0].threaded = ThreadedTime(
      threads: 2, baselineProcessorNanoseconds: 100, candidateProcessorNanoseconds: 105)
    let lineage = try Lineage(
      entries([
        start, try winner("f", 1.2, .proved), .winner(parallel),
        .kernelFinished(
          KernelFinished(
            kernel: name("f"), outcome: .improved, parallel: ParallelFinished(threads: 2))),
      ]))
    let report = Report(lineage)
    #expect(report.geometricMean?.median == 1.2)
    #expect(report.kernels[0].winner?.recipe.description == "normalize()")
    #expect(lineage.latestWinners[name("f")]?.winner.threads == nil)
    #expect(lineage.latestParallelWinners[name("f")]?.winner.threads == 2)
    let words = "1.90× [1.88, 1.92] wall on 2 threads, 1.05× CPU seconds, proved"
    for text in [
      ClosingTable(report).text(width: 400), TextReport(report).text(width: 400),
      MarkdownReport(report).text,
    ] {
      #expect(text.contains(words), "\(text)")
      #expect(text.contains("apart from"), "\(text)")
    }
    #expect(try jsonText(ReportDocument(report)).contains("\"processorRatio\""))
  }

  @Test func whatTheSearchForThreadsTriedIsNoFigureOfOneCore() throws {
    func tried(_ outcome: Outcome, threads: Int?) throws -> LineageEntry.Content {
      .proposal(
        Proposal(
          kernel: name("f"), recipe: try Recipe(parsing: "normalize()"), proposer: "finalist",
          outcome: outcome,
          evidence: [Evidence(level: .l2, method: "m", result: .passed, seconds: 1)],
          threads: threads))
    }
    let lineage = try Lineage(
      entries([
        start, try tried(.inconclusive, threads: nil), try tried(.inconclusive, threads: 2),
        try tried(.refused, threads: 2),
        .kernelFinished(
          KernelFinished(
            kernel: name("f"), outcome: .noGain, evaluations: 3, cost: Cost(cpuSeconds: 5),
            parallel: ParallelFinished(
              threads: 2, reason: "none is faster", evaluations: 2, cost: Cost(cpuSeconds: 7)))),
      ]))
    let report = Report(lineage)
    #expect(report.evaluations == 3)
    #expect(report.cost.cpuSeconds == 5)
    #expect(report.outcomes == [.inconclusive: 1])
    #expect(report.examinationCosts?.finalists == 1)
    #expect(
      TextReport(report).text(width: 400).contains(
        "on 2 threads: no gain found, none is faster, 2 tried, 7.0 CPU s"))
  }

  @Test func theWeakestEvidenceComesFirstAndWhatWasNotSearchedLast() throws {
    let lineage = try Lineage(
      entries([
        start, try winner("proved", 1.1, .proved), try winner("big", 3, .tested),
        try winner("small", 1.2, .tested),
        .kernelFinished(KernelFinished(kernel: name("skipped"), outcome: .skipped)),
        .kernelFinished(KernelFinished(kernel: name("same"), outcome: .noGain)),
      ]))
    let report = Report(lineage)
    #expect(
      report.kernels.map(\.kernel.function) == ["small", "big", "proved", "same", "skipped"])
    #expect(report.meanCount == 4)
    let mean = try #require(report.geometricMean)
    #expect(abs(mean.median - pow(1.1 * 3 * 1.2, 0.25)) < 1e-9)
    let capped = try #require(report.geometricMean(cappedAt: 2))
    #expect(abs(capped.median - pow(1.1 * 2 * 1.2, 0.25)) < 1e-9)
  }

  @Test func aWinnerOutlivesALaterSearchWithoutGain() throws {
    let lineage = try Lineage(
      entries([
        start, try winner("f", 2, .tested),
        .kernelFinished(KernelFinished(kernel: name("f"), outcome: .improved, evaluations: 3)),
        .kernelFinished(KernelFinished(kernel: name("f"), outcome: .noGain, evaluations: 4)),
      ]))
    let kernel = try #require(Report(lineage).kernels.first)
    #expect(kernel.outcome == .improved)
    #expect(kernel.evaluations == 7)
  }

  @Test func theNewestFigureOfEveryProgramIsReported() throws {
    func program(_ run: String, _ median: Double) -> LineageEntry.Content {
      .programMeasured(
        ProgramMeasured(
          build: "make", run: run, winners: [.zero],
          speedup: .init(median: median, low: median, high: median), pairs: 9, baselineSeconds: 2,
          winnerSeconds: 1))
    }
    let lineage = try Lineage(
      entries([start, program("./a", 1.5), program("./b | c", 1.1), program("./a", 2)]))
    let report = Report(lineage)
    #expect(report.programs.map(\.run) == ["./b | c", "./a"])
    let line = "program './a' with 1 winner: 2.00× [2.00, 2.00], 2.00 s → 1.00 s, 9 pairs"
    #expect(ClosingTable(report).text().contains(line + "\n"))
    #expect(TextReport(report).text().contains(line + "\n"))
    #expect(MarkdownReport(report).text.contains("- `program './b | c' with"))
    #expect(try jsonText(ReportDocument(report)).contains(#""run" : "./b | c""#))
  }

  @Test func distancesToTheLimitAreInEveryReport() throws {
    // 100 ns and 50 ns against a limit of 25 ns; 400 operations on 800 bytes.
    let limit = RooflineLimit(
      workload: "w", operations: 400, bytes: 800, certainBytes: 800, isWhole: true,
      nanoseconds: 25, limitedBy: "L1", certainNanoseconds: 25)
    let baseline = Baseline(
      kernel: name("f"), source: .zero, contract: "", contractOrigin: "declared",
      workloads: [Workload(name: "w", sizes: [:])], limits: [limit])
    var slow = baseline
    slow.kernel = name("g")
    let tried = Proposal(
      kernel: name("g"), recipe: try Recipe(parsing: "normalize()"), outcome: .noGain,
      measurements: [
        Measurement(
          workload: "w", speedup: .init(median: 1, low: 0.9, high: 1.1), pairs: 1, loads: 1,
          baselineNanoseconds: 75, candidateNanoseconds: 75, compiler: "", flags: [])
      ])
    let report = Report(
      try Lineage(
        entries([
          start, .baseline(baseline), try winner("f", 2, .tested), .baseline(slow),
          .proposal(tried), .kernelFinished(KernelFinished(kernel: name("g"), outcome: .noGain)),
        ])))
    let line =
      "limit on w: 4.00× → 2.00× the limit of 25.0 ns, set by moving data from L1, "
      + "0.50 operations a byte"
    #expect(TextReport(report).text().contains(line))
    #expect(TextReport(report).text().contains("limit on w: 3.00× the limit of 25.0 ns"))
    #expect(MarkdownReport(report).text.contains("- `\(line)`"))
    let json = try jsonText(OptimizeDocument(report) { _ in nil })
    #expect(json.contains(#""baselineDistance" : 4"#))
    #expect(json.contains(#""distance" : 2"#))
    #expect(json.contains(#""intensity" : 0.5"#))
    #expect(json.contains(#""baselineDistance" : 3"#))
  }

  @Test func aKernelWhoseSearchDidNotEndIsSaidToHaveFailed() throws {
    let baseline = Baseline(
      kernel: name("f"), source: .zero, contract: "", contractOrigin: "declared")
    let report = Report(try Lineage(entries([start, .baseline(baseline)])))
    #expect(report.kernels.first?.outcome == .failed)
    #expect(report.kernels.first?.remark == "failed: the search did not end")
    #expect(report.geometricMean == nil)
  }

  @Test func noLineOfTheTableIsWiderThanAskedFor() throws {
    let long = String(repeating: "unroll_jam(loop: i.tile.point, by: 4); ", count: 9)
    let lineage = try Lineage(
      entries([
        start, try winner("a_function_with_a_very_long_name_indeed", 123.4, .bounded, recipe: long),
        .kernelFinished(
          KernelFinished(
            kernel: name("g"), outcome: .skipped, reason: String(repeating: "why ", count: 90))),
      ]))
    for width in [70, 80, 100, 120] {
      let lines = ClosingTable(Report(lineage)).tableLines(width: width)
      #expect(lines.count == 3)
      #expect(lines.allSatisfy { $0.count <= width })
      #expect(lines[1].contains("…"))
      #expect(lines[1].contains("123× [122, 125]"))
      let summary = ClosingTable(Report(lineage)).text(width: width).split(separator: "\n")
      #expect(summary.allSatisfy { $0.count <= width })
    }
  }

  @Test func namesFromSourcesAreDataInEveryReport() throws {
    let evil = KernelName(file: "a`b|<script>.c", function: "f\u{1B}[2J")
    let lineage = try Lineage(
      entries([
        start,
        .kernelFinished(
          KernelFinished(kernel: evil, outcome: .failed, reason: "<b>*x*</b> | y\nz")),
      ]))
    let markdown = MarkdownReport(Report(lineage)).text
    #expect(markdown.contains("| `` a`b\\|<script>.c:f\\u{1B}[2J `` | – |"))
    #expect(markdown.contains(#"failed: \<b\>\*x\*\</b\> \| y\\nz"#))
    #expect(!TextReport(Report(lineage)).text().contains("\u{1B}"))
    #expect(!LineageTree().text(lineage).contains("\u{1B}"))
    #expect(!EntrySummary().text(lineage.entries).contains("\u{1B}"))
    let shown = lineage.entries.map { EntryDetails().text($0) }.joined()
    #expect(!shown.contains("\u{1B}"))
  }

  @Test func theOptimizeDocumentHasEveryMemberThatIsPromised() throws {
    let lineage = try Lineage(
      entries([
        start, try winner("f", 2, .tested),
        .kernelFinished(KernelFinished(kernel: name("g"), outcome: .noGain)),
        .campaignEnded(CampaignEnded(reason: .budget)),
      ]))
    let text = try jsonText(OptimizeDocument(Report(lineage)) { $0.entry.map { "p/\($0.short)" } })
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(document["schema"] as? String == "ratchet.optimize/1")
    #expect(document["campaign"] as? String == "c")
    #expect(document["stopReason"] as? String == "budget")
    #expect(document["machine"] is [String: Any])
    #expect(document["compiler"] is [String: Any])
    let kernels = try #require(document["kernels"] as? [[String: Any]])
    let promised: Set = [
      "file", "function", "outcome", "reason", "verdict", "speedup", "workloads", "recipe",
      "evaluations", "cost", "breakEvenCalls", "entry", "patch",
    ]
    for kernel in kernels { #expect(promised.isSubset(of: kernel.keys)) }
    #expect(kernels[0]["recipe"] as? String == "normalize()")
    #expect((kernels[0]["speedup"] as? [String: Double])?["median"] == 2)
    #expect(kernels[1]["speedup"] is NSNull)
    #expect(kernels[1]["outcome"] as? String == "no-gain")
  }
}
