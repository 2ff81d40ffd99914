import JudgeKernels
import KernelModel
import KernelParsing

/// Looks for calls that reach outcomes of a text's branches that planned calls do not.
///
/// What a guard asks of several sizes at once, as that one is no longer than a row and another less than
/// half of the rows, no list of single sizes meets: what stands behind it would be tested on no call.
/// Sizes are drawn by chance, and kept where the interpreter sees that they lead elsewhere. Random
/// inputs kept for what they cover: R. Hamlet, "Random testing", in: Encyclopedia of Software
/// Engineering, 1994.
struct GuardedCalls {
  let kernel: Kernel
  let shape: InputShape
  let parser: KernelParser
  let seed: UInt64

  private static let mostDraws = 300
  private static let mostFound = 8
  /// Of one run, and of all.
  private static let runSteps = 300_000
  private static let allSteps = 12_000_000

  /// Calls for a text with these block factors, where `inputs` are run anyway.
  func points(of text: [UInt8], factors: [Int], beyond inputs: [CallInput]) -> [CallPoint] {
    guard var trace = BranchTrace(text, of: kernel, shape, parser: parser) else { return [] }
    trace.run(on: inputs, steps: 6_000_000)
    guard !trace.isComplete else { return [] }
    let sizes = SizePlan(shape, factors: factors, effort: .full, seed: seed)
    guard !sizes.inputs.isEmpty else { return [] }
    var random = SeededRandom(seed, path: 170_000)
    var found: [CallPoint] = []
    var left = Self.allSteps
    for draw in 0..<Self.mostDraws where left > 0 && found.count < 2 * Self.mostFound {
      guard let assignment = sizes.drawn(&random) else { continue }
      let point = CallPoint(
        sizes: assignment, valueClass: .ordinary, placement: .flushEnd,
        seed: seed &+ UInt64(170_000 + 2 * draw))
      guard let input = ImageBuilder.input(point, of: shape) else { continue }
      let run = trace.run(on: input, steps: Self.runSteps)
      left -= run.steps
      guard run.showsMore else { continue }
      var other = point
      (other.valueClass, other.placement, other.seed) = (.wide, .shifted, point.seed &+ 1)
      found += [point, other]
      if trace.isComplete { break }
    }
    return found
  }
}
