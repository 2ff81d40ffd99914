import DependenceAnalysis
import KernelModel
import Passes
import SearchPolicies

/// Reduces a kernel to what policies see of it.
struct ShapeExtraction {
  private let kernel: Kernel
  private let legality: Legality
  private var loops: [LoopShape] = []
  private var accesses: [AccessShape] = []
  private var adjacent: [LoopPair] = []
  private var objects: [Expr: Int] = [:]
  private var names: [Int: String] = [:]
  /// Sizes that the kernel is known to be called with.
  private let sizes: [[String: Int]]

  /// The shape of the kernel; loops of fall-back and remainder versions and those that fill scratch are
  /// left out, since steps on them do not pay.
  static func shape(of kernel: Kernel) -> KernelShape {
    shape(of: kernel, calledWith: kernel.calls.map(\.arguments))
  }

  /// The shape of a kernel that is known to be called with these sizes.
  static func shape(of kernel: Kernel, calledWith sizes: [[String: Int]]) -> KernelShape {
    LegalityCache.ask(about: kernel) { legality in
      var extraction = ShapeExtraction(kernel, legality, sizes)
      extraction.visit(kernel.function.body, around: [])
      return KernelShape(
        loops: extraction.loops, accesses: extraction.accesses,
        adjacentLoops: extraction.adjacent, objectNames: extraction.names,
        localArrays: extraction.localArrays)
    }
  }

  private init(_ kernel: Kernel, _ legality: Legality, _ sizes: [[String: Int]]) {
    self.sizes = sizes
    self.kernel = kernel
    self.legality = legality
  }

  private var localArrays: [String] {
    kernel.function.symbols.values.filter { $0.storage == .local && $0.type.isArrayObject }
      .map(\.name).sorted()
  }

  private mutating func visit(_ statement: Stmt, around chain: [Loop]) {
    switch statement.kind {
    case .versioned(let versioned): visit(versioned.fast, around: chain)
    case .loop(let loop):
      guard !loop.label.isSideVersion else { return }
      loops.append(shape(of: loop, around: chain))
      collect(statement.expressions, around: chain)
      visit(loop.body, around: chain + [loop])
    case .block(let statements):
      note(neighbours: statements)
      for child in statements { visit(child, around: chain) }
    default:
      collect(statement.expressions, around: chain)
      for child in statement.children { visit(child, around: chain) }
    }
  }

  private mutating func note(neighbours statements: [Stmt]) {
    for (first, second) in zip(statements, statements.dropFirst()) {
      guard let a = first.asLoop?.label, let b = second.asLoop?.label, !a.isSideVersion,
        !b.isSideVersion
      else { continue }
      adjacent.append(LoopPair(first: a.text, second: b.text))
    }
  }

  private func shape(of loop: Loop, around chain: [Loop]) -> LoopShape {
    let label = loop.label
    let isVectorized = loop.body.computesWithVectors
    var isParallel = false
    var (lacksFacts, mayAlias) = (false, false)
    // Nothing is planned for loops around vectors that would need to know.
    if !isVectorized {
      do throws(Obstacle) {
        try legality.parallelize(label)
        isParallel = true
      } catch {
        lacksFacts = !error.missingFacts.isEmpty
        mayAlias = error.isPartlyCurable
      }
    }
    let counted = loop.counted
    let bounds = [counted?.lower, counted?.bound].compactMap(\.self).map(\.mentionedVariables)
    let followed = chain.filter { outer in
      outer.counted.map { header in bounds.contains { $0.contains(header.variable) } } ?? false
    }
    return LoopShape(
      label: label.text, parent: chain.last?.label.text,
      iterator: counted.map { kernel.function[$0.variable].name },
      followed: Set(followed.map(\.label.text)), tripCount: loop.constantTripCount,
      isCounted: loop.counted != nil && !loop.body.mayExitEarly, isParallel: isParallel,
      isPerfect: loop.perfectlyNested != nil,
      hasInvariantBranch: hasInvariantBranch(loop),
      hasScalarAccumulation: hasScalarAccumulation(loop), lacksFacts: lacksFacts,
      computedBytes: loop.body.computedBytes, isVectorized: isVectorized,
      mayAlias: mayAlias, usualValues: usualValues(of: loop), reduction: reduction(over: loop),
      expandableScalars: Expand.scalars(of: loop.label, in: kernel.function))
  }

  private func reduction(over loop: Loop) -> LoopShape.Reduction? {
    switch ReductionTree.kind(of: loop.label, in: kernel.function) {
    case .exact: .exact
    case .rounded: .rounded
    case nil: nil
    }
  }

