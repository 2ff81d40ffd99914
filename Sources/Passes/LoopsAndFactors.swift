import ExperimentRecords
import KernelModel

/// The arguments `loop: i, by: 4` or `loops: [i, j], by: [4, 2]`.
extension ArgumentReader {
  func loopsAndFactors() throws(Refusal) -> ([LoopLabel], [Int], namesOneLoop: Bool) {
    switch (step["loop"], step["loops"]) {
    case (_?, nil): return ([try loop("loop")], [try factor("by")], true)
    case (nil, _?):
      let labels = try loops("loops")
      let factors = try factors("by", atLeast: 2)
      guard !labels.isEmpty, Set(labels).count == labels.count else {
        throw Refusal(step: step, reason: "argument 'loops' must name different loops")
      }
      guard labels.count == factors.count else {
        throw Refusal(step: step, reason: "arguments 'loops' and 'by' must have the same length")
      }
      return (labels, factors, false)
    default: throw Refusal(step: step, reason: "give either 'loop' or 'loops'")
    }
  }
}

extension Step {
  static func loopsAndFactors(
    _ name: String, _ loops: [LoopLabel], _ factors: [Int], namesOneLoop: Bool
  ) -> Step {
    if namesOneLoop {
      return Step(
        name, [Argument("loop", .label(loops[0].text)), Argument("by", .integer(factors[0]))])
    }
    return Step(
      name,
      [
        Argument("loops", .list(loops.map { .label($0.text) })),
        Argument("by", .list(factors.map { .integer($0) })),
      ])
  }
}
