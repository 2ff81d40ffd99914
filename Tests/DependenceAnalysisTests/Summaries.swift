import DependenceAnalysis
import KernelModel
import Testing

@Suite struct Summaries {
  @Test func matrixProduct() throws {
    let summary = legality(
      """
      void mm(int n, double *restrict C, const double *restrict A, const double *restrict B) {
        for (int i = 0; i < n; i++)
          for (int j = 0; j < 100; j++)
            for (int k = 0; k < n; k++)
              C[i * 100 + j] += A[i * n + k] * B[k * 100 + j];
      }
      """
    ).summary()
    #expect(summary.loops.map(\.label) == ["i", "j", "k"])
    #expect(summary.loops.map(\.depth) == [0, 1, 2])
    #expect(summary.loops.map(\.parent) == [nil, "i", "j"])
    #expect(summary.loops.map(\.constantTripCount) == [nil, 100, nil])
    #expect(summary.loops.map(\.isParallel) == [true, true, false])
    #expect(summary.loops.map(\.isPerfect) == [true, true, false])
    #expect(summary.loop("k")?.reductions.map(\.op) == [.add])
    #expect(summary.loop("k")?.hasScalarAccumulation == true)
    let a = try #require(summary.accesses.first { $0.object == "A" })
    #expect(a.strides == ["i": .symbolic, "j": .zero, "k": .constant(1)])
    #expect(a.elementBytes == 8)
    let b = try #require(summary.accesses.first { $0.object == "B" })
    #expect(b.strides == ["i": .zero, "j": .constant(1), "k": .constant(100)])
    #expect(summary.accesses.filter(\.isWrite).map(\.object) == ["C"])
  }

  @Test func neighboursAndWhatCannotBeCounted() throws {
    let summary = legality(
      """
      void f(int n, double *a, double *b) {
        for (int i = 0; i < n; i++) a[i] = 0.0;
        for (int i = 0; i < n; i++) b[i] = a[i];
        while (n > 0) { n = n / 2; }
        for (int i = 0; i < n; i++) { if (a[i] > 1.0) break; }
      }
      """
    ).summary()
    #expect(summary.adjacentLoops.count == 1)
    #expect(summary.adjacentLoops.first?.first == "i")
    #expect(summary.loop("while")?.isCounted == false)
    #expect(summary.loop("i#3")?.isCounted == false)
    #expect(summary.loop("i#2")?.isParallel == false)
    #expect(summary.loop("i#2")?.missingFacts.count == 1)
  }
}
