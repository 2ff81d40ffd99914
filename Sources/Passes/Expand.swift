public import ExperimentRecords
public import KernelModel

/// Gives every iteration of a loop its own element of an array in place of a scalar.
///
///     for i < n { t = f(i); a[i] = g(t); }
///       →
///     for i < n { t_each[i] = f(i); a[i] = g(t_each[i]); }
///
/// No iteration then waits for another to have used the scalar, and `distribute` may cut between the
/// statement that sets it and those that use it. An array of constant size stands on the stack while all
/// such arrays take up to 32 KiB; a larger one is allocated and freed, and the original loop stays for
/// when there is no memory. Where the scalar's value is used after the loop, it gets the last element.
///
/// Legal iff: the scalar is local and arithmetic and its address is not taken; it is declared in the
/// body, or every iteration stores to it, whole and in any case, before it reads it; no loop inside is
/// bounded by it; and the loop is left at its end alone, which is known before it.
///
/// Also called: scalar expansion, array expansion, privatization by an array.
///
/// Reference: Kuck et al., "Dependence Graphs and Compiler Optimizations", POPL 1981; Allen & Kennedy,
/// ch. 5.3.
public struct Expand: Pass {
  public static let name = "expand"
  public static let parameters = [
    PassParameter("loop", .loop, "the loop whose iterations get elements of their own"),
    PassParameter("scalar", .scalar, "the scalar"),
  ]

  /// The loop whose iterations get elements of their own.
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
    let site = try LoopSite(loop, in: kernel, for: self)
    try site.requireNoEarlyExit(for: self)
    try site.requireStableStart(for: self)
    let variable = try variable(in: site, kernel.function)
    var copier = StatementCopier(kernel.function)
    let scratch = try Scratch(
      named: "\(scalar)_each", of: kernel.function[variable].type, over: [site], before: loop,
      in: kernel, &copier.function, for: self)
    let element = scratch.element(copier.function)
    var expanded = try expanded(site, variable, element, copier.function)
    if isLive(variable, site, kernel.function) {
      let last = try last(of: scratch, site, kernel, copier.function)
      expanded += try taking(last, as: variable, site, kernel)
    }
    var statements = scratch.declarations
    if scratch.isAllocated {
      guard let fallback = copier.copy(site.statement, suffix: "fallback") else {
        throw refusal("loop '\(loop)' cannot be copied")
      }
      expanded.append(scratch.release(copier.function))
      let hasMemory = copier.function.reference(scratch.variable)
      statements.append(.branch(hasMemory, .block(expanded), else: .block([fallback])))
    } else {
      statements += expanded
    }
    var result = kernel
    result.function = copier.function
    result = try result.replacingLoop(loop, for: self) { _, _ in statements }
    result.function.dropUnusedLocals([variable])
    return result
  }

  /// The scalar, which each iteration has to itself.
  private func variable(in site: LoopSite, _ function: Function) throws(Refusal) -> VariableID {
    let body = site.loop.body
    let named = body.mentionedVariables.filter { function[$0].name == scalar }
    let here = Set(body.statements.flatMap(\.namesDeclaredHere))
    let declared = named.intersection(here).first
    guard let variable = declared ?? named.subtracting(body.declaredVariables).first else {
      throw refusal(
        named.isEmpty
          ? "there is no '\(scalar)' in loop '\(loop)'"
          : "'\(scalar)' serves less than an iteration of loop '\(loop)'")
    }
    if declared == nil,
      let obstacle = PrivateScalars.obstacle(toSettingAnew: variable, in: site.loop, function)
    {
      throw refusal(obstacle)
    }
    let symbol = function[variable]
    guard symbol.type.isArithmetic, [.local, .introduced].contains(symbol.storage),
      symbol.type.qualifiers.isDisjoint(with: [.volatile, .atomic]),
      !function.body.takesAddress(of: variable)
    else { throw refusal("'\(scalar)' is no local number, or its address is taken") }
    let bounded = body.loopLabels.first { label in
      guard let header = body.loop(label)?.counted else { return false }
      return header.variable == variable || header.bound.mentionedVariables.contains(variable)
    }
    if let bounded { throw refusal("'\(scalar)' bounds loop '\(bounded)'") }
    return variable
  }

  /// The loop with the element in the scalar's place.
  private func expanded(
    _ site: LoopSite, _ variable: VariableID, _ element: Expr, _ function: Function
  ) throws(Refusal) -> [Stmt] {
    let statements = site.loop.body.statements.flatMap {
      $0.withoutDeclaration(of: variable, function)
    }
    var new = site.loop
    guard let body = Stmt.block(statements).replacing(variable, with: element, in: function) else {
      throw refusal("'\(scalar)' cannot be replaced everywhere")
    }
    new.body.kind = body.kind
    var result = site.statement
    result.kind = .loop(new)
    return [result]
  }

  private func isLive(_ variable: VariableID, _ site: LoopSite, _ function: Function) -> Bool {
    !site.loop.body.declaredVariables.contains(variable)
      && PrivateScalars.isUsed(variable, outside: loop, in: function.body)
  }

  /// The element of the last iteration.
  private func last(of scratch: Scratch, _ site: LoopSite, _ kernel: Kernel, _ function: Function)
    throws(Refusal) -> Expr
  {
    if let extent = scratch.runTimeExtent {
      return scratch.element(at: .binary(.subtract, extent, .int(1)), function)
    }
    let end = try UnrolledRange.endOfIterations(site, in: kernel, for: self)
    let value = (LinearForm(end) + -site.header.step).expression
    return scratch.element(function).substituting(site.variable, with: value)
  }

  /// Gives the scalar the last element, where there is one.
  private func taking(
    _ last: Expr, as variable: VariableID, _ site: LoopSite, _ kernel: Kernel
  ) throws(Refusal) -> [Stmt] {
    guard !site.loop.body.continuesLoop else {
      throw refusal("the last iteration of loop '\(loop)' may not set '\(scalar)'")
    }
    let facts = BoundFacts(at: loop, inside: false, of: kernel)
    let store = Stmt.expression(.assign(kernel.function.reference(variable), last))
    return kernel.function.guarded(
      store, by: [site.header.entry(in: kernel.function, facts: facts)], known: []
    ).map { [$0] } ?? []
  }
}

