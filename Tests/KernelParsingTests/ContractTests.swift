import KernelModel
import KernelParsing
import Testing

@Suite struct ContractTests {
  /// The contract of the first kernel as ACSL lines.
  func acsl(_ text: String) throws -> [String] {
    let kernel = try kernel(text)
    return kernel.function.acsl(kernel.contract)
  }

  let loop = "{ for (int i = 0; i < n; i++) a[i] = 0; }"

  /// C17 §6.7.6.3: only `static` makes a caller pass that many.
  @Test func outerLengthsAreHintsUnlessStatic() throws {
    let kernel = try kernel(
      "void f(int n, double a[7][5], double b[static 7], double c[n]) "
        + "{ for (int i = 0; i < n; i++) a[i][0] = b[i] + c[i]; }")
    func isHint(_ name: String) -> Bool? {
      kernel.function.variable(named: name).flatMap {
        kernel.contract.extents[ObjectPath($0)]?.isHint
      }
    }
    #expect(isHint("a") == true)
    #expect(isHint("b") == false)
    #expect(isHint("c") == false)
  }

  /// What the file passes: constants, and locals that are set once to one.
  @Test func callsInTheFileTellSizes() throws {
    let kernel = try kernel(
      """
      #define N 40
      void f(int n, int m, double *a) { for (int i = 0; i < n * m; i++) a[i] = 0; }
      void g(double *a, int k)
      {
        int n = N, m = 30, changed = 5;
        changed++;
        f(n, m, a);
        f(n, m, a);
        f(2 * N, changed, a);
        f(k, k, a);
      }
      """)
    #expect(
      kernel.calls.map(\.arguments) == [["n": 40, "m": 30], ["n": 80]])
    #expect(kernel.calls.first?.line == 7)
  }

  @Test func everyClauseOfTheSubset() throws {
    let text = """
      #define MAXIMUM 4096
      struct image { int width; unsigned char *data; };
      /*@ requires n >= 0 && n <= MAXIMUM;
        @ requires \\valid(a + (0 .. 2*n-1));
        @ requires \\valid_read(image->data + (0 .. image->width * 4 - 1));
        @ requires \\separated(a, image->data);
        @ requires \\is_finite(x) && -1.5 <= x <= 2.0;
        @ requires \\forall integer k; 0 <= k < n ==> 0 <= p[k] < n;
        @ requires \\forall integer k; 0 <= k < n - 1 ==> p[k] <= p[k+1];
        @ assigns a[0 .. n-1], *q;
        @ ensures \\result == 0;
        @*/
      void f(int n, double *a, struct image *image, double x, const int *p, int *q)
      {
        for (int i = 0; i < n; i++) a[i] = x + image->data[i] + p[i];
        *q = 0;
      }
      """
    #expect(
      try acsl(text) == [
        "requires \\valid(a + (0 .. 2 * n - 1));",
        "requires \\valid(image->data + (0 .. image->width * 4 - 1));",
        "requires n >= 0;", "requires n <= 4096;", "requires \\separated(a, image->data);",
        "requires \\is_finite(x);", "requires -1.5 <= x <= 2.0;",
        "requires \\forall integer k; 0 <= k < n ==> 0 <= p[k] < n;",
        "requires \\forall integer k; 0 <= k < n - 1 ==> p[k] <= p[k+1];", "assigns a, q;",
      ])
    #expect(try kernel(text).contract.source == .acsl)
    #expect(try parse(text).diagnostics.isEmpty)
  }

  @Test func lineCommentsWork() throws {
    let lines = try acsl("//@ requires \\valid(a + (0 .. n-1));\nvoid f(int n, int *a) \(loop)")
    #expect(lines == ["requires \\valid(a + (0 .. n - 1));"])
  }

  @Test func aCommentFurtherUpIsNotTheContract() throws {
    let lines = try acsl("/*@ requires n >= 0; */\nint g;\nvoid f(int n, int *a) \(loop)")
    #expect(lines.isEmpty)
  }

  @Test(arguments: [
    ("requires n >= ;", "';' is not read in ACSL", 1, 19),
    ("requires m >= 0;", "'m' is no parameter and no global that the function uses", 1, 14),
    ("behaves n;", "the ACSL clause 'behaves' is not read", 1, 5),
    ("requires \\valid(n + (0 .. 3));", "a valid location must start at a pointer", 1, 21),
  ])
  func malformedClausesAreReportedAndLeftOut(
    _ clause: String, _ message: String, _ line: Int, _ column: Int
  ) throws {
    let text = "/*@ \(clause) requires n <= 7; */\nvoid f(int n, int *a) \(loop)"
    let file = try parse(text)
    let diagnostic = try #require(file.diagnostics.first)
    #expect(diagnostic.message == "\(message) in the contract of 'f'")
    #expect(diagnostic.location?.line == line)
    #expect(diagnostic.location?.column == column)
    let kernel = try #require(file.kernels.first)
    #expect(kernel.function.acsl(kernel.contract) == ["requires n <= 7;"])
  }

  @Test func declarationsGiveExtents() throws {
    let text = """
      static double table[3][5];
      void f(int n, int m, double a[n][m + 1], float b[static 8], const int c[restrict n], int d[])
      { for (int i = 0; i < n; i++) a[i][m] = b[0] + c[i] + d[0] + table[1][2]; }
      """
    #expect(
      try acsl(text).sorted() == [
        "requires \\separated(a, c);", "requires \\separated(b, c);",
        "requires \\separated(c, d);", "requires \\valid(a + (0 .. n * (m + 1) - 1));",
        "requires \\valid(b + (0 .. 7));", "requires \\valid(c + (0 .. n - 1));",
        "requires \\valid(table + (0 .. 14));",
      ])
    #expect(try kernel(text).contract.source == .declared)
  }

  @Test func accessAttributesGiveExtents() throws {
    let text =
      "__attribute__((access(read_only, 2, 1))) void f(int n, const int *a, int *b)"
      + "{ for (int i = 0; i < n; i++) b[i] = a[i]; }"
    #expect(
      try acsl("static " + text) == ["requires \\valid(a + (0 .. n - 1));"])
  }

  @Test func extentsCountScalarsOfTheRow() throws {
    let text = """
      //@ requires \\valid(a + (0 .. n-1));
      void f(int n, int m, double (*a)[m])
      { for (int i = 0; i < n; i++) a[i][0] = 1; }
      """
    #expect(try acsl(text) == ["requires \\valid(a + (0 .. n * m - 1));"])
  }
}
