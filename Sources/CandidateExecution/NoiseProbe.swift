public import ExperimentRecords
import KernelModel
import Sandboxing

/// Measures how well this machine tells two objects apart now: a small kernel against itself.
public struct NoiseProbe: Sendable {
  /// What the machine's noise allows.
  public struct Report: Hashable, Sendable, Codable {
    /// Of identical objects; 1 lies inside unless the machine has a bias.
    public var ratio: ConfidenceInterval
    /// The smallest change of run time that loads of this length resolve, as a share.
    public var smallestResolvableEffect: Double
    public var loads: Int
    public var pairs: Int
    /// The share of pairs during which another process had the core.
    public var disturbed: Double
  }

  private let harness: Harness
  private let driver: CompilerDriver

  public init(harness: Harness, driver: CompilerDriver) {
    self.harness = harness
    self.driver = driver
  }

  /// Times `loads` loads of `duration` each; `nil` when no pair was timed.
  public func measure(
    loads: Int = 5, duration: Duration = .milliseconds(400)
  ) async throws -> Report? {
    let object = try await driver.build(try unit())
    let image = MemoryImage(
      regions: [.init(name: "cells", contents: [UInt8](repeating: 3, count: 1 << 14))],
      arguments: [[UInt8](repeating: 0, count: 8)], patches: [.init(at: .argument(0), to: 0)])
    var timings: [PairedTiming] = []
    for load in 0..<loads {
      let options = TimingOptions(seed: UInt64(load + 1), duration: duration)
      timings.append(
        try await harness.timePair(
          original: object, candidate: object, images: [image], options: options))
    }
    let statistics = PairedStatistics(timings)
    guard let ratio = statistics.speedup(),
      let effect = statistics.smallestResolvableEffect()
    else { return nil }
    let disturbed = timings.reduce(0) { $0 + $1.disturbed }
    return Report(
      ratio: ratio, smallestResolvableEffect: effect, loads: statistics.logRatios.count,
      pairs: statistics.pairs,
      disturbed: Double(disturbed) / Double(max(1, disturbed + statistics.pairs)))
  }

  /// Dependent multiplications over a table, about 0.2 ms: work that no compiler takes away.
  private func unit() throws(CompileError) -> CompilationUnit {
    let cells = VariableID(0)
    let pointer = CType.pointer(PointerType(to: .unsignedInt))
    let function = Function(
      name: "ratchet_noise", result: .void, parameters: [cells], isStatic: false, isInline: false,
      body: .block([]),
      symbols: [cells: Symbol(name: "cells", type: pointer, storage: .parameter)],
      records: [:], origins: [:], range: 0..<0, bodyRange: 0..<0, reservedNames: [])
    let text = """
      void ratchet_noise(unsigned *cells) {
        unsigned state = 1;
        for (int i = 0; i < 200000; i++) state = state * 1664525u + cells[1 + state % 4095];
        cells[0] = state;
      }
      """
    let build = BuildFlags(compiler: nil, arguments: ["-O2"], directory: "/", database: nil)
    return CompilationUnit(
      bytes: Array(text.utf8), sourcePath: "/noise.c", build: build,
      trampoline: try Trampoline(function))
  }
}
