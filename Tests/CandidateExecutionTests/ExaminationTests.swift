import KernelModel
import Sandboxing
import Testing

@testable import CandidateExecution

private let scaled = """
  struct vec { int n; double *x; };
  static int counter = 5;
  static int scale(int n, double *a, struct vec *v, const double *c, int where) {
    counter++;
    for (int i = 0; i < n; i++) a[i] = a[i] + c[i] * v->x[i];
    if (where == 1) a[n] = 1;
    if (where == 2) a[-1] = 1;
    if (where == 3) *(double *)c = 1;
    return 2 * n + counter;
  }
  int use(int n, double *a, struct vec *v, const double *c) { return scale(n, a, v, c, 0); }
  """

@Suite struct ExaminationTests {
  /// Regions 0 `a`, 1 `v`, 2 `v->x`, 3 `c`, set out by hand.
  private func image(
    where place: Int32, placement: MemoryImage.Placement = .flushEnd, writable: Bool = false
  ) -> MemoryImage {
    let numbers = bytes([1.0, 2, 3, 4])
    return MemoryImage(
      regions: [
        .init(name: "a", contents: numbers, placement: placement, cells: .init(.double)),
        .init(name: "v", contents: [UInt8](repeating: 0, count: 16), placement: placement),
        .init(name: "v->x", contents: numbers, placement: placement, cells: .init(.double)),
        .init(
          name: "c", contents: numbers, placement: placement, isWritable: writable,
          cells: .init(.double)),
      ],
      arguments: [
        bytes(Int32(4)), bytes([UInt64(0)]), bytes([UInt64(0)]), bytes([UInt64(0)]), bytes(place),
      ],
      patches: [
        .init(at: .argument(1), to: 0), .init(at: .argument(2), to: 1),
        .init(at: .argument(3), to: 3), .init(at: .region(1), offset: 8, to: 2),
      ],
      globals: [.init(index: 0, contents: bytes(Int32(100)))], resultSize: 4)
  }

  private func object(_ bench: Workbench, _ flavour: Flavour = .shipping) async throws
    -> LoadableObject
  {
    try await bench.driver.build(try CompilationUnit(bench.kernel(scaled)), as: flavour)
  }

  @Test(arguments: [Flavour.shipping, .unoptimized, .undefinedBehaviour])
  func structsGlobalsAndResultsComeBack(flavour: Flavour) async throws {
    let bench = try await Workbench()
    let object = try await object(bench, flavour)
    let options = ExaminationOptions(callsTwice: true)
    let outcome = try await bench.harness.examine(
      object, images: [image(where: 0)], options: options)[0]
    let call = try #require(outcome.returned, "\(outcome)")
    #expect(doubles(call.regions[0]) == [2, 6, 12, 20])
    #expect(call.result == bytes(Int32(8 + 101)))
    #expect(call.globals == [bytes(Int32(101))])
    #expect(call.unrepeatable == nil)
    #expect(call.damage == nil)
  }

  @Test(arguments: [
    (Int32(1), MemoryImage.Placement.flushEnd, 32), (2, .flushStart, -8),
  ])
  func oneElementBeyondEitherEndFaults(
    place: Int32, placement: MemoryImage.Placement, offset: Int
  ) async throws {
    let bench = try await Workbench()
    let object = try await object(bench)
    let images = [image(where: place, placement: placement), image(where: 0, placement: placement)]
    let outcomes = try await bench.harness.examine(object, images: images)
    guard case .fault(let fault) = outcomes[0] else {
      Issue.record("\(outcomes[0])")
      return
    }
    #expect(fault.place == .region(0, offset: offset))
    // The next image is called all the same.
    #expect(doubles(try #require(outcomes[1].returned).regions[0]) == [2, 6, 12, 20])
  }

