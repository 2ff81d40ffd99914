import ExperimentRecords
import KernelModel
import KernelParsing
import Testing

@testable import OptimizationAgent
@testable import SearchPolicies

/// Recipes that follow schedules, on kernels whose passes decide whether they apply.
@Suite struct SchedulePlanTests {
  static func space(_ text: String) throws -> TransformationSpace {
    let build = BuildFlags(
      compiler: nil, arguments: ["-std=gnu11"], directory: "/", database: nil)
    let kernel = try #require(
      try KernelParser().parseText(text, at: "/f.c", build: build).kernel(named: "f"))
    return TransformationSpace(kernel, describe: ShapeExtraction.shape(of:)) { _, _, _ in }
  }

  /// The first recipe of a schedule that applies and is as wanted.
  private func recipe(
    of text: String, where isWanted: (String) -> Bool
  ) throws -> String? {
    let space = try Self.space(text)
    let library = PlanLibrary(vectorBytes: 32, cacheBytes: [32 << 10, 1 << 20])
    var growth = RecipeGrowth()
    let base = RecipeGrowth.Base(recipe: .empty, shape: try space.shape(after: .empty))
    for (start, schedule) in growth.scheduled(base, in: space) {
      for plan in library.plans(for: schedule, in: start.shape) {
        let grown = growth.extend(start.recipe, by: plan, in: space)
        if let text = grown?.recipe.description, isWanted(text) { return text }
      }
    }
    return nil
  }

  static let plate = """
    void f(int t, int n, int m, double a[restrict n][m], double b[restrict n][m])
    {
      for (int s = 0; s < t; s++) {
        for (int i = 1; i < n - 1; i++) for (int j = 1; j < m - 1; j++)
          b[i][j] = 0.25 * (a[i - 1][j] + a[i + 1][j] + a[i][j - 1] + a[i][j + 1]);
        for (int i = 1; i < n - 1; i++) for (int j = 1; j < m - 1; j++) a[i][j] = b[i][j];
      }
    }
    """
  static let fields = """
    void f(int t, int n, int m, double ex[restrict n][m], double ey[restrict n][m],
           double hz[restrict n][m], const double pulse[restrict t])
    {
      for (int s = 0; s < t; s++) {
        for (int j = 0; j < m; j++) ey[0][j] = pulse[s];
        for (int i = 1; i < n; i++) for (int j = 0; j < m; j++)
          ey[i][j] -= 0.5 * (hz[i][j] - hz[i - 1][j]);
        for (int i = 0; i < n; i++) for (int j = 1; j < m; j++)
          ex[i][j] -= 0.5 * (hz[i][j] - hz[i][j - 1]);
        for (int i = 0; i < n - 1; i++) for (int j = 0; j < m - 1; j++)
          hz[i][j] -= 0.7 * (ex[i][j + 1] - ex[i][j] + ey[i + 1][j] - ey[i][j]);
      }
    }
    """
  static let rod = """
    void f(int t, int n, double a[restrict n], double b[restrict n])
    {
      for (int s = 0; s < t; s++) {
        for (int i = 1; i < n - 1; i++) b[i] = 0.33 * (a[i - 1] + a[i] + a[i + 1]);
        for (int i = 1; i < n - 1; i++) a[i] = 0.33 * (b[i - 1] + b[i] + b[i + 1]);
      }
    }
    """
  static let products = """
    void f(int n, const double a[restrict n][n], const double b[restrict n][n],
           const double c[restrict n][n], double d[restrict n][n], double e[restrict n][n])
    {
      for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) {
        d[i][j] = 0;
        for (int k = 0; k < n; k++) d[i][j] += a[i][k] * b[k][j];
      }
      for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) {
        e[i][j] = 0;
        for (int k = 0; k < n; k++) e[i][j] += d[i][k] * c[k][j];
      }
    }
    """
  static let product = """
    void f(int n, const double a[restrict n][n], const double b[restrict n][n],
           double c[restrict n][n])
    {
      for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) {
        c[i][j] = 0;
        for (int k = 0; k < n; k++) c[i][j] += a[i][k] * b[k][j];
      }
    }
    """
  static let sweep = """
    void f(int t, int n, int m, double a[restrict n][m])
    {
      for (int s = 0; s < t; s++) for (int i = 1; i < n - 1; i++) for (int j = 1; j < m - 1; j++)
        a[i][j] = 0.2 * (a[i - 1][j] + a[i][j - 1] + a[i][j] + a[i][j + 1] + a[i + 1][j]);
    }
    """
  static let triangle = """
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
  static let columns = """
    void f(int n, int m, double a[restrict n][m], const double b[restrict m][n])
    {
      for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) a[i][j] = a[i][j] * 2;
      for (int j = 0; j < m; j++) for (int i = 0; i < n; i++) a[i][j] += b[j][i];
    }
    """

  private func expect(
    _ prefix: String, in text: String, _ location: SourceLocation = #_sourceLocation
  ) throws {
    let found = try recipe(of: text) { $0.hasPrefix(prefix) }
    #expect(found != nil, sourceLocation: location)
  }

  @Test func sweepsOfARodAreBlocksOfTime() throws {
    try expect(
      "fuse(first: i, second: i#2, shift: 1, ends: guarded); skew(loop: i, by: 2, over: s); "
        + "tile(loops: [s, i], by: [8, 32])", in: Self.rod)
  }

  /// Inner loops stand behind the guards of the outer ones: the blocks are of whole rows then.
  @Test func sweepsOfAPlateAreBlocksOfRows() throws {
    try expect(
      "fuse(first: i, second: i#2, shift: 1, ends: guarded); skew(loop: i, by: 2, over: s); "
        + "tile(loops: [s, i], by: [8, 32])", in: Self.plate)
  }

  /// The row that is set before them stays where it is.
  @Test func fieldsOfAStepAreFusedARowApart() throws {
    try expect(
      "fuse(first: i, second: i#2, ends: guarded); "
        + "fuse(first: i, second: i#3, shift: 1, ends: guarded)", in: Self.fields)
  }

  @Test func aSweepInPlaceIsTiledInThreeDirections() throws {
    try expect(
      "skew(loop: j, by: 1, over: s); skew(loop: i, by: 1, over: s); "
        + "tile(loops: [s, i, j], by: [8, 32, 32])", in: Self.sweep)
  }

  /// Setting and sum are parted, and the sum's loops stand by their strides.
  @Test func aProductIsPartedAndTurned() throws {
    try expect(
      "distribute(loop: j); distribute(loop: i); interchange(order: [i#2, k, j#2])",
      in: Self.product)
    let found = try recipe(of: Self.products) {
      $0.contains("distribute(loop: i)") && $0.contains("tile(")
    }
    #expect(found != nil)
  }

  @Test func nestsThatRunTheOtherWayAreTurnedAndFused() throws {
    try expect(
      "interchange(order: [i#2, j#2]); fuse(first: i, second: i#2); fuse(first: j, second: j#2)",
      in: Self.columns)
  }

  /// A triangle has a schedule, of which nothing but the order that stands can be said.
  @Test func trianglesKeepWhatTheyNeed() throws {
    let schedules = try Self.space(Self.triangle).schedules(after: .empty)
    #expect(!schedules.isEmpty)
    #expect(schedules.allSatisfy { ScheduleTranslation($0).steps.isEmpty })
  }

  /// No recipe twice, the plans that were made for the shape first, and one of a schedule among the first
  /// twenty.
  @Test(arguments: [columns, product])
  func schedulesTakeTheirPlaceAmongPlans(_ text: String) throws {
    let space = try Self.space(text)
    var search = BeamSearch(seed: 1, vectorBytes: 32, cacheBytes: [32 << 10, 1 << 20])
    var proposals: [ProposedRecipe] = []
    while proposals.count < 40 {
      let next = search.propose(4, in: space)
      if next.isEmpty { break }
      proposals += next
    }
    #expect(Set(proposals.map(\.recipe)).count == proposals.count)
    #expect(proposals.first?.origin != SchedulePlans.name)
    #expect(proposals.prefix(20).contains { $0.origin == SchedulePlans.name })
  }
}
