import ExperimentRecords
import KernelModel
import Testing

@testable import EquivalenceChecking

/// What an attack on L7 found to be proved although it is wrong, each beside a right one that is like
/// it and is still proved.
@Suite struct ParametricContrastTests {
  typealias Case = ParametricRuleTests.Case

  static let xy = ParametricRuleTests.xy
  static let double = "for (int i = 0; i < n; i++) y[i] = x[i] * 2.0f;"
  static let copy = ParametricRuleTests.copy
  static let positive = "for (int i = 0; i < n; i++) if (x[i] > 0.0f) y[i] = y[i] + x[i];"

  private static func factor(_ statement: String) -> String {
    "int k = 2; \(statement) for (int i = 0; i < n; i++) y[i] = x[i] * (float)k;"
  }

  static let wrong: [Case] = [
    Case("a store in a choice", xy, double, factor("n > 5000000 ? (k = 3) : (k = 2);")),
    Case("a store behind &&", xy, double, factor("n > 5000000 && (k = 3);")),
    Case("a store behind ||", xy, double, factor("n <= 5000000 || (k = 3);")),
    Case("a step in a choice", xy, double, factor("n > 5000000 ? k++ : k;")),
    Case(
      "a pointer stored in a choice", xy, double,
      "const float *p = x; n > 5000000 ? (p = y) : (p = x); "
        + "for (int i = 0; i < n; i++) y[i] = p[i] * 2.0f;"),
    Case(
      "a bound stored in a choice", xy, double,
      "int m = n; n > 5000000 ? (m = 5) : (m = n); for (int i = 0; i < m; i++) y[i] = x[i] * 2.0f;"),
    Case(
      "an index stored in a choice", xy, double,
      "for (int i = 0; i < n; i++) { int k = i; i > 5000000 ? (k = 0) : (k = i); "
        + "y[i] = x[k] * 2.0f; }"),
    Case(
      "an expectation that stores", xy, double,
      double + " if (__builtin_expect(n > 5, n > 9 ? (y[1] = 0.0f) != 1.0f : 1)) "
        + "y[0] = x[0] * 2.0f;"),
    Case(
      "an expectation that steps", xy, double,
      factor("int t = __builtin_expect(n > 5, k++); k = t ? 3 : k - 1; k = 2 + (k == 9);")),
    Case(
      "another pointer is null", "int f(int n, int *a, int *b)",
      "if (a == (void *)0) return -1; if (n <= 0) return 0; for (int i = 0; i < n; i++) a[i] = 1; "
        + "if (b == (void *)0) return 1; for (int i = 0; i < n; i++) b[i] = 2; return 0;",
      "if (a == (void *)0) return -1; if (n <= 0) return 0; for (int i = 0; i < n; i++) a[i] = 1; "
        + "if (a == (void *)0) return 1; for (int i = 0; i < n; i++) b[i] = 2; return 0;"),
    Case(
      "a member and a parameter of one name",
      "struct P { float x; }; void f(int n, float *restrict a__x, struct P *restrict a)",
      "for (int i = 0; i < n; i++) { a[i].x = 1.0f; a__x[i] = 2.0f; }",
      "for (int i = 0; i < n; i++) { a[i].x = 1.0f; a__x[i] = 1.0f; }"),
    Case(
      "names apart by a character that isl does not know",
      "void f(int n, int m_, int m$, const float *restrict x, float *restrict y)",
      "for (int i = 0; i < n; i++) y[i] = x[i] * (float)m_;",
      "for (int i = 0; i < n; i++) y[i] = x[i] * (float)m$;"),
    Case(
      "what only a kept value reads", xy, positive,
      "for (int i = 0; i < n; i++) { float t = y[i]; if (x[i] > 0.0f) y[i] = t + x[i]; }"),
    Case(
      "a value stored back", xy, positive,
      "for (int i = 0; i < n; i++) { float t = y[i]; y[i] = t; if (x[i] > 0.0f) y[i] = t + x[i]; }"),
    Case(
      "a value stored back without a read", xy,
      "for (int i = 0; i < n; i++) if (x[i] > 0.0f) y[i] = x[i];",
      "for (int i = 0; i < n; i++) { y[i] = 0.0f; if (x[i] > 0.0f) y[i] = x[i]; }"),
    Case(
      "a constant table stored to", xy, double,
      "static const float z[2] = {1.0f, 1.0f}; float *p = (float *)z; p[0] = 2.0f; "
        + "for (int i = 0; i < n; i++) y[i] = x[i] * z[0];"),
    Case(
      "a constant array stored to", xy, double,
      "const float z[2] = {1.0f, 1.0f}; float *p = (float *)z; p[0] = 2.0f; "
        + "for (int i = 0; i < n; i++) y[i] = x[i] * z[0];"),
    Case(
      "floats as integers", xy, copy,
      "unsigned *q = (unsigned *)y; const unsigned *p = (const unsigned *)x; "
        + "for (int i = 0; i < n; i++) q[i] = p[i];"),
    Case(
      "a negative length", xy, copy,
      "if (n < -5000000) __builtin_memcpy(y, x, (long)n * 4); "
        + "else for (int i = 0; i < n; i++) y[i] = x[i];"),
    Case(
      "a negative length of zeros", "void f(int n, float *y)",
      "for (int i = 0; i < n; i++) y[i] = 0.0f;",
      "if (n < -5000000) __builtin_memset(y, 0, (long)n * 4); "
        + "else for (int i = 0; i < n; i++) y[i] = 0.0f;"),
    Case(
      "fused where the target is not said to", xy,
      "for (int i = 0; i < n; i++) y[i] = x[i] * 3.0f + 1.0f;",
      "for (int i = 0; i < n; i++) y[i] = fmaf(x[i], 3.0f, 1.0f);", flags: ["-mno-fma"]),
    Case(
      "stores of two types in another order", "void f(int n, float *a, int *b)",
      "for (int i = 0; i < n; i++) b[i] = 0; for (int i = 0; i < n; i++) a[i] = 1.0f;",
      "for (int i = 0; i < n; i++) a[i] = 1.0f; for (int i = 0; i < n; i++) b[i] = 0;"),
    Case(
      "an array behind its block", xy, copy,
      "for (int i = 0; i < n; i++) { float *p; { float z[2]; z[0] = x[i]; p = z; } "
        + "{ float w[2]; w[0] = 5.0f; y[i] = p[0]; } }"),
    Case(
      "an array behind its loop", xy, copy,
      "for (int i = 0; i < n; i++) { float *p; for (int k = 0; k < 1; k++) { float z[2]; "
        + "z[k] = x[i]; p = z; } y[i] = p[0]; }"),
    Case(
      "a vector where it is not aligned", xy, double,
      "typedef float v8 __attribute__((vector_size(32))); int i = 0; "
        + "for (; i < n - n % 8; i += 8) *(v8 *)(y + i) = *(const v8 *)(x + i) * 2.0f; "
        + "for (; i < n; i++) y[i] = x[i] * 2.0f;"),
    Case(
      "a vector whose alignment comes before its size", xy, double,
      "typedef float v8 __attribute__((aligned(4), vector_size(32))); int i = 0; "
        + "for (; i < n - n % 8; i += 8) *(v8 *)(y + i) = *(const v8 *)(x + i) * 2.0f; "
        + "for (; i < n; i++) y[i] = x[i] * 2.0f;"),
    Case(
      "an aligned name", xy, double,
      "typedef float af __attribute__((aligned(64))); const af *p = (const af *)x; "
        + "for (int i = 0; i < n; i++) y[i] = p[i] * 2.0f;"),
    Case(
      "an aligned name with its word in between", xy, double,
      "float typedef af __attribute__((aligned(64))); const af *p = (const af *)x; "
        + "for (int i = 0; i < n; i++) y[i] = p[i] * 2.0f;"),
    Case(
      "an aligned pointee", xy, double,
      "const float __attribute__((aligned(64))) *p = x; "
        + "for (int i = 0; i < n; i++) y[i] = p[i] * 2.0f;"),
    Case(
      "an alignment that is promised", xy, double,
      "const float *p = __builtin_assume_aligned(x, 64); "
        + "for (int i = 0; i < n; i++) y[i] = p[i] * 2.0f;"),
    Case(
      "another record's member of the same name",
      "struct P { float x, y; }; struct Q { float y, x; }; void f(int n, struct P *restrict a)",
      "for (int i = 0; i < n; i++) a[i].x = 1.0f;",
      "struct Q *q = (struct Q *)a; for (int i = 0; i < n; i++) q[i].x = 1.0f;"),
  ]

