import Foundation
import Sandboxing
import Testing

@testable import CandidateExecution

private func kernelText(repeats: Int, wrong: Bool = false, inPlace: Bool = false) -> String {
  """
  void f(int n, double *restrict a, double *restrict b) {
    for (int t = 0; t < \(repeats); t++)
      for (int i = 0; i < n; i++) ((volatile double *)b)[i] = a[i] * 2 + 1;
    \(inPlace ? "a[0] += 1;" : "")
    \(wrong ? "b[3] = 5;" : "")
  }
  """
}

private let extents = ["a": "n", "b": "n"]

/// The machinery is asserted, not the machine's speed: bounds are loose.
@Suite(.serialized) struct TimingTests {
  private func time(
    _ bench: Workbench, _ first: String, _ second: String, replicas: Int = 1,
    options: TimingOptions = TimingOptions(seed: 5, duration: .milliseconds(150))
  ) async throws -> PairedTiming {
    let kernel = try bench.kernel(first, extents: extents)
    let generator = try InputGenerator(
      function: kernel.function, contract: kernel.contract,
      trampoline: try Trampoline(kernel.function))
    let image = try generator.image(
      InputPlan(sizes: ["n": 4000], placement: .bytes(64), seed: 1))
    let original = try await bench.driver.build(try CompilationUnit(kernel))
    let candidate = try await bench.driver.build(try CompilationUnit(bench.kernel(second)))
    return try await bench.harness.timePair(
      original: original, candidate: candidate, images: Array(repeating: image, count: replicas),
      options: options)
  }

