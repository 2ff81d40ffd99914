import ExperimentRecords
import Testing

@testable import EquivalenceChecking

/// L7 alone on every pair of `fixtures/equivalence`.
@Suite struct ParametricCorpusTests {
  private func judge(_ folder: String) async throws -> [CorpusAnswer] {
    try await CorpusAnswer.all(in: folder, level: "parametric") {
      ParametricFixture.examine(try $0.kernel(JudgeFixture.parser), $0.candidate)
    }
  }

  @Test func noWrongCandidateIsProved() async throws {
    for answer in try await judge("refuted") {
      if CorpusAnswer.outside[answer.test.name] != nil {
        #expect(answer.result == .passed, "no longer outside: \(answer.line)")
      } else {
        #expect(answer.result != .passed, "\(answer.line)")
      }
    }
  }

  /// Right candidates of which L7 does not say so.
  static let undecided: [String: String] = [
    "average-without-carry": "an identity of bits, for a solver",
    "branchless-magnitude": "an identity of bits, for a solver",
    "halving-with-a-corrected-shift": "an identity of bits, for a solver",
    "midpoint-in-thirty-two-bits": "an identity of bits, for a solver",
    "widening-by-shift": "an identity of bits, for a solver",
    "wrapping-product-in-sixty-four-bits": "an identity of bits, for a solver",
    "rotation-by-masked-amount": "cells whose value does not change are not stored to",
    "four-counters-for-integers": "a sum of integers in another order",
    "integer-sum-on-vectors": "a sum of integers in another order",
    "text-sum-in-lanes": "a sum of integers in another order",
    "unsigned-wrap-makes-order-free": "a difference for a sum of integers",
    "product-strength-reduced-to-sum": "a product stepped as a sum",
    "peeled-first-iteration": "least and greatest of integers in another order",
    "far-splits-gathered-in-blocks": "least and greatest of integers in another order",
    "bytes-stored-behind-a-check-of-overlap": "overlap of types of different sizes",
    "length-reloaded-after-bytes-are-stored": "overlap of types of different sizes",
    "while-loop-for-a-for-loop":
      "overlap of types of different sizes, and an address that depends on data",
    "memcpy-when-disjoint": "a pointer becomes an integer",
    "multiversioned-copy": "the limit of isl operations",
    "multiversioned-matrix-product": "overlap of subscripts that are products",
    "strided-store-with-contiguous-path": "a step that is a size",
    "columns-blurred-sixteen-at-a-time": "overlap of records",
    "struct-fields-hoisted": "sizes that are read from memory",
    "comparisons-for-a-switch": "a jump depends on data",
    "table-for-a-switch": "a jump depends on data",
    "constant-table-of-nibbles": "an address depends on data",
    "gather-unrolled": "an address depends on data",
    "gather-asked-for-ahead": "an address depends on data",
    "hints-behind-a-test": "a prefetch",
    "table-for-a-chain-of-ifs": "an address depends on data",
    "mask-tested-eight-at-a-time": "a jump depends on data",
    "null-checks-outside-the-loop": "a pointer is a truth value",
    "memcmp-of-the-original-kept": "a call that reads memory",
    "popcount-builtin": "a trip count depends on data",
    "popcount-in-a-helper": "a trip count depends on data",
    "sparse-rows-by-pointer": "a trip count depends on data",
    "rows-summed-in-two-halves": "a return out of a loop",
    "search-in-blocks-under-a-contract": "a return out of a loop",
    "search-unrolled": "a return out of a loop",
    "volatile-read-kept-in-its-loop": "a volatile access",
  ]

  @Test func rightCandidatesAreProved() async throws {
    for answer in try await judge("accepted") {
      let isUndecided = Self.undecided[answer.test.name] != nil
      #expect((answer.result == .passed) != isUndecided, "\(answer.line)")
    }
  }
}
