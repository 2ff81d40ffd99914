import DependenceAnalysis
import KernelModel
import Testing

func legality(_ text: String, flags: [String] = [], contract: Contract = Contract()) -> Legality {
  Legality(
    SnippetReader.function(text), contract: contract,
    build: BuildFlags(compiler: nil, arguments: flags, directory: "/", database: nil))
}

/// The obstacle that a question runs into; nil when the answer is yes.
func obstacle(_ question: () throws(Obstacle) -> Void) -> Obstacle? {
  do throws(Obstacle) {
    try question()
    return nil
  } catch {
    return error
  }
}

@Suite struct LegalityOfKnownNests {
  /// Every copy of the update makes the symbolic value twice as large.
  @Test(.timeLimit(.minutes(1))) func chainsOfUpdatesStaySmall() throws {
    let update = "x = (x >> 8) ^ (x * 31 + (x & 255));"
    let nest = legality(
      """
      uint32_t mix(int n, uint32_t x, uint32_t a[n]) {
        for (int i = 0; i < n; i++) {
          \(String(repeating: update, count: 24))
          a[i] = x;
        }
        return x;
      }
      """)
    #expect(!nest.isParallel("i"))
  }

  @Test func matrixProductPermutesFreely() throws {
    let nest = legality(
      """
      void mm(int n, int m, int l, double (*restrict C)[m], double A[n][l], double B[l][m]) {
        for (int i = 0; i < n; i++)
          for (int j = 0; j < m; j++)
            for (int k = 0; k < l; k++)
              C[i][j] += A[i][k] * B[k][j];
      }
      """)
    try nest.interchange("i", "j")
    try nest.interchange("j", "k")
    try nest.tile(["i", "j", "k"])
    #expect(nest.isParallel("i"))
    #expect(nest.isParallel("j"))
    #expect(!nest.isParallel("k"))
    try nest.unrollJam("i", by: 4)
    try nest.vectorize("j", width: 4)
    #expect(obstacle { () throws(Obstacle) in try nest.vectorize("k", width: 4) } != nil)
    #expect(try nest.permutableBand(from: "i") == ["i", "j", "k"])
  }

