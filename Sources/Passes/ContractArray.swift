public import ExperimentRecords
public import KernelModel

/// Drops the dimension of a local array of which each iteration of a loop uses a place of its own.
///
///     double t[N]; for i { t[i] = f(i); a[i] = g(t[i]); }
///       →
///     for i { double t = f(i); a[i] = g(t); }
///
/// What is left is a scalar, or an array of fewer dimensions, declared in the loop's body. Loops that
/// hand values on through the array become one by `fuse` first.
///
/// Legal iff: the array is declared in the function without initial values, only its elements are used,
/// and only in the loop; in one dimension all their subscripts are the same, the iterator times a
/// constant but not 0 and values that the loop does not change, so that no two iterations share an
/// element; and nothing is kept from an earlier run of the loop: the array's life begins anew with each
/// run, or every iteration begins by storing to the element.
///
/// Also called: array contraction, array shrinking, storage reduction, memory reuse.
///
/// Reference: Sarkar & Gao, "Optimization of Array Accesses by Collective Loop Transformations", ICS
/// 1991; Lewis, Lin & Snyder, "The Implementation and Evaluation of Fusion and Contraction in Array
/// Languages", PLDI 1998.
public struct ContractArray: Pass {
  public static let name = "contract_array"
  public static let parameters = [
    PassParameter("array", .array, "the local array"),
    PassParameter("loop", .loop, "the loop whose iterations share no element"),
  ]

  /// The array's name.
  public var array: String
  /// The loop whose iterations share no element.
  public var loop: LoopLabel

  public init(array: String, loop: LoopLabel) {
    self.array = array
    self.loop = loop
  }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    array = try reader.array("array")
    loop = try reader.loop("loop")
  }

  public var step: Step {
    Step(Self.name, [Argument("array", .label(array)), Argument("loop", .label(loop.text))])
  }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    let site = try LoopSite(loop, in: kernel, for: self)
    let variable = try variable(in: site, kernel.function)
    let elements = try elements(of: variable, site, kernel.function)
    guard let dimension = elements.ownDimension else {
      throw refusal(
        "iterations of loop '\(loop)' may share elements of '\(array)', or one may use several")
    }
    try requireOwnLife(of: variable, elements, site, kernel.function)
    var result = kernel
    let type = elements.type.dropping(dimension)
    result.function.symbols[variable]?.type = type
    if !type.isArray {
      result.function.symbols[variable]?.alignment = nil
      result.function.symbols[variable]?.attributes = ""
    }
    let isMoved = type.hasConstantSize
    let redeclared =
      isMoved
      ? kernel.function.body.withoutDeclarations(of: [variable])
      : kernel.function.body.redeclaring(variable)
    guard
      let body = redeclared.replacingLoop(
        loop,
        with: { statement, old in
          var new = old
          var statements = old.body.dropping(dimension, of: variable, from: elements.type)
            .statements
          if isMoved { statements = Self.declaring(variable, in: statements) }
          new.body.kind = .block(statements)
          var copy = statement
          copy.kind = .loop(new)
          return [copy]
        })
    else { throw refusal("there is no loop '\(loop)'") }
    result.function.body = body
    return result
  }

  /// The statements with the variable declared in front, or by its first store.
  private static func declaring(_ variable: VariableID, in statements: [Stmt]) -> [Stmt] {
    var result = statements
    if let first = statements.firstIndex(where: { $0.mentionedVariables.contains(variable) }),
      case .expression(let expr) = statements[first].kind,
      case .assign(nil, let target, let value) = expr.kind, target.kind == .variable(variable),
      !value.mentionedVariables.contains(variable)
    {
      result[first].kind = .declaration([Declarator(variable: variable, initializer: value)])
      return result
    }
    return [.declare(variable, nil)] + statements
  }

  /// The local array of this name that the loop uses.
  private func variable(in site: LoopSite, _ function: Function) throws(Refusal) -> VariableID {
    let named = site.loop.body.mentionedVariables.filter { function[$0].name == array }
    guard named.count == 1, let variable = named.first else {
      throw refusal("there is no one array '\(array)' in loop '\(loop)'")
    }
    let symbol = function[variable]
    guard [.local, .introduced].contains(symbol.storage), symbol.type.isArray,
      symbol.type.scalarElement.isScalar
    else { throw refusal("'\(array)' is no local array of scalars: others may see its elements") }
    guard symbol.type.scalarElement.qualifiers.isDisjoint(with: [.volatile, .atomic]) else {
      throw refusal("'\(array)' is volatile or atomic")
    }
    let isInitialized = function.body.contains {
      guard case .declaration(let declarators) = $0.kind else { return false }
      return declarators.contains { $0.variable == variable && $0.initializer != nil }
    }
    if isInitialized { throw refusal("'\(array)' has initial values") }
    return variable
  }

  private func elements(of variable: VariableID, _ site: LoopSite, _ function: Function)
    throws(Refusal) -> ArrayElements
  {
    let elements = ArrayElements(of: variable, in: site, function)
    guard elements.areAllMentions, !function.body.takesAddress(of: variable),
      !function.body.hasSizeText(naming: array)
    else { throw refusal("'\(array)' is used otherwise than by its elements") }
    guard site.loop.body.mentions(of: variable) == function.body.mentions(of: variable) else {
      throw refusal("'\(array)' is used outside loop '\(loop)'")
    }
    let bounded = site.loop.body.loopLabels.first {
      site.loop.body.loop($0)?.counted?.bound.mentionedVariables.contains(variable) == true
    }
    if let bounded { throw refusal("'\(array)' bounds loop '\(bounded)'") }
    return elements
  }

  /// Refuses where an iteration may read what an earlier run of the loop left.
  private func requireOwnLife(
    of variable: VariableID, _ elements: ArrayElements, _ site: LoopSite, _ function: Function
  ) throws(Refusal) {
    let isFresh =
      function.body.loops(aroundDeclarationOf: variable) == function.body.enclosingLoops(of: loop)
      && !function.body.contains(where: \.isOpaqueJump)
    guard isFresh || elements.isStoredFirst(in: site.loop.body.statements) else {
      throw refusal(
        "an iteration of loop '\(loop)' may read elements of '\(array)' that an earlier run of the "
          + "loop stored")
    }
  }
}
