import ExperimentRecords
import Testing

@testable import EquivalenceChecking

/// L3 says nothing where a condition on sizes came out one way alone.
@Suite struct ConditionOutcomeTests {
  private func operations(_ body: String) throws -> Evidence {
    try BoundedFixture.examine(
      signature: "void f(int n, const int *a, int *out)",
      "for (int i = 0; i < n; i++) out[i] = a[i] + 1;", body)
  }

  @Test(arguments: [
    "for (int i = 0; i < n; i++) out[i] = a[i] + (n > 3000000 ? 2 : 1);",
    "for (int i = 0; i < n; i++) out[i] = a[i] + 1 + (n > 3000000);",
    "for (int i = 0; i < n; i++) out[i] = a[i] + (a + 4000 == out ? 2 : 1);",
    "if (n > 3000000) return; for (int i = 0; i < n; i++) out[i] = a[i] + 1;",
    // The threshold hides in how the value is made.
    "if ((n >> 20) > 4) return; for (int i = 0; i < n; i++) out[i] = a[i] + 1;",
    "for (int i = 0; i < n; i++) out[i] = a[i] + 1 + (n / 100000 > 3);",
    "for (int i = 0; i < n; i++) out[i] = a[i] + ((float)n > 50000.0f ? 2 : 1);",
    "for (int i = 0; i < n; i++) out[i] = a[i] + ((signed char)(n >> 16) < 0 ? 2 : 1);",
    "for (int i = 0; i < n; i++) out[i] = a[i] + (n >> 20 ? 2 : 1);",
    "long long k = n - 50000000ll; for (int i = 0; i < n; i++) out[i] = a[i] + (k > 0 ? 2 : 1);",
    "long long k = n; for (int j = 0; j < 100; j++) k -= 60; "
      + "for (int i = 0; i < n; i++) out[i] = a[i] + (k > 0 ? 2 : 1);",
    "for (int i = 0; i < n; i++) out[i] = a[i] + 1 "
      + "+ (((unsigned long)(n + 2) << 37) > (100000ul << 37) && n > 0);",
    "int e = 60; for (int i = 0; i < n; i++) out[i] = a[i] + (n > e * e * e * e ? 2 : 1);",
    "int c = 0, k = 0, m = 0; for (int i = 0; i < n; i++) { out[i] = a[i] + (m > 40 ? 2 : 1); "
      + "if (++c > 40) c = 0, k++; if (k > 40) k = 0, m++; }",
    "const int big = 5000000; for (int i = 0; i < n; i++) out[i] = a[i] + (n > big ? 2 : 1);",
    "int k = 60, j = 61, s = k + j, t = s + j, u = t + s, v = u + t, w = v + u, x = w + v; "
      + "for (int i = 0; i < n; i++) out[i] = a[i] + (n > x + w ? 2 : 1);",
    "long long t[2]; t[0] = n - 3000000ll; t[1] = t[0]; "
      + "for (int i = 0; i < n; i++) out[i] = a[i] + (t[1] > 0 ? 2 : 1);",
    // What comes out the other way on calls alone that do nothing.
    "if ((unsigned)n > 3000000u) return; for (int i = 0; i < n; i++) out[i] = a[i] + 1;",
    "if (n < 0 || n > 3000000) return; for (int i = 0; i < n; i++) out[i] = a[i] + 1;",
    // Another question of the same text is not the question.
    "int k = n, c = 0; if (k > 40) c = 1; k = n >> 20; if (k > 40) return; "
      + "for (int i = 0; i < n; i++) out[i] = a[i] + 1;",
  ])
  func thresholdsThatNoCallReachesAreNoPass(_ body: String) throws {
    let evidence = try operations(body)
    #expect(evidence.result == .inconclusive)
    #expect(evidence.detail.contains("on no call that could be compared"), "\(evidence.detail)")
  }

  @Test(arguments: [
    "int i = 0; for (; i + 4 <= n; i += 4) { out[i] = a[i] + 1; out[i + 1] = a[i + 1] + 1; "
      + "out[i + 2] = a[i + 2] + 1; out[i + 3] = a[i + 3] + 1; } "
      + "for (; i < n; i++) out[i] = a[i] + 1;",
    "if (n <= 0) return; for (int i = 0; i < n; i++) out[i] = a[i] + 1;",
    "for (int i = 0; i < n; i++) for (int k = 0; k < 1; k++) out[i] = a[i] + 1;",
    "int whole = n / 4 * 4; for (int i = 0; i < whole; i++) out[i] = a[i] + 1; "
      + "for (int i = whole > 0 ? whole : 0; i < n; i++) out[i] = a[i] + 1;",
    "for (int b = 0; b < n; b += 64) { int e = b + 64 < n ? b + 64 : n; "
      + "for (int i = b; i < e; i++) out[i] = a[i] + 1; }",
  ])
  func conditionsThatComeOutBothWaysPass(_ body: String) throws {
    let evidence = try operations(body)
    #expect(evidence.result == .passed, "\(evidence.detail)")
  }

