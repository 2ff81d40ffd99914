import ExperimentRecords
import KernelModel
import Testing

@testable import EquivalenceChecking

/// What goes wrong at sizes too large to be run goes wrong at the ends of smaller integers.
@Suite struct NarrowIntegerTests {
  private func answer(
    _ signature: String, _ original: String, _ candidate: String, flags: [String] = []
  ) throws -> NarrowIntegers.Answer {
    let head = "#include <stddef.h>\n#include <stdint.h>\n"
    let kernel = try BoundedFixture.kernel(
      "\(head)\(signature) { \(original) }\n", "f", flags: flags)
    let narrow = NarrowIntegers(
      kernel: kernel, shape: try InputShape(kernel), parser: JudgeFixture.parser,
      contraction: .on, seed: 42)
    return narrow.examine(Array("\(head)\(signature) { \(candidate) }\n".utf8))
  }

  private static let plain = (
    signature: "void f(int n, const float *restrict x, float *restrict y)",
    body: "for (int i = 0; i < n; i++) y[i] = x[i] + 1;"
  )

  @Test(arguments: [
    "int m = (int)(float)n; for (int i = 0; i < m; i++) y[i] = x[i] + 1;",
    "for (int i = 0; i < n; i++) { unsigned k = (unsigned)i << 7 >> 7; y[k] = x[k] + 1; }",
    "for (int i = 0; i < n; i++) { unsigned k = i * 32u / 32u; y[k] = x[k] + 1; }",
    "int m = (n | 0x8000000) - 0x8000000; for (int i = 0; i < m; i++) y[i] = x[i] + 1;",
    "for (int i = 0; i < n; i++) { int k = (i + 0x100000) & 0xfffff; y[k] = x[k] + 1; }",
    "for (int i = 0; i < n; i++) { int at = 4 * i; "
      + "*(float *)((char *)y + at) = *(const float *)((const char *)x + at) + 1; }",
    "for (int i = 0; i < n; i++) { short k = (short)i; y[k] = x[k] + 1; }",
  ])
  func oneSizeInTooFewBitsIsNoPass(_ body: String) throws {
    let answer = try answer(Self.plain.signature, Self.plain.body, body)
    #expect(answer.differs, "\(answer.evidence.detail)")
    #expect(answer.evidence.result == .inconclusive)
  }

  @Test(arguments: [
    "int i = 0; for (; i + 8 <= n; i += 8) for (int k = 0; k < 8; k++) y[i + k] = x[i + k] + 1; "
      + "for (; i < n; i++) y[i] = x[i] + 1;",
    "const int e = n - n % 16; for (int i = 0; i < e; i++) y[i] = x[i] + 1; "
      + "for (int i = e > 0 ? e : 0; i < n; i++) y[i] = x[i] + 1;",
    "for (int b = 0; b < n; b += 1024) { int e = n - b < 1024 ? n : b + 1024; "
      + "for (int i = b; i < e; i++) y[i] = x[i] + 1; }",
    "const float *end = x + n; if (n > 0) for (; x < end; x++, y++) *y = *x + 1;",
    "long m = n; for (long i = 0; i < m; i++) y[(int)i] = x[(int)i] + 1;",
    "if (n > 0x7fffffff - 64) return; for (int i = 0; i < n; i++) y[i] = x[i] + 1;",
    "for (unsigned i = 0; i < (unsigned)(n > 0 ? n : 0); i++) y[i] = x[i] + 1;",
    // Places in packed blocks: quotients beside each other, in temporaries that are used again.
    "for (long i = 0; i < n; i++) { int at = i; "
      + "y[(at / 64) * 64 + at % 64] = x[(at / 32) * 32 + at % 32] + 1; "
      + "y[(at / 16) * 16 + at % 16] = x[(at / 128) * 128 + (at - at / 128 * 128)] + 1; }",
    "for (int i = 0; i < (n & ~7); i++) y[i] = x[i] + 1; "
      + "for (int i = n > 0 ? n & ~7 : 0; i < n; i++) y[i] = x[i] + 1;",
  ])
  func whatHoldsAtAllSizesPasses(_ body: String) throws {
    let answer = try answer(Self.plain.signature, Self.plain.body, body)
    #expect(!answer.differs && answer.isComplete, "\(answer.evidence.detail)")
  }

