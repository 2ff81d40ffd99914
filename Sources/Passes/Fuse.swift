import DependenceAnalysis
public import ExperimentRecords
public import KernelModel

/// Merges two loops over the same range that stand in one block.
///
///     for i < n { A(i) }  P  for k < n { B(k) }   →   for i < n { A(i); B(i) }  P
///
/// Statements `P` between the loops move behind the merged loop, or before it where they only set up
/// the second one. With `shift: d` an iteration of the second loop runs d iterations later, beside
/// `A(i + d)`: the first d iterations of `A` come before the merged loop and the last d of `B` behind
/// it (`ends: peeled`), or the merged loop runs d further and tests which of the two it makes (`ends:
/// guarded`), which keeps an outer nest perfect and also takes ranges whose ends differ by constants.
///
/// Legal iff: both loops make the same iterations, or ends are guarded; no dependence runs from an
/// iteration of the first to an earlier iteration of the second, moved back by the shift; the statements
/// between depend on neither order.
///
/// Also called: loop jamming, loop merging, shift-and-fuse and loop alignment (with `shift`).
///
/// Reference: Allen & Kennedy, ch. 6.2.5; Kennedy & McKinley, 1993; Manjikian & Abdelrahman, Fusion of
/// loops for parallelism and locality, 1997.
public struct Fuse: Pass {
  /// What becomes of the iterations that only one of two shifted loops makes.
  public enum Ends: String, Hashable, Sendable, CaseIterable {
    /// They stand in loops of their own around the merged one.
    case peeled
    /// The merged loop tests for them.
    case guarded
  }

  /// How the second loop follows the first.
  public struct Shift: Hashable, Sendable {
    /// Iterations by which it runs later.
    public var distance: Int
    public var ends: Ends

    public init(_ distance: Int, ends: Ends = .peeled) {
      self.distance = distance
      self.ends = ends
    }
  }

  /// The longest shift.
  static let longestShift = 64

  public static let name = "fuse"
  public static let parameters = [
    PassParameter("first", .loop, "the loop that stays"),
    PassParameter("second", .loop, "the later loop, which joins it"),
    PassParameter(
      "shift", .factor, isOptional: true, "iterations by which the second loop runs later"),
    PassParameter("ends", .word, isOptional: true, "with a shift: peeled (default) or guarded"),
  ]

  public let first: LoopLabel
  public let second: LoopLabel
  /// Nil when equal iterations meet.
  public let shift: Shift?

  public init(first: LoopLabel, second: LoopLabel, shift: Shift? = nil) {
    self.first = first
    self.second = second
    self.shift = shift
  }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    first = try reader.loop("first")
    second = try reader.loop("second")
    let ends = try reader.word("ends", of: Ends.allCases.map(\.rawValue)).flatMap(Ends.init)
    guard step["shift"] != nil else {
      guard ends != .peeled else { throw Refusal(step: step, reason: "'peeled' needs a 'shift'") }
      shift = ends.map { Shift(0, ends: $0) }
      return
    }
    let distance = try reader.factor("shift", atLeast: 1)
    guard distance <= Self.longestShift else {
      throw Refusal(step: step, reason: "argument 'shift' must be at most \(Self.longestShift)")
    }
    shift = Shift(distance, ends: ends ?? .peeled)
  }

  public var step: Step {
    var arguments = [
      Argument("first", .label(first.text)), Argument("second", .label(second.text)),
    ]
    if let shift {
      if shift.distance > 0 { arguments.append(Argument("shift", .integer(shift.distance))) }
      if shift.ends != .peeled { arguments.append(Argument("ends", .word(shift.ends.rawValue))) }
    }
    return Step(Self.name, arguments)
  }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    let original = try LoopPair(first, second, in: kernel, for: self)
    let moved = movingSetUpForward(original, in: kernel)
    let pair = try LoopPair(first, second, in: moved, for: self)
    if shift?.ends == .guarded {
      try pair.requireStableRange(in: moved, for: self)
    } else {
      try pair.requireSameIterations(in: moved, for: self)
    }
    try ask(moved) { (legality) throws(Obstacle) in
      try legality.fuse(first, second, shift: shift?.distance ?? 0)
    }
    var result = moved
    let merged: [Stmt]
    if let shift {
      var fusion = try ShiftedFusion(pair, by: shift, in: moved, for: self)
      merged = try fusion.statements(for: self)
      result.function = fusion.function
    } else {
      merged = [try pair.merged(in: &result.function, for: self)]
    }
    result.function.body = moved.function.body.replacingBlock(holding: first) { statements in
      var copy = statements
      copy.replaceSubrange(pair.positions, with: merged + pair.between)
      return copy
    }
    result.function.dropUnusedLocals([pair.b.variable])
    return shift == nil ? result : try result.decidingConditions(in: first, for: self)
  }

  /// Statements between the loops that set scalars which the first loop does not know, from values
  /// that it does not change, move before it.
  private func movingSetUpForward(_ pair: LoopPair, in kernel: Kernel) -> Kernel {
    let loop = pair.a.statement
    var before: [Stmt] = []
    var after: [Stmt] = []
    for statement in pair.between {
      let isFree =
        statement.isScalarSetUp(in: kernel.function)
        && statement.mentionedVariables.isDisjoint(with: loop.storedVariables)
        && statement.storedVariables.isDisjoint(with: loop.mentionedVariables)
        && after.allSatisfy {
          $0.mentionedVariables.isDisjoint(with: statement.storedVariables)
            && $0.storedVariables.isDisjoint(with: statement.mentionedVariables)
        }
      if isFree { before.append(statement) } else { after.append(statement) }
    }
    return kernel.replacing(
      body: kernel.function.body.replacingBlock(holding: first) { statements in
        var copy = statements
        copy.replaceSubrange(pair.positions, with: before + [loop] + after + [pair.b.statement])
        return copy
      })
  }
}