  /// A value that is cut where sizes are large is no pass, though no call has such sizes.
  @Test(arguments: [
    ("for (size_t i = 0; i < n; i++) out[(int)i] = a[(int)i];", Evidence.Result.inconclusive),
    ("for (size_t i = 0; i < (unsigned)n; i++) out[i] = a[i];", .inconclusive),
    ("for (unsigned i = 0; i < (unsigned)(n * 4) / 4; i++) out[i] = a[i];", .inconclusive),
    ("for (size_t i = 0; i < n; i++) out[i] = a[i - (size_t)(int)i + i];", .inconclusive),
    (
      "size_t e = n - n % 4; for (size_t i = 0; i < e; i++) out[i] = a[i]; "
        + "for (int k = 0; k < (int)(n % 4); k++) out[e + k] = a[e + k];", .passed
    ),
    ("for (size_t i = 0; i < n; i++) out[i] = (unsigned char)a[i];", .passed),
  ])
  func cutsThatNoCallShowsAreNoPass(_ body: String, _ result: Evidence.Result) throws {
    let evidence = try BoundedFixture.examine(
      signature:
        "#include <stddef.h>\n"
        + "void f(size_t n, const unsigned char *restrict a, unsigned char *restrict out)",
      "for (size_t i = 0; i < n; i++) out[i] = a[i];", body)
    #expect(evidence.result == result, "\(evidence.detail)")
  }

