import DependenceAnalysis
import KernelModel
import Testing

/// The inferred contract with sizes as values at given inputs.
private struct Inferred {
  let function: Function
  let contract: Contract

  init(_ text: String, contract: Contract = Contract()) {
    function = SnippetReader.function(text)
    self.contract = ContractInference.infer(
      for: function, contract: contract,
      build: BuildFlags(compiler: nil, arguments: [], directory: "/", database: nil))
  }

  func path(_ name: String) -> ObjectPath? {
    let parts = name.split(separator: ".").map(String.init)
    guard let first = parts.first, let base = function.variable(named: first) else { return nil }
    return ObjectPath(base, fields: Array(parts.dropFirst()))
  }

  func extent(_ name: String, _ inputs: [String: Int]) -> Range<Int>? {
    guard let path = path(name), let extent = contract.extents[path] else { return nil }
    func value(_ path: ObjectPath) -> Int? {
      inputs.first { self.path($0.key) == path }?.value
    }
    guard let lower = extent.lower.evaluate(value), let upper = extent.upper.evaluate(value)
    else { return nil }
    return lower..<max(lower, upper)
  }

  func isProven(_ name: String) -> Bool? {
    path(name).flatMap { contract.extents[$0]?.isProven }
  }
}

@Suite struct InferredExtents {
  @Test func plainLoops() {
    let found = Inferred(
      "void f(int n, double *y, const double *x) { for (int i = 0; i < n; i++) y[i] = x[2*i+1]; }")
    #expect(found.extent("y", ["n": 5]) == 0..<5)
    #expect(found.extent("x", ["n": 5])?.upperBound == 10)
    #expect(found.extent("y", ["n": 0])?.isEmpty == true)
    #expect(found.extent("y", ["n": -3])?.isEmpty == true)
    #expect(found.isProven("y") == true)
    #expect(found.contract.unresolved.isEmpty)
    #expect(found.contract.source == .inferred)
  }

