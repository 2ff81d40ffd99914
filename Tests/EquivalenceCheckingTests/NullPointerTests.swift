import ExperimentRecords
import KernelModel
import KernelParsing
import Testing

@testable import EquivalenceChecking

/// Null pointers are passed where the original asks for them, and nowhere else.
@Suite struct NullPointerTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var text: String
    var tested: [String]
    var testDescription: String { text }

    init(_ body: String, _ tested: [String]) {
      text = "void f(int n, const float *a, float *b, float *c) { \(body) }"
      self.tested = tested
    }

    init(text: String, _ tested: [String]) {
      (self.text, self.tested) = (text, tested)
    }
  }

  private static let loop = "for (int i = 0; i < n; i++) { b[i] = a[i]; c[i] = 1.0f; }"

  private static let record =
    "struct s { int n; float *x, *y; }; void f(struct s *s) { if (!s || !s->y) return;"
    + " for (int i = 0; i < s->n; i++) s->x[i] = s->y[i]; }"

  static let cases: [Case] = [
    Case(loop, []),
    Case("if (n > 0) \(loop)", []),
    Case("if (b == c) return; \(loop)", []),
    Case("if (a < b) return; \(loop)", []),
    Case("if (c) \(loop)", ["c"]),
    Case("if (!a) return; \(loop)", ["a"]),
    Case("if (a == ((void *)0)) return; \(loop)", ["a"]),
    Case("if (0 != b) \(loop)", ["b"]),
    Case("if ((unsigned long)b != 0ul) \(loop)", ["b"]),
    Case("if (a && n > 0 && c) \(loop)", ["a", "c"]),
    Case("int some = c ? 1 : 0; if (some) \(loop)", ["c"]),
    Case("_Bool has = c; if (has) \(loop)", ["c"]),
    Case("float *to = b; if (!to) return; \(loop)", ["b"]),
    Case("float *to; to = n > 3 ? c : b; if (!(to = b)) return; \(loop)", ["b"]),
    Case("if (__builtin_expect((long)c, 1)) \(loop)", ["c"]),
    Case("float *to = __builtin_assume_aligned(b, 4); if (to) \(loop)", ["b"]),
    Case("__builtin_memcpy(b, a, 4 * n); \(loop)", []),
    Case(
      text: "static int has(const float *p) { return p != 0; } void f(int n, float *a, float *c) {"
        + " for (int i = 0; i < n; i++) { a[i] = 1.0f; if (has(c)) c[i] = a[i]; } }", ["c"]),
    Case(text: record, ["s", "s->y"]),
    Case(
      text: "void f(int n, float a[static n], float *b) { if (!b) return;"
        + " if (a) for (int i = 0; i < n; i++) b[i] = a[i]; }", ["b"]),
    Case(
      text: "__attribute__((nonnull)) void f(int n, float *a) { if (a)"
        + " for (int i = 0; i < n; i++) a[i] = 1.0f; }", []),
  ]

  private static func shape(_ text: String) throws -> InputShape {
    let build = BuildFlags(compiler: nil, arguments: ["-O2"], directory: "/tmp", database: nil)
    let file = try JudgeFixture.parser.parseText(text, at: "/tmp/nulls.c", build: build)
    return try InputShape(try #require(file.kernel(named: "f")).withInferredContract)
  }

  @Test(arguments: cases) func testsAreFound(_ test: Case) throws {
    let shape = try Self.shape(test.text)
    let names = Dictionary(uniqueKeysWithValues: shape.memories.map { ($0.path, $0.name) })
    #expect(shape.nullTested.compactMap { names[$0] } == test.tested)
    let points = PointPlan(shape, effort: .full, seed: 1).common().filter { !$0.nulls.isEmpty }
    #expect(points.isEmpty == test.tested.isEmpty)
    #expect(points.filter { !$0.overlaps.isEmpty }.isEmpty)
  }

  /// The argument is 0 and has no region; what is reached through a null pointer is not there either.
  @Test func nullPointersHaveNoMemory() throws {
    let shape = try Self.shape(Self.record)
    let points = PointPlan(shape, effort: .full, seed: 1).common()
    let plain = try #require(points.first { $0.nulls.isEmpty })
    #expect(ImageBuilder.input(plain, of: shape)?.image.regions.count == 3)
    for (path, regions) in zip(shape.nullTested, [0, 2]) {
      let point = try #require(points.first { $0.nulls == [path] })
      let input = try #require(ImageBuilder.input(point, of: shape))
      #expect(input.image.regions.count == regions)
      #expect(input.residents.count == regions)
      #expect(input.image.patches.count == regions)
      if regions == 0 { #expect(input.image.arguments == [[UInt8](repeating: 0, count: 8)]) }
      if regions == 2 { #expect(input.image.regions[0].contents[16..<24].allSatisfy { $0 == 0 }) }
      #expect(PointText(shape: shape).text(input).contains("== NULL"))
      var overlapping = point
      overlapping.overlaps = [CallPoint.Overlap(memory: 2, into: 1, shift: 0)]
      #expect(ImageBuilder.input(overlapping, of: shape) == nil)
    }
  }

  /// What keeps the checks is right, in the sandbox and under the interpreter, with either floating-point
  /// mode.
  @Test(arguments: FloatingPointMode.allCases) func checksThatAreKeptPass(
    _ mode: FloatingPointMode
  ) async throws {
    let test = try CorpusCase.named("null-checks-outside-the-loop", in: "accepted")
    let verifier = Verifier(
      original: try test.kernel(JudgeFixture.parser),
      environment: try await JudgeFixture.environment(), parser: JudgeFixture.parser,
      floatingPoint: mode, seed: 42, levels: [.l0, .l1, .l2, .l3])
    for candidate in [test.candidate, try test.original()] {
      let result = await verifier.verify(candidate)
      #expect(result.isAccepted, "\(result.reason ?? "") \(result.levels)")
      let run = try #require(result.levels.first { $0.method == ConcreteExecution.method })
      #expect(run.result == .passed, "\(run.detail)")
      #expect(!run.detail.contains("left out"), "\(run.detail)")
    }
  }

  /// The interpreter by itself finds the load or store through a null pointer.
  @Test func interpretedRunsFindIt() async throws {
    let test = try CorpusCase.named("null-check-left-out", in: "exploits")
    let kernel = try test.kernel(JudgeFixture.parser)
    let shape = try InputShape(kernel)
    let inputs = PointPlan(shape, effort: .full, seed: 1).common()
      .filter { !$0.nulls.isEmpty }.compactMap { ImageBuilder.input($0, of: shape) }
    let execution = ConcreteExecution(
      kernel: kernel, shape: shape, parser: JudgeFixture.parser, seed: 1)
    #expect(execution.examine(try test.original(), inputs).evidence.result == .passed)
    let answer = execution.examine(test.candidate, inputs)
    #expect(answer.evidence.result == .failed)
    #expect(answer.counterexample?.inputs.contains("count == NULL") == true)
  }
}
