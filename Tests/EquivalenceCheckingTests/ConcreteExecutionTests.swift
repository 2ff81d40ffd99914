import ExperimentRecords
import KernelModel
import Testing

@testable import EquivalenceChecking

/// What the concrete domain reports, each case beside one that it must let pass.
@Suite struct ConcreteExecutionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var signature: String
    var original: String
    var candidate: String
    /// What is reported; nil where nothing is.
    var reason: String?
    var testDescription: String { name }
  }

  private static let ints = "void f(int n, const int *a, int *c)"
  private static let copy = "for (int i = 0; i < n; i++) c[i] = a[i] & 15;"
  private static let floats = "void f(int n, const float *restrict a, float *restrict c)"
  private static let scaled = "for (int i = 0; i < n; i++) c[i] = a[i] * 2.0f;"

  static let cases: [Case] = [
    Case(
      name: "a local that is never set", signature: ints, original: copy,
      candidate: "int x; for (int i = 0; i < n; i++) c[i] = (a[i] & 15) + (x & 0);",
      reason: "never stored"),
    Case(
      name: "a local that is set first", signature: ints, original: copy,
      candidate: "int x; x = 1; for (int i = 0; i < n; i++) c[i] = (a[i] & 15) + (x & 0);"),
    Case(
      name: "a local set by one branch alone", signature: ints, original: copy,
      candidate: "int x; if (n > 5) x = 0; for (int i = 0; i < n; i++) c[i] = (a[i] & 15) + x * 0;",
      reason: "never stored"),
    Case(
      name: "an element of a local array beyond the last", signature: ints, original: copy,
      candidate: "int t[4] = {0}; int *p = t; for (int i = 0; i < n; i++) c[i] = (a[i] & 15)"
        + " + (p[i % 5] & 0);",
      reason: "out of bounds"),
    Case(
      name: "every element of a local array", signature: ints, original: copy,
      candidate: "int t[4] = {0}; int *p = t; for (int i = 0; i < n; i++) c[i] = (a[i] & 15)"
        + " + (p[i % 4] & 0);"),
    Case(
      name: "an element before an input", signature: ints, original: copy,
      candidate: "int s = 0; if (n > 0) s = a[-1] & 0; for (int i = 0; i < n; i++)"
        + " c[i] = (a[i] & 15) + s;",
      reason: "out of bounds"),
    Case(
      name: "a hint beyond an input", signature: ints, original: copy,
      candidate: "for (int i = 0; i < n; i++) { __builtin_prefetch(&a[i + 16]);"
        + " c[i] = a[i] & 15; }",
      reason: "out of bounds"),
    Case(
      name: "a hint before a local array", signature: ints, original: copy,
      candidate: "int t[4] = {0}; for (int i = 0; i < n; i++) { __builtin_prefetch(t - 1 - i, 1);"
        + " c[i] = (a[i] & 15) + t[0]; }",
      reason: "out of bounds"),
    Case(
      name: "a hint whose address is read beyond an input", signature: ints, original: copy,
      candidate: "for (int i = 0; i < n; i++) { __builtin_prefetch(&c[a[i + 1] & 0]);"
        + " c[i] = a[i] & 15; }",
      reason: "out of bounds"),
    Case(
      name: "a hint that is a null pointer", signature: ints, original: copy,
      candidate: "for (int i = 0; i < n; i++) { __builtin_prefetch(0); c[i] = a[i] & 15; }",
      reason: "out of bounds"),
    Case(
      name: "a hint at elements of the input and just behind them", signature: ints, original: copy,
      candidate: "for (int i = 0; i < n; i++) { __builtin_prefetch(&a[i + 1]);"
        + " if (n - i > 16) __builtin_prefetch(&a[i + 16], 0, 3); c[i] = a[i] & 15; }"),
    Case(
      name: "a hint beyond an input beside an original's own", signature: ints,
      original: "for (int i = 0; i < n; i++) { __builtin_prefetch(&a[i + 16]); c[i] = a[i] & 15; }",
      candidate: "for (int i = 0; i < n; i++) { __builtin_prefetch(&a[i + 16]);"
        + " c[i] = a[i] & 15u; }"),
    Case(
      name: "a word at a byte's place", signature: ints, original: copy,
      candidate: "char t[16] = {0}; int s = *(int *)(void *)(t + 1) & 0;"
        + " for (int i = 0; i < n; i++) c[i] = (a[i] & 15) + s;",
      reason: "misaligned"),
    Case(
      name: "a sum that is not representable", signature: ints, original: copy,
      candidate: "int big = 2147483647; for (int i = 0; i < n; i++) c[i] = (a[i] & 15)"
        + " + ((big + (a[i] & 1)) & 0);",
      reason: "overflows"),
    Case(
      name: "a shift by the width", signature: ints, original: copy,
      candidate: "for (int i = 0; i < n; i++) c[i] = (a[i] & 15) + ((1u << (i & 63)) & 0u);",
      reason: "shift"),
    Case(
      name: "a shift below the width", signature: ints, original: copy,
      candidate: "for (int i = 0; i < n; i++) c[i] = (a[i] & 15) + ((1u << (i & 31)) & 0u);"),
    Case(
      name: "a division by zero", signature: ints, original: copy,
      candidate: "for (int i = 0; i < n; i++) c[i] = (a[i] & 15) + ((7 / (i - 3)) & 0);",
      reason: "division"),
    Case(
      name: "a conversion out of range", signature: floats, original: scaled,
      candidate: "for (int i = 0; i < n; i++) { int k = (int)(1e10f + (float)i); c[i] = a[i] * 2.0f"
        + " + 0.0f * (float)(k & 0); }",
      reason: "does not hold"),
    Case(
      name: "a copy onto itself", signature: ints, original: copy,
      candidate: "int t[8] = {0}; __builtin_memcpy(t + 1, t, 8); for (int i = 0; i < n; i++)"
        + " c[i] = (a[i] & 15) + (t[0] & 0);",
      reason: "overlapping"),
    Case(
      name: "storage that is gone", signature: ints,
      original: "int *t = __builtin_malloc(64); t[0] = 0; for (int i = 0; i < n; i++)"
        + " c[i] = (a[i] & 15) + t[0]; __builtin_free(t);",
      candidate: "int *t = __builtin_malloc(64); t[0] = 0; for (int i = 0; i < n; i++)"
        + " c[i] = (a[i] & 15) + t[0]; __builtin_free(t); if (n > 0) c[0] += t[0];",
      reason: "not there"),
    Case(
      name: "a function of a number", signature: floats,
      original: "for (int i = 0; i < n; i++) c[i] = __builtin_sqrtf(a[i]);",
      candidate: "for (int i = n - 1; i >= 0; i--) c[i] = __builtin_sqrtf(a[i]);"),
    Case(
      name: "the leading zeros of nothing", signature: ints, original: copy,
      candidate:
        "for (int i = 0; i < n; i++) c[i] = (a[i] & 15) + (__builtin_clz((unsigned)i) & 0);",
      reason: "does not take"),
  ]

  @Test(arguments: cases) func whatIsUndefinedIsReported(_ test: Case) throws {
    let answer = try Self.examine(test.signature, test.original, test.candidate)
    if let reason = test.reason {
      #expect(answer.evidence.result == .failed, "\(answer.evidence.detail)")
      #expect(answer.evidence.detail.contains(reason), "\(answer.evidence.detail)")
      #expect(answer.evidence.detail.contains(" at 3:"), "\(answer.evidence.detail)")
      #expect(answer.counterexample?.expected == "defined")
    } else {
      #expect(answer.evidence.result == .passed, "\(answer.evidence.detail)")
    }
  }

  /// What the original does as well is not held against the candidate.
  @Test func whatTheOriginalDoesIsLeftOut() throws {
    let body = "int x; for (int i = 0; i < n; i++) c[i] = (a[i] & 15) + (x & 0);"
    let answer = try Self.examine(Self.ints, body, body)
    #expect(answer.evidence.result == .passed)
    #expect(answer.evidence.detail.contains("left out"), "\(answer.evidence.detail)")
  }

  @Test func anUnknownFunctionIsInconclusive() throws {
    let signature = "double odd(double) __attribute__((const));\n\(Self.floats)"
    let body = "for (int i = 0; i < n; i++) c[i] = (float)odd(a[i]);"
    let answer = try Self.examine(signature, body, body)
    #expect(answer.evidence.result == .inconclusive, "\(answer.evidence.detail)")
  }

  /// What is too long for both programs is left out; what is too long for the candidate alone is not.
  @Test(arguments: [
    ("for (int r = 0; r < 50; r++) ", "for (int r = 0; r < 50; r++) ", Evidence.Result.passed),
    ("", "for (int r = 0; r < 3; r++) ", .passed),
    ("", "for (int r = 0; r < 500; r++) ", .inconclusive),
  ])
  func longCallsAreMeasuredByTheOriginal(
    _ original: String, _ candidate: String, _ result: Evidence.Result
  ) throws {
    var limits = ConcreteExecution.Limits()
    limits.steps = 8000
    let answer = try Self.examine(
      Self.ints, original + Self.copy, candidate + Self.copy, limits: limits)
    #expect(answer.evidence.result == result, "\(answer.evidence.detail)")
    #expect(answer.evidence.detail.contains("more than 8000 steps") == !original.isEmpty)
  }

  private static func examine(
    _ signature: String, _ original: String, _ candidate: String,
    limits: ConcreteExecution.Limits = .init()
  ) throws -> ConcreteExecution.Answer {
    let head = "#include <stdint.h>\n#include <math.h>\n"
    let kernel = try BoundedFixture.kernel("\(head)\(signature) { \(original) }\n", "f")
    let shape = try InputShape(kernel)
    let points = PointPlan(shape, effort: .full, seed: 7).common()
    let inputs = points.compactMap { ImageBuilder.input($0, of: shape) }
      .filter { !$0.point.hasExtremeSize }
    let execution = ConcreteExecution(
      kernel: kernel, shape: shape, parser: JudgeFixture.parser, seed: 7, limits: limits)
    return execution.examine(Array("\(head)\(signature) { \(candidate) }\n".utf8), inputs)
  }
}
