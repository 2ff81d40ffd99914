// Generated from the doc comments of the passes in this folder by `make catalog`.

extension PassCatalog {
  /// Every pass, in the order of its file's name.
  public static let all: [CatalogEntry] = [
    CatalogEntry(
      Distribute.self, file: "Distribute.swift",
      documentation: #"""
        Splits a loop into as many loops as its dependences allow.

            for i { A(i); B(i) }   →   for i { A(i) }  for i { B(i) }

        The statements keep their order. A value declared in the body and used behind the cut is computed
        again where that gives the same value.

        Legal iff: no dependence runs from a statement behind the cut to a later iteration of one before
        it; no scalar carries a value over the cut.

        Also called: loop fission, loop splitting.

        Reference: Allen & Kennedy, ch. 2.4 and 6.2.
        """#),
    CatalogEntry(
      Fuse.self, file: "Fuse.swift",
      documentation: #"""
        Merges two loops over the same range that stand in one block.

            for i < n { A(i) }  P  for k < n { B(k) }   →   for i < n { A(i); B(i) }  P

        Statements `P` between the loops move behind the merged loop, or before it where they only set up
        the second one.

        Legal iff: both loops make the same iterations; no dependence runs from an iteration of the first
        to an earlier iteration of the second; the statements between depend on neither order.

        Also called: loop jamming, loop merging.

        Reference: Allen & Kennedy, ch. 6.2.5; Kennedy & McKinley, 1993.
        """#),
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
      Normalize.self, file: "Normalize.swift",
      documentation: #"""
        Brings all loops into the normal form, so that one recipe serves many ways of writing a
        computation.

            int i, j; for (i = 0; i <= n - 1; i++) { A(i); for (j = 0; j < m; j++) B(j, i) }
                →   for (int i = 0; i < n; i++) { A(i) }
                    for (int j = 0; j < m; j++) { for (int i = 0; i < n; i++) { B(j, i) } }

        In this order: iterators and scalars that serve each iteration anew are declared in their loop;
        `<=` becomes `<` where the bound has room; loops that count down by one count up; every loop is
        split as far as possible, the innermost first; each perfect nest of at most four loops takes the
        legal order with the smallest strides innermost (`StrideOrder`).

        Legal iff: each part is, by the rules of `interchange` and `distribute` and, for the direction of
        a loop, no dependence between its iterations; parts that are not are left out. Refused when
        nothing changes.

        Also called: canonicalisation, a-priori loop nest normalisation.

        Reference: Trümper et al., A Priori Loop Nest Normalization, arXiv 2406.02510.
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
    CatalogEntry(
      Unroll.self, file: "Unroll.swift",
      documentation: #"""
        Makes several iterations of a loop one after the other in one iteration.

            for i < n { S(i) }
                →   for i < n - n % 4 step 4 { S(i); S(i + 1); S(i + 2); S(i + 3) }
                    for i from n - n % 4 ..< n { S(i) }

        The second loop, `i.rest`, makes the iterations that are left over. Without `by`, a loop of few
        constant iterations is written out in full.

        Legal iff: no iteration leaves the loop by `break`; the order of all work stays the same.

        Also called: loop unwinding, full unrolling (without `by`).

        Reference: Muchnick, Advanced Compiler Design and Implementation, ch. 17.4.3.
        """#),
    CatalogEntry(
      UnrollJam.self, file: "UnrollJam.swift",
      documentation: #"""
        Makes several iterations of an outer loop side by side inside its inner loops.

            for i < n { A(i); for j { B(i, j) } }
                →   for i < n - n % 2 step 2 { A(i); A(i + 1); for j { B(i, j); B(i + 1, j) } }
                    for i from n - n % 2 ..< n { A(i); for j { B(i, j) } }

        The copies of an inner loop are merged at every depth, in imperfect nests too; what the body
        declares is declared once for each copy. The loop `i.rest` makes the iterations left over.

        Legal iff: the bounds of the inner loops do not follow the iterator, and no dependence between
        iterations of one group runs backward in an inner loop or between statements that change places.

        Also called: unroll-and-jam, register tiling, outer-loop unrolling.

        Reference: Callahan, Carr & Kennedy, Improving register allocation for subscripted variables,
        1990; Allen & Kennedy, ch. 8.4.
        """#),
  ]
}
