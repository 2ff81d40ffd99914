import ExperimentRecords
import KernelModel
import KernelParsing
import Passes
import Testing

/// Parses one function and applies recipes to it.
struct PassBench {
  let text: String
  let kernel: Kernel
  static let flags = ["-O3", "-std=gnu11"]

  init(_ text: String) throws {
    self.text = text
    let file = TestFiles.root.appending(path: "fixtures/passes/bench.c").path
    let build = BuildFlags(
      compiler: nil, arguments: Self.flags, directory: TestFiles.root.path, database: nil)
    kernel = try #require(
      try KernelParser().parseText(text, at: file, build: build).kernels.first)
  }

  func applying(_ recipe: String) throws -> Kernel {
    try Stepwise.apply(Recipe(parsing: recipe), to: kernel)
  }

  /// What a build of the result computes differently; nil when nothing.
  func difference(_ recipe: String, compiler: String) throws -> String? {
    let oracle = ExecutionOracle(flags: Self.flags, compiler: compiler, rounds: 60)
    let after = try applying(recipe).emittedText()
    return try oracle.differences([
      .init(function: kernel.function, before: text, after: after)
    ]).first?.difference
  }
}

struct VectorizeTests {
  private static let columns = """
    void columns(int n, int m, const float a[restrict 40][40], const short *restrict w,
                 float *restrict y, int *restrict hits)
    {
        if (n > 40 || m > 40)
            return;
        for (int j = 1; j < m; j++) {
            float best = -3.0f;
            int found = 0;
            for (int i = 0; i < n; i++) {
                float value = a[i][j] * w[i] - a[i][j - 1];
                if (value > best) {
                    best = value;
                    found = i;
                }
            }
            y[j] = best / 3.0f;
            hits[j] += found;
        }
    }
    """

  @Test(arguments: [2, 8, 32], ["clang", "gcc"])
  func agreesAtEveryWidth(_ width: Int, _ compiler: String) throws {
    let bench = try PassBench(Self.columns)
    let recipe = "vectorize(loop: j, width: \(width))"
    #expect(try bench.difference(recipe, compiler: compiler) == nil)
  }

  @Test func refusesAWidthThatIsNoPowerOfTwo() throws {
    let bench = try PassBench(Self.columns)
    #expect(throws: Refusal.self) { try bench.applying("vectorize(loop: j, width: 6)") }
  }

  @Test func keepsLabelsUniqueAfterAnotherRemainder() throws {
    let bench = try PassBench(
      """
      void tiles(int n, int m, const float *restrict a, const float *restrict b,
                 float c[restrict 40][40])
      {
          if (n > 40 || m > 40)
              return;
          for (int i = 0; i < n; i++)
              for (int j = 0; j < m; j++)
                  c[i][j] += a[i] * b[j];
      }
      """)
    let recipe = "unroll_jam(loop: i, by: 2); vectorize(loop: j, width: 4)"
    let labels = try bench.applying(recipe).function.body.loopLabels
    #expect(Set(labels).count == labels.count)
    #expect(try bench.difference(recipe, compiler: "clang") == nil)
  }

  @Test func readsItsOwnStep() throws {
    let pass = Vectorize(loop: "j.point", width: 16)
    #expect(try Vectorize(step: pass.step) == pass)
  }
}