  @Test func interchangeRefusesLessGreater() throws {
    let nest = legality(
      """
      void f(int n, double a[n][n]) {
        for (int i = 1; i < n; i++)
          for (int j = 0; j < n - 1; j++)
            a[i][j] = a[i - 1][j + 1];
      }
      """)
    let found = obstacle { () throws(Obstacle) in try nest.interchange("i", "j") }
    #expect(found?.dependence?.kind == .flow)
    #expect(found?.dependence?.directionVector == "(<, >)")
    #expect(found?.dependence?.distances == [1, -1])
    #expect(
      found?.reason
        == "interchange would violate the flow dependence on \"a\" with direction (<, >)")
    #expect(found?.missingFacts == [])
    #expect(!nest.isParallel("i"))
    #expect(nest.isParallel("j"))
    #expect(try nest.permutableBand(from: "i") == ["i"])
  }

  @Test func gaussSeidelInterchangesButNeedsSkewToTileTime() throws {
    let text = """
      void seidel(int t, int n, double a[n][n]) {
        for (int s = 0; s < t; s++)
          for (int i = 1; i < n - 1; i++)
            for (int j = 1; j < n - 1; j++)
              a[i][j] = (a[i-1][j] + a[i][j-1] + a[i][j] + a[i][j+1] + a[i+1][j]) / 5.0;
      }
      """
    let nest = legality(text)
    try nest.interchange("i", "j")
    try nest.tile(["i", "j"])
    let refused = obstacle { () throws(Obstacle) in try nest.tile(["s", "i"]) }
    #expect(refused?.dependence?.directions.first == .less)
    try nest.skewedTile(outer: "s", inner: "i", by: 1)
    #expect(!nest.isParallel("i"))
    #expect(!nest.isParallel("j"))
  }

  @Test func nineteenPointSeidelRefusesTheDiagonal() {
    let nest = legality(
      """
      void seidel(int n, double a[n][n]) {
        for (int i = 1; i < n - 1; i++)
          for (int j = 1; j < n - 1; j++)
            a[i][j] = a[i-1][j+1] + a[i][j-1];
      }
      """)
    #expect(obstacle { () throws(Obstacle) in try nest.interchange("i", "j") } != nil)
  }

  @Test func factorisationKeepsItsOuterLoop() throws {
    let nest = legality(
      """
      void lu(int n, double a[n][n]) {
        for (int k = 0; k < n; k++) {
          for (int i = k + 1; i < n; i++)
            a[i][k] /= a[k][k];
          for (int i = k + 1; i < n; i++)
            for (int j = k + 1; j < n; j++)
              a[i][j] -= a[i][k] * a[k][j];
        }
      }
      """)
    try nest.interchange("i#2", "j")
    #expect(nest.isParallel("i#2"))
    #expect(nest.isParallel("j"))
    #expect(!nest.isParallel("k"))
    #expect(obstacle { () throws(Obstacle) in try nest.distribute("k", into: [[0], [1]]) } != nil)
  }

  @Test func prefixSumCarriesItsScalar() throws {
    let nest = legality(
      """
      void scan(int n, double *restrict a, const double *restrict b) {
        double s = 0.0;
        for (int i = 0; i < n; i++) {
          s += b[i];
          a[i] = s;
        }
      }
      """)
    #expect(!nest.isParallel("i"))
    #expect(obstacle { () throws(Obstacle) in try nest.reverse("i") } != nil)
    #expect(obstacle { () throws(Obstacle) in try nest.vectorize("i", width: 4) } != nil)
  }

  @Test func privateScalarsDoNotBind() throws {
    let nest = legality(
      """
      void f(int n, double *restrict a, const double *restrict b) {
        for (int i = 0; i < n; i++) {
          double t = b[i] * 2.0;
          a[i] = t + t;
        }
      }
      """)
    try nest.parallelize("i")
    try nest.vectorize("i", width: 8)
    let refused = obstacle { () throws(Obstacle) in try nest.distribute("i", into: [[0], [1]]) }
    #expect(refused?.reason.contains("needs expansion") == true)
  }

  @Test func outerScalarNamesItsRemedy() {
    let nest = legality(
      """
      void f(int n, double *restrict a, const double *restrict b) {
        double t;
        for (int i = 0; i < n; i++) {
          t = b[i] * 2.0;
          a[i] = t + t;
        }
      }
      """)
    let refused = obstacle { () throws(Obstacle) in try nest.vectorize("i", width: 8) }
    #expect(refused?.reason.contains("needs privatisation or expansion") == true)
  }

  @Test func integerReductionReordersButFloatDoesNot() throws {
    func sum(_ type: String) -> Legality {
      legality(
        """
        void f(int n, \(type) *restrict s, const \(type) *restrict b) {
          for (int i = 0; i < n; i++)
            s[0] += b[i];
        }
        """)
    }
    try sum("unsigned").reverse("i")
    #expect(obstacle { () throws(Obstacle) in try sum("double").reverse("i") } != nil)
    #expect(obstacle { () throws(Obstacle) in try sum("int").reverse("i") } != nil)
    let found = try sum("unsigned").reductions(carriedBy: "i")
    #expect(found.count == 1)
    #expect(found.first?.reduction?.op == .add)
    #expect(!sum("unsigned").isParallel("i"))
  }
}

@Suite struct AliasingDecides {
  @Test func pointersMayOverlapUntilAFactSaysOtherwise() throws {
    let nest = legality(
      """
      void axpy(int n, double *y, const double *x) {
        for (int i = 0; i < n; i++)
          y[i] += 2.0 * x[i];
      }
      """)
    let refused = obstacle { () throws(Obstacle) in try nest.vectorize("i", width: 4) }
    #expect(
      refused?.missingFacts
        == [.disjoint(ObjectPath(VariableID(1)), ObjectPath(VariableID(2)))])
  }

  @Test func restrictContractAndTypesSeparate() throws {
    func copy(_ signature: String, flags: [String] = [], contract: Contract = Contract()) -> Bool {
      let nest = legality(
        "void f(int n, \(signature)) { for (int i = 0; i < n; i++) y[i] = x[i]; }", flags: flags,
        contract: contract)
      return obstacle { () throws(Obstacle) in try nest.vectorize("i", width: 4) } == nil
    }
    #expect(!copy("double *y, double *x"))
    #expect(copy("double *restrict y, double *x"))
    #expect(copy("double *y, double *restrict x"))
    #expect(copy("double *y, float *x"))
    #expect(!copy("double *y, float *x", flags: ["-fno-strict-aliasing"]))
    #expect(!copy("uint8_t *y, float *x"))
    #expect(!copy("int *y, unsigned *x"))
    let separated = Contract(requirements: [
      .separated(ObjectPath(VariableID(1)), ObjectPath(VariableID(2)))
    ])
    #expect(copy("double *y, double *x", contract: separated))
  }

  @Test func twoReadersNeverConflict() throws {
    let nest = legality(
      """
      void f(int n, double *restrict y, double *a, double *b) {
        for (int i = 0; i < n; i++) y[i] = a[i] + b[n - i];
      }
      """)
    try nest.vectorize("i", width: 4)
    try nest.reverse("i")
  }
}