  @Test func readOnlyMemoryFaultsOnAStore() async throws {
    let bench = try await Workbench()
    let object = try await object(bench)
    let images = [image(where: 3), image(where: 3, writable: true)]
    let outcomes = try await bench.harness.examine(object, images: images)
    guard case .fault(let fault) = outcomes[0] else {
      Issue.record("\(outcomes[0])")
      return
    }
    #expect(fault.place == .region(3, offset: 0))
    #expect(outcomes[1].returned != nil)
  }

  @Test func overwrittenCanariesAreTold() async throws {
    let bench = try await Workbench()
    let object = try await object(bench)
    let outcome = try await bench.harness.examine(
      object, images: [image(where: 1, placement: .offset(8))])[0]
    #expect(outcome.returned?.damage == .region(0, offset: 32))
  }

  @Test(arguments: ["clang", "clang-14", "gcc"])
  func theAuditFindsExactlyTheBytesTouched(compiler: String) async throws {
    guard CompilerProbe.find(compiler) != nil else { return }
    let bench = try await Workbench(compiler)
    let text = """
      struct pair { float x; int k; };
      int total = 3;
          void f(int n, int *a, struct pair *p) {
        for (int i = 0; i + 1 < n; i += 2) a[i + 1] = p[i].k;
        total = n;
        struct pair copy = p[0];
        p[1] = copy;
      }
      """
    let kernel = try bench.kernel(text, extents: ["a": "n", "p": "n"])
    let generator = try InputGenerator(
      function: kernel.function, contract: kernel.contract,
      trampoline: try Trampoline(kernel.function))
    let image = try generator.image(InputPlan(sizes: ["n": 5], seed: 7))
    let object = try await bench.driver.build(try CompilationUnit(kernel), as: .audit)
    let outcome = try await bench.harness.examine(
      object, images: [image], options: ExaminationOptions(audits: true))[0]
    let accesses = try #require(outcome.returned?.accesses, "\(outcome)")
    let stored: [UInt8] = [0, 0, 0, 0, 2, 2, 2, 2, 0, 0, 0, 0, 2, 2, 2, 2, 0, 0, 0, 0]
    #expect(accesses.regions[0] == stored)
    var pairs = [UInt8](repeating: 0, count: 40)
    for byte in 0..<8 { pairs[byte] = 1 }
    for byte in 8..<16 { pairs[byte] = 2 }
    for byte in 20..<24 { pairs[byte] = 1 }
    #expect(accesses.regions[1] == pairs)
    // Gcc does not watch accesses to fixed places of globals.
    if compiler != "gcc" { #expect(accesses.globals == [[2, 2, 2, 2]]) }
    var narrower = accesses
    narrower.regions[1][21] = 0
    #expect(narrower.firstExcess(over: accesses) == nil)
    #expect(
      accesses.firstExcess(over: narrower) == .init(object: .region(1), offset: 21, access: .read))
  }

  @Test func undefinedBehaviourIsNamed() async throws {
    let bench = try await Workbench()
    let text = """
          void f(int n, int *a) { for (int i = 0; i < n; i++) a[i] = a[i] + 2147483647; }
      """
    let kernel = try bench.kernel(text)
    let object = try await bench.driver.build(
      try CompilationUnit(kernel), as: .undefinedBehaviour)
    let image = MemoryImage(
      regions: [.init(name: "a", contents: bytes([Int32(0), 1]))],
      arguments: [bytes(Int32(2)), bytes([UInt64(0)])], patches: [.init(at: .argument(1), to: 0)])
    guard case .fault(let fault) = try await bench.harness.examine(object, images: [image])[0]
    else {
      Issue.record("no trap")
      return
    }
    #expect(fault.check == .addOverflow)
  }

  @Test func equalSeedsGiveEqualPointers() async throws {
    let bench = try await Workbench()
    let object = try await object(bench)
    var regions: [[UInt8]] = []
    for seed: UInt64 in [3, 3, 4] {
      let outcome = try await bench.harness.examine(
        object, images: [image(where: 0)], options: ExaminationOptions(seed: seed))[0]
      regions.append(try #require(outcome.returned).regions[1])
    }
    #expect(regions[0] == regions[1])
    #expect(regions[0] != regions[2])
  }
}
