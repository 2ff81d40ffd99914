import KernelModel

/// Why a statement has no vector form.
struct VectorObstacle: Error {
  var reason: String
  var missingFacts: [Fact] = []
}

/// Rewrites the body of a loop so that one execution does the work of `lanes` iterations.
///
/// Variables and expressions are *uniform* when all lanes have the same value, else *varying*.
/// Uniform ones stay scalar; a varying local gets a vector in its place.
struct VectorBody {
  var function: Function
  var types: VectorTypes
  let iterator: VariableID
  let lanes: Int
  let varying: Set<VariableID>
  /// The vector that stands for a varying local.
  var vectors: [VariableID: VariableID] = [:]
  /// Accumulators: their vectors are of the unsigned counterpart where the type is an integer's.
  var wrapping: Set<VariableID> = []
  /// Statements that the expression being rewritten needs before it.
  var prelude: [Stmt] = []
  /// Keys of lvalues that every lane has loaded before the present point of its iteration.
  var loaded: Set<String> = []

  mutating func statements(_ statement: Stmt, mask: Expr?) throws(VectorObstacle) -> [Stmt] {
    switch statement.kind {
    case .block(let children):
      var result: [Stmt] = []
      for child in children { result += try statements(child, mask: mask) }
      return result
    case .expression(let expr): return try flushed(statement, try assignment(expr, mask: mask))
    case .declaration(let declarators):
      var result: [Stmt] = []
      for declarator in declarators {
        result += try flushed(statement, try declaration(declarator, mask: mask))
      }
      return result
    case .branch(let condition, let then, let otherwise):
      return try branch(statement, condition, then, otherwise, mask)
    case .loop, .whileLoop, .doLoop: return [try loop(statement, mask)]
    case .empty, .typeAlias: return [statement]
    case .breakLoop, .continueLoop:
      guard mask == nil else { throw VectorObstacle(reason: "a jump depends on the lane") }
      return [statement]
    case .returnValue: throw VectorObstacle(reason: "the loop may be left by 'return'")
    case .switchOn, .caseLabel, .defaultLabel:
      throw VectorObstacle(reason: "'switch' has no vector form")
    case .versioned: throw VectorObstacle(reason: "a run-time check inside has no vector form")
    case .opaque(let opaque):
      throw VectorObstacle(reason: "a statement is not modelled: \(opaque.reason)")
    }
  }

  /// Puts what the expression needed before the statement; the first carries the comments.
  private mutating func flushed(_ statement: Stmt, _ kind: Stmt.Kind) throws(VectorObstacle)
    -> [Stmt]
  {
    let before = prelude
    prelude = []
    return before + [Stmt(kind, origin: statement.origin, comments: statement.comments)]
  }

  private mutating func declaration(_ declarator: Declarator, mask: Expr?) throws(VectorObstacle)
    -> Stmt.Kind
  {
    let variable = declarator.variable
    guard varying.contains(variable) else {
      return .declaration([declarator])
    }
    let symbol = function[variable]
    guard !symbol.type.qualifiers.contains(.volatile), symbol.storage != .staticLocal else {
      throw VectorObstacle(reason: "'\(symbol.name)' has no vector form")
    }
    let type = try vectorType(symbol.type)
    let vector = function.introduce("\(symbol.name)_x\(lanes)", type: type)
    vectors[variable] = vector
    // In a branch taken by some lanes only, the others hold a value that nobody reads.
    var initial = Expr(.initializer([InitializerElement(value: .int(0))]), type: type)
    if let initializer = declarator.initializer {
      let value = try converted(
        evaluate(initializer, speculated: mask != nil), to: symbol.type)
      if !value.isZero { initial = try splat(value) }
    }
    return .declaration([Declarator(variable: vector, initializer: initial)])
  }

  private mutating func branch(
    _ statement: Stmt, _ condition: Expr, _ then: Stmt, _ otherwise: Stmt?, _ mask: Expr?
  ) throws(VectorObstacle) -> [Stmt] {
    let before = loaded
    if !isVarying(condition) {
      guard !condition.hasEffects else { throw VectorObstacle(reason: "a condition has effects") }
      let newThen = Stmt.block(try statements(then, mask: mask))
      loaded = before
      var newOtherwise: Stmt?
      if let otherwise { newOtherwise = .block(try statements(otherwise, mask: mask)) }
      loaded = before
      return [
        Stmt(
          .branch(condition, then: newThen, otherwise: newOtherwise), origin: statement.origin,
          comments: statement.comments)
      ]
    }
    let own = try named(self.mask(condition, speculated: mask != nil), "chosen")
    let width = own.type
    let taken = try joined(mask, own)
    var result = prelude
    prelude = []
    let afterCondition = loaded
    result += try statements(then, mask: taken)
    loaded = afterCondition
    if let otherwise {
      let inverse = Expr(.unary(.complement, own), type: width)
      result += try statements(otherwise, mask: try joined(mask, inverse))
      loaded = afterCondition
    }
    return result
  }

  private func joined(_ outer: Expr?, _ b: Expr) throws(VectorObstacle) -> Expr {
    guard let a = outer else { return b }
    guard a.type == b.type else { throw VectorObstacle(reason: "masks of unlike width") }
    return Expr(.binary(.bitAnd, a, b), type: a.type)
  }

