import ExperimentRecords
import KernelModel
import KernelParsing
import Testing

@testable import OptimizationAgent
@testable import SearchPolicies

/// Plans for reductions, and for scalars and arrays that serve one iteration, on kernels whose passes
/// decide whether they apply.
@Suite struct StoragePlanTests {
  private func grown(_ text: String, named name: String, mayReorder: Bool = false) throws
    -> [Recipe]
  {
    let build = BuildFlags(
      compiler: nil, arguments: ["-std=gnu11"], directory: "/", database: nil)
    let kernel = try #require(
      try KernelParser().parseText(text, at: "/f.c", build: build).kernel(named: "f"))
    let space = TransformationSpace(kernel, describe: ShapeExtraction.shape(of:)) { _, _, _ in }
    let shape = try space.shape(after: .empty)
    let library = PlanLibrary(
      vectorBytes: 32, cacheBytes: [32 << 10, 1 << 20], mayReorder: mayReorder)
    var growth = RecipeGrowth()
    return library.plans(for: shape).filter { $0.name == name }
      .compactMap { growth.extend(.empty, by: $0, in: space)?.recipe }
  }

  private static func dot(_ type: String) -> String {
    """
    \(type) f(int n, const \(type) *a, const \(type) *b)
    {
      \(type) s = 0;
      for (int k = 0; k < n; k++) s += a[k] * b[k];
      return s;
    }
    """
  }

  @Test func integerSumsAreDividedInAnyMode() throws {
    let recipes = try grown(Self.dot("int"), named: "accumulators")
    #expect(recipes.first?.description == "reduction_tree(loop: k, by: 4)")
    let vectors = try grown(Self.dot("int"), named: "vector of accumulators")
    #expect(vectors.first?.description == "vectorize(loop: k, width: 16)")
  }

  @Test func floatingSumsAreDividedWhereTheirOrderIsFree() throws {
    #expect(try grown(Self.dot("double"), named: "accumulators").isEmpty)
    #expect(try grown(Self.dot("double"), named: "vector of accumulators").isEmpty)
    let vectors = try grown(
      Self.dot("double"), named: "vector of accumulators", mayReorder: true)
    #expect(vectors.first?.description == "vectorize(loop: k, width: 8, order: free)")
    let trees = try grown(Self.dot("double"), named: "accumulators", mayReorder: true)
    #expect(trees.first?.description == "reduction_tree(loop: k, by: 4, order: free)")
  }

  @Test func sumsInMemoryComeIntoAVectorFirst() throws {
    let text = """
      void f(int n, double a[restrict n][n], double x[restrict n], double y[restrict n])
      {
        for (int i = 0; i < n; i++) for (int k = 0; k < n; k++) y[i] += a[i][k] * x[k];
      }
      """
    let recipes = try grown(text, named: "vector of accumulators", mayReorder: true)
    #expect(recipes.first?.steps.map(\.pass) == ["scalar_replace", "vectorize"])
    #expect(try grown(text, named: "vector of accumulators").isEmpty)
  }

  @Test func arraysBetweenLoopsVanish() throws {
    let text = """
      void f(const double a[restrict 64], double b[restrict 64])
      {
        double t[64];
        for (int i = 0; i < 64; i++) t[i] = a[i] * 0.5;
        for (int i = 0; i < 64; i++) b[i] = t[i] * t[i];
      }
      """
    let fused = try grown(text, named: "fusion")
    #expect(fused.first?.steps.map(\.pass) == ["fuse", "contract_array"])
  }

  @Test func scalarsThatTieALoopTogetherAreExpanded() throws {
    let text = """
      void f(const double x[restrict 64], double s[restrict 64], double y[restrict 64])
      {
        double t;
        for (int i = 1; i < 64; i++) {
          t = 0.5 * x[i] * x[i];
          s[i] = s[i - 1] + t;
          y[i] = t * 3.0;
        }
      }
      """
    let parted = try grown(text, named: "expansion of scalars")
    #expect(parted.first?.steps.map(\.pass) == ["expand", "distribute"])
  }
}
