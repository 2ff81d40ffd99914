import ExperimentRecords
import Testing

@testable import EquivalenceChecking

/// What a candidate may not do whatever the contents: the interpreter names it and its line.
@Suite struct BoundedFaultTests {
  struct Fault: Sendable, CustomTestStringConvertible {
    var reason: String
    var candidate: String
    var testDescription: String { reason }
  }

  static let faults = [
    Fault(
      reason: "an access is out of bounds",
      candidate: "int b[3];\nfor (int i = 0; i < n; i++) { b[i & 3] = x[i]; y[i] = b[i & 3]; }"),
    Fault(
      reason: "an access is out of bounds",
      candidate: "for (int i = 0; i < n; i++) { __builtin_prefetch(x + i + 9);\ny[i] = x[i]; }"),
    Fault(
      reason: "a prefetch with effects",
      candidate: "for (int i = 0; i < n; ) { __builtin_prefetch(&x[i]);\ny[i] = x[i];\n"
        + "__builtin_prefetch(&x[i++]); }"),
    Fault(
      reason: "an access is misaligned",
      candidate: """
        char b[8];
        for (int i = 0; i < n; i++) { *(int *)(b + 1) = x[i]; y[i] = *(int *)(b + 1); }
        """),
    Fault(
      reason: "a value is used that was never stored",
      candidate: "int t[2];\nfor (int i = 0; i < n; i++) { y[i] = x[i] + t[1] * 0; t[1] = 0; }"),
    Fault(
      reason: "a signed operation overflows",
      candidate: """
        int k = 2147483640 + (n > 9 ? 9 : 0);
        for (int i = 0; i < n; i++) y[i] = x[i] + k * 0;
        """),
    Fault(
      reason: "a shift is by the width or more",
      candidate: """
        int k = 1 << (n > 9 ? 32 : 3);
        for (int i = 0; i < n; i++) y[i] = x[i] + k * 0;
        """),
    Fault(
      reason: "a division is by zero",
      candidate: """
        int k = n / (n > 9 ? 0 : 3);
        for (int i = 0; i < n; i++) y[i] = x[i] + k * 0;
        """),
    Fault(
      reason: "an object is used that is not there",
      candidate: """
        int *t = __builtin_malloc(4 * (n > 0 ? n : 1));
        for (int i = 0; i < n; i++) t[i] = x[i];
        __builtin_free(t);
        for (int i = 0; i < n; i++) y[i] = t[i];
        """),
    Fault(
      reason: "the candidate does not release what it allocates",
      candidate: """
        int *t = __builtin_malloc(4 * (n > 0 ? n : 1));
        for (int i = 0; i < n; i++) t[i] = x[i];
        for (int i = 0; i < n; i++) y[i] = t[i];
        """),
    Fault(
      reason: "'memcpy' copies between overlapping bytes",
      candidate: """
        int t[2] = {1, 2};
        for (int i = 0; i < n; i++) { __builtin_memcpy((char *)t + 1, t, 4); y[i] = x[i]; }
        """),
    Fault(
      reason: "a place is reached that never should be",
      candidate: "for (int i = 0; i < n; i++) { if (i > 9) __builtin_unreachable();\ny[i] = x[i]; }"
    ),
  ]

  @Test(arguments: faults) func faultIsNamed(_ fault: Fault) throws {
    let evidence = try BoundedFixture.examine(
      signature: "void f(int n, int *restrict y, const int *restrict x)",
      "for (int i = 0; i < n; i++) y[i] = x[i];", fault.candidate)
    #expect(evidence.result == .inconclusive)
    #expect(evidence.detail.contains(fault.reason), "\(evidence.detail)")
    if !fault.reason.contains("release") {
      #expect(evidence.detail.contains(" at "), "\(evidence.detail)")
    }
  }
}