@Suite struct ArraysOfDeclaredShape {
  @Test func rowsStayApartWithoutKnowingTheLoopBounds() throws {
    let nest = legality(
      """
      void f(int n, int m, double a[100][120], const double *restrict x) {
        for (int i = 0; i < n; i++)
          for (int j = 0; j < m; j++)
            a[i][j] = a[i][j] * x[j];
      }
      """)
    try nest.parallelize("i")
    try nest.interchange("i", "j")
  }

  @Test func pointersIntoARowMayLeaveIt() {
    let nest = legality(
      """
      void f(int n, int m, double a[100][120]) {
        for (int i = 0; i < n; i++) {
          double *row = a[i];
          for (int j = 0; j < m; j++)
            row[j] = 1.0;
        }
      }
      """)
    #expect(!nest.isParallel("i"))
  }

  @Test func shortestPathsAreNoReduction() {
    let nest = legality(
      """
      void f(int n, int p[64][64]) {
        for (int k = 0; k < n; k++)
          for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
              p[i][j] = p[i][j] < p[i][k] + p[k][j] ? p[i][j] : p[i][k] + p[k][j];
      }
      """)
    #expect(obstacle { () throws(Obstacle) in try nest.interchange("k", "i") } != nil)
    #expect(obstacle { () throws(Obstacle) in try nest.reverse("k") } != nil)
  }

  @Test func unknownSubscriptsAreNoReduction() {
    let nest = legality(
      """
      void f(int n, const int *restrict at, unsigned *restrict h) {
        for (int i = 0; i < n; i++) h[at[i]] = h[at[i + 1]] + 1;
      }
      """)
    #expect(obstacle { () throws(Obstacle) in try nest.reverse("i") } != nil)
  }
}

@Suite struct LinearizedSubscripts {
  @Test func innerLoopsSeeTheStridesOfOuterOnes() throws {
    let nest = legality(
      """
      void f(int nx, int ny, int nz, double *restrict out, const double *restrict in) {
        for (int z = 0; z < nz; z++)
          for (int y = 0; y < ny; y++)
            for (int x = 0; x < nx; x++)
              out[(x * ny + y) * nz + z] = in[(x * ny + y) * nz + z];
      }
      """)
    try nest.parallelize("x")
    try nest.vectorize("x", width: 4)
    #expect(try nest.permutableBand(from: "z") == ["z", "y", "x"])
  }

  @Test func strideThatMayBeShorterThanTheRowIsNamed() {
    let nest = legality(
      """
      void f(int width, int height, int stride, double *a) {
        for (int y = 0; y < height; y++)
          for (int x = 0; x < width; x++)
            a[y * stride + x] = 1.0;
      }
      """)
    let found = obstacle { () throws(Obstacle) in try nest.parallelize("y") }
    let function = nest.function
    let width = VariableID(0)
    let stride = VariableID(2)
    #expect(
      found?.missingFacts == [
        .holds(.binary(.lessOrEqual, function.reference(width), function.reference(stride)))
      ])
  }

  @Test func factsOfAVersionedRegionHoldInIt() throws {
    var function = SnippetReader.function(
      """
      void f(int width, int height, int stride, double *a) {
        for (int y = 0; y < height; y++)
          for (int x = 0; x < width; x++)
            a[y * stride + x] = 1.0;
      }
      """)
    let check = Expr.binary(
      .lessOrEqual, function.reference(VariableID(0)), function.reference(VariableID(2)))
    function.body = .block([
      Stmt(
        .versioned(
          Versioned(
            checks: [RuntimeCheck(condition: check, fact: .holds(check))], fast: function.body,
            fallback: .empty)))
    ])
    let nest = Legality(
      function, contract: Contract(),
      build: BuildFlags(compiler: nil, arguments: [], directory: "/", database: nil))
    try nest.parallelize("y")
    try nest.interchange("y", "x")
  }
}
