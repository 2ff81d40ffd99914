import ExperimentRecords
import KernelModel
import KernelParsing
import Testing

@testable import OptimizationAgent
@testable import SearchPolicies

/// Plans for stencils in time loops and for triangles, on kernels whose passes decide whether they apply.
@Suite struct ShapePlanTests {
  private func grown(_ text: String, named name: String) throws -> [Recipe] {
    let build = BuildFlags(
      compiler: nil, arguments: ["-std=gnu11"], directory: "/", database: nil)
    let kernel = try #require(
      try KernelParser().parseText(text, at: "/f.c", build: build).kernel(named: "f"))
    let space = TransformationSpace(kernel, describe: ShapeExtraction.shape(of:)) { _, _, _ in }
    let shape = try space.shape(after: .empty)
    let library = PlanLibrary(vectorBytes: 64, cacheBytes: [32 << 10, 1 << 20])
    var growth = RecipeGrowth()
    return library.plans(for: shape).filter { $0.name == name }
      .compactMap { growth.extend(.empty, by: $0, in: space)?.recipe }
  }

  private static let sweeps = """
    void f(int t, int n, int m, double a[restrict n][m], double b[restrict n][m])
    {
      for (int s = 0; s < t; s++) {
        for (int i = 1; i < n - 1; i++) for (int j = 1; j < m - 1; j++)
          b[i][j] = 0.25 * (a[i - 1][j] + a[i + 1][j] + a[i][j - 1] + a[i][j + 1]);
        for (int i = 1; i < n - 1; i++) for (int j = 1; j < m - 1; j++) a[i][j] = b[i][j];
      }
    }
    """

  @Test func sweepsOfAStepBecomeBlocksOfTime() throws {
    let recipes = try grown(Self.sweeps, named: "blocks of time")
    let first = try #require(recipes.first)
    #expect(first.steps.map(\.pass) == ["fuse", "skew", "tile"])
    #expect(first.description.contains("tile(loops: [s, i], by: [8, 32])"))
  }

  /// Boundary rows before the sweeps and behind them are made in the sweeps beside them.
  @Test func boundaryRowsJoinTheSweeps() throws {
    let text = """
      void f(int t, int n, int m, double a[restrict n][m], double b[restrict n][m])
      {
        for (int s = 0; s < t; s++) {
          for (int j = 0; j < m; j++) b[0][j] = s;
          for (int i = 1; i < n; i++) for (int j = 0; j < m; j++) b[i][j] += a[i][j] - a[i - 1][j];
          for (int i = 0; i < n - 1; i++) for (int j = 0; j < m; j++)
            a[i][j] += b[i + 1][j] - b[i][j];
        }
      }
      """
    let recipe = try #require(try grown(text, named: "blocks of time").first)
    #expect(recipe.steps.map(\.pass) == ["embed", "fuse", "skew", "tile"])
    #expect(recipe.description.hasPrefix("embed(loop: j, into: i); fuse("))
  }

  /// Sweeps over one dimension are parted again in a block, without tests.
  @Test func linesHavePlainLoopsInBlocksOfTime() throws {
    let text = """
      void f(int t, int n, double a[restrict n], double b[restrict n])
      {
        for (int s = 0; s < t; s++) {
          for (int i = 1; i < n - 1; i++) b[i] = (a[i - 1] + a[i] + a[i + 1]) / 3;
          for (int i = 1; i < n - 1; i++) a[i] = (b[i - 1] + b[i] + b[i + 1]) / 3;
        }
      }
      """
    let recipe = try #require(try grown(text, named: "blocks of time").first)
    #expect(
      recipe.steps.map(\.pass) == ["fuse", "skew", "tile", "distribute", "narrow", "narrow"])
  }

  /// A sweep that moves faster than the skew has no such blocks: legality says so, not the plan.
  @Test func tooFarAnAccessIsRefused() throws {
    let text = Self.sweeps.replacing("i - 1", with: "i - 9").replacing("i + 1]", with: "i + 9]")
      .replacing("int i = 1; i < n - 1", with: "int i = 9; i < n - 9")
    #expect(try grown(text, named: "blocks of time").isEmpty)
  }

  @Test func whatIsParallelInTimeIsLeftToOtherPlans() throws {
    let text = """
      void f(int t, int n, double a[restrict t][n][n])
      {
        for (int s = 0; s < t; s++)
          for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) a[s][i][j] *= 2;
      }
      """
    #expect(try grown(text, named: "blocks of time").isEmpty)
  }

  @Test func tilesThatNoOrderHelpsRunAlongACurve() throws {
    let text = """
      void f(int n, int m, double a[restrict n][m], double b[restrict m][n])
      {
        for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) a[i][j] = b[j][i];
      }
      """
    let first = try #require(try grown(text, named: "tiles along a curve").first)
    #expect(
      first.description
        == "tile(loops: [i, j], by: [16, 16]); z_order(loops: [i.tile, j.tile], by: 16)")
  }

  private static let folding = """
    void f(int n, const signed char s[restrict n], int t[restrict n][n])
    {
      for (int i = n - 1; i >= 0; i--)
        for (int j = i + 1; j < n; j++) {
          t[i][j] = t[i][j - 1] > t[i + 1][j] ? t[i][j - 1] : t[i + 1][j];
          int pair = t[i + 1][j - 1] + (s[i] + s[j] == 3);
          if (i < j - 1) t[i][j] = t[i][j] > pair ? t[i][j] : pair;
          for (int k = i + 1; k < j; k++) {
            int both = t[i][k] + t[k + 1][j];
            t[i][j] = t[i][j] > both ? t[i][j] : both;
          }
        }
    }
    """

  @Test func splitsOfIntervalsBecomeAProductInBlocks() throws {
    let first = try #require(try grown(Self.folding, named: "blocks of intervals").first)
    #expect(
      first.steps.map(\.pass) == [
        "tile", "split_index_set", "distribute", "tile", "interchange", "split_index_set",
        "split_index_set", "set_apart", "unroll_jam", "vectorize",
      ])
  }

  /// A maximum of floating values depends on its order, and a sum that rounds does.
  @Test func splitsOfFloatingIntervalsStayInOrder() throws {
    let text = Self.folding.replacing("int t[", with: "float t[").replacing(
      "int both", with: "float both"
    )
    .replacing("int pair", with: "float pair")
    #expect(try grown(text, named: "blocks of intervals").isEmpty)
  }

  @Test func rowsBesideADiagonalAreMadeTogether() throws {
    let text = """
      void f(int n, double a[restrict n][n])
      {
        for (int i = 0; i < n; i++) {
          for (int j = 0; j < i; j++) {
            for (int p = 0; p < j; p++) a[i][j] -= a[i][p] * a[j][p];
            a[i][j] /= a[j][j];
          }
          for (int p = 0; p < i; p++) a[i][i] -= a[i][p] * a[i][p];
        }
      }
      """
    let first = try #require(try grown(text, named: "rows of a triangle").first)
    #expect(
      first.steps.map(\.pass) == [
        "tile", "split_index_set", "distribute", "unroll_jam", "scalar_replace",
      ])
  }

  /// The sum stands alone in its loop over rows, behind what is set before it.
  @Test func substitutionHasRowsMadeTogetherToo() throws {
    let text = """
      void f(int n, const double a[restrict n][n], const double b[restrict n], double x[restrict n])
      {
        for (int i = 0; i < n; i++) {
          x[i] = b[i];
          for (int j = 0; j < i; j++) x[i] -= a[i][j] * x[j];
          x[i] /= a[i][i];
        }
      }
      """
    let first = try #require(try grown(text, named: "rows of a triangle").first)
    #expect(first.steps.map(\.pass).contains("unroll_jam"))
  }

  @Test func rowsAreCutAtTheirPivot() throws {
    let text = """
      void f(int n, float d[restrict n][n])
      {
        for (int k = 0; k < n; k++) for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) {
          float over = d[i][k] + d[k][j];
          d[i][j] = d[i][j] < over ? d[i][j] : over;
        }
      }
      """
    let first = try #require(try grown(text, named: "vectors beside a pivot").first)
    #expect(first.steps.map(\.pass) == ["split_index_set", "peel", "vectorize", "vectorize"])
    // A neighbour in place of the pivot is needed by the next lane.
    let chained = text.replacing("d[i][k] + d", with: "d[i][j - 1] + d")
    #expect(try grown(chained, named: "vectors beside a pivot").isEmpty)
  }

  @Test func sweepsInPlaceRunRowsBehindEachOther() throws {
    let text = """
      void f(int n, double a[restrict n][n])
      {
        for (int i = 1; i < n - 1; i++) for (int j = 1; j < n - 1; j++)
          a[i][j] = (a[i - 1][j + 1] + a[i][j - 1] + a[i][j] + a[i + 1][j]) * 0.25;
      }
      """
    let recipes = try grown(text, named: "rows behind each other")
    #expect(recipes.first?.description == "unroll_jam(loop: i, by: 8, lag: 2)")
    // The row before is needed further ahead than any plan lags.
    let far = text.replacing("j + 1]", with: "j + 5]").replacing("j < n - 1", with: "j < n - 5")
    #expect(try grown(far, named: "rows behind each other").isEmpty)
  }

  /// Each row needs the one before it at once: nothing can be made side by side.
  @Test func rowsThatNeedTheirNeighbourAreRefused() throws {
    let text = """
      void f(int n, double a[restrict n][n])
      {
        for (int i = 1; i < n; i++)
          for (int j = 0; j < i; j++)
            for (int p = 0; p < n; p++) a[i][p] += a[i - 1][j] * a[i - 1][p];
      }
      """
    #expect(try grown(text, named: "rows of a triangle").isEmpty)
  }

  private static let filter = """
    static void f(int n, int taps, const float *restrict x, const float *restrict h,
                  float *restrict y)
    {
      for (int i = 0; i < n; i++) {
        float sum = 0;
        for (int k = -taps; k <= taps; k++) sum += h[taps + k] * x[i + taps + k];
        y[i] = sum;
      }
    }
    void use(const float *x, const float *h, float *y) { f(1000, 2, x, h, y); }
    """

  @Test func aSizeThatCallsGiveHasAVersionOfItsOwn() throws {
    let recipe = try #require(try grown(Self.filter, named: "usual value, written out").first)
    #expect(recipe.description == "specialize(loop: i, value: taps, is: 2); unroll(loop: k)")
  }

  /// Many iterations gain nothing by being known; sizes of no known call are nobody's.
  @Test func otherSizesHaveNone() throws {
    let name = "usual value, written out"
    #expect(try grown(Self.filter.replacing("1000, 2,", with: "1000, 20,"), named: name).isEmpty)
    let unused = Self.filter.replacing("f(1000, 2, x, h, y);", with: "")
    #expect(try grown(unused.replacing("static ", with: ""), named: name).isEmpty)
  }

  @Test func whatAnIndexNamesIsAskedForAhead() throws {
    let text = """
      double f(int n, const int *restrict at, const double *restrict x)
      {
        double sum = 0;
        for (int i = 0; i < n; i++) sum += x[at[i]];
        return sum;
      }
      """
    let recipes = try grown(text, named: "prefetch").map(\.description)
    #expect(
      recipes == [16, 64].map { "prefetch(loop: i, array: x, ahead: \($0))" })
    #expect(try grown(text.replacing("x[at[i]]", with: "x[i] * at[i]"), named: "prefetch").isEmpty)
  }
}
