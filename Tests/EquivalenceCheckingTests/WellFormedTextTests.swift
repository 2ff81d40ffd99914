import KernelModel
import KernelParsing
import Testing

@testable import EquivalenceChecking

/// One wrong and, where it says something, one right text per rule of L0.
@Suite struct WellFormedTextTests {
  static let original = """
    #include <stdint.h>
    #include <stdlib.h>
    #include <string.h>

    int shared[4];
    double scale(double x);

    /* Adds x to y. */
    void add(int n, const float *x, float *y)
    {
        for (int i = 0; i < n; i++)
            y[i] += x[i];
    }

    int after(void) { return 1; }

    """

  struct Sample: Sendable, CustomTestStringConvertible {
    var rule: FormRule?
    var name: String
    var helper = ""
    var body: String
    var flags: [String] = []
    var testDescription: String { name }
  }

  static let loop = "for (int i = 0; i < n; i++) y[i] += x[i];"

  static let samples: [Sample] = [
    Sample(rule: nil, name: "another loop", body: "for (int j = 0; j < n; ++j) y[j] += x[j];"),
    Sample(
      rule: nil, name: "a helper and its table",
      helper: "static const float one[2] = {1.0f, 1.0f};\n"
        + "static inline float twice(float v) { return v * one[0]; }\n",
      body: "for (int i = 0; i < n; i++) y[i] += twice(x[i]);"),
    Sample(
      rule: .placement, name: "a global beside the function",
      helper: "int counter = 0;\n", body: loop),
    Sample(
      rule: .placement, name: "a helper that takes a name of the file",
      helper: "static int after(void) { return 2; }\n", body: loop),
    Sample(rule: .plainTokens, name: "a digraph", body: "<% \(loop) %>"),
    Sample(rule: .plainTokens, name: "a stray backslash", body: "\(loop) \\u0041;"),
    Sample(rule: .directives, name: "a macro in the body", body: "\n#define N n\n\(loop)"),
    Sample(
      rule: .directives, name: "a pragma that is not listed",
      body: "\n#pragma STDC FP_CONTRACT ON\n\(loop)"),
    Sample(
      rule: nil, name: "a listed pragma", body: "\n#pragma clang loop unroll(disable)\n\(loop)"),
    Sample(rule: .keywords, name: "assembly", body: "__asm__ volatile(\"\"); \(loop)"),
    Sample(rule: .keywords, name: "a jump", body: "again: \(loop) if (0) goto again;"),
    Sample(rule: .keywords, name: "a pragma operator", body: "_Pragma(\"omp\") \(loop)"),
    Sample(
      rule: .attributes, name: "a constructor",
      helper: "static __attribute__((constructor)) void before(void) { shared[0] = 1; }\n",
      body: loop),
    Sample(
      rule: .names, name: "a helper that uses a global",
      helper: "static int peek(void) { return shared[0]; }\n",
      body: "if (peek()) return; \(loop)"),
    Sample(rule: .names, name: "a global of the file", body: "shared[0] = 1; \(loop)"),
    Sample(rule: .names, name: "a reserved name", body: "if (__OPTIMIZE__) return; \(loop)"),
    Sample(rule: .calls, name: "an unknown call", body: "abort(); \(loop)"),
    Sample(rule: .calls, name: "malloc", body: "free(malloc(8)); \(loop)"),
    Sample(
      rule: .calls, name: "a helper that calls itself",
      helper: "static int down(int k) { return k > 0 ? down(k - 1) : 0; }\n",
      body: "if (down(n)) return; \(loop)"),
    Sample(
      rule: .functionValues, name: "a function as a value",
      body: "void *(*copy)(void *, const void *, size_t) = memcpy; if (!copy) return; \(loop)"),
    Sample(
      rule: .staticState, name: "a static counter", body: "static int calls; calls++; \(loop)"),
    Sample(
      rule: .staticState, name: "a static pointer to const",
      body: "static const float *last; last = x; \(loop)"),
    Sample(
      rule: .staticState, name: "a static table that can change",
      helper: "static int memo[8] = {0};\n", body: "memo[0] = n; \(loop)"),
    Sample(
      rule: nil, name: "a static constant",
      body: "static const int step = 1; for (int i = 0; i < n; i += step) y[i] += x[i];"),
    Sample(
      rule: .volatileAccesses, name: "a volatile local",
      body: "volatile int k = n; (void)k; \(loop)"),
    Sample(
      rule: .pointerCasts, name: "an integer as a pointer",
      body: "float *z = (float *)(uintptr_t)n; if (z == y) return; \(loop)"),
    Sample(
      rule: nil, name: "pointers compared as integers",
      body: "if ((uintptr_t)x == (uintptr_t)y) { \(loop) } else { \(loop) }"),
    Sample(
      rule: .allocation, name: "an allocation that is not freed",
      body: "float *t = aligned_alloc(64, 64); if (!t) return; t[0] = 1; \(loop)"),
    Sample(
      rule: .allocation, name: "freed on one path only",
      body: "float *t = aligned_alloc(64, 64); if (!t) return; if (n > 3) return; \(loop) free(t);"),
    Sample(
      rule: .allocation, name: "freed twice",
      body: "float *t = aligned_alloc(64, 64); if (!t) return; \(loop) free(t); free(t);"),
    Sample(
      rule: .allocation, name: "an argument freed", body: "\(loop) free(y);"),
    Sample(
      rule: nil, name: "allocated and freed on every path",
      body: "float *t = aligned_alloc(64, 64); if (t == NULL) { \(loop) return; } \(loop) free(t);"),
    Sample(
      rule: .stack, name: "an array of variable length",
      body: "float t[n > 0 ? n : 1]; t[0] = 0; \(loop)"),
    Sample(rule: .stack, name: "a huge array", body: "float t[1000000]; t[0] = 0; \(loop)"),
    Sample(
      rule: .addresses, name: "an address taken to pieces",
      body: "if ((uintptr_t)y >> 44 == 1) return; \(loop)"),
    Sample(
      rule: nil, name: "hints",
      body: "for (int i = 0; i < n; i++) { __builtin_prefetch(&x[i], 0, 1); y[i] += x[i]; }"),
    Sample(
      rule: .addresses, name: "a hint at the beginning of a line",
      body: "__builtin_prefetch(x + ((uintptr_t)x & 63)); \(loop)"),
    Sample(
      rule: .directives, name: "threads without -fopenmp",
      body: "\n#pragma omp parallel for schedule(static)\n\(loop)"),
    Sample(
      rule: nil, name: "threads",
      body: "\n#pragma omp parallel for schedule(static) if (n >= 8)\n\(loop)",
      flags: ["-fopenmp"]),
    Sample(
      rule: .parallelLoops, name: "threads for a statement that is no loop",
      body: "\n#pragma omp parallel for schedule(static)\n{ \(loop) }", flags: ["-fopenmp"]),
    Sample(
      rule: .parallelLoops, name: "threads that share a variable",
      body: "int k = 0;\n#pragma omp parallel for schedule(static)\n"
        + "for (int i = 0; i < n; i++) { k = i; y[k] += x[k]; }", flags: ["-fopenmp"]),
    Sample(rule: .parsing, name: "a missing semicolon", body: "int k = 0 \(loop)"),
  ]

