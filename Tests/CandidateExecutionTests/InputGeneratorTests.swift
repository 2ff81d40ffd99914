import KernelModel
import Testing

@testable import CandidateExecution

@Suite struct InputGeneratorTests {
  private func generator(
    _ text: String, extents: [String: String] = ["x": "n", "y": "n"], separated: Bool = false
  ) async throws -> InputGenerator {
    var kernel = try await Workbench().kernel(text, extents: extents)
    if separated, let x = kernel.function.path(named: "x"), let y = kernel.function.path(named: "y")
    {
      kernel.contract.requirements.append(.separated(x, y))
    }
    return try InputGenerator(
      function: kernel.function, contract: kernel.contract,
      trampoline: try Trampoline(kernel.function))
  }

  private let axpy = """
    void axpy(int n, double a, const double *x, double *y) {
      for (int i = 0; i < n; i++) y[i] += a * x[i];
    }
    """

  @Test func extentsBecomeRegionsOfExactlyThatSize() async throws {
    let image = try await generator(axpy).image(InputPlan(sizes: ["n": 5], seed: 1))
    #expect(image.regions.map(\.name) == ["x", "y"])
    #expect(image.regions.map(\.contents.count) == [40, 40])
    #expect(image.regions.map(\.isWritable) == [false, true])
    #expect(image.arguments[0] == bytes(Int32(5)))
    #expect(image.patches.count == 2)
  }

  @Test func equalPlansGiveEqualImages() async throws {
    let generator = try await generator(axpy)
    let plan = InputPlan(sizes: ["n": 33], values: .special, seed: 8)
    #expect(try generator.image(plan) == generator.image(plan))
    var other = plan
    other.seed = 9
    #expect(try generator.image(plan) != generator.image(other))
  }

