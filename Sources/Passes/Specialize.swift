public import ExperimentRecords
public import KernelModel

/// Makes a version of a loop nest for one value of a size, and keeps the original for all others.
///
///     for i < n { for k < taps { S } }
///       →
///     if (taps == 3) { for i < n { for k < 3 { S } } }
///     else { for i.fallback < n { for k.fallback < taps { S } } }
///
/// Every mention of the variable in the first version becomes the value, and conditions that this
/// decides are decided there. So bounds are constant, and later steps unroll in full, or tile without
/// a remainder. Loops of the other version are labelled with the suffix `.fallback`; they can be
/// specialized again, for another value.
///
/// Legal iff: the variable is a parameter, a local or the iterator of a loop around the nest; nothing
/// in the nest stores to it, and no pointer reaches it; and with the value in its place no operation is
/// left that is undefined, and no floating product that the compiler would round otherwise.
///
/// Also called: value specialization, partial evaluation, versioning for constant bounds.
///
/// Reference: Muth, Watterson & Debray, "Code Specialization Based on Value Profiles", SAS 2000; Jones,
/// Gomard & Sestoft, Partial Evaluation and Automatic Program Generation, 1993.
public struct Specialize: Pass {
  public static let name = "specialize"
  public static let parameters = [
    PassParameter("loop", .loop, "the outermost loop of the nest"),
    PassParameter("value", .value, "the name of the variable"),
    PassParameter("is", .factor, "its value in the first version"),
  ]

  /// The outermost loop of the nest.
  public let loop: LoopLabel
  /// The variable's name.
  public let value: String
  /// What it is in the first version.
  public let constant: Int

  public init(loop: LoopLabel, value: String, is constant: Int) {
    self.loop = loop
    self.value = value
    self.constant = constant
  }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    loop = try reader.loop("loop")
    guard let name = try reader.integerOrName("value").word else {
      throw Refusal(step: step, reason: "argument 'value' must be the name of a variable")
    }
    value = name
    constant = try reader.factor("is", atLeast: 1)
  }

  public var step: Step {
    Step(
      Self.name,
      [
        Argument("loop", .label(loop.text)), Argument("value", .label(value)),
        Argument("is", .integer(constant)),
      ])
  }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    guard let nest = kernel.function.body.statement(labelled: loop) else {
      throw refusal("there is no loop '\(loop)'")
    }
    let variable = try variable(in: kernel.function, nest)
    // Later steps see a scalar that serves each iteration anew as the loop's own only where nothing else
    // mentions it, and the other version would.
    let own = nest.loopLabels.reduce(kernel) { PrivateScalars.localized(in: $1, of: $0) }
    let text = try SpecializedText(
      own.function.body.statement(labelled: loop) ?? nest, variable, is: constant, in: own,
      for: self)
    var copier = StatementCopier(own.function)
    guard let fallback = copier.copy(nest, suffix: "fallback") else {
      throw refusal("loop '\(loop)' cannot be copied")
    }
    let both = Versioned(
      checks: [RuntimeCheck(condition: text.test, fact: .holds(text.test))],
      fast: .block([text.statement]), fallback: .block([fallback]))
    var result = kernel
    result.function = copier.function
    result.function.body = kernel.function.body.replacingStatement(
      loop, with: Stmt(.versioned(both)))
    return result
  }

  /// The variable that is meant; refuses when its value may change in the nest.
  private func variable(in function: Function, _ nest: Stmt) throws(Refusal) -> VariableID {
    guard let variable = function.visibleVariable(value, at: loop) else {
      throw refusal("there is no variable '\(value)' at loop '\(loop)'")
    }
    let type = function[variable].type
    guard let integer = type.integer, integer.kind != .bool, integer.holds(constant) else {
      throw refusal("'\(value)' never is \(constant)")
    }
    guard !nest.storedVariables.contains(variable),
      !function.sharedVariables.contains(variable), !type.qualifiers.contains(.volatile)
    else { throw refusal("'\(value)' may change in loop '\(loop)'") }
    guard nest.mentionedVariables.contains(variable) else {
      throw refusal("loop '\(loop)' does not mention '\(value)'")
    }
    return variable
  }
}
