import ExperimentRecords
import KernelModel
import Testing

@testable import EquivalenceChecking

/// What the default requirement makes of a function's control.
@Suite struct StaticControlTests {
  private func requirement(_ text: String) throws -> DefaultRequirement {
    let kernel = try BoundedFixture.kernel(text, "f")
    return DefaultRequirement.ofControl(
      kernel, try InputShape(kernel), parser: JudgeFixture.parser)
  }

  @Test(arguments: [
    "void f(int n, double a[restrict n]) { for (int i = 0; i < n; i++) a[i] *= 2; }",
    // A mode that is given is no data.
    "void f(int n, int mode, int a[restrict n]) { for (int i = 0; i < n; i++) { if (mode > 1) a[i]++; } }",
    // A size in a record.
    """
    struct s { int n; };
    void f(const struct s *restrict p, double a[restrict 64]) { for (int i = 0; i < p->n && i < 64; i++) a[i] = 0; }
    """,
    // A constant table, and a local array of indices that come from the counter.
    """
    static const int order[4] = {2, 0, 3, 1};
    void f(int n, int a[restrict n][4], const int b[restrict n][4]) {
      int own[4];
      for (int k = 0; k < 4; k++) own[k] = 3 - k;
      for (int i = 0; i < n; i++)
        for (int k = 0; k < 4; k++) a[i][own[k]] = b[i][order[k]];
    }
    """,
    // A helper that branches on what it is given, which is no data.
    """
    static int even(int i) { return i % 2 == 0 ? 1 : 0; }
    void f(int n, int a[restrict n]) { for (int i = 0; i < n; i++) if (even(i)) a[i] = 0; }
    """,
  ])
  func controlIsStatic(_ text: String) throws {
    #expect(try requirement(text).reason == nil)
    #expect(try requirement(text).verdict == .bounded)
  }

  @Test(arguments: [
    (
      "int f(int n, const int a[restrict n]) { int m = 0; for (int i = 0; i < n; i++) if (a[i] > m) m = a[i]; return m; }",
      "a branch"
    ),
    (
      "int f(int n, const int a[restrict n]) { int m = 0; for (int i = 0; i < n; i++) m = a[i] > m ? a[i] : m; return m; }",
      "a branch"
    ),
    (
      "void f(int n, int a[restrict n], int h[restrict 256]) { for (int i = 0; i < n; i++) h[a[i] & 255]++; }",
      "an address"
    ),
    (
      "int f(int n, const int a[restrict n]) { int i = 0; while (i < n && a[i] != 0) i++; return i; }",
      "a trip count"
    ),
    // Through two variables, and the second assignment comes first in the text.
    (
      """
      int f(int n, const int a[restrict n]) {
        int limit = 0, next = 0, s = 0;
        for (int i = 0; i < n; i++) {
          for (int k = 0; k < limit; k++) s++;
          limit = next & 3;
          next = a[i];
        }
        return s;
      }
      """, "a trip count"
    ),
    // Through a local array, and through a helper's result.
    (
      """
      static int twice(int x) { return 2 * x; }
      int f(int n, const int a[restrict n]) {
        int own[1] = {0}, s = 0;
        for (int i = 0; i < n; i++) { own[0] = twice(a[i]); if (own[0] > 4) s++; }
        return s;
      }
      """, "a branch"
    ),
    // In a helper, of its argument.
    (
      """
      static int sign(int x) { if (x < 0) return -1; return 1; }
      int f(int n, const int a[restrict n]) { int s = 0; for (int i = 0; i < n; i++) s += sign(a[i]); return s; }
      """, "a branch"
    ),
    // Through the address of a variable.
    (
      """
      static void load(const int *p, int *to) { *to = *p; }
      int f(int n, const int a[restrict n]) { int x = 0, s = 0; for (int i = 0; i < n; i++) { load(a + i, &x); if (x) s++; } return s; }
      """, "a branch"
    ),
  ])
  func controlDependsOnData(_ text: String, _ what: String) throws {
    #expect(try requirement(text).verdict == .tested)
    #expect(try requirement(text).reason == "\(what) depends on data")
  }
}
