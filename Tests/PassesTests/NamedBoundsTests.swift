import ExperimentRecords
import KernelModel
import KernelParsing
import Passes
import Testing

/// Ends of tiles in the text that people read.
@Suite struct NamedBoundsTests {
  private func finished(_ text: String, _ recipe: String) throws -> [String] {
    let build = BuildFlags(
      compiler: nil, arguments: ["-std=gnu11"], directory: "/", database: nil)
    let kernel = try #require(
      try KernelParser().parseText(text, at: "/f.c", build: build).kernel(named: "f"))
    let result = try RecipeRunner(checksWellFormedness: true).apply(
      try Recipe(parsing: recipe), to: kernel)
    return result.finishedText().split(separator: "\n").map {
      $0.trimmingCharacters(in: .whitespaces)
    }
  }

  private static let product = """
    void f(int n, int m, const double *restrict a, double *restrict c)
    {
      for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) c[i * m + j] += a[j * n + i];
    }
    """

  @Test func endsUnderOtherLoopsAreComputedAtTheirTile() throws {
    let lines = try finished(Self.product, "tile(loops: [i, j], by: [16, 8])")
    #expect(lines.contains("const long i_tile_end = i_tile + 16 < n ? i_tile + 16 : n;"))
    #expect(lines.contains("for (int i = i_tile; i < i_tile_end; i++) {"))
    // This end stands where it is used once, and belongs to the same loop.
    #expect(lines.contains("const long j_tile_end = j_tile + 8 < m ? j_tile + 8 : m;"))
    let tile = try #require(lines.firstIndex { $0.hasPrefix("for (long i_tile") })
    #expect(lines[tile + 1].hasPrefix("const long i_tile_end"))
  }

  @Test func oneUseRightBelowStaysWhereItIs() throws {
    let lines = try finished(Self.product, "tile(loop: i, by: 16)")
    #expect(!lines.contains { $0.hasPrefix("const long") })
  }

  @Test func copiesOfANameGoAway() throws {
    let lines = try finished(
      Self.product, "tile(loop: i, by: 16); unroll_jam(loop: i.point, by: 4)")
    #expect(lines.count { $0.contains("?") } == 1)
    #expect(lines.contains("const long i_end = i_tile_end - (i_tile_end - i_tile) % 4;"))
  }

  /// `rows - 2` of an `int` may overflow where the loop that computes it is not reached.
  @Test func whatMightOverflowIsNotComputedEarlier() throws {
    let lines = try finished(
      """
      void f(int n, int rows, const double *restrict a, double *restrict c)
      {
        for (int i = 0; i < n; i++) {
          if (rows > 0) for (int t = i; t < (i + 8 < rows - 2 ? i + 8 : rows - 2); t++) c[t] += a[i];
        }
      }
      """, "tile(loop: i, by: 16)")
    #expect(!lines.contains { $0.hasPrefix("const") && $0.contains("rows") })
  }

  /// The user's own bounds are left alone.
  @Test func textOfTheUserKeepsItsBounds() throws {
    let lines = try finished(
      """
      void f(int n, const double *restrict a, double *restrict c)
      {
        for (int i = 0; i < n; i += 8)
          for (int k = 0; k < 4; k++)
            for (int j = i; j < (i + 8 < n ? i + 8 : n); j++) c[j] += a[j] * k;
      }
      """, "unroll(loop: j, by: 2)")
    #expect(!lines.contains { $0.hasPrefix("const int i_end") })
  }

  /// A loop that ends where a tile begins leaves no rest by a divisor of the tile.
  @Test(arguments: ["vectorize(loop: j, width: 8)", "unroll(loop: j, by: 4)"])
  func whatEndsAtATileLeavesNoRest(_ step: String) throws {
    let text = """
      void f(int n, const double *restrict a, double *restrict c)
      {
        for (int i = 0; i < n; i++) for (int j = 0; j < i; j++) c[j] += a[i];
      }
      """
    let cut = "tile(loop: i, by: 16); split_index_set(loop: j, at: i_tile); "
    let lines = try finished(text, cut + step)
    #expect(lines.contains { $0.hasPrefix("for (int j = 0; j < i_tile; j += ") })
    #expect(!lines.contains { $0.contains("i_tile %") })
    let odd = try finished(
      text, cut.replacing("16", with: "10") + step)
    #expect(odd.contains { $0.contains("i_tile %") || $0.contains("j_end") })
  }
}
