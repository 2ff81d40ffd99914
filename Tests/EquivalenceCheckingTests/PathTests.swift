import ExperimentRecords
import Testing

@testable import EquivalenceChecking

/// Control and addresses that depend on data: every path is compared, or the answer is inconclusive.
@Suite struct PathTests {
  static let pairs = [
    ContrastCase(
      name: "a search that returns", signature: "int f(int n, const int *x, int key)",
      original: "for (int i = 0; i < n; i++) if (x[i] == key) return i;\nreturn -1;",
      right: """
        int i = 0;
        for (; i + 2 <= n; i += 2) { if (x[i] == key) return i; if (x[i + 1] == key) return i + 1; }
        for (; i < n; i++) if (x[i] == key) return i;
        return -1;
        """,
      wrong: """
        int i = 0;
        for (; i + 2 <= n; i += 2) { if (x[i] == key) return i; if (x[i + 1] == key) return i; }
        for (; i < n; i++) if (x[i] == key) return i;
        return -1;
        """),
    ContrastCase(
      name: "a break", signature: "int f(int n, const int *x)",
      original:
        "int s = 0;\nfor (int i = 0; i < n; i++) { if (x[i] < 0) break; s ^= x[i]; }\nreturn s;",
      right: "int s = 0, i = 0;\nwhile (i < n && x[i] >= 0) { s ^= x[i]; i++; }\nreturn s;",
      wrong: "int s = 0, i = 0;\nwhile (i < n && x[i] > 0) { s ^= x[i]; i++; }\nreturn s;"),
    ContrastCase(
      name: "turns that data count", signature: "unsigned f(int n, const uint8_t *x)",
      original: """
        unsigned c = 0;
        for (int i = 0; i < n; i++) for (unsigned v = x[i]; v != 0; v >>= 1) c += v & 1u;
        return c;
        """,
      right: """
        unsigned c = 0;
        for (int i = 0; i < n; i++) for (unsigned v = x[i]; v != 0; v &= v - 1) c++;
        return c;
        """,
      wrong: """
        unsigned c = 0;
        for (int i = 0; i < n; i++) for (unsigned v = x[i]; v > 1; v &= v - 1) c++;
        return c;
        """),
    ContrastCase(
      name: "a load that data place",
      signature: "void f(int n, const uint8_t *restrict x, int *restrict y)",
      original: """
        static const int t[4] = {3, 1, 4, 1};
        for (int i = 0; i < n; i++) y[i] = t[x[i] & 3];
        """,
      right: """
        static const int t[4] = {3, 1, 4, 1};
        for (int i = 0; i < n; i++) { int k = x[i] % 4; y[i] = t[k]; }
        """,
      wrong: """
        static const int t[4] = {3, 1, 4, 1};
        for (int i = 0; i < n; i++) { int k = x[i] % 3; y[i] = t[k]; }
        """),
    ContrastCase(
      name: "a store that data place",
      signature: "void f(int n, const uint8_t *restrict x, int *restrict y)",
      original: """
        int t[4] = {0, 0, 0, 0};
        for (int i = 0; i < n; i++) t[x[i] & 3] = i;
        for (int i = 0; i < n; i++) y[i] = t[i & 3];
        """,
      right: """
        int t[4] = {0, 0, 0, 0};
        for (int i = 0; i < n; i++) { unsigned k = x[i]; t[k % 4u] = i; }
        for (int i = 0; i < n; i++) y[i] = t[i & 3];
        """,
      wrong: """
        int t[4] = {0, 0, 0, 0};
        for (int i = n - 1; i >= 0; i--) t[x[i] & 3] = i;
        for (int i = 0; i < n; i++) y[i] = t[i & 3];
        """),
    ContrastCase(
      name: "an address beyond its object",
      signature: "void f(int n, const uint8_t *restrict x, int *restrict y)",
      original: """
        static const int t[4] = {3, 1, 4, 1};
        for (int i = 0; i < n; i++) y[i] = x[i] < 4 ? t[x[i]] : 1;
        """,
      right: """
        static const int t[4] = {3, 1, 4, 1};
        for (int i = 0; i < n; i++) y[i] = x[i] <= 3 ? t[x[i]] : 1;
        """,
      wrong: """
        static const int t[4] = {3, 1, 4, 1};
        for (int i = 0; i < n; i++) y[i] = x[i] <= 4 ? t[x[i]] : 1;
        """),
  ]

  @Test(arguments: pairs) func everyPathIsCompared(_ pair: ContrastCase) throws {
    try pair.expectContrast()
  }

  /// Two outcomes for each element: calls with many elements are beyond the budget, and said to be.
  @Test func callsWithTooManyPathsAreNotCompared() throws {
    let body = """
      int s = 0;
      for (int i = 0; i < n; i++) { do { if (x[i] == 3) break; s += i; } while (0); s ^= 1; }
      return s;
      """
    let evidence = try BoundedFixture.examine(
      signature: "int f(int n, const int *x)", body, body.replacing("x[i] == 3", with: "3 == x[i]"))
    #expect(evidence.result == .passed, "\(evidence.detail)")
    #expect(evidence.detail.contains("beyond the budget"), "\(evidence.detail)")
    #expect(evidence.sizes.allSatisfy { $0["n"] ?? 0 < 13 })
  }

  /// A call that is too much hides nothing: larger ones are not claimed either.
  @Test func nothingIsClaimedBeyondACallThatIsTooMuch() throws {
    let wide = """
      int s = 0;
      if (n == 7) for (int i = 0; i < 16; i++) { do { if (x[i % 7] == i) break; s += i; } while (0); s ^= 1; }
      for (int i = 0; i < n; i++) s ^= x[i];
      return s;
      """
    let evidence = try BoundedFixture.examine(signature: "int f(int n, const int *x)", wide, wide)
    #expect(evidence.sizes.allSatisfy { $0["n"] ?? 0 < 7 }, "\(evidence.sizes)")
  }

  @Test func aLoopThatNeverEndsAtOneSizeIsNotPassedOver() throws {
    let sum = "int s = 0;\nfor (int i = 0; i < n; i++) s ^= x[i];\nreturn s;"
    let evidence = try BoundedFixture.examine(
      signature: "int f(int n, const int *x)", sum, "if (n == 7) while (x[0] == 5) {}\n" + sum)
    #expect(evidence.result == .inconclusive, "\(evidence.detail)")
  }

  /// The same with a block factor that such calls would have to cover.
  @Test func aGapOfPathsIsInconclusive() throws {
    func body(_ condition: String, _ step: String) -> String {
      """
      int s = 0, i = 0;
      \(step)
      for (; i < n; i++) { do { if (\(condition)) break; s += i; } while (0); s ^= 1; }
      return s;
      """
    }
    let blocks = """
      for (; i + 16 <= n; i += 16) for (int l = 0; l < 16; l++) {
        do { if (x[i + l] == 3) break; s += i + l; } while (0); s ^= 1; }
      """
    let evidence = try BoundedFixture.examine(
      signature: "int f(int n, const int *x)", body("x[i] == 3", ""), body("x[i] == 3", blocks))
    #expect(evidence.result == .inconclusive)
    #expect(
      evidence.detail.contains("no call with n >= 33 could be compared"), "\(evidence.detail)")
    #expect(evidence.detail.contains("paths were compared, which are not all"))
  }
}
