import DependenceAnalysis
public import ExperimentRecords
public import KernelModel

/// Splits a loop into as many loops as its dependences allow.
///
///     for i { A(i); B(i) }   →   for i { A(i) }  for i { B(i) }
///
/// The statements keep their order. A value declared in the body and used behind the cut is computed
/// again where that gives the same value.
///
/// Legal iff: no dependence runs from a statement behind the cut to a later iteration of one before
/// it; no scalar carries a value over the cut.
///
/// Also called: loop fission, loop splitting.
///
/// Reference: Allen & Kennedy, ch. 2.4 and 6.2.
public struct Distribute: Pass {
  public static let name = "distribute"
  public static let parameters = [PassParameter("loop", .loop, "the loop to split")]

  public let loop: LoopLabel

  public init(loop: LoopLabel) { self.loop = loop }

  public init(step: Step) throws(Refusal) {
    loop = try ArgumentReader(step, for: Self.parameters).loop("loop")
  }

  public var step: Step { Step(Self.name, [Argument("loop", .label(loop.text))]) }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    let site = try LoopSite(loop, in: kernel, for: self)
    try site.requireNoEarlyExit(for: self)
    try site.requireStableStart(for: self)
    guard let statements = ContinueElimination.statements(site.loop.body) else {
      throw refusal("a 'continue' in loop '\(loop)' cannot be written without a jump")
    }
    guard statements.count > 1 else {
      throw refusal("the body of loop '\(loop)' is a single statement")
    }
    var current = try kernel.replacingLoop(loop, for: self) { (statement, old) in
      var new = old
      if old.body.continuesLoop { new.body = .block(statements) }
      var copy = statement
      copy.kind = .loop(new)
      return [copy]
    }
    current = PrivateScalars.localized(in: loop, of: current)
    var label = loop
    var obstacle: Refusal?
    var isSplit = false
    while let split = try firstSplit(of: label, in: current, &obstacle) {
      (current, label) = split
      isSplit = true
    }
    if !isSplit {
      throw obstacle ?? refusal("no cut through loop '\(loop)' leaves work on both sides")
    }
    return current
  }

  /// The loop cut at the first place that is legal, with the label of its second part.
  private func firstSplit(
    of label: LoopLabel, in kernel: Kernel, _ obstacle: inout Refusal?
  ) throws(Refusal) -> (Kernel, LoopLabel)? {
    let count = try LoopSite(label, in: kernel, for: self).loop.body.statements.count
    for position in 1..<max(1, count) {
      guard let cut = try LoopCut(label, at: position, in: kernel, for: self) else { continue }
      do throws(Refusal) {
        return try cut.split(for: self)
      } catch {
        obstacle = error
      }
    }
    return nil
  }
}
