import DependenceAnalysis
import KernelModel
import Testing

/// What isl's scheduler makes of nests for which the answer is known.
@Suite struct SchedulesOfKnownNests {
  private func tree(
    _ text: String, _ labels: [LoopLabel], _ fusion: ScheduleTree.Fusion = .maximal
  ) throws -> ScheduleTree {
    try legality(text).schedule(around: labels, fusion: fusion)
  }

  private func outer(_ node: ScheduleTree.Node) -> ScheduleTree.Band? {
    if case .band(let band) = node { band } else { nil }
  }

  private func times(_ band: ScheduleTree.Band?, _ statement: Int) -> [[Int]] {
    band?.members.compactMap { $0.times[statement]??.coefficients } ?? []
  }

  @Test func matrixProductIsOneBandWithASequentialSum() throws {
    let tree = try tree(
      """
      void f(int n, double (*restrict C)[n], double A[n][n], double B[n][n]) {
        for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) for (int k = 0; k < n; k++)
          C[i][j] += A[i][k] * B[k][j];
      }
      """, ["i"])
    let band = try #require(outer(tree.root))
    #expect(band.isPermutable)
    #expect(
      times(band, 0).sorted { $0.lexicographicallyPrecedes($1) }
        == [[0, 0, 1], [0, 1, 0], [1, 0, 0]])
    #expect(band.members.count { $0.isCoincident } == 2)
  }

  private static let rod = """
    void f(int t, int n, double *restrict a, double *restrict b) {
      for (int s = 0; s < t; s++) {
        for (int i = 1; i < n - 1; i++) b[i] = a[i - 1] + a[i] + a[i + 1];
        for (int i = 1; i < n - 1; i++) a[i] = b[i];
      }
    }
    """

  /// Two sweeps are one band of time and skewed elements that can be tiled, the second one later.
  @Test func sweepsOverTimeAreSkewedAndShifted() throws {
    let band = try #require(outer(try tree(Self.rod, ["s"]).root))
    #expect(band.isPermutable && band.members.count == 2)
    let (first, second) = (times(band, 0), times(band, 1))
    #expect(first == second)
    #expect(first.first?[1] == 0 || first.last?[1] == 0)
    // Every neighbour that a step reads lies in its past.
    #expect(first.allSatisfy { $0[0] >= abs($0[1]) })
    let shift = band.members.map { member in
      (member.times[1]??.constant ?? 0) - (member.times[0]??.constant ?? 0)
    }
    #expect(shift.contains { $0 > 0 })
  }

  @Test func sweepsInTwoDimensionsAreOneBandOfThree() throws {
    let tree = try tree(
      """
      void f(int t, int n, double (*restrict a)[n]) {
        for (int s = 0; s < t; s++) for (int i = 1; i < n - 1; i++) for (int j = 1; j < n - 1; j++)
          a[i][j] = a[i - 1][j] + a[i][j - 1] + a[i][j] + a[i][j + 1] + a[i + 1][j];
      }
      """, ["s"])
    let band = try #require(outer(tree.root))
    #expect(band.isPermutable && band.members.count == 3)
    #expect(!band.members[0].isCoincident)
  }

  @Test func productsInAChainStandApart() throws {
    let text = """
      void f(int n, double (*restrict D)[n], double (*restrict E)[n], double A[n][n],
             double B[n][n], double C[n][n]) {
        for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) for (int k = 0; k < n; k++)
          D[i][j] += A[i][k] * B[k][j];
        for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) for (int k = 0; k < n; k++)
          E[i][j] += D[i][k] * C[k][j];
      }
      """
    // A row of the second product needs a whole row of the first: no band of three holds both.
    for fusion in ScheduleTree.Fusion.allCases {
      guard
        case .sequence(let parts, let isOrdered) = try tree(text, ["i", "i#2"], fusion).root
      else {
        Issue.record("one product after the other was expected")
        continue
      }
      #expect(isOrdered && parts.map(\.statements) == [[0], [1]])
      #expect(parts.allSatisfy { outer($0.node)?.members.count == 3 })
    }
  }

  /// What has no reason to be apart is together, or apart where that is asked for.
  @Test func loopsOverOneArrayAreTogetherOrApart() throws {
    let text = """
      void f(int n, double *restrict a, double *restrict b) {
        for (int i = 0; i < n; i++) a[i] = a[i] * 2;
        for (int i = 0; i < n; i++) b[i] = b[i] + a[i];
      }
      """
    let together = try #require(outer(try tree(text, ["i", "i#2"], .maximal).root))
    #expect(times(together, 0) == [[1]] && times(together, 1) == [[1]])
    #expect(together.members[0].isCoincident)
    guard case .sequence(let parts, _) = try tree(text, ["i", "i#2"], .minimal).root else {
      Issue.record("one loop after the other was expected")
      return
    }
    #expect(parts.map(\.statements) == [[0], [1]])
  }

  /// Ranges that differ, and the order of the fields within a step.
  @Test func fieldsThatFollowEachOtherShareABand() throws {
    let tree = try tree(
      """
      void f(int t, int n, double *restrict e, double *restrict h) {
        for (int s = 0; s < t; s++) {
          for (int i = 1; i < n; i++) e[i] -= h[i] - h[i - 1];
          for (int i = 0; i < n - 1; i++) h[i] -= e[i + 1] - e[i];
        }
      }
      """, ["s"])
    let band = try #require(outer(tree.root))
    #expect(band.isPermutable && band.members.count == 2)
    #expect(tree.loops["i"]?.range != tree.loops["i#2"]?.range)
    #expect(tree.loops.values.allSatisfy { $0.step == 1 })
  }

  @Test func aTriangleKeepsTheOrderOfItsRows() throws {
    let tree = try tree(
      """
      void f(int n, double (*restrict L)[n], double *restrict x) {
        for (int i = 0; i < n; i++)
          for (int j = 0; j < i; j++) x[i] -= L[i][j] * x[j];
      }
      """, ["i"])
    let band = try #require(outer(tree.root))
    #expect(band.isPermutable)
    #expect(
      Set(times(band, 0)) == [[1, 0], [0, 1]] || Set(times(band, 0)) == [[1, 0], [1, 1]])
  }

  @Test func whatCannotBeScheduledInTimeIsAnObstacle() {
    let nest = Legality(
      SnippetReader.function(Self.rod), contract: Contract(),
      build: BuildFlags(compiler: nil, arguments: [], directory: "/", database: nil),
      operationLimit: 2_000)
    let found = obstacle { () throws(Obstacle) in
      _ = try nest.schedule(around: ["s"], fusion: .maximal)
    }
    #expect(found?.reason.contains("too complex") == true)
    let many = String(repeating: "a[i] = a[i] * 2;", count: 30)
    let long = legality(
      "void f(int n, double *a) { for (int i = 0; i < n; i++) { \(many) } }")
    let refused = obstacle { () throws(Obstacle) in
      _ = try long.schedule(around: ["i"], fusion: .minimal)
    }
    #expect(refused?.reason.contains("too many statements") == true)
  }
}