  @Test func identicalObjectsTakeTheSameTime() async throws {
    let text = kernelText(repeats: 20)
    let timing = try await time(try await Workbench(), text, text)
    #expect(timing.verdict == .agreed)
    #expect(timing.isRepeatable)
    #expect(timing.pairs.count > 3)
    #expect(timing.checks > 0)
    #expect(timing.usage.map(\.threads) == [1, 1])
    #expect(timing.usage.allSatisfy { $0.cpuNanoseconds > 0 && $0.wallNanoseconds > 0 })
    let ratio = try #require(PairedStatistics([timing]).speedup()).median
    #expect((0.6...1.6).contains(ratio))
    if timing.pairs.count > 20 { #expect(Set(timing.pairs.map(\.candidateFirst)).count == 2) }
  }

  /// The smaller of two values replaces whatever larger one stands there, and keeps smaller ones: bytes that are
  /// changed to see whether they are written must not make such a kernel differ from itself.
  @Test(arguments: [3, 5, 8, 13])
  func aMinimumInPlaceAgreesWithItself(_ seed: UInt64) async throws {
    let text = """
      void f(int n, double *restrict a, double *restrict b) {
        int *length = (int *)b;
        const int *other = (const int *)a;
        for (int i = 0; i < n; i++) {
          int bound = other[i] & 7;
          length[i] = length[i] < bound ? length[i] : bound;
        }
      }
      """
    let timing = try await time(
      try await Workbench(), text, text,
      options: TimingOptions(seed: seed, duration: .milliseconds(300), checkEvery: 1))
    #expect(timing.verdict == .agreed)
  }

  @Test func twiceTheWorkIsSeen() async throws {
    let timing = try await time(
      try await Workbench(), kernelText(repeats: 20), kernelText(repeats: 40))
    let ratio = try #require(PairedStatistics([timing]).speedup())
    #expect(ratio.median < 0.8)
  }

  @Test func aPlainLoserIsTimedNoFurther() async throws {
    let bench = try await Workbench()
    let (short, long) = (kernelText(repeats: 2), kernelText(repeats: 100))
    let most = 60
    var options = TimingOptions(seed: 5, duration: .seconds(8), pairs: most, callsPerBatch: 1)
    func pairs(_ first: String, _ second: String) async throws -> Int {
      let timing = try await time(bench, first, second, options: options)
      return timing.pairs.count + timing.disturbed
    }
    // A machine that stands still during a short batch can hide a loss, not every time.
    func endsEarly(_ first: String, _ second: String) async throws -> Bool {
      for _ in 0..<5 where try await pairs(first, second) < most { return true }
      return false
    }
    options.loss = .init(of: .candidate, ratio: 1.1)
    #expect(try await endsEarly(short, long))
    // The original may take as long as it likes.
    #expect(try await pairs(long, short) >= most)
    options.loss = .init(of: .original, ratio: 1.1)
    #expect(try await endsEarly(long, short))
  }

  @Test func aWrongOutputEndsTheJob() async throws {
    let timing = try await time(
      try await Workbench(), kernelText(repeats: 20), kernelText(repeats: 20, wrong: true))
    guard case .wrongOutput(.candidate, 0, .region(1, let offset), _, _) = timing.verdict else {
      Issue.record("\(timing.verdict)")
      return
    }
    #expect((24..<32).contains(offset))
    #expect(timing.pairs.isEmpty)
  }

  @Test func callsThatChangeTheirInputsAreRestored() async throws {
    let text = kernelText(repeats: 1, inPlace: true)
    let timing = try await time(try await Workbench(), text, text, replicas: 8)
    #expect(timing.verdict == .agreed)
    #expect(!timing.isRepeatable)
    #expect((1...8).contains(timing.callsPerBatch))
  }

  @Test func shortCallsAreTimedInBatches() async throws {
    let text = kernelText(repeats: 1)
    let timing = try await time(try await Workbench(), text, text)
    #expect(timing.isRepeatable)
    #expect(timing.callsPerBatch > 4)
  }

  @Test func aCandidateThatRestsOnItsLeftoversIsCaught() async throws {
    let cheat = """
      static int calls;
      void f(int n, double *restrict a, double *restrict b) {
        if (calls++ > 3) return;
        for (int i = 0; i < n; i++) b[i] = a[i] * 2 + 1;
      }
      """
    let bench = try await Workbench()
    let kernel = try bench.kernel(kernelText(repeats: 1), extents: extents)
    let trampoline = try Trampoline(kernel.function)
    let generator = try InputGenerator(
      function: kernel.function, contract: kernel.contract, trampoline: trampoline)
    let image = try generator.image(InputPlan(sizes: ["n": 4000], seed: 1))
    var unit = try CompilationUnit(kernel)
    let original = try await bench.driver.build(unit)
    unit.bytes = Array(cheat.utf8)
    let candidate = try await bench.driver.build(unit)
    let timing = try await bench.harness.timePair(
      original: original, candidate: candidate, images: [image],
      options: TimingOptions(seed: 5, duration: .milliseconds(150)))
    guard case .wrongOutput(.candidate, _, .region(1, _), _, _) = timing.verdict else {
      Issue.record("\(timing.verdict)")
      return
    }
  }

  @Test func aRecordingAnswersLikeTheMachine() async throws {
    let bench = try await Workbench()
    let recorder = RecordingMeasurements(bench.harness)
    let kernel = try bench.kernel(kernelText(repeats: 2), extents: extents)
    let object = try await bench.driver.build(try CompilationUnit(kernel))
    let generator = try InputGenerator(
      function: kernel.function, contract: kernel.contract,
      trampoline: try Trampoline(kernel.function))
    let image = try generator.image(InputPlan(sizes: ["n": 100], seed: 1))
    let options = TimingOptions(seed: 9, duration: .milliseconds(20))
    let live = try await recorder.timePair(
      original: object, candidate: object, images: [image], options: options)
    let path = bench.scratch.path + "/recording.json"
    try recorder.recording.write(to: path)
    let replay = RecordedMeasurements(try Recording(contentsOf: path))
    let again = try await replay.timePair(
      original: object, candidate: object, images: [image], options: options)
    #expect(again == live)
    await #expect(throws: HarnessError.notRecorded) {
      try await replay.timePair(
        original: object, candidate: object, images: [image], options: TimingOptions(seed: 10))
    }
  }

  @Test func calibrationGivesWorkloadsOfGrowingSize() async throws {
    let bench = try await Workbench()
    let kernel = try bench.kernel(kernelText(repeats: 1), extents: extents)
    let generator = try InputGenerator(
      function: kernel.function, contract: kernel.contract,
      trampoline: try Trampoline(kernel.function))
    let goal = WorkloadCalibration.Goal(machine: MachineProbe.current())
    let calibration = WorkloadCalibration(source: bench.harness, generator: generator, goal: goal)
    let workloads = try await calibration.workloads(
      for: try await bench.driver.build(try CompilationUnit(kernel)))
    #expect(workloads.count == 3)
    let sizes = workloads.compactMap { $0.sizes["n"] }
    #expect(sizes == sizes.sorted())
    #expect((sizes.first ?? 0) * 16 <= goal.workingSets[0].bytes)
  }
}

