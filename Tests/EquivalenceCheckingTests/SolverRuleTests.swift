import ExperimentRecords
import Foundation
import Sandboxing
import Testing

@testable import EquivalenceChecking

/// Pairs that differ by form alone, which the solver decides, each beside one that is wrong by little.
@Suite struct SolverRuleTests {
  private static let bytes =
    "void f(int n, const uint8_t *restrict a, const uint8_t *restrict b, uint8_t *restrict y)"
  private static let ints =
    "void f(int n, const int32_t *restrict a, const int32_t *restrict b, int32_t *restrict y)"
  private static let words = "void f(int n, const uint32_t *restrict a, uint32_t *restrict y)"

  private static func pair(
    _ name: String, _ signature: String, _ original: String, _ right: String, _ wrong: String
  ) -> ContrastCase {
    func each(_ body: String) -> String { "for (int i = 0; i < n; i++) { \(body) }" }
    return ContrastCase(
      name: name, signature: signature, original: each(original), right: each(right),
      wrong: each(wrong))
  }

  static let pairs = [
    pair(
      "average without a carry", bytes, "y[i] = (uint8_t)((a[i] + b[i] + 1) >> 1);",
      "y[i] = (uint8_t)((a[i] | b[i]) - ((a[i] ^ b[i]) >> 1));",
      "y[i] = (uint8_t)((a[i] & b[i]) + ((a[i] ^ b[i]) >> 1));"),
    pair(
      "magnitude without a branch", words,
      "y[i] = (int32_t)a[i] < 0 ? 0u - a[i] : a[i];",
      "uint32_t s = 0u - (a[i] >> 31); y[i] = (a[i] ^ s) - s;",
      "uint32_t s = 0u - (a[i] >> 30); y[i] = (a[i] ^ s) - s;"),
    pair(
      "halving towards zero", words, "y[i] = (uint32_t)((int32_t)a[i] / 2);",
      "int32_t x = (int32_t)a[i]; y[i] = (uint32_t)(int32_t)(((int64_t)x + (x < 0)) >> 1);",
      "int32_t x = (int32_t)a[i]; y[i] = (uint32_t)(int32_t)((int64_t)x >> 1);"),
    pair(
      "remainder by a mask", words, "y[i] = a[i] % 8u + a[i] / 8u;",
      "y[i] = (a[i] & 7u) + (a[i] >> 3);", "y[i] = (a[i] & 7u) + (a[i] >> 4);"),
    pair(
      "a range by one comparison", words, "y[i] = a[i] >= 48u && a[i] <= 57u;",
      "y[i] = a[i] - 48u < 10u;", "y[i] = a[i] - 48u <= 10u;"),
    pair(
      "a table for a chain", words, "y[i] = (a[i] & 3) == 0 ? 7 : (a[i] & 3) == 1 ? 1 : 0;",
      "static const uint8_t t[4] = {7, 1, 0, 0}; y[i] = t[a[i] & 3];",
      "static const uint8_t t[4] = {7, 1, 0, 1}; y[i] = t[a[i] & 3];"),
    pair(
      "swapped without a third", words, "y[i] = (a[i] << 16) | (a[i] >> 16);",
      "y[i] = (a[i] << 16) + (a[i] >> 16);", "y[i] = (a[i] << 16) + (a[i] >> 15);"),
    pair(
      "a sum that cannot overflow", ints, "y[i] = (int32_t)(((int64_t)a[i] + b[i]) >> 1);",
      "y[i] = (a[i] & b[i]) + ((a[i] ^ b[i]) >> 1);", "y[i] = (a[i] + b[i]) >> 1;"),
    pair(
      "a quotient behind its own guard", ints, "y[i] = b[i] > 2 ? a[i] / b[i] : 0;",
      "y[i] = b[i] >= 3 ? a[i] / b[i] : 0;", "y[i] = b[i] >= 2 ? a[i] / b[i] : 0;"),
    pair(
      "stores under another form of a condition", ints, "if (a[i] > 4) y[i] = b[i];",
      "if (a[i] >= 5) y[i] = b[i];", "if (a[i] >= 4) y[i] = b[i];"),
    pair(
      "stores under a weaker condition", ints, "if (a[i] > 4) y[i] = b[i];",
      "if (a[i] > 4) y[i] = b[i];", "y[i] = a[i] > 4 ? b[i] : y[i];"),
  ]