  private static func kernel(_ flags: [String] = []) throws -> Kernel {
    let build = BuildFlags(
      compiler: nil, arguments: ["-O2", "-std=gnu11"] + flags, directory: "/tmp", database: nil)
    let file = try JudgeFixture.parser.parseText(original, at: "/tmp/add.c", build: build)
    return try #require(file.kernel(named: "add"))
  }

  private static func candidate(_ sample: Sample) -> String {
    original
      .replacing(
        "{\n    for (int i = 0; i < n; i++)\n        y[i] += x[i];\n}", with: "{\n\(sample.body)\n}"
      )
      .replacing("/* Adds x to y. */\n", with: "/* Adds x to y. */\n" + sample.helper)
  }

  private static func rule(_ text: String, _ flags: [String] = []) throws -> FormRule? {
    let check = WellFormedText(kernel: try kernel(flags), parser: JudgeFixture.parser)
    switch check.check(Array(text.utf8)) {
    case .violation(let violation): return violation.rule
    case .wellFormed, .unexamined: return nil
    case .unreadable(_, let reason):
      Issue.record("unreadable: \(reason)")
      return nil
    }
  }

  @Test(arguments: samples) func ruleIsKept(_ sample: Sample) throws {
    #expect(try Self.rule(Self.candidate(sample), sample.flags) == sample.rule)
  }

  @Test func everyRuleButTheCompilersHasAWrongSample() {
    let shown = Set(Self.samples.compactMap(\.rule))
    #expect(shown.union([.diagnostics]) == Set(FormRule.allCases))
  }

  @Test func nothingElseMayChange() throws {
    let changes = [
      ("return 1; }", "return 2; }"), ("int shared[4];", "int shared[5];"),
      ("const float *x, float *y)", "const float *x, float *restrict y)"),
      ("/* Adds x to y. */", "/* Adds. */"),
    ]
    for (from, to) in changes {
      #expect(try Self.rule(Self.original.replacing(from, with: to)) == .placement)
    }
  }

  @Test func theOriginalIsWellFormed() throws {
    #expect(try Self.rule(Self.original) == nil)
  }
}
