import KernelModel

/// Runs a nest at one size by plain enumeration and lists what each statement instance touches: an
/// oracle that shares nothing with the analysis under test.
struct EnumerationOracle {
  /// A component of an instance's place in the original order.
  enum Step: Hashable {
    case text(Int)
    case loop(LoopLabel, ordinal: Int, value: Int)
  }
  struct Touch: Hashable {
    let cell: String
    let isWrite: Bool
  }
  struct Instance {
    let steps: [Step]
    let touches: [Touch]
  }

  private(set) var instances: [Instance] = []
  private let function: Function
  private var integers: [VariableID: Int]
  private var objects: [VariableID: Int] = [:]
  private var nextObject = 0
  private var steps: [Step] = []
  private var touches: [Touch] = []

  init(_ function: Function, sizes: [String: Int]) {
    self.function = function
    integers = [:]
    for (name, size) in sizes {
      if let variable = function.variable(named: name) { integers[variable] = size }
    }
    run(function.body, position: 0)
  }

  // MARK: Statements

  private mutating func run(_ statement: Stmt, position: Int) {
    switch statement.kind {
    case .block(let statements):
      for (offset, inner) in statements.enumerated() {
        steps.append(.text(offset))
        run(inner, position: offset)
        steps.removeLast()
      }
    case .loop(let loop): run(loop)
    case .branch(let condition, let then, let otherwise):
      let chosen = integer(condition) != 0 ? then : otherwise
      steps.append(.text(integer(condition) != 0 ? 0 : 1))
      if let chosen { run(chosen, position: 0) }
      steps.removeLast()
    case .expression(let expr):
      touches = []
      touch(expr)
      instances.append(Instance(steps: steps, touches: touches))
    case .declaration(let declarators):
      for declarator in declarators {
        nextObject += 1
        objects[declarator.variable] = nextObject
      }
      touches = []
      for declarator in declarators {
        guard let value = declarator.initializer else { continue }
        touch(value)
        if function[declarator.variable].type.isInteger {
          integers[declarator.variable] = integer(value)
        }
        store(Expr(.variable(declarator.variable), type: .double))
      }
      instances.append(Instance(steps: steps, touches: touches))
    default: break
    }
  }

  private mutating func run(_ loop: Loop) {
    guard let header = loop.counted, let lower = header.lower else { return }
    var ordinal = 0
    integers[header.variable] = integer(lower)
    while holds(header) {
      let value = integers[header.variable] ?? 0
      steps.append(
        .loop(loop.label, ordinal: ordinal, value: header.step > 0 ? value : -value))
      run(loop.body, position: 0)
      steps.removeLast()
      integers[header.variable] = value + header.step
      ordinal += 1
    }
  }

  private mutating func holds(_ header: CountedHeader) -> Bool {
    let value = integers[header.variable] ?? 0
    let bound = integer(header.bound)
    switch header.relation {
    case .less: return value < bound
    case .lessOrEqual: return value <= bound
    case .greater: return value > bound
    default: return value >= bound
    }
  }

  // MARK: Expressions

  private mutating func integer(_ expr: Expr) -> Int {
    switch expr.kind {
    case .integer(let value, _): return value
    case .variable(let variable): return integers[variable] ?? 0
    case .unary(.minus, let operand): return -integer(operand)
    case .cast(let operand): return integer(operand)
    case .conditional(let condition, let yes, let no):
      return integer(condition) != 0 ? integer(yes) : integer(no)
    case .binary(let op, let left, let right):
      let a = integer(left)
      let b = integer(right)
      switch op {
      case .add: return a + b
      case .subtract: return a - b
      case .multiply: return a * b
      case .divide: return b == 0 ? 0 : a / b
      case .remainder: return b == 0 ? 0 : a % b
      case .less: return a < b ? 1 : 0
      case .lessOrEqual: return a <= b ? 1 : 0
      case .greater: return a > b ? 1 : 0
      case .greaterOrEqual: return a >= b ? 1 : 0
      case .equal: return a == b ? 1 : 0
      case .notEqual: return a != b ? 1 : 0
      case .logicalAnd: return a != 0 && b != 0 ? 1 : 0
      case .logicalOr: return a != 0 || b != 0 ? 1 : 0
      default: return 0
      }
    default: return 0
    }
  }

  private mutating func touch(_ expr: Expr) {
    switch expr.kind {
    case .assign(let op, let target, let value):
      touch(value)
      if op != nil { load(target) }
      store(target)
    case .binary(_, let left, let right):
      touch(left)
      touch(right)
    case .subscriptOf, .variable: load(expr)
    case .cast(let operand), .unary(_, let operand): touch(operand)
    default: break
    }
  }

  private mutating func load(_ expr: Expr) {
    if let cell = cell(expr) { touches.append(Touch(cell: cell, isWrite: false)) }
  }

  private mutating func store(_ expr: Expr) {
    if let cell = cell(expr) { touches.append(Touch(cell: cell, isWrite: true)) }
  }

  /// A name of the memory cell; integer parameters and iterators are not memory.
  private mutating func cell(_ expr: Expr) -> String? {
    switch expr.kind {
    case .variable(let variable):
      let isParameter = function[variable].storage == .parameter
      if isParameter || (objects[variable] == nil && function[variable].type.isInteger) {
        return nil
      }
      return "v\(variable.index).\(objects[variable] ?? 0)"
    case .subscriptOf(let base, let index):
      let number = integer(index)
      if case .variable(let variable) = base.kind { return "a\(variable.index)[\(number)]" }
      return cell(base).map { "\($0)[\(number)]" }
    default: return nil
    }
  }
}

/// Orders of execution that transformations bring about, as sort keys over instances.
struct ReorderedRun {
  /// The key of each instance, and whether instances with equal keys run in lockstep.
  let key: (EnumerationOracle.Instance) -> [Int]
  var isLockstep = false

  /// A pair of instances that touches one cell, at least once to write, out of its first order.
  func violation(in instances: [EnumerationOracle.Instance]) -> (Int, Int)? {
    let keys = instances.map(key)
    var byCell: [String: [(instance: Int, isWrite: Bool)]] = [:]
    for (number, instance) in instances.enumerated() {
      for touch in Set(instance.touches) {
        byCell[touch.cell, default: []].append((number, touch.isWrite))
      }
    }
    for users in byCell.values {
      for first in users {
        for second in users
        where first.instance < second.instance && (first.isWrite || second.isWrite) {
          let a = keys[first.instance]
          let b = keys[second.instance]
          if a.lexicographicallyPrecedes(b) { continue }
          // In lockstep all reads come before all writes.
          if isLockstep, a == b, !first.isWrite, second.isWrite { continue }
          return (first.instance, second.instance)
        }
      }
    }
    return nil
  }
}
