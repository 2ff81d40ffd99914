import CandidateExecution
import DependenceAnalysis
import Diagnostics
import ExperimentRecords
import Foundation
import KernelModel
import KernelParsing
import Sandboxing

/// How far apart two timings of the same object are on this machine.
struct NoiseMeasurement: Encodable {
  /// Seconds that a candidate gets.
  var seconds: Double
  /// The smallest gain that can be told from none, as a share.
  var smallestResolvableEffect: Double
  /// The ratio of the two, which is 1 but for noise.
  var ratio: ConfidenceInterval
  var pairs: Int
  var loads: Int
  var compiler: String

  /// The finding in words.
  var sentence: String {
    "with \(Figures.seconds(seconds)) per candidate, \(Figures.percent(smallestResolvableEffect)) "
      + "can be resolved (two copies of one object: \(Figures.interval(ratio)), \(pairs) pairs in "
      + "\(loads) loads)"
  }

  private static let text = """
    void ratchet_noise(int n, double a[restrict static n], const double b[restrict static n]) {
      for (int i = 0; i < n; i++)
        a[i] = 0.5 * a[i] + b[i];
    }

    """

  /// Times two copies of one object for a second.
  static func make(compiler: Compiler, runner: Runner) async throws -> NoiseMeasurement {
    let scratch = try ScratchDirectory()
    let parser = KernelParser(.init(compiler: compiler.path, flags: ["-O2"]))
    let path = NSTemporaryDirectory() + "/ratchet_noise.c"
    let parsed = try parser.parseText(text, at: path, build: try parser.build(for: path))
    guard var kernel = parsed.kernel(named: "ratchet_noise") else {
      let reason = parsed.skipped.first.map { ": \($0.reason)" } ?? ""
      throw InputError("the kernel to measure with was not read\(reason)")
    }
    kernel.contract = ContractInference.infer(for: kernel)
    let unit = try CompilationUnit(kernel)
    let driver = CompilerDriver(compiler: compiler, runner: runner, scratch: scratch)
    let object = try await driver.build(unit)
    let generator = try InputGenerator(
      function: kernel.function, contract: kernel.contract, trampoline: unit.trampoline)
    let (loads, seconds) = (5, 1.0)
    var timings: [PairedTiming] = []
    for seed in 1...UInt64(loads) {
      let image = try generator.image(
        InputPlan(sizes: ["n": 2048], placement: .bytes(64), seed: seed))
      timings.append(
        try await Harness(runner: runner).timePair(
          original: object, candidate: object, images: [image],
          options: TimingOptions(seed: seed, duration: .seconds(seconds / Double(loads)))))
    }
    let statistics = PairedStatistics(timings)
    guard let ratio = statistics.speedup(),
      let effect = statistics.smallestResolvableEffect()
    else { throw InputError("no pair of calls was timed") }
    return NoiseMeasurement(
      seconds: seconds, smallestResolvableEffect: effect, ratio: ratio, pairs: statistics.pairs,
      loads: loads, compiler: compiler.description)
  }
}
