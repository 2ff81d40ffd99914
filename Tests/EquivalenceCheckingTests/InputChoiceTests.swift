import KernelModel
import KernelParsing
import Testing

@testable import EquivalenceChecking

@Suite struct InputChoiceTests {
  @Test func everyPairOfValuesOccurs() {
    let columns = [[0, 1, 2, 3], [10, 11, 12], [20, 21], [30, 31, 32, 33, 34]]
    let rows = CoveringArray.pairwise(columns, seed: 7)
    for first in columns.indices {
      for second in columns.indices where second > first {
        for a in columns[first] {
          for b in columns[second] {
            #expect(rows.contains { $0[first] == a && $0[second] == b })
          }
        }
      }
    }
    #expect(rows.count < 60, "pairs, not the product")
    #expect(rows == CoveringArray.pairwise(columns, seed: 7))
  }

  private func shape(_ text: String, _ name: String) throws -> InputShape {
    let build = BuildFlags(compiler: nil, arguments: ["-O2"], directory: "/tmp", database: nil)
    let file = try JudgeFixture.parser.parseText(text, at: "/tmp/shape.c", build: build)
    return try InputShape(try #require(file.kernel(named: name)).withInferredContract)
  }

  @Test func sizesMeetEdgesAndFactors() throws {
    let shape = try shape(
      "void f(int n, float *x) { for (int i = 0; i < n; i++) x[i] = 1.0f; }", "f")
    let path = try #require(shape.scalars.first?.path)
    let plan = SizePlan(shape, factors: [24], effort: .full, seed: 1)
    let sizes = Set(plan.assignments(limit: 200).compactMap { $0[path] })
    #expect(sizes.isSuperset(of: [-1, 0, 1, 2, 3, 23, 24, 25, 47, 48, 49, 257]))
  }

  @Test func stepsAreBlocksBeforeOffsetsAre() throws {
    let offsets = (1..<16).map { "s += x[i + \($0)];" }.joined(separator: " ")
    let text = """
      float f(int n, const float *x) {
        float s = 0;
        for (int b = 0; b < n / 512 * 512; b += 512) for (int i = b; i < b + 512; i += 128) {
          s += x[i]; \(offsets)
        }
        return s;
      }
      """
    let kernel = try BoundedFixture.kernel(text, "f")
    let place = FunctionPlace(
      start: kernel.function.range.lowerBound, body: kernel.function.bodyRange)
    let candidate = try CandidateText(Array(text.utf8), replacing: place, in: kernel.source.bytes)
    let factors = BlockFactors.find(in: candidate)
    #expect(factors == [2, 3, 4, 5, 6, 7, 128, 512])
  }

  /// Bytes of a vector are no block; what a function named like an attribute is given is.
  @Test func onlyAttributesHideNumbers() throws {
    let text = """
      typedef float four __attribute__((vector_size(2048), aligned(1024)));
      static int aligned(int x) { return x + 0; }
      void f(int n, float *x) {
        typedef float two __attribute__((vector_size(4096)));
        for (int i = 0; i < aligned(3001); i++) x[i] = 1;
      }
      """
    let kernel = try BoundedFixture.kernel(text, "f")
    let place = FunctionPlace(
      start: kernel.function.range.lowerBound, body: kernel.function.bodyRange)
    let candidate = try CandidateText(Array(text.utf8), replacing: place, in: kernel.source.bytes)
    // The lanes of a vector are one, though its bytes are not.
    #expect(BlockFactors.find(in: candidate) == [1024, 3001])
  }

  /// A vector has as many lanes as its own elements fill it, whatever else the function holds.
  @Test func lanesAreOfTheVectorsOwnType() throws {
    func factors(_ vector: String) throws -> [Int] {
      let text = """
        typedef int whole;
        void f(int n, int *x, const unsigned char *y) {
          typedef \(vector);
          for (int i = 0; i < n; i++) x[i] = y[i];
        }
        """
      let kernel = try BoundedFixture.kernel(text, "f")
      let place = FunctionPlace(
        start: kernel.function.range.lowerBound, body: kernel.function.bodyRange)
      let candidate = try CandidateText(
        Array(text.utf8), replacing: place, in: kernel.source.bytes)
      return BlockFactors.find(in: candidate, elementSizes: [1, 4])
    }
    #expect(try factors("int lanes __attribute__((vector_size(64)))") == [16])
    #expect(try factors("unsigned char lanes __attribute__((vector_size(64)))") == [64])
    #expect(try factors("whole lanes __attribute__((vector_size(64)))") == [16, 64])
  }

  /// Rows of constant length leave most calls small and let the needed ones be larger; a table does not.
  @Test func longRowsLeaveRoomForBlocks() throws {
    func sizes(_ text: String) throws -> (most: Int, sizes: Set<Int>) {
      let shape = try shape(text, "f")
      let path = try #require(shape.scalars.first?.path)
      let plan = SizePlan(shape, factors: [128], effort: .full, seed: 1)
      let all = plan.assignments(limit: 200)
      return (
        all.filter(plan.isRegular).map(plan.memory).max() ?? 0, Set(all.compactMap { $0[path] })
      )
    }
    let rows = try sizes(
      """
      void f(int n, float x[4000][4096]) {
        for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) x[i][j] = 1;
      }
      """)
    #expect(rows.most <= 1 << 18)
    #expect(rows.sizes.contains(129))
    #expect(!rows.sizes.contains(257))
    let table = try sizes(
      """
      int f(int n, const unsigned char *x, const int t[static 4096]) {
        int s = 0;
        for (int i = 0; i < n; i++) s ^= t[x[i]];
        return s;
      }
      """)
    #expect(table.sizes.isSuperset(of: [129, 257]))
  }

  @Test func valuesThatDecideNothingAreNoSizes() throws {
    let shape = try shape(
      """
      void f(int rows, int bias, int limit, int *x) {
        const int last = limit;
        for (int i = 0; i < rows; i++) { if (i >= last) x[i] = bias; else x[i] += bias; }
      }
      """, "f")
    let sizes = shape.scalars.filter(\.isSize).map(\.name)
    #expect(sizes.contains("rows"))
    #expect(!sizes.contains("bias"))
  }

  @Test func overlapsFollowRestrictAndTypes() throws {
    let shape = try shape(
      """
      void f(int n, const float *a, float *b, float *restrict c, double *d, const float *e) {
        for (int i = 0; i < n; i++) { b[i] = a[i] + e[i]; c[i] = a[i]; d[i] = 0; }
      }
      """, "f")
    let names = OverlapRules(shape).pairs.map {
      [shape.memories[$0.0].name, shape.memories[$0.1].name]
    }
    #expect(names == [["a", "b"], ["b", "e"]])
  }

  @Test func pointsAndImagesAreTheSameForOneSeed() throws {
    let shape = try shape(
      "void f(int n, const float *a, float *b) { for (int i = 0; i < n; i++) b[i] = a[i]; }", "f")
    let plan = PointPlan(shape, effort: .full, seed: 3)
    #expect(plan.common() == PointPlan(shape, effort: .full, seed: 3).common())
    let point = try #require(plan.common().last { !$0.overlaps.isEmpty })
    let first = try #require(ImageBuilder.input(point, of: shape))
    #expect(first.image == ImageBuilder.input(point, of: shape)?.image)
    #expect(first.image.regions.count == 1, "two pointers share one region")
  }

  @Test func someRowsOfASparseMatrixAreLong() throws {
    let shape = try shape(
      """
      /*@ requires \\valid(start + (0 .. rows));
          requires \\valid(x + (0 .. count-1));
          requires \\valid(y + (0 .. rows-1));
          requires \\forall integer r; 0 <= r < rows ==> start[r] <= start[r+1];
          requires \\forall integer r; 0 <= r <= rows ==> 0 <= start[r] <= count; */
      void f(int rows, int count, const int *start, const float *x, float *y) {
        for (int r = 0; r < rows; r++)
          for (int k = start[r]; k < start[r + 1]; k++) y[r] += x[k];
      }
      """, "f")
    let sizes = Dictionary(
      uniqueKeysWithValues: shape.scalars.map { ($0.path, $0.name == "rows" ? 16 : 17) })
    var longest: [Int] = []
    for seed in 0..<32 {
      let point = CallPoint(
        sizes: sizes, valueClass: .ordinary, placement: .flushEnd, seed: UInt64(seed))
      let input = try #require(ImageBuilder.input(point, of: shape))
      let starts = input.image.regions.first { $0.name == "start" }?.contents ?? []
      let values = stride(from: 0, to: starts.count, by: 4).map { Int(starts[$0]) }
      #expect(values == values.sorted() && values.count == 17 && values.allSatisfy { $0 <= 17 })
      longest.append(zip(values, values.dropFirst()).map { $1 - $0 }.max() ?? 0)
    }
    #expect(longest.count { $0 >= 8 } >= 8, "\(longest)")
    #expect(longest.contains { $0 <= 5 }, "rows of like lengths occur too: \(longest)")
  }
}
