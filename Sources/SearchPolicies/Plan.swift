import ExperimentRecords

/// A short sequence of steps that pay together, each chosen from the shape that the steps before it
/// left.
struct Plan: Sendable {
  /// Chooses the next step, or nil when the shape has no place for it.
  typealias Choice = @Sendable (KernelShape) -> Step?

  enum Part: Sendable {
    /// Without this step the plan makes no sense.
    case required(Choice)
    /// Taken when it applies.
    case optional(Choice)
    /// A required step that was chosen from the shape before the whole plan; shapes in between, which
    /// are dear where loops are many, need not be known.
    case step(Step)
    /// The same, taken when it applies.
    case optionalStep(Step)
  }

  var name: String
  /// Expected worth before anything is known, larger is tried earlier.
  var prior: Double
  var parts: [Part]
  /// Whether it settles its nest: nothing but its numbers is varied afterwards.
  var isWhole = false
}

extension Step {
  static func interchange(_ order: [String]) -> Step {
    Step("interchange", [Argument("order", .list(order.map { .label($0) }))])
  }
  static func tile(_ loops: [String], by sizes: [Int]) -> Step {
    Step(
      "tile",
      [
        Argument("loops", .list(loops.map { .label($0) })),
        Argument("by", .list(sizes.map { .integer($0) })),
      ])
  }
  static func zOrder(_ loops: [String], by side: Int) -> Step {
    Step(
      "z_order",
      [Argument("loops", .list(loops.map { .label($0) })), Argument("by", .integer(side))])
  }
  static func tile(_ loop: String, by size: Int) -> Step {
    Step("tile", [Argument("loop", .label(loop)), Argument("by", .integer(size))])
  }
  /// The values of the iterator below `value`, then the others.
  static func split(_ loop: String, at value: String) -> Step {
    Step("split_index_set", [Argument("loop", .label(loop)), Argument("at", .label(value))])
  }
  /// The values of the iterator below `value` plus a number, then the others.
  static func split(_ loop: String, at value: String, plus offset: Int) -> Step {
    var step = split(loop, at: value)
    step.arguments.append(Argument("plus", .integer(offset)))
    return step
  }
  /// What the loop brings into a reduction, in a nest of its own.
  static func setApart(_ loop: String, from nest: String) -> Step {
    Step("set_apart", [Argument("loop", .label(loop)), Argument("nest", .label(nest))])
  }
  static func onLoop(_ pass: String, _ loop: String) -> Step {
    Step(pass, [Argument("loop", .label(loop))])
  }
  static func onLoop(_ pass: String, _ loop: String, by factor: Int) -> Step {
    Step(pass, [Argument("loop", .label(loop)), Argument("by", .integer(factor))])
  }
  static func vectorize(_ loop: String, width: Int) -> Step {
    Step("vectorize", [Argument("loop", .label(loop)), Argument("width", .integer(width))])
  }
  static func expand(_ scalar: String, in loop: String) -> Step {
    Step("expand", [Argument("loop", .label(loop)), Argument("scalar", .word(scalar))])
  }
  static func contractArray(_ array: String, in loop: String) -> Step {
    Step("contract_array", [Argument("array", .label(array)), Argument("loop", .label(loop))])
  }
  /// The step with floating-point operations of reductions in any order.
  var reordering: Step { Step(pass, arguments + [Argument("order", .word("free"))]) }
  /// Places of the array that the loop accesses `ahead` iterations later.
  static func prefetch(_ loop: String, array: String, ahead: Int) -> Step {
    Step(
      "prefetch",
      [
        Argument("loop", .label(loop)), Argument("array", .label(array)),
        Argument("ahead", .integer(ahead)),
      ])
  }
  /// A version of the nest for one value.
  static func specialize(_ loop: String, _ usual: UsualValue) -> Step {
    Step(
      "specialize",
      [
        Argument("loop", .label(loop)), Argument("value", .label(usual.name)),
        Argument("is", .integer(usual.value)),
      ])
  }
  static func multiversion(_ loop: String) -> Step {
    Step("multiversion", [Argument("loop", .label(loop)), Argument("restrict", .word("yes"))])
  }
}