  /// What hides behind two sizes at once, or behind calls that take too long, is not shown here: the
  /// question goes on to L3.
  @Test(arguments: [
    (
      "void f(int n, int m, const float *restrict x, float *restrict y)",
      "for (int i = 0; i + m <= n; i++) for (int j = 0; j < m; j++) y[i] += x[i + j];",
      "for (int i = 0; i + m <= n; i++) for (int j = 0; j < (short)m; j++) y[i] += x[i + j];"
    ),
    (
      "uint64_t f(unsigned long n, const uint64_t *x)",
      "uint64_t c = 0; for (unsigned long i = 0; i < n; i++) c += __builtin_popcountll(x[i]); "
        + "return c;",
      "uint64_t c = 0; for (unsigned long i = 0; i < n; i++) c += __builtin_popcountll(x[(int)i]); "
        + "return c;"
    ),
  ])
  func whatIsLeftOutIsNotComplete(
    _ signature: String, _ original: String, _ candidate: String
  ) throws {
    let answer = try answer(signature, original, candidate)
    #expect(answer.differs || !answer.isComplete, "\(answer.evidence.detail)")
    let whole = try BoundedFixture.examine(signature: signature, original, candidate)
    #expect(whole.result == .inconclusive, "\(whole.detail)")
  }

  private static let flat = (
    signature: "void f(int n, int m, const float *restrict x, float *restrict y)",
    body: "for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) "
      + "y[(size_t)i * m + j] = x[(size_t)i * m + j] + 1;"
  )

  @Test(arguments: [
    (
      "for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) y[i * m + j] = x[i * m + j] + 1;",
      true
    ),
    (
      "int k = 0; for (int i = 0; i < n; i++) for (int j = 0; j < m; j++, k++) y[k] = x[k] + 1;",
      true
    ),
    ("if (n > 0 && m > 0) for (unsigned k = 0; k < (unsigned)n * m; k++) y[k] = x[k] + 1;", true),
    ("if (n > 0 && m > 0) for (size_t k = 0; k < (size_t)n * m; k++) y[k] = x[k] + 1;", false),
    (
      "for (int i = 0; i < n; i++) { const float *p = x + (long)i * m; float *q = y + (long)i * m; "
        + "for (int j = 0; j < m; j++) q[j] = p[j] + 1; }", false
    ),
  ])
  func productsOfSizesAreAsWideAsTheOriginals(_ body: String, _ differs: Bool) throws {
    let answer = try answer(Self.flat.signature, Self.flat.body, body)
    #expect(answer.differs == differs, "\(answer.evidence.detail)")
  }

  /// Where the original's own index overflows it is not defined, and nothing is asked of the candidate.
  @Test func theOriginalsOverflowsAreLeftOut() throws {
    let loops = "for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) "
    let answer = try answer(
      Self.flat.signature, loops + "y[i * m + j] = x[i * m + j] + 1;",
      loops + "{ int at = i * m + j; y[at] = x[at] + 1; }")
    #expect(!answer.differs, "\(answer.evidence.detail)")
  }

  /// Numbers that are kept and wrap are meant to; they stand for nothing that is large.
  @Test func modularContentsAreNoSizes() throws {
    let answer = try answer(
      "void f(int n, uint32_t *y, uint32_t step)",
      "for (int i = 0; i < n; i++) y[i] += step * (uint32_t)i;",
      "uint32_t add = 0; for (int i = 0; i < n; i++) { y[i] += add; add += step; }")
    #expect(!answer.differs, "\(answer.evidence.detail)")
  }

  @Test func sizesThatARecordHoldsAreSizes() throws {
    let signature =
      "struct grid { size_t rows, cols; double *cells; }; void f(struct grid *g, double k)"
    let loops = "for (size_t i = 0; i < g->rows; i++) for (size_t j = 0; j < g->cols; j++) "
    let original = loops + "g->cells[i * g->cols + j] *= k;"
    let wrong = try answer(
      signature, original,
      "size_t t = ((g->rows * g->cols) | 0x8000000u) - 0x8000000u; "
        + "double *d = g->cells; for (size_t i = 0; i < t; i++) d[i] *= k;")
    #expect(wrong.differs, "\(wrong.evidence.detail)")
    let right = try answer(
      signature, original,
      "size_t t = g->rows * g->cols; double *d = g->cells; for (size_t i = 0; i < t; i++) d[i] *= k;"
    )
    #expect(!right.differs, "\(right.evidence.detail)")
  }
}