  /// The greatest of many values is asked about with each of them written once: a chain of choices
  /// would be as long as there are orders to choose in.
  @Test func theGreatestOfManyIsAsked() throws {
    try ContrastCase(
      name: "greatest of many",
      signature: "uint32_t f(int n, const uint32_t *a, uint32_t *c)",
      original: "uint32_t t = 0; for (int i = 0; i < n; i++) { uint32_t v = a[i] > 1000u ? 1000u : "
        + "a[i] + 1u; c[i] = v; t = v > t ? v : t; } return t;",
      right: "uint32_t t = 0; for (int i = 0; i < n; i++) { uint32_t v = a[i] <= 1000u ? "
        + "a[i] + 1u : 1000u; c[i] = v; t = t >= v ? t : v; } return t;",
      wrong: "uint32_t t = 0; for (int i = 0; i < n; i++) { uint32_t v = a[i] >= 1000u ? 1000u : "
        + "a[i] + 1u; c[i] = v; t = v > t ? v : t; } return t;"
    ).expectContrast()
  }

  @Test(arguments: pairs) func theFormAloneDiffers(_ pair: ContrastCase) throws {
    try pair.expectContrast()
  }

  /// Factors of a product of two primes: nobody answers in a moment.
  private static let endless = """
    (declare-const x (_ BitVec 64))
    (declare-const y (_ BitVec 64))
    (assert (= (bvmul ((_ zero_extend 64) x) ((_ zero_extend 64) y))
      #x00000000000000003fffffffffffffc7))
    (assert (bvugt x #x0000000000000001))
    (assert (bvugt y #x0000000000000001))
    """

  @Test func whatDoesNotEndIsOpen() {
    let solver = SymbolicSolver(
      limits: .init(effort: 500_000, allEffort: 800_000))
    guard case .open = solver.ask(Self.endless) else {
      Issue.record("the question was answered")
      return
    }
    // The next one still has an answer, and the ones after the budget have none.
    #expect(solver.ask("(assert false)") == .unsatisfiable)
    guard case .open = solver.ask(Self.endless + "(assert true)") else {
      Issue.record("the question was answered")
      return
    }
    #expect(solver.isSpent)
    guard case .open = solver.ask("(assert (not true))") else {
      Issue.record("something was asked beyond the budget")
      return
    }
    #expect(solver.ask("(assert false)") == .unsatisfiable)
  }

  /// Whatever the solver cannot say is no pass: with no time for it, no identity passes.
  @Test func withoutTheSolverNothingPassesByIt() throws {
    let pair = Self.pairs[0]
    let head = "#include <stdint.h>\n#include <math.h>\n"
    let kernel = try BoundedFixture.kernel("\(head)\(pair.signature) { \(pair.original) }\n", "f")
    var bounded = BoundedEquivalence(
      kernel: kernel, shape: try InputShape(kernel), parser: JudgeFixture.parser,
      contraction: .on, seed: 42)
    bounded.solver = SymbolicSolver(runner: Runner(path: "/nowhere/ratchet-runner"))
    let text = Array("\(head)\(pair.signature) { \(pair.right) }\n".utf8)
    #expect(bounded.examine(text, nil).evidence.result == .inconclusive)
    // Nor where there is one and its budget is spent: calls that do nothing are no pass.
    bounded.solver = SymbolicSolver(limits: .init(allEffort: 0))
    let spent = bounded.examine(text, nil).evidence
    #expect(spent.result == .inconclusive)
    #expect(spent.detail.contains("no call with n >= 2"), "\(spent.detail)")
  }
}