  /// A quotient, a shift, a remainder or a mask that left nothing or all of a number on every call.
  @Test(arguments: [
    "for (int i = 0; i < n; i++) out[i] = a[i - (i >> 22)] + 1;",
    "for (int i = 0; i < n - n / 1000000; i++) out[i] = a[i] + 1;",
    "for (int i = 0; i < n - (n & 0x400000); i++) out[i] = a[i] + 1;",
    "for (int i = 0; i < n - (0x400000 & n); i++) out[i] = a[i] + 1;",
    "for (int i = 0; i < n; i++) out[i] = a[i % 5000000] + 1;",
    "for (int i = 0; i < n; i++) out[i] = a[i & 0x3fffff] + 1;",
    "static const int t[4] = {1, 1, 1, 2}; "
      + "for (int i = 0; i < n; i++) out[i] = a[i] + t[i / 3000000 & 3];",
  ])
  func partsThatNoCallTookAreNoPass(_ body: String) throws {
    let evidence = try operations(body)
    #expect(evidence.result == .inconclusive)
    #expect(
      evidence.detail.contains("on no call that could be compared does"), "\(evidence.detail)")
  }

  @Test(arguments: [
    "for (int i = 0; i < n; i++) out[i] = a[i / 8 * 8 + i % 8] + 1;",
    "for (int i = 0; i < n; i++) out[i] = a[(i & ~15) + (i & 15)] + 1;",
    "for (int i = 0; i < n; i++) out[i] = a[(i >> 4) * 16 + (15 & i)] + 1;",
    // What says nothing of sizes.
    "const int block = 1024 / 2048 + 8; for (int b = 0; b < n; b += block) "
      + "for (int i = b; i < n && i < b + block; i++) out[i] = a[i] + 1;",
  ])
  func partsThatCallsTookPass(_ body: String) throws {
    let evidence = try operations(body)
    #expect(evidence.result == .passed, "\(evidence.detail)")
  }

  /// What a guard keeps from all calls but those on which a size is not above zero.
  @Test(arguments: [
    "if (m == 0 && n > 3000000) return; ",
    "if (m <= 0 && n > 3000000) out[0] = 7; ",
    "if (m == 0 && (unsigned)(m ? m : n) > 3000000u) return; ",
    "int k = n; if (m == 0) k = -n; if ((unsigned)k > 3000000u && m <= 0 && n > 5000000) return; ",
    "if (m == 0 && (n >> 20) * 2 > 1) return; ",
  ])
  func thresholdsBehindEmptySizesAreNoPass(_ guarded: String) throws {
    let loops =
      "for (int i = 0; i < n; i++) out[i] = a[i] + 1; for (int j = 0; j < m; j++) b[j] = 2;"
    let signature =
      "void f(int n, int m, const int *restrict a, int *restrict out, int *restrict b)"
    let evidence = try BoundedFixture.examine(signature: signature, loops, guarded + loops)
    #expect(evidence.result == .inconclusive, "\(evidence.detail)")
    #expect(evidence.detail.contains("on no call that could be compared"), "\(evidence.detail)")
    let own = try BoundedFixture.examine(
      signature: signature, loops, "if (m == 0 && n == 0) return; " + loops)
    #expect(own.result == .passed, "\(own.detail)")
  }

  /// An index that is cut is no value that is cut, which the original does.
  @Test(arguments: [("i", Evidence.Result.passed), ("(int)i", .inconclusive)])
  func theOriginalsCutsOfValuesStay(_ index: String, _ result: Evidence.Result) throws {
    let evidence = try BoundedFixture.examine(
      signature: "#include <stddef.h>\nvoid f(size_t n, int *restrict out)",
      "for (size_t i = 0; i < n; i++) out[i] = 5 ^ (int)i;",
      "for (size_t i = 0; i < n; i++) out[\(index)] = (int)i ^ 5;")
    #expect(evidence.result == result, "\(evidence.detail)")
  }

  /// Ends that are computed in a wider type are in the narrower one.
  @Test func wideEndsOfNarrowSizesPass() throws {
    let evidence = try BoundedFixture.examine(
      signature: "void f(int r, const int *restrict a, int *restrict out)",
      "for (int i = 0; i < r; i++) out[i] = a[i];",
      "const long e = r - (long)r % 4; for (int i = 0; i < e; i++) out[i] = a[i]; "
        + "for (int i = e > 0 ? e : 0; i < r; i++) out[i] = a[i];")
    #expect(evidence.result == .passed, "\(evidence.detail)")
  }

  /// What the original hides stays hidden where it asks the same, and not another number.
  @Test(arguments: [(3_000_000, Evidence.Result.passed), (5_000_000, .inconclusive)])
  func theOriginalsThresholdStays(_ threshold: Int, _ result: Evidence.Result) throws {
    let loop = "for (int i = 0; i < n; i++) out[i] = a[i] + "
    let evidence = try BoundedFixture.examine(
      signature: "void f(int n, const int *restrict a, int *restrict out)",
      "\(loop)(n > 3000000 ? 2 : 1);", "\(loop)(n > \(threshold) ? 2 : 1);")
    #expect(evidence.result == result, "\(evidence.detail)")
  }

  /// A condition on data that no contents of a call of this size can meet is one on sizes.
  @Test(arguments: [
    "int c = 0; for (int i = 0; i < n; i++) { out[i] = a[i] + m; c += a[i] > 7; } "
      + "if (c > 400000) out[0] = 7;",
    "for (int i = 0; i < n; i++) out[i] = (long)a[i] * n > 100000000 ? 1 : a[i] + m;",
    "int c = 0; for (int i = 0; i < n; i++) { out[i] = a[i] + m; c += a[i] > 7; } "
      + "if ((float)c > 400000.0f) out[0] = 7;",
    "if (m > 0 && n > (long long)m * 50 * 50 * 50 * 50) return; "
      + "for (int i = 0; i < n; i++) out[i] = a[i] + m;",
  ])
  func thresholdsThatNoContentsMeetAreNoPass(_ body: String) throws {
    let evidence = try dataOperations(body)
    #expect(evidence.result == .inconclusive, "\(evidence.detail)")
  }

  @Test(arguments: [
    "for (int i = 0; i < n; i++) out[i] = a[i] > 200 ? a[i] + m : m + a[i];",
    "if (m > 5000) { for (int i = 0; i < n; i++) out[i] = m + a[i]; } "
      + "else for (int i = 0; i < n; i++) out[i] = a[i] + m;",
    "for (int i = 0; i < n; i++) out[i] = a[i] + m; "
      + "int c = 0; for (int i = 0; i < n; i++) c += a[i] > 100 && a[i] != 255;",
  ])
  func thresholdsThatContentsMeetPass(_ body: String) throws {
    let evidence = try dataOperations(body)
    #expect(evidence.result == .passed, "\(evidence.detail)")
  }

  private func dataOperations(_ body: String) throws -> Evidence {
    try BoundedFixture.examine(
      signature: "void f(int n, int m, const unsigned char *restrict a, int *restrict out)",
      "for (int i = 0; i < n; i++) out[i] = a[i] + m;", body)
  }

  /// Where the contract bounds contents by a size, what they meet is what the size lets them.
  @Test(arguments: [
    ("place[i] > 3000000", Evidence.Result.inconclusive), ("place[i] > 2", .passed),
  ])
  func boundedContentsMeetWhatTheirBoundsAllow(
    _ condition: String, _ result: Evidence.Result
  ) throws {
    let contract = """
      /*@ requires \\valid(place + (0 .. n-1)); requires \\valid(out + (0 .. n-1));
          requires \\forall integer i; 0 <= i < n ==> 0 <= place[i] < n; */

      """
    let signature = "void f(int n, int m, const int *restrict place, int *restrict out)"
    func text(_ value: String) -> String {
      "\(contract)\(signature) { for (int i = 0; i < n; i++) out[i] = \(value); }\n"
    }
    let evidence = try BoundedFixture.examine(
      try BoundedFixture.kernel(text("place[i] + m"), "f"),
      Array(text("\(condition) ? m + place[i] : place[i] + m").utf8))
    #expect(evidence.result == result, "\(evidence.detail)")
  }

  private func recordOperations(_ body: String) throws -> Evidence {
    try BoundedFixture.examine(
      signature:
        "struct view { int count, width, reach; }; "
        + "void f(const struct view *v, const float *restrict cells, float *restrict out)",
      "if (v->reach < 0 || v->reach > (v->count - 1) / 2) return; "
        + "for (int i = 0; i < v->width; i++) for (int j = v->reach; j < v->count - v->reach; j++) "
        + "out[j * v->width + i] = cells[j * v->width + i] + 1;", body)
  }

  /// What a record says is as open as what a parameter says.
  @Test(arguments: [
    // A condition that asks for several sizes at once.
    "if (v->reach < 0 || v->reach > (v->count - 1) / 2) return; int i = 0; "
      + "for (; i + 16 <= v->width; i += 16) for (int j = v->reach; j < v->count - v->reach; j++) "
      + "for (int k = 0; k < 16; k++) "
      + "out[j * v->width + i + k] = cells[j * v->width + i + k] + 1; "
      + "for (; i < v->width; i++) for (int j = v->reach; j < v->count - v->reach; j++) "
      + "out[j * v->width + i] = cells[j * v->width + i] + 1;",
    "if (v->reach < 0 || v->reach > (v->count - 1) / 2) return; int whole = v->width - v->width % 2; "
      + "if (v->width > 0 && v->count > 0) { for (int i = 0; i < whole; i++) "
      + "for (int j = v->reach; j < v->count - v->reach; j++) "
      + "out[j * v->width + i] = cells[j * v->width + i] + 1; "
      + "for (int i = whole; i < v->width; i++) for (int j = v->reach; j < v->count - v->reach; j++) "
      + "out[j * v->width + i] = cells[j * v->width + i] + 1; }",
  ])
  func membersOfARecordAreSizes(_ body: String) throws {
    let evidence = try recordOperations(body)
    #expect(evidence.result == .passed, "\(evidence.detail)")
  }

  @Test(arguments: [
    "(v->width >> 20) > 4", "v->width > 3000000", "(float)v->width > 50000.0f",
  ])
  func aRecordHidesNoThreshold(_ condition: String) throws {
    let evidence = try recordOperations(
      "if (v->reach < 0 || v->reach > (v->count - 1) / 2) return; if (\(condition)) return; "
        + "for (int i = 0; i < v->width; i++) for (int j = v->reach; j < v->count - v->reach; j++) "
        + "out[j * v->width + i] = cells[j * v->width + i] + 1;")
    #expect(evidence.result == .inconclusive, "\(evidence.detail)")
  }

  /// A number that the call itself has stored is not what it was given.
  @Test func whatWasStoredHidesAThreshold() throws {
    let evidence = try BoundedFixture.examine(
      signature: "void f(int n, int *restrict scratch, float *restrict out)",
      "scratch[0] = n >> 20; for (int i = 0; i < n; i++) out[i] = 1;",
      "scratch[0] = n >> 20; for (int i = 0; i < n; i++) out[i] = scratch[0] > 4 ? 2 : 1;")
    #expect(evidence.result == .inconclusive, "\(evidence.detail)")
    #expect(evidence.detail.contains("the condition at"), "\(evidence.detail)")
  }
}