/// Where objects stand and how they are laid out, load by load.
@Suite(.serialized) struct LoadTests {
  /// Gives the object that stands first 100 ns and the other 300 ns, whatever they are.
  private struct BiasedSource: MeasurementSource {
    var wrong: LoadableObject?

    func timePair(
      original: LoadableObject, candidate: LoadableObject, images: [MemoryImage],
      options: TimingOptions
    ) async throws(HarnessError) -> PairedTiming {
      var timing = PairedTiming(
        pairs: [.init(original: 100, candidate: 300, candidateFirst: false)],
        usage: [
          .init(cpuNanoseconds: 1, wallNanoseconds: 1, threads: 1),
          .init(cpuNanoseconds: 3, wallNanoseconds: 3, threads: 1),
        ])
      if let wrong, original == wrong || candidate == wrong {
        timing.verdict = .wrongOutput(
          .candidate, image: 0, place: .region(0, offset: 8), expected: 1, found: 2)
      }
      return timing
    }
  }

  private func objects(_ bench: Workbench) async throws -> (LoadableObject, LoadableObject) {
    let first = try await bench.driver.build(
      try CompilationUnit(bench.kernel("void f(int n) { for (int i = 0; i < n; i++) {} }")))
    let second = try await bench.driver.build(
      try CompilationUnit(bench.kernel("void f(int n) { for (int i = 1; i < n; i++) {} }")))
    return (first, second)
  }

  @Test func aCoinDecidesWhoStandsFirst() async throws {
    let (first, second) = try await objects(try await Workbench())
    let source = ShuffledMeasurements(BiasedSource())
    var faster = 0
    for seed in 0..<200 {
      let timing = try await source.timePair(
        original: first, candidate: second, images: [], options: TimingOptions(seed: UInt64(seed)))
      let pair = timing.pairs[0]
      let isFaster = pair.candidate < pair.original
      faster += isFaster ? 1 : 0
      #expect(pair.candidateFirst == isFaster, "told as it was")
      #expect(timing.usage[1].cpuNanoseconds == (isFaster ? 1 : 3))
    }
    #expect((70...130).contains(faster), "the place's bias falls on both alike")
  }

  @Test func aWrongCandidateIsNamedWhereverItStands() async throws {
    let (first, second) = try await objects(try await Workbench())
    let source = ShuffledMeasurements(BiasedSource(wrong: second))
    for seed in 0..<20 {
      let timing = try await source.timePair(
        original: first, candidate: second, images: [], options: TimingOptions(seed: UInt64(seed)))
      guard case .wrongOutput(.candidate, _, _, 1, 2) = timing.verdict else {
        Issue.record("\(timing.verdict)")
        continue
      }
    }
  }

  @Test func layoutsMoveTheCodeAndComputeTheSame() async throws {
    let bench = try await Workbench()
    let kernel = try bench.kernel(kernelText(repeats: 2), extents: extents)
    let unit = try CompilationUnit(kernel)
    let layouts = try await bench.driver.layouts(of: unit)
    #expect(Set(layouts.map(\.digest)).count == CompilerDriver.layoutCount)
    let offsets = try layouts.map { try offsetOfEntry($0.path) % 64 }
    #expect(Set(offsets).count == CompilerDriver.layoutCount, "\(offsets)")
    let again = try await bench.driver.layouts(of: unit)
    #expect(again.map(\.path) == layouts.map(\.path))
    #expect(layouts[0].cpuSeconds > 0 && again[0].cpuSeconds == 0)
    let generator = try InputGenerator(
      function: kernel.function, contract: kernel.contract, trampoline: unit.trampoline)
    let image = try generator.image(InputPlan(sizes: ["n": 1000], seed: 1))
    for layout in layouts {
      let timing = try await bench.harness.timePair(
        original: layouts[0], candidate: layout, images: [image],
        options: TimingOptions(seed: 3, duration: .milliseconds(10)))
      #expect(timing.verdict == .agreed)
    }
  }

  /// Where the entry stands in the file's first segment.
  private func offsetOfEntry(_ path: String) throws -> UInt {
    let library = try #require(dlopen(path, RTLD_NOW | RTLD_LOCAL))
    defer { dlclose(library) }
    let entry = try #require(dlsym(library, "ratchet_entry"))
    return UInt(bitPattern: entry)
  }
}
