public import ExperimentRecords
public import KernelModel

/// Declares a scalar in the loop that sets it anew in every iteration.
///
///     double t; for i { t = f(i); g(t); }   →   for i { double t = f(i); g(t); }
///
/// Other passes then see that it carries nothing from iteration to iteration. An iterator of loops
/// inside is declared by these.
///
/// Legal iff: the scalar is local and its address is not taken; every iteration stores to it, whole and
/// in any case, before it reads it; and nothing uses its value after the loop.
///
/// Also called: scalar privatization, narrowing a scope.
///
/// Reference: Tu & Padua, "Automatic Array Privatization", LCPC 1993; Allen & Kennedy, ch. 6.2.1.
public struct Privatize: Pass {
  public static let name = "privatize"
  public static let parameters = [
    PassParameter("loop", .loop, "the loop whose iterations set the scalar anew"),
    PassParameter("scalar", .scalar, "the scalar"),
  ]

  /// The loop whose iterations set the scalar anew.
  public var loop: LoopLabel
  /// The scalar's name.
  public var scalar: String

  public init(loop: LoopLabel, scalar: String) {
    self.loop = loop
    self.scalar = scalar
  }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    loop = try reader.loop("loop")
    scalar = try reader.scalar("scalar")
  }

  public var step: Step {
    Step(
      Self.name, [Argument("loop", .label(loop.text)), Argument("scalar", .word(scalar))])
  }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    let function = kernel.function
    let site = try LoopSite(loop, in: kernel, for: self)
    let inside = site.loop.body.declaredVariables
    let named = site.loop.body.mentionedVariables.filter { function[$0].name == scalar }
    guard let variable = named.subtracting(inside).first else {
      throw refusal(
        named.isEmpty
          ? "there is no '\(scalar)' in loop '\(loop)'"
          : "'\(scalar)' is declared in loop '\(loop)' already")
    }
    if let localized = LocalIterators.localized(variable, in: site.loop, of: kernel) {
      return localized
    }
    if let obstacle = PrivateScalars.obstacle(toSettingAnew: variable, in: site.loop, function) {
      throw refusal(obstacle)
    }
    guard PrivateScalars.mayDeclare(variable, in: site.loop.body.statements, kernel.build) else {
      throw refusal("the dialect has no declaration behind the statements of loop '\(loop)'")
    }
    guard !PrivateScalars.isUsed(variable, outside: loop, in: function.body) else {
      throw refusal("the value of '\(scalar)' may be used after loop '\(loop)'")
    }
    return PrivateScalars.localized(variable, in: loop, of: kernel)
  }
}