  /// The outermost length binds nobody; rows have the length that their type says.
  @Test func hintsGiveWayToHulls() {
    let text = """
      void f(int n, int m, double a[100][80], double b[100][80], const int *p) {
        for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) a[i][j] = b[p[i]][j - 1 + 1];
      }
      """
    let function = SnippetReader.function(text)
    var contract = Contract()
    for name in ["a", "b"] {
      guard let variable = function.variable(named: name) else { continue }
      contract.extents[ObjectPath(variable)] = Extent(
        lower: .constant(0), upper: .constant(8000), source: .declared, isProven: true, isHint: true
      )
    }
    let found = Inferred(text, contract: contract)
    #expect(found.extent("a", ["n": 3, "m": 5]) == 0..<165)
    // Where a subscript depends on data, the hint is all that is known.
    #expect(found.extent("b", ["n": 3, "m": 5]) == 0..<8000)
    #expect(!found.contract.unresolved.contains { $0.remedy.contains("(b ") })
    guard let m = found.path("m") else { return }
    #expect(
      found.contract.requirements == [.compare(.input(m), .lessOrEqual, .constant(80))])
  }

  /// A row that is read only sometimes limits no size.
  @Test func rowsUnderAConditionLimitNothing() {
    let text = """
      void f(int n, int m, int flag, double a[100][80]) {
        for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) if (flag) a[i][j] = 0;
      }
      """
    let function = SnippetReader.function(text)
    var contract = Contract()
    if let variable = function.variable(named: "a") {
      contract.extents[ObjectPath(variable)] = Extent(
        lower: .constant(0), upper: .constant(8000), source: .declared, isProven: true, isHint: true
      )
    }
    #expect(Inferred(text, contract: contract).contract.requirements.isEmpty)
  }

  @Test func offsetsOfStencils() {
    let found = Inferred(
      """
      void f(int n, double *restrict b, const double *restrict a) {
        for (int i = 1; i < n - 1; i++) b[i] = a[i-1] + a[i] + a[i+1];
      }
      """)
    #expect(found.extent("a", ["n": 9]) == 0..<9)
    #expect(found.extent("b", ["n": 9]) == 1..<8)
    let negative = Inferred(
      "void f(int n, double *a) { for (int i = 0; i < n; i++) a[i-2] = 0.0; }")
    #expect(negative.extent("a", ["n": 4]) == -2..<2)
  }

  @Test func linearizedAndTriangular() {
    let square = Inferred(
      """
      void f(int n, int m, double *a) {
        for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) a[i*m+j] = 0.0;
      }
      """)
    #expect(square.extent("a", ["n": 3, "m": 4]) == 0..<12)
    #expect(square.extent("a", ["n": -3, "m": -4])?.isEmpty == true)
    #expect(square.isProven("a") == true)
    let upper = Inferred(
      """
      void f(int n, double *a) {
        for (int i = 0; i < n; i++) for (int j = i + 1; j < n; j++) a[i*n+j] = 0.0;
      }
      """)
    #expect(upper.extent("a", ["n": 4]) == 1..<12)
    let lower = Inferred(
      """
      void f(int n, double *a) {
        for (int i = 0; i < n; i++) for (int j = 0; j <= i; j++) a[i*n+j] = 0.0;
      }
      """)
    #expect(lower.extent("a", ["n": 4]) == 0..<16)
  }

  @Test func structFieldsAndLocalsAreSeenThrough() {
    let found = Inferred(
      """
      struct image { int width; int height; int stride; uint8_t *data; };
      void f(const struct image *src, float *restrict out) {
        int w = src->width;
        int h = src->height;
        for (int y = 0; y < h; y++) {
          const uint8_t *row = src->data + y * src->stride;
          for (int x = 0; x < w; x++) {
            int at = y * w + x;
            out[at] = row[x];
          }
        }
      }
      """)
    let sizes = ["src.width": 4, "src.height": 3, "src.stride": 6]
    #expect(found.extent("out", sizes) == 0..<12)
    #expect(found.extent("src.data", sizes) == 0..<16)
    #expect(found.extent("src", sizes) == 0..<1)
  }

  @Test func walkingPointersCountTheirSteps() {
    let found = Inferred(
      """
      void f(int n, int m, double *restrict dst, const double *restrict src) {
        for (int i = 0; i < n; i++)
          for (int j = 0; j < m; j++)
            *dst++ = 2.0 * *src++;
      }
      """)
    #expect(found.extent("dst", ["n": 3, "m": 5]) == 0..<15)
    #expect(found.extent("src", ["n": 3, "m": 5]) == 0..<15)
  }

  @Test func guardsMakeAHullAndNoProof() {
    let found = Inferred(
      """
      void f(int n, double *restrict a, const double *restrict b) {
        for (int i = 0; i < n; i++) if (b[i] > 0.0) a[i] = 1.0;
      }
      """)
    #expect(found.extent("a", ["n": 7]) == 0..<7)
    #expect(found.isProven("a") == false)
    #expect(found.isProven("b") == true)
    let affine = Inferred(
      """
      void f(int n, double *a) {
        for (int i = 0; i < n; i++) if (i > 0) a[i - 1] = 1.0;
      }
      """)
    #expect(affine.extent("a", ["n": 7]) == 0..<6)
    #expect(affine.isProven("a") == true)
  }

  @Test func earlyReturnsNarrowTheRest() {
    let found = Inferred(
      """
      int f(int n, double *a) {
        if (!a) return -1;
        if (n < 3) return 0;
        for (int i = 0; i < n; i++) a[i] = 0.0;
        return 1;
      }
      """)
    #expect(found.extent("a", ["n": 7]) == 0..<7)
    #expect(found.isProven("a") == true)
  }

  @Test func indirectSubscriptsStayOpenWithTheirRemedy() throws {
    let found = Inferred(
      """
      void f(int n, const int *row, const int *col, const double *val, const double *x, double *y) {
        for (int i = 0; i < n; i++) {
          double s = 0.0;
          for (int k = row[i]; k < row[i + 1]; k++) s += val[k] * x[col[k]];
          y[i] = s;
        }
      }
      """)
    #expect(found.extent("row", ["n": 4]) == 0..<5)
    #expect(found.extent("y", ["n": 4]) == 0..<4)
    #expect(found.extent("x", ["n": 4]) == nil)
    let remedies = found.contract.unresolved.map(\.remedy)
    #expect(remedies.contains("requires \\valid(x + (0 .. n - 1));"))
    #expect(found.contract.unresolved.contains { $0.reason.contains("\"val\"") })
  }

  @Test func declaredExtentsTakePrecedence() throws {
    let text = "void f(int n, double *a) { for (int i = 0; i < n; i++) a[i] = 0.0; }"
    let function = SnippetReader.function(text)
    let path = ObjectPath(try #require(function.variable(named: "a")))
    let declared = Extent(
      lower: .constant(0), upper: .constant(100), source: .declared, isProven: false)
    let found = Inferred(text, contract: Contract(extents: [path: declared], source: .declared))
    #expect(found.contract.extents[path] == declared)
    #expect(found.contract.source == .declared)
  }

  @Test func variableLengthRowsCountScalars() {
    let found = Inferred(
      """
      void f(int n, int m, double a[n][m]) {
        for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) a[i][j] = 0.0;
      }
      """)
    #expect(found.extent("a", ["n": 3, "m": 4]) == 0..<12)
  }

  @Test func bothBoundsOfAMinimumCount() {
    let found = Inferred(
      """
      void f(int n, int m, double *a) {
        for (int i = 0; i < (n < m ? n : m); i++) a[i] = 0.0;
      }
      """)
    #expect(found.extent("a", ["n": 3, "m": 8]) == 0..<3)
    #expect(found.extent("a", ["n": 9, "m": 8]) == 0..<8)
  }

  @Test func loopsThatCountInOtherWords() {
    let found = Inferred(
      """
      void f(int n, int taps, float *restrict out, const float *restrict in) {
        for (int y = 0; y + taps <= n; y++) {
          float sum = 0.0f;
          for (int t = 0; t < taps; t++) sum += in[y + t];
          out[y] = sum;
        }
      }
      """)
    #expect(found.extent("in", ["n": 9, "taps": 3]) == 0..<9)
    #expect(found.extent("out", ["n": 9, "taps": 3]) == 0..<7)
  }
}
