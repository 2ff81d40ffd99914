import ExperimentRecords
import KernelModel
import KernelParsing
import Testing

@testable import OptimizationAgent
@testable import SearchPolicies

/// Plans for contractions, on kernels whose passes decide whether they apply.
@Suite struct ContractionPlanTests {
  private static let library = PlanLibrary(vectorBytes: 64, cacheBytes: [32 << 10, 1 << 20])

  private func plans(_ text: String) throws -> (plans: [Plan], space: TransformationSpace) {
    let build = BuildFlags(
      compiler: nil, arguments: ["-std=gnu11"], directory: "/", database: nil)
    let file = try KernelParser().parseText(
      "#include <stdlib.h>\n" + text, at: "/product.c", build: build)
    let kernel = try #require(file.kernel(named: "f"))
    let space = TransformationSpace(kernel, describe: ShapeExtraction.shape(of:)) { _, _, _ in }
    let shape = try space.shape(after: .empty)
    let found = Self.library.plans(for: shape).filter { $0.name.hasPrefix("contraction") }
    return (found, space)
  }

  /// Any order of the loops, any of the operands transposed, rows by pointer or by dimension.
  @Test(arguments: [
    """
    void f(int n, int m, int k, const double *restrict a, const double *restrict b,
           double *restrict c)
    {
      for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) for (int p = 0; p < k; p++)
        c[i * m + j] += a[i * k + p] * b[p * m + j];
    }
    """,
    """
    void f(int n, int m, int k, double alpha, const double a[restrict k][n],
           const double b[restrict k][m], double c[restrict n][m])
    {
      for (int p = 0; p < k; p++) for (int i = 0; i < n; i++) for (int j = 0; j < m; j++)
        c[i][j] += alpha * a[p][i] * b[p][j];
    }
    """,
    """
    void f(int n, int m, int k, const float a[restrict n][k], const float b[restrict m][k],
           float c[restrict n][m])
    {
      for (int j = 0; j < m; j++) for (int p = 0; p < k; p++) for (int i = 0; i < n; i++)
        c[i][j] -= a[i][p] * b[j][p];
    }
    """,
    """
    void f(int n, int k, const double a[restrict n][k], double c[restrict n][n])
    {
      for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) for (int p = 0; p < k; p++)
        c[i][j] += a[i][p] * a[j][p];
    }
    """,
    // Two rows and two sums.
    """
    void f(int o, int v, const double s[restrict o][o][v][v], const double t[restrict o][o][v][v],
           double c[restrict o][o][v][v])
    {
      for (int a = 0; a < o; a++) for (int b = 0; b < o; b++) for (int i = 0; i < v; i++)
        for (int j = 0; j < v; j++) for (int p = 0; p < o; p++) for (int q = 0; q < v; q++)
          c[a][b][i][j] += s[a][p][i][q] * t[p][b][q][j];
    }
    """,
  ])
  func contractionsAreBlockedAndPacked(_ text: String) throws {
    let (plans, space) = try plans(text)
    var applied: Set<String> = []
    for plan in plans {
      var growth = RecipeGrowth()
      guard let grown = growth.extend(.empty, by: plan, in: space) else { continue }
      applied.insert(plan.name)
      let passes = grown.recipe.steps.map(\.pass)
      #expect(passes.last == "vectorize")
      #expect(
        passes.count { $0 == "pack" }
          == (plan.name.hasSuffix("both operands packed")
            ? 2 : plan.name.hasSuffix("panel packed") ? 1 : 0))
    }
    #expect(
      applied == [
        "contraction, both operands packed", "contraction, a panel packed", "contraction, blocked",
      ])
  }

  /// The part left of the rows' diagonal blocks is a contraction of whole rows.
  @Test func trianglesAreCutIntoRectangles() throws {
    let (_, space) = try plans(
      """
      void f(int n, int k, double alpha, double beta, const double a[restrict n][k],
             double c[restrict n][n])
      {
        for (int i = 0; i < n; i++) {
          for (int j = 0; j <= i; j++) c[i][j] *= beta;
          for (int p = 0; p < k; p++) for (int j = 0; j <= i; j++)
            c[i][j] += alpha * a[i][p] * a[j][p];
        }
      }
      """)
    var growth = RecipeGrowth()
    let shape = try space.shape(after: .empty)
    let bases = growth.bases(of: .empty, shape, in: space)
    let cut = try #require(
      bases.first { $0.recipe.steps.contains { $0.pass == "split_index_set" } })
    let grown = Self.library.plans(for: cut.shape).filter { $0.name.hasSuffix("panel packed") }
      .compactMap { growth.extend(cut.recipe, by: $0, in: space)?.recipe }
    let passes = try #require(grown.first).steps.map(\.pass)
    #expect(passes.starts(with: ["distribute", "tile", "split_index_set", "distribute"]))
    #expect(passes.contains("pack") && passes.last == "vectorize")
  }

  @Test(arguments: [
    // The result is no sum.
    "c[i * m + j] = a[i * k + p] * b[p * m + j];",
    // One operand is moved by all loops.
    "c[i * m + j] += a[i * k + p] * b[(p + i) * m + j];",
    // The result moves by rows in both directions.
    "c[(i + j) * m] += a[i * k + p] * b[p * m + j];",
  ])
  func whatIsNoContractionHasNoSuchPlan(_ statement: String) throws {
    let (plans, space) = try plans(
      """
      void f(int n, int m, int k, const double *restrict a, const double *restrict b,
             double *restrict c)
      {
        for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) for (int p = 0; p < k; p++)
          \(statement)
      }
      """)
    var growth = RecipeGrowth()
    for plan in plans {
      let isGrown = growth.extend(.empty, by: plan, in: space) != nil
      #expect(!isGrown, "\(plan.name)")
    }
  }
}
