import ExperimentRecords
import Foundation
import Testing

@testable import EquivalenceChecking

/// What L7 must prove, and what it must not, each next to the other.
@Suite struct ParametricRuleTests {
  struct Case: Sendable, CustomStringConvertible {
    var name: String
    var signature: String
    var original: String
    var candidate: String
    var flags: [String] = []
    var description: String { name }

    init(
      _ name: String, _ signature: String, _ original: String, _ candidate: String,
      flags: [String] = []
    ) {
      (self.name, self.signature, self.original) = (name, signature, original)
      (self.candidate, self.flags) = (candidate, flags)
    }
  }

  private func examine(_ test: Case) throws -> Evidence {
    try ParametricFixture.examine(
      signature: test.signature, test.original, test.candidate, flags: test.flags)
  }

  static let xy = "void f(int n, const float *restrict x, float *restrict y)"
  static let inPlace = "void f(int n, float *x)"
  static let overlapping = "void f(int n, const float *x, float *y)"
  static let ints = "void f(int n, const int *restrict x, int *restrict y)"
  static let copy = "for (int i = 0; i < n; i++) y[i] = x[i];"

  static let right: [Case] = [
    Case(
      "unrolled with a tail", xy, copy,
      "int i = 0; for (; i < n - n % 4; i += 4) { y[i] = x[i]; y[i+1] = x[i+1]; "
        + "y[i+2] = x[i+2]; y[i+3] = x[i+3]; } for (; i < n; i++) y[i] = x[i];"),
    Case(
      "a factor kept in a scalar where a check shows no overlap",
      "void f(int n, float *x, const float *factor)",
      "for (int i = 0; i < n; i++) x[i] *= *factor;",
      "if (n <= 0) return; if (factor >= x && factor < x + n) { "
        + "for (int i = 0; i < n; i++) x[i] *= *factor; return; } "
        + "float g = *factor; for (int i = 0; i < n; i++) x[i] *= g;"),
    Case(
      "a sum kept in a scalar", "void f(int n, const double *restrict x, double *restrict s)",
      "for (int i = 0; i < n; i++) s[0] += x[i];",
      "if (n <= 0) return; double t = s[0]; for (int i = 0; i < n; i++) t += x[i]; s[0] = t;"),
    Case(
      "a maximum as a choice", "float f(int n, const float *x)",
      "float m = 0.0f; for (int i = 0; i < n; i++) if (x[i] > m) m = x[i]; return m;",
      "float m = 0.0f; for (int i = 0; i < n; i++) m = x[i] > m ? x[i] : m; return m;"),
    Case(
      "stores under one condition of data", ints,
      "for (int i = 0; i < n; i++) if (x[i] > 3) y[i] = x[i];",
      "if (n > 0) for (int i = n - 1; i >= 0; i--) if (x[i] > 3) y[i] = x[i];"),
    Case(
      "lanes", xy, "for (int i = 0; i < n; i++) y[i] = 2.0f * x[i] + 1.0f;",
      "typedef float v4 __attribute__((vector_size(16), aligned(4))); int i = 0; "
        + "for (; i < n - n % 4; i += 4) *(v4 *)(y + i) = 2.0f * *(const v4 *)(x + i) + 1.0f; "
        + "for (; i < n; i++) y[i] = 2.0f * x[i] + 1.0f;"),
    Case(
      "a condition that is never true", ints, copy,
      "for (int i = 0; i < n; i++) { if (i < 0) y[7] = 1; y[i] = x[i]; }"),
    Case(
      "a shadowed variable", ints, "int k = 2; for (int i = 0; i < n; i++) y[i] = x[i] ^ k;",
      "int k = 2; for (int i = 0; i < n; i++) { int t = k; { int k = 5; t ^= k; t ^= k; } "
        + "y[i] = x[i] ^ k; }"),
    Case(
      "division by a power of two", xy, "for (int i = 0; i < n; i++) y[i] = x[i] / 4.0f;",
      "for (int i = 0; i < n; i++) y[i] = x[i] * 0.25f;"),
    Case(
      "a loop of the original with a step", ints,
      "for (int i = 0; i < n; i += 3) y[i] = x[i];",
      "for (int k = 0; k < n / 3 + (n % 3 > 0); k++) y[3 * k] = x[3 * k];"),
  ]

  @Test(arguments: right) func isProved(_ test: Case) throws {
    let evidence = try examine(test)
    #expect(evidence.result == .passed, "\(evidence.detail)")
  }

