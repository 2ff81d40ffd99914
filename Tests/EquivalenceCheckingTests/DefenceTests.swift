import ExperimentRecords
import Foundation
import Testing

@testable import EquivalenceChecking

/// Every defence is needed: without it a named candidate is no longer refused.
@Suite(.serialized) struct DefenceTests {
  /// For each defence a case that it alone stands against.
  static let shown: [(defence: Defence, name: String)] = [
    (.rule(.placement), "later-function-changed"),
    (.rule(.plainTokens), "directive-by-a-trigraph"),
    (.rule(.directives), "macro-in-the-body"),
    (.rule(.keywords), "object-of-another-file"),
    (.rule(.attributes), "extent-promised-by-a-parameter"),
    (.rule(.names), "counter-of-the-file-changed"),
    (.rule(.calls), "file-has-its-own-function-of-a-listed-name"),
    (.rule(.functionValues), "code-compared-with-data"),
    (.rule(.staticState), "honest-for-a-while"),
    (.rule(.volatileAccesses), "volatile-added"),
    (.rule(.pointerCasts), "number-as-a-pointer"),
    (.rule(.allocation), "leaks-what-the-original-frees"),
    (.rule(.stack), "stack-in-a-structure"),
    (.rule(.parsing), "does-not-parse"),
    (.rule(.diagnostics), "warning-of-a-new-kind"),
    (.rule(.addresses), "judge-known-by-its-addresses"),
    (.rule(.parallelLoops), "threads-to-an-unequal-end"),
    (.independentIterations, "iterations-need-the-one-before"),
    (.guardPages, "loads-one-element-ahead"),
    (.readSets, "search-reads-past-its-hit"),
    (.staleReads, "answer-left-from-an-earlier-call"),
    (.storeSets, "stores-back-what-was-there"),
    (.deadStorage, "note-on-the-dead-stack"),
    (.judgeMemory, "copy-of-the-judge-read"),
    (.undefinedBehaviour, "overflow-that-wraps"),
    (.interpretedRuns, "constant-table-read-past-its-end"),
    (.endings, "abort-left-out"),
    (.filledOutputs, "zeros-left-to-the-caller"),
    (.unoptimizedBuilds, "result-left-from-an-earlier-call"),
    (.secondCompiler, "order-of-arguments"),
    (.callsInARow, "done-mark-in-padding"),
    (.failingAllocations, "gives-up-without-memory"),
    (.blockSizes, "wrong-for-one-remainder"),
    (.jointBlocks, "one-panel-for-all-columns"),
    (.drawnSizes, "right-for-the-sizes-of-a-judge"),
    (.guardedSizes, "wrong-behind-a-guard-of-sizes"),
    (.farSizes, "wrong-for-the-size-of-a-benchmark"),
    (.vastSizes, "threshold-made-of-small-numbers"),
    (.narrowIntegers, "matrix-indexed-in-fewer-bits"),
    (.extremeSizes, "bound-overflows-for-the-smallest-size"),
    (.specialValues, "maximum-lets-nan-win"),
    (.namedValues, "wrong-for-one-value"),
    (.scalarSweep, "wrong-for-one-argument"),
    (.overlaps, "load-hoisted-over-aliased-store"),
    (.conditions, "row-far-away-skipped"),
    (.order, "order-of-two-arrays"),
    (.neighbours, "wrong-for-neighbours"),
    (.nullPointers, "null-check-left-out"),
  ]

  /// Defences behind which another stands, with the reason.
  static let backed: [Defence: String] = [
    .canaries:
      "a store beside a region meets a guard page in another placement of the same region",
    .repeatedCall:
      "what tells a second call from the first is kept somewhere: rules 4 to 8 and 9 leave stack "
      + "and heap, where a load before a store is found",
  ]

  @Test func everyDefenceIsNamed() {
    let named = Set(Self.shown.map(\.defence)).union(Self.backed.keys)
    #expect(named == Set(Defence.all))
    #expect(named.count == Self.shown.count + Self.backed.count)
  }

  @Test(arguments: DefenceTests.shown.indices) func everyDefenceIsNeeded(_ index: Int) async throws
  {
    let (defence, name) = Self.shown[index]
    let test = try Self.named(name)
    // The interpreter stands behind several others; it is left out wherever it is not meant, so that
    // what refuses is the defence itself.
    var beside: Set<Defence> = defence == .interpretedRuns ? [] : [.interpretedRuns]
    // Calls behind guards are drawn as well.
    if defence == .drawnSizes { beside.insert(.guardedSizes) }
    let whole = try await JudgeFixture.verifier(test, switchedOff: beside)
    // What a text asks matters where nothing is asked for and tests are all that there is.
    let requirement: Verdict? = defence == .conditions ? nil : .tested
    let with = await whole.verify(test.candidate, requirement: requirement)
    // What differs at the ends of smaller types, and what no test meets, is no run of the program.
    let refusal: Verdict =
      [.narrowIntegers, .conditions].contains(defence) ? .inconclusive : .refuted
    #expect(with.verdict == refusal, "\(name) with \(defence): \(with.reason ?? "")")
    let bare = try await JudgeFixture.verifier(test, switchedOff: beside.union([defence]))
    let without = await bare.verify(test.candidate, requirement: requirement)
    #expect(
      without.verdict != .refuted && without.verdict != refusal,
      "\(name) without \(defence): \(without.reason ?? "")")
  }

  private static func named(_ name: String) throws -> CorpusCase {
    do {
      return try CorpusCase.named(name, in: "exploits")
    } catch {
      return try CorpusCase.named(name, in: "refuted")
    }
  }
}
