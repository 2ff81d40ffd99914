// Generated from the doc comments of the passes in this folder by `make catalog`.

extension PassCatalog {
  /// Every pass, in the order of its file's name.
  public static let all: [CatalogEntry] = [
    CatalogEntry(
      ContractArray.self, file: "ContractArray.swift",
      documentation: #"""
        Drops the dimension of a local array of which each iteration of a loop uses a place of its own.

            double t[N]; for i { t[i] = f(i); a[i] = g(t[i]); }
              →
            for i { double t = f(i); a[i] = g(t); }

        What is left is a scalar, or an array of fewer dimensions, declared in the loop's body. Loops that
        hand values on through the array become one by `fuse` first.

        Legal iff: the array is declared in the function without initial values, only its elements are used,
        and only in the loop; in one dimension all their subscripts are the same, the iterator times a
        constant but not 0 and values that the loop does not change, so that no two iterations share an
        element; and nothing is kept from an earlier run of the loop: the array's life begins anew with each
        run, or every iteration begins by storing to the element.

        Also called: array contraction, array shrinking, storage reduction, memory reuse.

        Reference: Sarkar & Gao, "Optimization of Array Accesses by Collective Loop Transformations", ICS
        1991; Lewis, Lin & Snyder, "The Implementation and Evaluation of Fusion and Contraction in Array
        Languages", PLDI 1998.
        """#),
    CatalogEntry(
      Demote.self, file: "Demote.swift",
      documentation: #"""
        Computes a scalar in the array element that it is stored to in the end.

            for j { s = 0; for k { s += a[k] * b[k][j]; } c[j] = s; }
              →
            for j { c[j] = 0; for k { c[j] += a[k] * b[k][j]; } }

        The scalar is set before the loop and stored right after it, whole or as a part of a value
        (`c[j] = s / d`). What it held in between the element holds; other passes may then distribute the
        loops around, interchange and tile them.

        Legal iff: the scalar has the element's type, no other use of it sees its value, and its address is
        not taken; the element's address is the same throughout; nothing in
        between may overlap the element or touches memory that is not seen; and the loop is left at its
        end alone, so that the element is stored in any case.

        Also called: register demotion, accumulating in memory, the inverse of scalar replacement.

        Reference: Allen & Kennedy, ch. 5.3 (scalar expansion), of which it is the case where the array is
        there.
        """#),
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
      Embed.self, file: "Embed.swift",
      documentation: #"""
        Makes a nest that stands beside a loop in an iteration of its own, the one before the loop's first or
        the one after its last.

            for j { A }  for i from 1 ..< n { S }   →   for i < n { if (i == 0) { for j { A } } else { S } }
            for i < n { S }  for j { A }   →   for i < n + 1 { if (i < n) { S } else { for j { A } } }

        So boundary rows join the sweep over the other rows, and the loop around them becomes a perfect nest,
        which may be skewed and tiled. Where the new range may be empty and no fact, check or `return` before
        the nest says otherwise, the outermost loop around gets two versions: in the other one the loop makes
        no iteration and is left out.

        Legal iff: nothing that either of them does changes the loop's range; the loop counts up by one, is
        left at its end alone, and its iterator is known to hold the new value, is not used after it and not in
        the nest; no loop that would get two versions is parallel. The order of all work stays the same.

        Also called: code sinking, statement sinking, loop introduction, making a nest perfect.

        Reference: Ahmed, Mateev & Pingali, "Synthesizing Transformations for Locality Enhancement of
        Imperfectly-Nested Loop Nests", ICS 2000; Wolfe, High Performance Compilers, 1996, ch. 9.
        """#),
    CatalogEntry(
      Expand.self, file: "Expand.swift",
      documentation: #"""
        Gives every iteration of a loop its own element of an array in place of a scalar.

            for i < n { t = f(i); a[i] = g(t); }
              →
            for i < n { t_each[i] = f(i); a[i] = g(t_each[i]); }

        No iteration then waits for another to have used the scalar, and `distribute` may cut between the
        statement that sets it and those that use it. An array of constant size stands on the stack while all
        such arrays take up to 32 KiB; a larger one is allocated and freed, and the original loop stays for
        when there is no memory. Where the scalar's value is used after the loop, it gets the last element.

        Legal iff: the scalar is local and arithmetic and its address is not taken; it is declared in the
        body, or every iteration stores to it, whole and in any case, before it reads it; no loop inside is
        bounded by it; and the loop is left at its end alone, which is known before it.

        Also called: scalar expansion, array expansion, privatization by an array.

        Reference: Kuck et al., "Dependence Graphs and Compiler Optimizations", POPL 1981; Allen & Kennedy,
        ch. 5.3.
        """#),
    CatalogEntry(
      Fuse.self, file: "Fuse.swift",
      documentation: #"""
        Merges two loops over the same range that stand in one block.

            for i < n { A(i) }  P  for k < n { B(k) }   →   for i < n { A(i); B(i) }  P

        Statements `P` between the loops move behind the merged loop, or before it where they only set up
        the second one. With `shift: d` an iteration of the second loop runs d iterations later, beside
        `A(i + d)`: the first d iterations of `A` come before the merged loop and the last d of `B` behind
        it (`ends: peeled`), or the merged loop runs d further and tests which of the two it makes (`ends:
        guarded`), which keeps an outer nest perfect and also takes ranges whose ends differ by constants.

        Legal iff: both loops make the same iterations, or ends are guarded; no dependence runs from an
        iteration of the first to an earlier iteration of the second, moved back by the shift; the statements
        between depend on neither order.

        Also called: loop jamming, loop merging, shift-and-fuse and loop alignment (with `shift`).

        Reference: Allen & Kennedy, ch. 6.2.5; Kennedy & McKinley, 1993; Manjikian & Abdelrahman, Fusion of
        loops for parallelism and locality, 1997.
        """#),
    CatalogEntry(
      Hoist.self, file: "Hoist.swift",
      documentation: #"""
        Computes once, before a loop, what every iteration would compute again.

            for i { … img->stride … n * m … }   →   if (0 < n) { t = img->stride; u = n * m; for i { … t … u … } }

        Moved are the largest subexpressions that keep their value: loads that no store in the loop may
        reach, arithmetic, pure calls. What may fault or overflow (loads, integer division, signed sums)
        moves only when every first iteration evaluates it, and then stands under the loop's own first
        test. A floating product stays with the sum that it feeds unless the flags forbid contraction.

        Legal iff: nothing in the loop stores to what the subexpression mentions or reads, it has no
        effect, and it is evaluated only where the original evaluates it or where it cannot fault.

        Also called: loop-invariant code motion.

        Reference: Aho, Lam, Sethi & Ullman, *Compilers*, §9.5; Muchnick, ch. 13.
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
      Multiversion.self, file: "Multiversion.swift",
      documentation: #"""
        Tests before a loop nest what the compiler and later steps would like to know, and keeps the
        original for when it does not hold.

            for i { S }   →   if (facts) { for i { S } } else { for i.fallback { S } }

        The facts: that memory which the nest stores to does not overlap other memory that it touches,
        tested on the addresses of the first and last element that the nest reaches; that strides which
        are multiplied with iterators are not negative; that every loop is entered (so that the extremes
        exist); and comparisons such as `width <= stride` that dependence analysis asks for. Later steps
        may rely on the facts inside the first version. With `restrict: yes` its pointers are also copied
        into `restrict`-qualified ones.

        Legal iff: the tests have no effect and are defined wherever the original is; both versions are
        the original.

        Also called: loop versioning, run-time disambiguation.

        Reference: Nicolau, "Run-Time Disambiguation", IEEE ToC 1989; Alves et al., "Runtime Pointer
        Disambiguation", OOPSLA 2015.
        """#),
    CatalogEntry(
      Narrow.self, file: "Narrow.swift",
      documentation: #"""
        Takes the test around a loop's body into the loop's range.

            for i < n { if (i >= m && i + t < k) { S(i) } }   →   for i from max(0, m) ..< min(n, k - t) { S(i) }

        Loops that `fuse` has put together under tests and `distribute` has parted again in blocks become plain
        loops, which compilers vectorize. Parts of the test that are no bounds of the iterator stay.

        Legal iff: a part of the test compares the iterator, alone and once, with signed values that the loop
        does not change and that can be computed where it makes no iteration; the loop counts up by one and
        its iterator is not used after it.

        Also called: guard absorption, bound tightening, restriction of a loop's range.

        Reference: Quilleré, Rajopadhye & Wilde, "Generation of Efficient Nested Loops from Polyhedra", IJPP
        28(5), 2000; Kelly, Pugh & Rosser, "Code Generation for Multiple Mappings", 1995.
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
        `<=` becomes `<` where the bound has room; loops that count down count up; every loop is split as
        far as possible, the innermost first; each perfect nest of at most four loops takes the legal order
        with the smallest strides innermost (`StrideOrder`).

        Legal iff: each part is, by the rules of `interchange` and `distribute` and, for the direction of
        a loop, no dependence between its iterations; parts that are not are left out. Refused when
        nothing changes.

        Also called: canonicalisation, a-priori loop nest normalisation.

        Reference: Trümper et al., A Priori Loop Nest Normalization, arXiv 2406.02510.
        """#),
    CatalogEntry(
      Pack.self, file: "Pack.swift",
      documentation: #"""
        Copies the part of an array that a loop reads into aligned, contiguous scratch before the loop.

            for j in jt ..< jt + 8 { for k < 64 { S(b[k * n + j]) } }
              →
            double b_pack[64][8];
            for j in jt ..< jt + 8 { for k < 64 { b_pack[k][j - jt] = b[k * n + j]; } }
            for j in jt ..< jt + 8 { for k < 64 { S(b_pack[k][j - jt]); } }

        The scratch has one dimension for every loop inside (the named one included) that the subscripts
        follow, be it by way of another loop's bounds; `order` names these loops, the slowest dimension
        first, and so transposes, or makes panels of a loop that was tiled twice. The copy is made by the
        same loops over the same ranges, so it reads what the loop reads and nothing else. Scratch of
        constant size up to 32 KiB in all is on the stack; other scratch is allocated and freed, and the
        original loop stays for when there is no memory.

        Legal iff: the array is read through affine subscripts whose other values, and the ranges of the
        loops around them, do not change in the loop; no store in the loop touches what is copied; and the
        loop makes these reads in all iterations: under no condition, with no early exit.

        Also called: data copying, copy optimization, array packing, buffering, explicit local memory.

        Reference: Lam, Rothberg & Wolf, "The Cache Performance and Optimizations of Blocked Algorithms",
        ASPLOS 1991; Goto & van de Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM TOMS
        34(3), 2008.
        """#),
    CatalogEntry(
      Parallelize.self, file: "Parallelize.swift",
      documentation: #"""
        Shares the iterations of a loop among threads.

            for i { S(i) }   →   #pragma omp parallel for schedule(static)
                                 for i { S(i) }

        Every thread has a run of iterations of its own. With `atLeast` the loop stays with one thread where
        its bound is smaller. Behind it in a recipe only loops inside the parallel one may change.

        Legal iff: the project's flags give OpenMP's pragmas their meaning (`-fopenmp`); no dependence is
        carried by the loop; all that an iteration stores to under a name of its own, the iterator among it,
        is declared inside the loop; the loop is in OpenMP's canonical form, with a bound that its iterator's
        type holds; no iteration jumps out; nothing called does more than compute a value; and no loop around
        it or in it is parallel.

        Also called: doall, work sharing.

        Reference: Allen & Kennedy, ch. 2.4.2 and 6; OpenMP Application Programming Interface 4.5, 2.6 and
        2.7.1.
        """#),
    CatalogEntry(
      Peel.self, file: "Peel.swift",
      documentation: #"""
        Takes the first or the last iterations out of a loop.

            for i < n { S(i) }   →   if (0 < n) { S(0); for i from 1 ..< n { S(i) } }
            for i < n { S(i) }   →   if (0 < n) { for i < n - 1 { S(i) } S(n - 1) }

        The conditions keep loops with fewer iterations right; where bounds are constant there are none.
        Conditions that are the same in all iterations of a part are decided there.

        Legal iff: no iteration leaves the loop by `break`; the order of all work stays the same.

        Also called: loop peeling, loop splitting.

        Reference: Allen & Kennedy, ch. 5.7; Bacon, Graham & Sharp, 1994, §6.3.4.
        """#),
    CatalogEntry(
      Prefetch.self, file: "Prefetch.swift",
      documentation: #"""
        Asks for the elements of an array that a later iteration will access.

            for i < n { S(x[at[i]]) }
                →   for i < n { if (n - i > 16) __builtin_prefetch(&x[at[i + 16]]); S(x[at[i]]) }

        An address is computed only where the iteration that accesses it takes place, so that it is one that
        the loop itself computes. Places that move along one line of the cache are asked for once, those that
        the loop only stores to for storing. Places of the array whose address cannot be computed ahead are not
        asked for beside those whose can. Later steps see a call: prefetch comes last.

        Legal iff: every iteration takes place: nothing in the loop leaves it, calls what may not return, or
        may run for ever; the iteration accesses the array under no condition and in no inner loop; and
        nothing in the loop stores to what the address is computed from.

        Also called: software prefetching.

        Reference: Mowry, Lam & Gupta, "Design and Evaluation of a Compiler Algorithm for Prefetching",
        ASPLOS 1992; Ainsworth & Jones, "Software Prefetching for Indirect Memory Accesses", CGO 2017.
        """#),
    CatalogEntry(
      Privatize.self, file: "Privatize.swift",
      documentation: #"""
        Declares a scalar in the loop that sets it anew in every iteration.

            double t; for i { t = f(i); g(t); }   →   for i { double t = f(i); g(t); }

        Other passes then see that it carries nothing from iteration to iteration. An iterator of loops
        inside is declared by these.

        Legal iff: the scalar is local and its address is not taken; every iteration stores to it, whole and
        in any case, before it reads it; and nothing uses its value after the loop.

        Also called: scalar privatization, narrowing a scope.

        Reference: Tu & Padua, "Automatic Array Privatization", LCPC 1993; Allen & Kennedy, ch. 6.2.1.
        """#),
    CatalogEntry(
      ReductionTree.self, file: "ReductionTree.swift",
      documentation: #"""
        Divides a reduction among several accumulators, which the iterations take in turn.

            for k < n { s += f(k); }
              →
            s_1 = 0;
            for k < n - n % 2 step 2 { s += f(k); s_1 += f(k + 1); }
            s += s_1;
            for k from n - n % 2 ..< n { s += f(k); }

        The updates of each accumulator wait for each other, those of different ones do not. They are brought
        together in a tree behind the loop; a second loop, `k.rest`, makes the iterations that are left over.
        Sums, differences, products, bit operations, minima and maxima are reductions. Signed and narrow
        integers are added up and multiplied modulo 2^n, in which no partial result overflows. Scalars of the loop
        that may not be divided keep their order beside those that are.

        Legal iff: the scalar is nobody else's, has a value before the loop, and is only updated in it, by
        one operation; the type is an integer's, or `order: free` says that floating-point operations may
        come in any order, which changes how they round; no iteration leaves the loop by `break`.

        Also called: accumulator expansion, unrolling with multiple accumulators, tree-height reduction,
        reassociation.

        Reference: Kuck, The Structure of Computers and Computations, 1978, ch. 2; Bryant & O'Hallaron,
        Computer Systems: A Programmer's Perspective, ch. 5.9.
        """#),
    CatalogEntry(
      Reverse.self, file: "Reverse.swift",
      documentation: #"""
        Makes the iterations of a loop in the opposite order.

            for i = 0; i < n; i++ { S(i) }   →   for i = n - 1; i >= 0; i-- { S(i) }

        Where a bound has no room for one less, as with unsigned iterators, the loop runs over `i = n; i >
        0; i--` and works on `i - 1`; a loop that is written so is turned upward into plain indices.

        Legal iff: no dependence is carried by the loop; no iteration jumps out; the iterator's value is
        not used after it.

        Also called: loop reversal.

        Reference: Allen & Kennedy, ch. 5.7; Wolf & Lam, A loop transformation theory and an algorithm to
        maximize parallelism, 1991.
        """#),
    CatalogEntry(
      ScalarReplace.self, file: "ScalarReplace.swift",
      documentation: #"""
        Keeps array elements that a loop does not move on from in scalars.

            for k { c[i][j] += a[i][k] * b[k][j]; }
              →
            if (0 < n) { t = c[i][j]; for k { t += a[i][k] * b[k][j]; } c[i][j] = t; }

        Every element (or pointee, or member) whose address is the same in all iterations and whose
        storage nothing else in the loop touches is loaded once before the loop and stored once after it.
        The guard, the loop's own first test, is left out where the element is read and stored beside the
        loop anyway or the loop is known to run.

        Legal iff: for each replaced element, no other access in the loop may overlap it when either
        writes; it is read (when its old value is needed) and stored (when it is stored at all) in every
        first iteration, so that no byte is read or stored that the original does not; and control does
        not leave the loop by `return` or `goto` between a store and the end.

        Also called: register promotion, accumulator scalarisation, load/store motion.

        Reference: Callahan, Carr & Kennedy, "Improving Register Allocation for Subscripted Variables",
        PLDI 1990; Allen & Kennedy, ch. 8.
        """#),
    CatalogEntry(
      SetApart.self, file: "SetApart.swift",
      documentation: #"""
        Makes the contributions of one loop to a reduction in a nest of their own, ahead of the rest.

            for i in tile { for j in tile { S; for k { x[i][j] = max(x[i][j], f(i, j, k)); } T } }
              →
            for i in tile { for j in tile { part = least; for k { part = max(part, f(i, j, k)); } parts[i][j] = part; } }
            for i in tile { for j in tile { S; x[i][j] = max(x[i][j], parts[i][j]); T } }

        The new nest, whose loops have the suffix `apart`, waits for nothing of the old one and may be tiled,
        jammed and vectorized as a matrix product may. The partial results stand in an array on the stack, so
        the loops of the nest have constant numbers of iterations at most.

        Legal iff: the loop brings values into one integer element of at most 64 bits by `min`, `max`, `&`, `|`,
        `^`, or by sums or products that are computed in unsigned types, and does nothing else that lasts; the
        element is stored to before the loop or in each of its iterations; nothing that the loop reads overlaps
        it; and no statement beside the loop stores to what contributions of its own or a later iteration read.

        Also called: splitting a reduction, separating the far field, closure in blocks (of interval dynamic
        programmes and Floyd-Warshall).

        Reference: Galil & Park, "Parallel algorithms for dynamic programming recurrences with more than O(1)
        dependency", 1994; Gautam & Rajopadhye, "Simplifying reductions", POPL 2006.
        """#),
    CatalogEntry(
      Skew.self, file: "Skew.swift",
      documentation: #"""
        Adds a multiple of an outer iterator to an inner one, so that the inner loop's range moves along.

            for t < T { for i from 1 ..< n { S(i) } }
                →   for t < T { for i from 1 + t ..< n + t { S(i - t) } }

        The order of all work stays the same; `interchange` and `tile` may become legal where dependences
        ran backward in the inner loop, as in sweeps over time. An iterator of up to 32 bits that might not
        hold the sum becomes one of 64.

        Legal iff: the new range fits the iterator's type; the iterator's value is not used after the loop.

        Also called: loop skewing, time skewing, wavefront method (with `interchange`).

        Reference: Wolfe, Loops skewing: the wavefront method revisited, 1986; Wolf & Lam, A data locality
        optimizing algorithm, 1991.
        """#),
    CatalogEntry(
      Specialize.self, file: "Specialize.swift",
      documentation: #"""
        Makes a version of a loop nest for one value of a size, and keeps the original for all others.

            for i < n { for k < taps { S } }
              →
            if (taps == 3) { for i < n { for k < 3 { S } } }
            else { for i.fallback < n { for k.fallback < taps { S } } }

        Every mention of the variable in the first version becomes the value, and conditions that this
        decides are decided there. So bounds are constant, and later steps unroll in full, or tile without
        a remainder. Loops of the other version are labelled with the suffix `.fallback`; they can be
        specialized again, for another value.

        Legal iff: the variable is a parameter, a local or the iterator of a loop around the nest; nothing
        in the nest stores to it, and no pointer reaches it; and with the value in its place no operation is
        left that is undefined, and no floating product that the compiler would round otherwise.

        Also called: value specialization, partial evaluation, versioning for constant bounds.

        Reference: Muth, Watterson & Debray, "Code Specialization Based on Value Profiles", SAS 2000; Jones,
        Gomard & Sestoft, Partial Evaluation and Automatic Program Generation, 1993.
        """#),
    CatalogEntry(
      SplitIndexSet.self, file: "SplitIndexSet.swift",
      documentation: #"""
        Runs a loop in two parts, over the values of the iterator on either side of a given one.

            for i < n { if (i < m) A(i) else B(i) }
                →   for i < min(m, n) { A(i) }  for i from max(0, m) ..< n { B(i) }

        The part that runs first keeps its label, the other one is `i.after`. Conditions that are the same
        in all iterations of a part are decided there. A downward loop first makes the values from `at`
        on, then those below.

        Legal iff: no iteration leaves the loop by `break`; nothing in the loop changes the value at which
        it is split; the order of all work stays the same.

        Also called: index-set splitting, loop splitting, range splitting.

        Reference: Allen & Kennedy, ch. 5.7.2; Griebl, Feautrier & Lengauer, Index set splitting, 2000.
        """#),
    CatalogEntry(
      StrengthReduce.self, file: "StrengthReduce.swift",
      documentation: #"""
        Replaces multiplications by the iterator in subscripts by additions, and divisions by powers of
        two by shifts and masks.

            for i { a[i * n + j] = x / 8u; }   →   r = 0; for i { a[r + j] = x >> 3; r += n; }

        A product of the iterator and a value that keeps its value in the loop becomes a running index,
        of 64 bits for signed products (whose last increment then cannot overflow), of the product's own
        type for unsigned ones. `x / 2^k` and `x % 2^k` become `x >> k` and `x & (2^k - 1)` where `x` is
        unsigned or cannot be negative.

        Legal iff: the loop counts with constant steps, the other factor keeps its value in the loop, and
        control reaches the end of every iteration that another one follows.

        Also called: induction-variable strength reduction.

        Reference: Cooper, Simpson & Vick, "Operator Strength Reduction", TOPLAS 2001; Hacker's Delight,
        ch. 10.
        """#),
    CatalogEntry(
      Tile.self, file: "Tile.swift",
      documentation: #"""
        Cuts the iterations of nested loops into rectangular tiles that are worked off one by one.

            for i < n { for j < m { S } }
                →   for it < n step 64 { for jt < m step 32 {
                      for i in it ..< min(it + 64, n) { for j in jt ..< min(jt + 32, m) { S } } } }

        The loop `i` becomes `i.tile` over the tiles and `i.point` inside one. One loop alone is
        strip-mined, which keeps the order of its iterations; it may count down by one.

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

        With `lag: d` each copy runs d iterations of the inner loop behind the one before it:

            for i { for j { S(i, j) } }   →   for i step 2 { …; for j { S(i, j); S(i + 1, j - d) } … }

        so that rows that follow from each other, as in Gauss-Seidel sweeps, are worked on at once and their
        chains of operations overlap. Where the inner loop is too short for that, the nest stays as it is.

        Legal iff: the bounds of the inner loops do not follow the iterator, and no dependence between
        iterations of one group runs backward in an inner loop (by more than the lag) or between statements
        that change places; with a lag, the body is one loop, which counts up by one.

        Also called: unroll-and-jam, register tiling, outer-loop unrolling; wavefront or software pipelining
        of rows (with `lag`).

        Reference: Callahan, Carr & Kennedy, Improving register allocation for subscripted variables,
        1990; Allen & Kennedy, ch. 8.4; Wolfe, Loops skewing: the wavefront method revisited, 1986.
        """#),
    CatalogEntry(
      Unswitch.self, file: "Unswitch.swift",
      documentation: #"""
        Decides once, before a loop, what every iteration would decide alike.

            for i { A; if (c) { B; } else { C; } }
              →
            if (c) { for i { A; B; } } else { for i.else { A; C; } }

        The first condition in the loop that keeps its value is taken, of an `if` or a `?:`; every other
        mention of it as a condition is decided with it. Loops of the second version are labelled with the
        suffix `.else`. A condition that may fault is tested only after the loop's own first test.

        Legal iff: nothing in the loop stores to what the condition mentions or reads, it has no effect,
        and it is evaluated in every first iteration or cannot fault.

        Also called: loop unswitching.

        Reference: Allen & Cocke, "A Catalogue of Optimizing Transformations", 1972; Muchnick, ch. 18.
        """#),
    CatalogEntry(
      Vectorize.self, file: "Vectorize.swift",
      documentation: #"""
        Executes several iterations of a loop at once with vector extensions, and the rest one by one.

            for j { s = 0; for k { s += a[i][k] * b[k][j]; } c[i][j] = s; }
              →
            for j by 4 { double_x4 s = {0}; for k { s += a[i][k] * b[k][j .. j+3]; } c[i][j .. j+3] = s; }
            for the rest of j { … }

        Inner loops with the same trip count in all lanes stay loops, so that a loop around a reduction
        becomes a vector of reductions, each in its own order. Consecutive elements are loaded and stored
        as one vector of the element's own alignment; other places, indirect ones among them, lane by
        lane. Conditions that differ between lanes become masks where both sides can be computed without a
        fault and store to no memory. Integer sums, minima, maxima and bit reductions over the loop itself are split
        over the lanes (signed sums modulo 2^n), floating-point ones only with `order: free`: every lane
        performs the operations of its iteration in their order, in the shapes in which they are written.

        Legal iff: no dependence is carried by the loop but through integer reductions, which are exact in
        any order, and floating-point ones whose order is free, which then round otherwise; and control does
        not leave an iteration early.

        Also called: outer-loop vectorization, strip-mining with SIMD.

        Reference: Nuzman & Zaks, "Outer-Loop Vectorization", PACT 2008; Allen & Kennedy, ch. 2 and 5.
        """#),
    CatalogEntry(
      ZOrder.self, file: "ZOrder.swift",
      documentation: #"""
        Makes the iterations of two nested loops along a curve that stays in every square of 2, 4, 8 … times
        as many until it is done with it.

            for i < n { for j < m { S(i, j) } }
                →   for it < n step 8 { for jt < m step 8 { for turn < 64 {
                      i = it + odd bits of turn, j = jt + even bits of turn; if i < n && j < m { S(i, j) } } } }

        Behind a `tile` whose tiles fit the nearest cache, this makes good use of every larger one without
        knowing its size: a cache-oblivious order without recursion. Squares of `by` × `by` iterations follow
        each other in rows; the loops become `i.tile` and `j.tile` over squares and `i.turn` inside one.

        Legal iff: the loops are a perfect nest and a permutable band (a value that grows in neither iterator
        never comes later on the curve); the inner loop's range does not follow the outer iterator; no
        iteration jumps out; no iterator's value is used after the nest.

        Also called: Morton order, Z-order curve, space-filling curve, quadtree order.

        Reference: Morton, A computer oriented geodetic data base, IBM, 1966; Frigo, Leiserson, Prokop &
        Ramachandran, Cache-oblivious algorithms, FOCS 1999; Wise et al., Language support for Morton-order
        matrices, PPoPP 2001.
        """#),
  ]
}