  private mutating func loop(_ statement: Stmt, _ mask: Expr?) throws(VectorObstacle) -> Stmt {
    guard mask == nil else {
      throw VectorObstacle(reason: "a loop stands under a condition that depends on the lane")
    }
    guard !statement.expressions.contains(where: isVarying) else {
      throw VectorObstacle(
        reason: "the trip count of loop '\(statement.loopLabel?.text ?? "")' depends on the lane")
    }
    let before = loaded
    defer { loaded = before }
    var copy = statement
    switch statement.kind {
    case .loop(var loop):
      if case .general(let initial?, _, _) = loop.header, isVarying(initial) {
        throw VectorObstacle(reason: "the start of loop '\(loop.label)' depends on the lane")
      }
      loop.body = .block(try statements(loop.body, mask: nil))
      copy.kind = .loop(loop)
    case .whileLoop(let label, let condition, let body):
      copy.kind = .whileLoop(
        label: label, condition, body: .block(try statements(body, mask: nil)))
    case .doLoop(let label, let body, let condition):
      copy.kind = .doLoop(label: label, body: .block(try statements(body, mask: nil)), condition)
    default: break
    }
    return copy
  }

  private func isVarying(_ statement: Stmt) -> Bool {
    statement.contains { inner in inner.expressions.contains(where: isVarying) }
  }

  // MARK: Assignments

  private mutating func assignment(_ expr: Expr, mask: Expr?) throws(VectorObstacle) -> Stmt.Kind {
    switch expr.kind {
    case .assign(let op, let target, let value):
      return .expression(try store(target, op, value, mask))
    case .unary(let op, let target) where op.stores:
      let sign: BinaryOperator = [.preIncrement, .postIncrement].contains(op) ? .add : .subtract
      if case .variable(let variable) = target.kind, !varying.contains(variable) {
        guard mask == nil else { throw VectorObstacle(reason: "a uniform store under a mask") }
        return .expression(expr)
      }
      return .expression(try store(target, sign, .int(1), mask))
    default:
      guard !expr.hasEffects else {
        throw VectorObstacle(reason: "an expression statement has effects")
      }
      return .empty
    }
  }

  private mutating func store(
    _ target: Expr, _ op: BinaryOperator?, _ value: Expr, _ mask: Expr?
  ) throws(VectorObstacle) -> Expr {
    if case .variable(let variable) = target.kind {
      guard varying.contains(variable) else {
        guard mask == nil, !value.hasEffects else {
          throw VectorObstacle(reason: "'\(function[variable].name)' is stored by some lanes only")
        }
        return Expr(.assign(op, target, value), type: target.type.unqualified)
      }
      return try storeVector(variable, target, op, value, mask)
    }
    guard !target.type.qualifiers.contains(.volatile) else {
      throw VectorObstacle(reason: "a volatile object is stored")
    }
    guard mask == nil else {
      throw VectorObstacle(reason: "memory is stored under a condition that depends on the lane")
    }
    return try storeMemory(target, op, value)
  }

  private mutating func storeVector(
    _ variable: VariableID, _ target: Expr, _ op: BinaryOperator?, _ value: Expr, _ mask: Expr?
  ) throws(VectorObstacle) -> Expr {
    guard let vector = vectors[variable] else {
      throw VectorObstacle(reason: "'\(function[variable].name)' is used before its declaration")
    }
    let place = function.reference(vector)
    let type =
      wrapping.contains(variable) ? place.type.element ?? target.type : target.type.unqualified
    var right = try evaluate(value, speculated: mask != nil)
    if wrapping.contains(variable) { right = try converted(right, to: type) }
    if let op {
      let common = CType.usualArithmeticConversion(type, right.type)?.canonical
      if mask == nil, common == type.canonical || wrapping.contains(variable), op != .shiftLeft,
        op != .shiftRight
      {
        let operand = try summand(op, converted(right, to: type))
        return Expr(.assign(op, place, operand), type: place.type)
      }
    }
    var full = right
    if let op {
      full = try binary(op, Lanes(place, type, isVector: true), right, speculated: mask != nil)
    }
    let new = try converted(full, to: type)
    guard let mask else { return .assign(place, try splat(new)) }
    return .assign(place, try select(mask, new, Lanes(place, type, isVector: true)).expr)
  }

  private mutating func storeMemory(_ target: Expr, _ op: BinaryOperator?, _ value: Expr)
    throws(VectorObstacle) -> Expr
  {
    let type = target.type.unqualified
    let right = try evaluate(value, speculated: false)
    let isContiguous = step(of: target)?.constant == 1
    if let op, isContiguous,
      CType.usualArithmeticConversion(type, value.type)?.canonical == type.canonical,
      op != .shiftLeft, op != .shiftRight
    {
      let place = try wide(target, isConst: false)
      return Expr(
        .assign(op, place, try summand(op, converted(right, to: type))), type: place.type)
    }
    var full = right
    if let op {
      full = try binary(op, evaluate(target, speculated: false), right, speculated: false)
    }
    let result = try converted(full, to: type)
    if isContiguous { return .assign(try wide(target, isConst: false), try splat(result)) }
    return try scatter(result, to: target)
  }

  /// The right operand of a compound assignment to a vector.
  private mutating func summand(_ op: BinaryOperator, _ value: Lanes) throws(VectorObstacle) -> Expr
  {
    op == .add || op == .subtract ? try withProductInLanes(value).expr : value.expr
  }

  /// Stores lane by lane, in the order of the iterations.
  private mutating func scatter(_ value: Lanes, to target: Expr) throws(VectorObstacle) -> Expr {
    guard isVarying(target) else {
      throw VectorObstacle(reason: "all lanes store to one place")
    }
    let source = value.isVector ? try named(value.expr, "lane") : value.expr
    for lane in 0..<lanes {
      let element = value.isVector ? try extracted(source, lane, type: target.type) : source
      prelude.append(.expression(.assign(try scalar(target, lane: lane), element)))
    }
    guard case .expression(let last)? = prelude.popLast()?.kind else {
      throw VectorObstacle(reason: "a vector needs at least one lane")
    }
    return last
  }
}
