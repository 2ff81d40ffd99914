// Generated from the doc comments of the passes in this folder by `make catalog`.

extension PassCatalog {
  /// Every pass, in the order of its file's name.
  public static let all: [CatalogEntry] = [
    CatalogEntry(
      Interchange.self, file: "Interchange.swift",
      documentation: #"""
        Brings the loops of a perfect nest into another order.

            for i { for j { S } }   →   for j { for i { S } }

        A bound that follows an outer iterator with coefficient 1 or -1 (triangles, trapezoids, tiles) is
        solved for the other iterator.

        Legal iff: every dependence stays lexicographically positive in the new order; no iteration
        jumps out of the nest; no iterator's value is used after it.

        Also called: permutation, loop reordering.

        Reference: Allen & Kennedy, Optimizing Compilers for Modern Architectures, ch. 5; Wolf & Lam,
        A loop transformation theory and an algorithm to maximize parallelism, 1991.
        """#),
    CatalogEntry(
      Tile.self, file: "Tile.swift",
      documentation: #"""
        Cuts the iterations of nested loops into rectangular tiles that are worked off one by one.

            for i < n { for j < m { S } }
                →   for it < n step 64 { for jt < m step 32 {
                      for i in it ..< min(it + 64, n) { for j in jt ..< min(jt + 32, m) { S } } } }

        The loop `i` becomes `i.tile` over the tiles and `i.point` inside one. One loop alone is
        strip-mined, which keeps the order of its iterations.

        Legal iff: the loops are a perfect nest and a permutable band (no dependence has a negative
        distance in any of them); no iteration jumps out; no iterator's value is used after the nest.

        Also called: blocking, cache blocking, strip-mining (one loop), loop tiling.

        Reference: Wolfe, More iteration space tiling, 1989; Allen & Kennedy, ch. 9.3.
        """#),
  ]
}