/// The two loops in their block.
struct LoopPair {
  let a: LoopSite
  let b: LoopSite
  /// Statements after the first and before the second loop.
  let between: [Stmt]
  /// Positions in the block from the first loop to the second.
  let positions: ClosedRange<Int>

  init(_ first: LoopLabel, _ second: LoopLabel, in kernel: Kernel, for pass: some Pass)
    throws(Refusal)
  {
    a = try LoopSite(first, in: kernel, for: pass)
    b = try LoopSite(second, in: kernel, for: pass)
    guard let block = kernel.function.body.block(holding: first),
      let start = block.firstIndex(where: { $0.loopLabel == first }),
      let end = block.firstIndex(where: { $0.loopLabel == second })
    else {
      throw pass.refusal("loops '\(first)' and '\(second)' do not stand in one block")
    }
    guard start < end else { throw pass.refusal("loop '\(second)' stands before '\(first)'") }
    positions = start...end
    between = Array(block[(start + 1)..<end])
    try a.requireNoEarlyExit(for: pass)
    try b.requireNoEarlyExit(for: pass)
    guard !between.contains(where: \.mayExitEarly) else {
      throw pass.refusal("control may leave between the loops")
    }
    if b.variable != a.variable { try b.requireDeadIterator(in: kernel.function, for: pass) }
  }

  func requireSameIterations(in kernel: Kernel, for pass: some Pass) throws(Refusal) {
    var header = b.header
    header.variable = a.variable
    header.declares = a.header.declares
    let types = [a, b].map { kernel.function[$0.variable].type.promoted }
    guard types[0] == types[1], header.lower != nil, header == a.header else {
      throw pass.refusal("loops '\(a.label)' and '\(b.label)' do not run over the same range")
    }
    try requireStableRange(in: kernel, for: pass)
  }

  /// Refuses when the second loop's range may not be computed before the first one.
  func requireStableRange(in kernel: Kernel, for pass: some Pass) throws(Refusal) {
    let header = b.header
    let inputs = header.bound.mentionedVariables.union(header.lower?.mentionedVariables ?? [])
    let stored = a.loop.body.storedVariables.union(between.flatMap(\.storedVariables))
    guard inputs.isDisjoint(with: stored) else {
      throw pass.refusal("the range of loop '\(b.label)' changes between the loops")
    }
    let reads = header.bound.readsMemory || header.lower?.readsMemory == true
    guard !reads || !([a.loop.body] + between).contains(where: \.storesToMemory) else {
      throw pass.refusal("the range of loop '\(b.label)' may change between the loops")
    }
  }

  /// The first loop with the second one's work at the end of its body.
  func merged(in function: inout Function, for pass: some Pass) throws(Refusal) -> Stmt {
    let second = try secondBody(at: function.reference(a.variable), in: &function, for: pass)
    var result = a.statement
    var loop = a.loop
    loop.body.kind = .block(a.loop.body.statements + second.statements)
    result.kind = .loop(loop)
    return result
  }