  @Test(arguments: wrong) func isNotProved(_ test: Case) throws {
    let evidence = try examine(test)
    #expect(evidence.result == .inconclusive, "\(evidence.detail)")
  }

  static let right: [Case] = [
    Case("a choice without a store", xy, double, factor("k = n > 5000000 ? 2 : 1 + 1;")),
    Case("a store in a branch", xy, double, factor("if (n > 5000000) k = 2;")),
    Case("an expectation", xy, double, factor("if (__builtin_expect(n > 5, 1)) k = 2;")),
    Case(
      "the same pointers are null", "int f(int n, int *a, int *b)",
      "if (a == (void *)0) return -1; if (n <= 0) return 0; if (b == (void *)0) return 1; "
        + "for (int i = 0; i < n; i++) b[i] = 2; return 0;",
      "if (!(a != (void *)0)) return -1; if (n < 1) return 0; if (b == (void *)0) return 1; "
        + "for (int i = 0; i < n; i++) b[i] = 2; return 0;"),
    Case(
      "a member and a parameter of one name",
      "struct P { float x; }; void f(int n, float *restrict a__x, struct P *restrict a)",
      "for (int i = 0; i < n; i++) { a[i].x = 1.0f; a__x[i] = 2.0f; }",
      "for (int i = 0; i < n; i++) { a__x[i] = 2.0f; a[i].x = 1.0f; }"),
    Case(
      "a name with another character",
      "void f(int n, int m$, const int *restrict x, int *restrict y)",
      "for (int i = 0; i < n; i++) y[i] = x[i] ^ m$;",
      "int k = m$; for (int i = 0; i < n; i++) y[i] = x[i] ^ k;"),
    Case(
      "what is read under the same condition", xy, positive,
      "for (int i = 0; i < n; i++) if (x[i] > 0.0f) { float t = y[i]; y[i] = t + x[i]; }"),
    Case(
      "a constant table read", xy, double,
      "static const float z[2] = {2.0f, 1.0f}; for (int i = 0; i < n; i++) y[i] = x[i] * z[0];"),
    Case(
      "an integer as its unsigned twin", ParametricRuleTests.ints,
      "for (int i = 0; i < n; i++) y[i] = (unsigned)x[i] >> 1;",
      "const unsigned *p = (const unsigned *)x; for (int i = 0; i < n; i++) y[i] = p[i] >> 1;"),
    Case(
      "floats as integers that may alias", xy, copy,
      "typedef unsigned any __attribute__((may_alias)); any *q = (any *)y; "
        + "const any *p = (const any *)x; for (int i = 0; i < n; i++) q[i] = p[i];"),
    Case(
      "a length that is no negative one", xy, copy,
      "if (n > 0) __builtin_memcpy(y, x, (long)n * 4);"),
    Case(
      "fused where the target fuses", xy, "for (int i = 0; i < n; i++) y[i] = x[i] * 3.0f + 1.0f;",
      "for (int i = 0; i < n; i++) y[i] = fmaf(x[i], 3.0f, 1.0f);", flags: ["-mfma"]),
    Case(
      "fused by both", xy, "for (int i = 0; i < n; i++) y[i] = fmaf(x[i], 3.0f, 1.0f);",
      "for (int i = 0; i < n; i++) y[i] = fmaf(3.0f, x[i], 1.0f);", flags: ["-mno-fma"]),
    Case(
      "a store beside a load of another type", "void f(int n, float *a, const int *b)",
      "for (int i = 0; i < n; i++) a[i] = (float)b[0];",
      "if (n > 0) { float t = (float)b[0]; for (int i = 0; i < n; i++) a[i] = t; }"),
    Case(
      "an array within its block", xy, copy,
      "for (int i = 0; i < n; i++) { float z[2]; float *p; { p = z; } p[1] = x[i]; y[i] = p[1]; }"),
    Case(
      "a vector of lowered alignment", xy, double,
      "typedef float v8 __attribute__((vector_size(32), aligned(4))); int i = 0; "
        + "for (; i < n - n % 8; i += 8) *(v8 *)(y + i) = *(const v8 *)(x + i) * 2.0f; "
        + "for (; i < n; i++) y[i] = x[i] * 2.0f;"),
    Case(
      "an aligned array", xy, double,
      "for (int i = 0; i < n; i++) { float t[4 * 2] __attribute__((aligned(32))); t[3] = x[i]; "
        + "y[i] = t[3] * 2.0f; }"),
  ]

  @Test(arguments: right) func isProved(_ test: Case) throws {
    let evidence = try examine(test)
    #expect(evidence.result == .passed, "\(evidence.detail)")
  }

  private func examine(_ test: Case) throws -> Evidence {
    try ParametricFixture.examine(
      signature: test.signature, test.original, test.candidate, flags: test.flags)
  }

  @Test(arguments: [
    ("a", "p_a"), ("a_1", "p_a_1"), ("a$", "px_61_24_"), ("é", "px_c3_a9_"),
  ]) func namesStayApart(_ name: String, _ expected: String) {
    #expect(ParameterSpace.parameter(name) == expected)
  }
}