  @Test func sizesOutsideTheContractAreRefused() async throws {
    let generator = try await generator(axpy)
    #expect(generator.sizeInputs == ["n"])
    #expect(throws: GenerationError.outsideContract("-1 >= 0 does not hold")) {
      try generator.image(InputPlan(sizes: ["n": -1], seed: 1))
    }
    #expect(try generator.image(InputPlan(sizes: ["n": 0], seed: 1)).regions[0].contents.isEmpty)
    #expect(try generator.byteCount(sizes: ["n": 100]) == 1600)
  }

  @Test func legalOverlapsShareARegion() async throws {
    let generator = try await generator(axpy)
    #expect(generator.overlapCandidates.map { [$0.first, $0.second] } == [["x", "y"]])
    let plan = InputPlan(sizes: ["n": 4], overlap: .init("x", "y", shift: 1), seed: 1)
    let image = try generator.image(plan)
    #expect(image.regions.count == 1)
    #expect(image.regions[0].contents.count == 40)
    #expect(image.regions[0].isWritable)
    #expect(image.patches.map(\.targetOffset) == [0, 8])
    var backwards = plan
    backwards.overlap = .init("x", "y", shift: -2)
    #expect(try generator.image(backwards).patches.map(\.targetOffset) == [16, 0])
  }

  @Test func restrictAndSeparatedForbidOverlap() async throws {
    let restricted = try await generator(
      axpy.replacing("const double *x", with: "const double *restrict x"))
    #expect(restricted.overlapCandidates.isEmpty)
    let separated = try await generator(axpy, separated: true)
    #expect(separated.overlapCandidates.isEmpty)
    #expect(throws: GenerationError.cannotOverlap("x", "y")) {
      try separated.image(InputPlan(sizes: ["n": 4], overlap: .init("x", "y", shift: 0), seed: 1))
    }
  }

  @Test func placementsAreAsAsked() async throws {
    let generator = try await generator(axpy)
    func placements(_ placement: InputPlan.Placement) throws -> [MemoryImage.Placement] {
      try generator.image(InputPlan(sizes: ["n": 4], placement: placement, seed: 1))
        .regions.map(\.placement)
    }
    #expect(try placements(.flushStart) == [.flushStart, .flushStart])
    #expect(try placements(.elements(1)) == [.offset(8), .offset(8)])
    #expect(try placements(.bytes(64)) == [.offset(64), .offset(128)])
  }

  @Test func structsAreFilledPatchedAndSized() async throws {
    let generator = try await generator(
      """
      struct matrix { int rows, cols; const float *data; char pad; };
      float total(const struct matrix *m) {
        float s = 0;
        for (int i = 0; i < m->rows * m->cols; i++) s += m->data[i];
        return s;
      }
      """, extents: ["m->data": "m->rows * m->cols"])
    #expect(Set(generator.sizeInputs) == ["m->rows", "m->cols"])
    let image = try generator.image(InputPlan(sizes: ["m->rows": 3, "m->cols": 5], seed: 2))
    #expect(image.regions.map(\.name) == ["m", "m->data"])
    #expect(Array(image.regions[0].contents[..<8]) == bytes([Int32(3), 5]))
    #expect(image.regions[0].contents.count == 24)
    #expect(image.regions[1].contents.count == 60)
    #expect(
      image.patches == [
        .init(at: .argument(0), to: 0), .init(at: .region(0), offset: 8, to: 1),
      ])
    #expect(image.resultSize == 4)
  }

  @Test func anUnknownExtentIsNamed() async throws {
    let kernel = try await Workbench().kernel(
      "int f(int n, const int *p) { int s = 0; for (int i = 0; i < n; i++) s += p[i]; return s; }")
    #expect(throws: GenerationError.unresolvedExtent("p")) {
      try InputGenerator(
        function: kernel.function, contract: Contract(),
        trampoline: try Trampoline(kernel.function))
    }
  }

  @Test func whatASettledContractDoesNotMentionIsInaccessible() async throws {
    let generator = try await generator(
      """
      struct node { const char *label; struct node *next; int (*compare)(int); double value; };
      void f(int n, double *x, struct node *p, char *unused) {
        for (int i = 0; i < n; i++) x[i] = p->value;
      }
      """, extents: ["x": "n"])
    let image = try generator.image(InputPlan(sizes: ["n": 3], seed: 1))
    let sizes = Dictionary(uniqueKeysWithValues: image.regions.map { ($0.name, $0.contents.count) })
    #expect(sizes == ["x": 24, "p": 32, "p->label": 0, "p->next": 32, "unused": 0])
  }

  @Test func elementsStayInTheirRangeAndInOrder() async throws {
    let kernel = try await Workbench().kernel(
      "void f(int n, int m, int *p) { for (int i = 0; i <= n; i++) p[i] += m; }")
    func input(_ name: String) throws -> SizeExpr {
      .input(ObjectPath(try #require(kernel.function.variable(named: name))))
    }
    let path = ObjectPath(try #require(kernel.function.variable(named: "p")))
    let range = SizeRange(.constant(0), .add(try input("n"), .constant(1)))
    let contract = Contract(
      extents: [
        path: Extent(lower: .constant(0), upper: range.upper, source: .acsl, isProven: false)
      ],
      requirements: [
        .elements(path, range: range, values: SizeRange(.constant(2), try input("m"))),
        .monotone(path, range: SizeRange(.constant(0), try input("n"))),
      ])
    let generator = try InputGenerator(
      function: kernel.function, contract: contract, trampoline: try Trampoline(kernel.function))
    let image = try generator.image(InputPlan(sizes: ["n": 50, "m": 9], seed: 3))
    let values = image.regions[0].contents.withUnsafeBytes { Array($0.bindMemory(to: Int32.self)) }
    #expect(values.count == 51)
    #expect(values.allSatisfy { (2..<9).contains($0) })
    #expect(values == values.sorted())
    #expect(Set(values).count > 3)
  }

  @Test func negativeSubscriptsMoveThePointer() async throws {
    let kernel = try await Workbench().kernel(
      "void f(int n, double *a) { for (int i = 0; i < n; i++) a[i] += a[i - 2]; }")
    let path = ObjectPath(try #require(kernel.function.variable(named: "a")))
    let n = SizeExpr.input(ObjectPath(try #require(kernel.function.variable(named: "n"))))
    let contract = Contract(extents: [
      path: Extent(lower: .constant(-2), upper: n, source: .inferred, isProven: true)
    ])
    let generator = try InputGenerator(
      function: kernel.function, contract: contract, trampoline: try Trampoline(kernel.function))
    let image = try generator.image(InputPlan(sizes: ["n": 3], seed: 1))
    #expect(image.regions[0].contents.count == 40)
    #expect(image.patches[0].targetOffset == 16)
  }
}