  /// The second loop's body to stand behind the first one's, at a value of the first iterator.
  func secondBody(
    at value: Expr, in function: inout Function, for pass: some Pass
  ) throws(Refusal) -> Stmt {
    guard !a.loop.body.continuesLoop,
      let renamed = try bodyWithoutOtherUses(in: &function, for: pass).replacing(
        b.variable, with: value, in: function)
    else {
      throw pass.refusal("loop '\(a.label)' contains a 'continue' or opaque text")
    }
    let own = Set(a.loop.body.statements.flatMap(\.namesDeclaredHere).map { function[$0].name })
    let clashing = renamed.statements.flatMap(\.namesDeclaredHere).filter {
      own.contains(function[$0].name)
    }
    var second = renamed
    for variable in clashing {
      let symbol = function[variable]
      let fresh = function.introduce(symbol.name, type: symbol.type, alignment: symbol.alignment)
      guard !second.opaqueMentions.contains(variable),
        let body = second.renaming([variable: fresh])
      else { throw pass.refusal("opaque text names '\(symbol.name)', which both loops declare") }
      second = body
    }
    // A name of the first body must not capture one that the second body takes from outside.
    let outer = second.mentionedVariables.subtracting(second.declaredVariables)
    let isCaptured = outer.contains {
      $0 != a.variable
        && (own.contains(function[$0].name) || function[$0].name == function[a.variable].name)
    }
    guard !isCaptured else {
      throw pass.refusal(
        "a name declared in loop '\(a.label)' means something else in '\(b.label)'")
    }
    return second
  }
}

extension LoopPair {
  /// The second body in which what is declared under the name of the first loop's iterator, by a loop
  /// inside, say, has a name of its own, since the iterator comes to be used there.
  fileprivate func bodyWithoutOtherUses(in function: inout Function, for pass: some Pass)
    throws(Refusal) -> Stmt
  {
    guard a.variable != b.variable else { return b.loop.body }
    var body = b.loop.body
    let name = function[a.variable].name
    for variable in body.declaredVariables.sorted(by: { $0.index < $1.index })
    where function[variable].name == name {
      let symbol = function[variable]
      let fresh = function.introduce(name, type: symbol.type, alignment: symbol.alignment)
      guard !body.opaqueMentions.contains(variable), let renamed = body.renaming([variable: fresh])
      else { throw pass.refusal("opaque text names '\(name)', which both loops use") }
      body = renamed
    }
    guard !body.mentionedVariables.union(body.storedVariables).contains(a.variable) else {
      throw pass.refusal(
        "loop '\(b.label)' uses '\(name)', the iterator of loop '\(a.label)', in another way")
    }
    return body
  }
}

extension Stmt {
  /// Variables declared by this statement itself, not inside it.
  var namesDeclaredHere: [VariableID] {
    if case .declaration(let declarators) = kind { declarators.map(\.variable) } else { [] }
  }

  /// A declaration or assignment of scalar locals from values that are read from no memory.
  fileprivate func isScalarSetUp(in function: Function) -> Bool {
    guard expressions.allSatisfy({ !$0.readsMemory }) else { return false }
    switch kind {
    case .declaration(let declarators):
      return declarators.allSatisfy {
        $0.initializer?.hasEffects != true && function[$0.variable].storage != .staticLocal
          && $0.initializer?.mentionedVariables.allSatisfy { function[$0].storage != .global }
            != false
      }
    case .expression(let expr):
      guard case .assign(_, let target, let value) = expr.kind,
        case .variable(let variable) = target.kind, !value.hasEffects
      else { return false }
      return [.local, .introduced, .parameter].contains(function[variable].storage)
        && !function.body.takesAddress(of: variable)
        && value.mentionedVariables.allSatisfy { function[$0].storage != .global }
    default: return false
    }
  }

  /// Whether something is stored other than to scalar variables, or called with effects.
  var storesToMemory: Bool {
    var found = contains {
      if case .opaque(let opaque) = $0.kind { opaque.touchesMemory } else { false }
    }
    walkExpressions { node in
      switch node.kind {
      case .assign(_, let target, _), .unary(.preIncrement, let target),
        .unary(.preDecrement, let target), .unary(.postIncrement, let target),
        .unary(.postDecrement, let target):
        if case .variable = target.kind { break }
        found = true
      case .call(_, _, .effects), .indirectCall, .opaque: found = true
      default: break
      }
    }
    return found
  }

  /// The statements of the innermost block that directly holds the loop.
  func block(holding label: LoopLabel) -> [Stmt]? {
    if case .block(let statements) = kind, statements.contains(where: { $0.loopLabel == label }) {
      return statements
    }
    return children.lazy.compactMap { $0.block(holding: label) }.first
  }

  /// The statement with the statements of that block replaced.
  func replacingBlock(holding label: LoopLabel, with f: ([Stmt]) -> [Stmt]) -> Stmt {
    if case .block(let statements) = kind, statements.contains(where: { $0.loopLabel == label }) {
      var copy = self
      copy.kind = .block(f(statements))
      return copy
    }
    return mapChildren { $0.replacingBlock(holding: label, with: f) }
  }
}
