import ExperimentRecords
import KernelModel
import Testing

@testable import EquivalenceChecking

/// One pair of bodies for each rule of the symbolic domain, and one that the rule must not let pass.
@Suite struct BoundedRuleTests {
  struct Rule: Sendable, CustomTestStringConvertible {
    var name: String
    var signature: String
    var original: String
    var candidate: String
    var isSame: Bool
    var contraction: BuildFlags.Contraction = .on
    var testDescription: String { name }
  }

  private static let floats = "void f(int n, float *restrict y, const float *restrict x)"
  private static let ints = "void f(int n, int *restrict y, const int *restrict x)"
  private static let bytes =
    "void f(int n, uint8_t *restrict y, const uint8_t *restrict x)"
  private static let sum = "unsigned f(int n, const unsigned *x)"

  private static func each(_ body: String) -> String {
    "for (int i = 0; i < n; i++) { \(body) }"
  }

  private static func pair(
    _ name: String, _ signature: String, _ original: String, _ candidate: String, _ isSame: Bool,
    _ contraction: BuildFlags.Contraction = .on
  ) -> Rule {
    Rule(
      name: name, signature: signature, original: each(original), candidate: each(candidate),
      isSame: isSame, contraction: contraction)
  }

  static let rules: [Rule] = [
    pair("* commutes", floats, "y[i] = x[i] * y[i];", "y[i] = y[i] * x[i];", true),
    pair("+ commutes", floats, "y[i] = x[i] + y[i];", "y[i] = y[i] + x[i];", true),
    pair(
      "+ is not associative", floats, "y[i] = (x[i] + y[i]) + 2.0f;",
      "y[i] = x[i] + (y[i] + 2.0f);", false),
    pair(
      "two products do not commute where they are fused", floats,
      "y[i] = x[i] * x[i] + y[i] * 3.0f;", "y[i] = y[i] * 3.0f + x[i] * x[i];", false),
    pair(
      "two products commute where nothing is fused", floats,
      "y[i] = x[i] * x[i] + y[i] * 3.0f;", "y[i] = y[i] * 3.0f + x[i] * x[i];", true, .off),
    pair(
      "a product with a name of its own is not fused", floats, "y[i] = x[i] * 3.0f + y[i];",
      "float p = x[i] * 3.0f; y[i] = p + y[i];", false),
    pair(
      "a product with a name of its own is the same unfused", floats,
      "y[i] = x[i] * 3.0f + y[i];", "float p = x[i] * 3.0f; y[i] = p + y[i];", true, .off),
    pair(
      "fast is capped where a product feeds a sum", floats, "y[i] = x[i] * 3.0f + y[i];",
      "y[i] = y[i] + x[i] * 3.0f;", false, .fast),
    pair(
      "fast is not capped elsewhere", floats, "y[i] = x[i] * 3;", "y[i] = 3 * x[i];", true, .fast),
    pair(
      "fused either way round", floats, "y[i] += x[i] * 3.0f;", "y[i] = 3.0f * x[i] + y[i];", true),
    pair("a product taken off", floats, "y[i] -= x[i] * 3.0f;", "y[i] = y[i] - 3.0f * x[i];", true),
    pair(
      "explicit fma", floats, "y[i] = fmaf(x[i], 3.0f, y[i]);", "y[i] = x[i] * 3.0f + y[i];", true),
    pair(
      "an expectation", floats, "y[i] = x[i];", "if (__builtin_expect(n > i, 1)) y[i] = x[i];", true
    ),
    pair(
      "an expectation that stores", floats, "y[i] = x[i];",
      "if (__builtin_expect(n > i, n > 99 ? (y[0] = 0.0f) != 1.0f : 1)) y[i] = x[i];", false),
    pair(
      "explicit fma is no product and sum", floats, "y[i] = fmaf(x[i], 3.0f, y[i]);",
      "y[i] = x[i] * 3.0f + y[i];", false, .off),
    pair(
      "a product through a negation is doubtful", floats, "y[i] = -(x[i] * 3.0f) + y[i];",
      "y[i] = y[i] - x[i] * 3.0f;", false),
    pair("division by a power of two", floats, "y[i] = x[i] / 4.0f;", "y[i] = x[i] * 0.25f;", true),
    pair("division by three", floats, "y[i] = x[i] / 3.0f;", "y[i] = x[i] * (1.0f / 3.0f);", false),
    pair("adding zero changes -0", floats, "y[i] = x[i] + 0.0f;", "y[i] = x[i];", false),
    pair("adding -0 changes nothing", floats, "y[i] = x[i] + -0.0f;", "y[i] = x[i];", true),
    pair("minus is plus the negation", floats, "y[i] = x[i] - y[i];", "y[i] = -y[i] + x[i];", true),
    pair(
      "a sum in double is another", floats, "y[i] = x[i] + y[i];",
      "y[i] = (float)((double)x[i] + 1.0 + y[i]);", false),
    pair(
      "a product rounded to float", floats, "y[i] = (float)((double)x[i] * 1.1);",
      "y[i] = x[i] * 1.1f;", false),
    pair(
      "integers in any order", ints, "y[i] = (int)(x[i] + (unsigned)y[i] + 7u);",
      "y[i] = (int)(7u + y[i] + (unsigned)x[i]);", true),
    pair(
      "integer products in any order", ints, "y[i] = (int)((unsigned)x[i] * 6u * y[i]);",
      "y[i] = (int)(3u * (unsigned)y[i] * 2u * x[i]);", true),
    pair(
      "a new signed sum may overflow", ints, "y[i] = (int)((unsigned)x[i] + y[i]);",
      "y[i] = x[i] + y[i];", false),
    pair(
      "a signed sum may become one that wraps", ints, "y[i] = x[i] + y[i];",
      "y[i] = (int)((unsigned)x[i] + y[i]);", true),
    pair(
      "a sum of bytes cannot overflow", bytes, "y[i] = (uint8_t)((x[i] + y[i] + 1) / 2);",
      "y[i] = (uint8_t)((1u + y[i] + x[i]) >> 1);", true),
    pair("a signed quotient is no shift", ints, "y[i] = x[i] / 2;", "y[i] = x[i] >> 1;", false),
    pair(
      "a signed quotient is no logical shift", ints, "y[i] = x[i] / 2;",
      "y[i] = (int)((unsigned)x[i] >> 1);", false),
    pair(
      "a vector without a value", ints, "y[i] = x[i];",
      """
      typedef int v2 __attribute__((vector_size(8)));
      v2 v;
      if (i == 0) v = (v2){x[i], x[i]};
      if (i > 0) v[0] = v[0] | x[i];
      y[i] = i == 0 ? v[0] : x[i];
      """, false),
    pair(
      "a choice by a mask", ints, "y[i] = x[i] < 3 ? 1 : x[i] >> 1;",
      "int m = -(x[i] < 3); y[i] = (m & 1) | (~m & (x[i] >> 1));", true),
    pair(
      "a choice that loads what is only stored", ints, "y[i] = x[i] < 3 ? 1 : y[i];",
      "int m = -(x[i] < 3); y[i] = (m & 1) | (~m & y[i]);", false),
    pair("an unsigned quotient is a shift", bytes, "y[i] = x[i] / 4;", "y[i] = x[i] >> 2;", true),
    pair(
      "extension keeps the sign", bytes, "y[i] = (uint8_t)((int8_t)x[i] >> 1);",
      "y[i] = (uint8_t)(x[i] >> 1);", false),
    pair(
      "conditional store and choice", ints, "if (x[i] > 3) y[i] = x[i]; else y[i] = 3;",
      "y[i] = x[i] > 3 ? x[i] : 3;", true),
    pair(
      "a choice by the opposite", ints, "if (x[i] > 3) y[i] = 5; else y[i] = x[i] & 9;",
      "y[i] = !(x[i] > 3) ? 9 & x[i] : 5;", true),
    pair(
      "a store where there was none", ints, "if (x[i] > 3) y[i] = x[i];",
      "y[i] = x[i] > 3 ? x[i] : y[i];", false),
    pair(
      "least of integers in any order", ints,
      "int m = x[i] < y[i] ? x[i] : y[i]; y[i] = m < 9 ? m : 9;",
      "int m = x[i] < 9 ? x[i] : 9; y[i] = y[i] < m ? y[i] : m;", true),
    pair(
      "greatest of floats is not commutative", floats, "y[i] = x[i] > y[i] ? x[i] : y[i];",
      "y[i] = y[i] > x[i] ? y[i] : x[i];", false),
    pair(
      "a guard before a division", ints, "y[i] = x[i] != 0 ? 100 / x[i] : 0;",
      "int q = x[i] == 0 ? 0 : 100 / x[i]; y[i] = q;", true),
    pair(
      "a division before its guard", ints, "y[i] = x[i] != 0 ? 100 / x[i] : 0;",
      "int q = 100 / (x[i] | 0); y[i] = x[i] != 0 ? q : 0;", false),
    pair("bytes of a word", ints, "y[i] = x[i];", "__builtin_memcpy(y + i, x + i, 4);", true),
    pair("half of a word", ints, "y[i] = x[i];", "__builtin_memcpy(y + i, x + i, 2);", false),
    pair(
      "pure calls are their arguments", floats, "y[i] = sqrtf(x[i]) + floorf(x[i]);",
      "float s = __builtin_sqrtf(x[i]); y[i] = floorf(x[i]) + s;", true),
    pair(
      "pure calls of other arguments", floats, "y[i] = sqrtf(x[i]);", "y[i] = sqrtf(y[i]);", false),
    pair(
      "and, or, exclusive or", ints, "y[i] = (x[i] & 12) | y[i] | 3;",
      "y[i] = y[i] | 3 | (12 & x[i]);", true),
    pair("complement", ints, "y[i] = ~x[i];", "y[i] = -1 - x[i];", true),
    pair(
      "a condition decides inside itself", ints,
      "if (x[i] > 2) { y[i] = x[i] > 2 ? 1 : y[i] * 5; }",
      "if (x[i] > 2) y[i] = 1;", true),
    Rule(
      name: "unsigned reduction in lanes", signature: sum,
      original: "unsigned s = 0; for (int i = 0; i < n; i++) s += x[i] * 3; return s;",
      candidate: """
        unsigned a = 0, b = 0; int i = 0;
        for (; i + 2 <= n; i += 2) { a += x[i]; b += x[i + 1]; }
        if (i < n) a += x[i];
        return (a + b) * 3;
        """, isSame: true),
    Rule(
      name: "a dropped element", signature: sum,
      original: "unsigned s = 0; for (int i = 0; i < n; i++) s += x[i]; return s;",
      candidate: "unsigned s = 0; for (int i = 0; i + 1 < n; i++) s += x[i]; return s;",
      isSame: false),
    Rule(
      name: "a count by branches", signature: sum,
      original: "unsigned s = 0; for (int i = 0; i < n; i++) if (x[i] > 4) s++; return s;",
      candidate: """
        unsigned a = 0, b = 0; int i = 0;
        for (; i + 2 <= n; i += 2) { a += x[i] > 4; b += 4 < x[i + 1]; }
        for (; i < n; i++) a += x[i] > 4;
        return a + b;
        """, isSame: true),
    Rule(
      name: "an unswitched condition",
      signature:
        "void f(int n, int mode, int *restrict y, const int *restrict x)",
      original:
        "for (int i = 0; i < n; i++) { if (mode == 1) y[i] = x[i] ^ 1; else y[i] = x[i] & 7; }",
      candidate: """
        if (mode == 1) { for (int i = 0; i < n; i++) y[i] = x[i] ^ 1; }
        else for (int i = 0; i < n; i++) y[i] = 7 & x[i];
        """, isSame: true),
    Rule(
      name: "an unswitched condition the wrong way round",
      signature:
        "void f(int n, int mode, int *restrict y, const int *restrict x)",
      original:
        "for (int i = 0; i < n; i++) { if (mode == 1) y[i] = x[i] ^ 1; else y[i] = x[i] & 7; }",
      candidate: """
        if (mode != 1) { for (int i = 0; i < n; i++) y[i] = x[i] ^ 1; }
        else for (int i = 0; i < n; i++) y[i] = 7 & x[i];
        """, isSame: false),
    Rule(
      name: "loads hoisted over stores that may overlap",
      signature: "void f(int n, int *y, const int *x)",
      original: "for (int i = 0; i < n; i++) y[i] = x[0] ^ i;",
      candidate: "if (n <= 0) return; int k = x[0]; for (int i = 0; i < n; i++) y[i] = k ^ i;",
      isSame: false),
    Rule(
      name: "a value that was never stored", signature: ints,
      original: "for (int i = 0; i < n; i++) { int t = x[i]; y[i] = t; }",
      candidate: "int t; for (int i = 0; i < n; i++) { if (i > 0) t = x[i]; y[i] = t; }",
      isSame: false),
    Rule(
      name: "a local array that is too small", signature: ints,
      original: each("y[i] = x[i];"),
      candidate: """
        int b[4]; int i = 0;
        for (; i + 5 <= n; i += 5) {
          for (int k = 0; k < 5; k++) b[k] = x[i + k];
          for (int k = 0; k < 5; k++) y[i + k] = b[k];
        }
        for (; i < n; i++) y[i] = x[i];
        """, isSame: false),
  ]

  @Test(arguments: rules) func ruleHolds(_ rule: Rule) throws {
    let evidence = try BoundedFixture.examine(
      signature: rule.signature, rule.original, rule.candidate, contraction: rule.contraction)
    #expect(
      (evidence.result == .passed) == rule.isSame, "\(rule.name): \(evidence.detail)")
  }
}
