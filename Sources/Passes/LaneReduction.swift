import KernelModel

/// Vectors of partial sums around a vectorized loop, and vectors for variables of an outer scope that
/// each iteration sets anew.
struct LaneReduction {
  let classes: LaneClasses
  let loop: Loop
  /// Declarations at the head of the main loop's body.
  private(set) var privates: [Stmt] = []
  private var accumulators: [Stmt] = []

  init(classes: LaneClasses, loop: Loop) {
    self.classes = classes
    self.loop = loop
  }

  /// Declares the vectors.
  mutating func open(_ vector: inout VectorBody) throws(VectorObstacle) {
    for (variable, operation) in classes.reductions {
      let symbol = vector.function[variable]
      let isChoice = operation.combination == nil
      let type = try vector.vectorType(isChoice ? symbol.type : Self.lane(of: symbol.type))
      let name = vector.function.introduce("\(symbol.name)_x\(vector.lanes)", type: type)
      vector.vectors[variable] = name
      if isChoice {
        let start = Lanes(vector.function.reference(variable), symbol.type, isVector: false)
        accumulators.append(.declare(name, try vector.splat(start)))
        continue
      }
      // What is wider than a floating accumulator is added in its own width.
      if symbol.type.isInteger { vector.wrapping.insert(variable) }
      let zero = Expr(.initializer([InitializerElement(value: .int(0))]), type: type)
      accumulators.append(.declare(name, zero))
      if operation == .bitAnd {
        let place = vector.function.reference(name)
        accumulators.append(
          .expression(.assign(place, Expr(.unary(.complement, place), type: type))))
      }
    }
    for variable in classes.privates {
      let symbol = vector.function[variable]
      let type = try vector.vectorType(symbol.type)
      let name = vector.function.introduce("\(symbol.name)_x\(vector.lanes)", type: type)
      vector.vectors[variable] = name
      let zero = Expr(.initializer([InitializerElement(value: .int(0))]), type: type)
      privates.append(.declare(name, zero))
    }
  }

  /// Statements after the main loop that bring the lanes together.
  func close(_ vector: inout VectorBody) throws(VectorObstacle) -> [Stmt] {
    var result: [Stmt] = []
    for (variable, operation) in classes.reductions {
      guard let name = vector.vectors[variable] else { continue }
      let type = vector.function[variable].type.unqualified
      let place = vector.function.reference(variable)
      let lanes = vector.function.reference(name)
      let isChoice = operation.combination == nil
      let lane = isChoice ? type : Self.lane(of: type)
      let terms = try (0..<vector.lanes).map { (index) throws(VectorObstacle) in
        try vector.extracted(lanes, index, type: lane)
      }
      guard let op = operation.combination else {
        let relation: BinaryOperator = operation == .minimum ? .less : .greater
        result += terms.map { .expression(.assign(place, .chosen(relation, $0, place))) }
        continue
      }
      if type.isFloating {
        result.append(.expression(.compound(op, place, .tree(op, terms[...]))))
        continue
      }
      let start = type.canonical == lane.canonical ? place : Expr.cast(place, to: lane)
      let sum = terms.reduce(start) { .binary(op, $0, $1) }
      let value = sum.type.canonical == type.canonical ? sum : Expr.cast(sum, to: type)
      result.append(.expression(.assign(place, value)))
    }
    return result
  }

  /// The loops with the vectors declared before and brought together after the main loop.
  func weave(_ statements: [Stmt], _ close: [Stmt], main label: LoopLabel) -> [Stmt] {
    guard !accumulators.isEmpty else { return statements }
    var result: [Stmt] = []
    for statement in statements {
      if statement.loopLabel == label {
        result += accumulators + [statement] + close
      } else if case .branch(let condition, let then, let otherwise) = statement.kind,
        then.statements.contains(where: { $0.loopLabel == label })
      {
        let inner = weave(then.statements, close, main: label)
        result.append(.branch(condition, .block(inner), else: otherwise))
      } else {
        result.append(statement)
      }
    }
    return result
  }

  /// The type in which partial results are kept: of integers unsigned, so that no partial sum overflows.
  private static func lane(of type: CType) -> CType {
    guard let integer = type.integer else { return type }
    return .integer(integer.unsignedCounterpart)
  }
}

extension Expr {
  /// `a < b ? a : b`.
  fileprivate static func chosen(_ relation: BinaryOperator, _ a: Expr, _ b: Expr) -> Expr {
    Expr(.conditional(.binary(relation, a, b), a, b), type: b.type)
  }
}