  static let wrong: [Case] = [
    Case("a tail is missing", xy, copy, "for (int i = 0; i < n - n % 4; i++) y[i] = x[i];"),
    Case(
      "a tail starts one late", xy, copy,
      "int i = 0; for (; i < n - n % 2; i++) y[i] = x[i]; for (i++; i < n; i++) y[i] = x[i];"),
    Case("one iteration more", xy, copy, "for (int i = 0; i <= n; i++) y[i] = x[i];"),
    Case("an empty call stores", xy, copy, "y[0] = x[0]; for (int i = 1; i < n; i++) y[i] = x[i];"),
    Case(
      "backwards under overlap", overlapping, copy,
      "if (n > 0) for (int i = n - 1; i >= 0; i--) y[i] = x[i];"),
    Case(
      "a check that forgets one side", overlapping, copy,
      "if (n > 0 && (x + n <= y || y <= x)) { for (int i = n - 1; i >= 0; i--) y[i] = x[i]; return; } "
        + "for (int i = 0; i < n; i++) y[i] = x[i];"),
    Case(
      "a block loaded ahead under overlap", overlapping, copy,
      "int i = 0; for (; i < n - n % 2; i += 2) { float p = x[i], q = x[i+1]; y[i] = p; "
        + "y[i+1] = q; } for (; i < n; i++) y[i] = x[i];"),
    Case(
      "a recurrence as lanes", inPlace,
      "for (int i = 1; i < n; i++) x[i] = x[i-1] + 1.0f;",
      "if (n < 1) return; int i = 1; for (; i < n - 1; i += 2) { float p = x[i-1] + 1.0f, "
        + "q = x[i] + 1.0f; x[i] = p; x[i+1] = q; } for (; i < n; i++) x[i] = x[i-1] + 1.0f;"),
    Case(
      "a sum in another order", "float f(int n, const float *x)",
      "float s = 0.0f; for (int i = 0; i < n; i++) s += x[i]; return s;",
      "float s = 0.0f; if (n > 0) for (int i = n - 1; i >= 0; i--) s += x[i]; return s;"),
    Case(
      "a sum in double", "float f(int n, const float *x)",
      "float s = 0.0f; for (int i = 0; i < n; i++) s += x[i]; return s;",
      "double s = 0.0; for (int i = 0; i < n; i++) s += x[i]; return (float)s;"),
    Case(
      "a sum in float", "double f(int n, const float *x)",
      "double s = 0.0; for (int i = 0; i < n; i++) s += x[i]; return s;",
      "float s = 0.0f; for (int i = 0; i < n; i++) s += x[i]; return s;"),
    Case(
      "a sum without its start", "float f(int n, const float *x)",
      "float s = 0.0f; for (int i = 0; i < n; i++) s += x[i]; return s;",
      "float s; for (int i = 0; i < n; i++) s = i ? s + x[i] : 0.0f + x[i]; return s;"),
    Case(
      "narrowed on the way", ints, "for (int i = 0; i < n; i++) y[i] = x[i];",
      "for (int i = 0; i < n; i++) { short t = (short)x[i]; y[i] = t; }"),
    Case(
      "a counter that wraps", "void f(unsigned n, const int *restrict x, int *restrict y)",
      "for (unsigned i = 0; i < n; i++) y[i] = x[i];",
      "for (unsigned char i = 0; i < n; i++) y[i] = x[i];"),
    Case(
      "a size that wraps", "void f(unsigned long n, const int *restrict x, int *restrict y)",
      "for (unsigned long i = 0; i + 1 < n; i++) y[i] = x[i];",
      "for (unsigned long i = 0; i < n - 1; i++) y[i] = x[i];"),
    Case(
      "a bound that overflows below", ints, copy,
      "int i = 0; for (; i < n - 3; i += 4) { y[i] = x[i]; y[i+1] = x[i+1]; y[i+2] = x[i+2]; "
        + "y[i+3] = x[i+3]; } for (; i < n; i++) y[i] = x[i];"),
    Case(
      "a store becomes unconditional", ints,
      "for (int i = 0; i < n; i++) if (x[i] > 3) y[i] = x[i];",
      "for (int i = 0; i < n; i++) y[i] = x[i] > 3 ? x[i] : y[i];"),
    Case(
      "a load becomes unconditional",
      "void f(int n, const int *restrict m, const int *restrict x, int *restrict y)",
      "for (int i = 0; i < n; i++) y[i] = m[i] ? x[i] : 0;",
      "for (int i = 0; i < n; i++) { int t = x[i]; y[i] = m[i] ? t : 0; }"),
    Case(
      "a load of the original that is not always made",
      "void f(int n, const int *restrict x, int *restrict y)",
      "for (int i = 0; i < n; i++) y[i] = i > 0 ? x[i - 1] : 0;",
      "for (int i = 0; i < n; i++) { int t = x[i - 1]; y[i] = i > 0 ? t : 0; }"),
    Case(
      "a load that nobody takes", xy, copy,
      "for (int i = 0; i < n; i++) { x[i + 1]; y[i] = x[i]; }"),
    Case(
      "a division moved before its guard",
      "void f(int n, const int *restrict x, const int *restrict d, int *restrict y)",
      "for (int i = 0; i < n; i++) y[i] = d[i] ? x[i] / d[i] : 0;",
      "for (int i = 0; i < n; i++) { int q = x[i] / d[i]; y[i] = d[i] ? q : 0; }"),
    Case(
      "a division that nobody takes",
      "void f(int n, int d, const int *restrict x, int *restrict y)", copy,
      "for (int i = 0; i < n; i++) { int q = x[i] / d; y[i] = x[i]; }"),
    Case(
      "a signed sum in another order", "int f(int n, const int *x, const int *z)",
      "int s = 0; for (int i = 0; i < n; i++) s = (s + x[i]) + z[i]; return s;",
      "int s = 0; for (int i = 0; i < n; i++) s = s + (x[i] + z[i]); return s;"),
    Case(
      "a buffer too small", xy, copy,
      "for (int ii = 0; ii < n; ii += 1) { float t[1]; t[ii % 2] = x[ii]; y[ii] = t[ii % 2]; }"),
    Case(
      "one lane's store is forgotten", xy, "for (int i = 0; i < n; i++) y[i] = 1.0f;",
      "typedef float v4 __attribute__((vector_size(16), aligned(4))); int i = 0; "
        + "v4 v = {1.0f, 1.0f, 1.0f, 1.0f}; for (int k = 0; k < 1; k++) v[2] = 0.0f; "
        + "for (; i < n - n % 4; i += 4) *(v4 *)(y + i) = v; for (; i < n; i++) y[i] = 1.0f;"),
    Case(
      "the inner variable of the same name", ints,
      "int k = 2; for (int i = 0; i < n; i++) y[i] = x[i] ^ k;",
      "int k = 2; for (int i = 0; i < n; i++) { int k = 3; y[i] = x[i] ^ k; }"),
    Case(
      "a row that runs into the next",
      "void f(int n, int m, const float *restrict a, float *restrict t)",
      "for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) t[i * m + j] = a[i * m + j];",
      "for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) t[j * n + i] = a[j * n + i];"),
    Case(
      "an infinite loop", ints, copy,
      "for (int i = 0; i != n; i++) y[i] = x[i];"),
    Case(
      "a countdown by its condition", ints, copy,
      "int i = n; while (i-- > 0) y[i] = x[i];"),
    Case(
      "a member of a union", "union u { int a; float b; }; void f(union u *p, int *restrict y)",
      "for (int i = 0; i < 1; i++) { p->a = 1; y[0] = p->a; }",
      "for (int i = 0; i < 1; i++) { p->a = 1; p->b = 2.0f; y[0] = 1; }"),
    Case(
      "fused where the original is not",
      "void f(int n, const double *restrict x, double *restrict y)",
      "for (int i = 0; i < n; i++) { double p = x[i] * x[i]; y[i] = y[i] + p; }",
      "for (int i = 0; i < n; i++) y[i] = y[i] + x[i] * x[i];"),
    Case(
      "the sign of zero", xy, "for (int i = 0; i < n; i++) y[i] = x[i] + 0.0f;",
      "for (int i = 0; i < n; i++) y[i] = x[i];"),
    Case(
      "another comparison for NaN", xy,
      "for (int i = 0; i < n; i++) y[i] = x[i] < 1.0f ? x[i] : 1.0f;",
      "for (int i = 0; i < n; i++) y[i] = x[i] >= 1.0f ? 1.0f : x[i];"),
    Case(
      "division by three", xy, "for (int i = 0; i < n; i++) y[i] = x[i] / 3.0f;",
      "for (int i = 0; i < n; i++) y[i] = x[i] * (1.0f / 3.0f);"),
  ]

  @Test(arguments: wrong) func isNotProved(_ test: Case) throws {
    let evidence = try examine(test)
    if ProcessInfo.processInfo.environment["CORPUS_REPORT"] != nil {
      print("not proved: \(test.name): \(evidence.detail)")
    }
    #expect(evidence.result == .inconclusive, "\(evidence.detail)")
  }
}