extension Expand {
  /// Names of numbers that each iteration of the loop sets anew, for proposers.
  public static func scalars(of label: LoopLabel, in function: Function) -> [String] {
    guard let loop = function.body.loop(label) else { return [] }
    let here = Set(loop.body.statements.flatMap(\.namesDeclaredHere))
    let outer = loop.body.storedVariables.subtracting(loop.body.declaredVariables).filter {
      PrivateScalars.obstacle(toSettingAnew: $0, in: loop, function) == nil
    }
    return here.union(outer).map { function[$0] }.filter(\.type.isArithmetic).map(\.name).sorted()
  }
}

extension Stmt {
  /// The statement with the variable, where it declares it, assigned to instead.
  fileprivate func withoutDeclaration(of variable: VariableID, _ function: Function) -> [Stmt] {
    guard case .declaration(let declarators) = kind,
      let index = declarators.firstIndex(where: { $0.variable == variable })
    else { return [self] }
    var result: [Stmt] = []
    if index > 0 { result.append(Stmt(.declaration(Array(declarators[..<index])))) }
    if let value = declarators[index].initializer {
      var copy = self
      copy.kind = .expression(.assign(function.reference(variable), value))
      if index > 0 { copy.comments = [] }
      result.append(copy)
    }
    let rest = Array(declarators[(index + 1)...])
    if !rest.isEmpty { result.append(Stmt(.declaration(rest))) }
    return result
  }
}