  /// Values of the parameter that alone decides the trip count, where they make it small; none where
  /// calls differ in it.
  private func usualValues(of loop: Loop) -> [UsualValue] {
    guard let header = loop.counted, let lower = header.lower else { return [] }
    let deciding = lower.mentionedVariables.union(header.bound.mentionedVariables)
    guard deciding.count == 1, let variable = deciding.first,
      kernel.function.parameters.contains(variable)
    else { return [] }
    let symbol = kernel.function[variable]
    let values = Set(sizes.compactMap { $0[symbol.name] }).sorted().filter { value in
      let constant = Expr.integer(value, type: symbol.type.promoted)
      guard let start = lower.replacing(variable, with: constant),
        let end = header.bound.replacing(variable, with: constant)
      else { return false }
      var known = header
      (known.lower, known.bound) = (start, end)
      let trips = Loop(label: loop.label, header: .counted(known), body: loop.body)
        .constantTripCount
      return trips.map { (1...Self.mostIterations).contains($0) } ?? false
    }
    guard values.count <= Self.mostValues else { return [] }
    return values.map { UsualValue(name: symbol.name, value: $0) }
  }

  /// Iterations that are worth a version of their own: as many as are written out in full.
  private static let mostIterations = 32
  /// Values for which versions are proposed.
  private static let mostValues = 2

  private func hasInvariantBranch(_ loop: Loop) -> Bool {
    let changing = loop.body.storedVariables.union(loop.counted.map { [$0.variable] } ?? [])
    return loop.body.contains { statement in
      guard case .branch(let condition, _, _) = statement.kind else { return false }
      return condition.mentionedVariables.isDisjoint(with: changing) && !condition.readsMemory
    }
  }

  /// Whether a scalar declared in the body is updated in a loop inside.
  private func hasScalarAccumulation(_ loop: Loop) -> Bool {
    let scalars = Set(
      loop.body.declaredVariables.filter { kernel.function[$0].type.isArithmetic })
    return loop.body.contains { statement in
      guard let inner = statement.asLoop else { return false }
      return !inner.body.storedVariables.isDisjoint(
        with: scalars.subtracting(inner.body.declaredVariables))
    }
  }

  /// Adds the element accesses of expressions.
  private mutating func collect(_ expressions: [Expr], around chain: [Loop]) {
    for expression in expressions { collect(expression, isWrite: false, chain) }
  }

  private mutating func collect(_ expr: Expr, isWrite: Bool, _ chain: [Loop]) {
    switch expr.kind {
    case .assign(let op, let target, let value):
      collect(target, isWrite: true, chain)
      if op != nil { collect(target, isWrite: false, chain) }
      collect(value, isWrite: false, chain)
    case .unary(let op, let target) where op.stores:
      collect(target, isWrite: true, chain)
      collect(target, isWrite: false, chain)
    case .subscriptOf where expr.type.isArithmetic: add(expr, isWrite: isWrite, chain)
    default: for child in expr.children { collect(child, isWrite: false, chain) }
    }
  }

  private mutating func add(_ element: Expr, isWrite: Bool, _ chain: [Loop]) {
    let base = element.arrayBase
    let object = objects[base, default: objects.count]
    objects[base] = object
    names[object] = element.arrayName(kernel.function)
    var strides: [String: AccessShape.Stride] = [:]
    for loop in chain {
      guard let variable = loop.counted?.variable else { continue }
      strides[loop.label.text] = StrideRule(variable: variable).stride(of: element)
    }
    accesses.append(
      AccessShape(
        object: object, isWrite: isWrite, elementBytes: element.type.elementBytes,
        strides: strides))
    for index in element.subscripts { collect(index, isWrite: false, chain) }
  }
}

extension LoopLabel {
  /// Loops that passes keep for what the fast version does not cover, or make to fill scratch.
  var isSideVersion: Bool {
    text.split(separator: ".").dropFirst().contains {
      $0.hasPrefix("fallback") || $0.hasPrefix("rest") || $0.hasPrefix("pack")
    }
  }
}

extension CType {
  fileprivate var isArrayObject: Bool { if case .array = canonical { true } else { false } }

  fileprivate var elementBytes: Int {
    if let integer { return max(1, integer.width / 8) }
    return floatingType?.size ?? 8
  }
}

extension Stmt {
  /// Whether some expression inside has a vector type.
  var computesWithVectors: Bool {
    contains { statement in
      statement.expressions.contains { expr in expr.contains { $0.type.isVector } }
    }
  }

  /// Bytes of the widest arithmetic outside subscripts and loop headers.
  fileprivate var computedBytes: Int {
    let own = asLoop == nil ? expressions.map(\.computedBytes).max() ?? 0 : 0
    return max(own, children.map(\.computedBytes).max() ?? 0)
  }
}

extension Expr {
  /// Bytes of the widest arithmetic operation outside subscripts; 0 where nothing is computed.
  fileprivate var computedBytes: Int {
    switch kind {
    case .subscriptOf: 0
    case .binary, .assign(.some, _, _):
      max(type.isArithmetic ? type.elementBytes : 0, children.map(\.computedBytes).max() ?? 0)
    default: children.map(\.computedBytes).max() ?? 0
    }
  }

  /// The object under all subscripts.
  fileprivate var arrayBase: Expr {
    if case .subscriptOf(let base, _) = kind { return base.arrayBase }
    return self
  }

  /// Subscripts, outermost dimension first.
  fileprivate var subscripts: [Expr] {
    if case .subscriptOf(let base, let index) = kind { return base.subscripts + [index] }
    return []
  }
}
