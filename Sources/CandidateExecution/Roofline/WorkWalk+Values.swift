import KernelModel

// What expressions are worth at fixed sizes: integers as sums of turns, addresses as an object and
// an offset.

extension WorkWalk {
  func path(of expr: Expr) -> ObjectPath? {
    switch expr.kind {
    case .variable(let variable): return ObjectPath(variable)
    case .member(let base, let field, _):
      guard let path = path(of: base) else { return nil }
      return ObjectPath(path.base, fields: path.fields + [field])
    default: return nil
    }
  }

  func integer(_ expr: Expr) -> TurnSum? {
    guard expr.type.isInteger else { return nil }
    if let value = expr.constantValue { return TurnSum(value) }
    switch expr.kind {
    case .variable(let variable):
      if case .integer(let sum) = values[variable] { return sum }
      return nil
    case .member: return path(of: expr).flatMap { sizes[$0] }.map { TurnSum($0) }
    case .unary(.plus, let inner): return integer(inner)
    case .unary(.minus, let inner): return integer(inner)?.multiplied(by: -1)
    case .cast(let inner):
      guard let sum = integer(inner), let type = expr.type.integer else { return nil }
      if let value = sum.fixed { return type.holds(value) ? sum : nil }
      return type.width >= 32 ? sum : nil
    case .binary(let op, let left, let right):
      guard let a = integer(left), let b = integer(right) else { return nil }
      guard let sum = combine(op, a, b) else { return nil }
      if let value = sum.fixed, expr.type.integer?.holds(value) != true { return nil }
      return sum
    case .conditional(let condition, let first, let second):
      return truth(condition).flatMap { integer($0 ? first : second) }
    default: return nil
    }
  }

  func combine(_ op: BinaryOperator, _ a: TurnSum, _ b: TurnSum) -> TurnSum? {
    switch op {
    case .add: return a.adding(b)
    case .subtract: return a.adding(b, times: -1)
    case .multiply:
      if let factor = b.fixed { return a.multiplied(by: factor) }
      return a.fixed.flatMap { b.multiplied(by: $0) }
    case .divide, .remainder, .shiftRight, .shiftLeft:
      guard let x = a.fixed, let y = b.fixed, x >= 0 else { return nil }
      switch op {
      case .divide: return y > 0 ? TurnSum(x / y) : nil
      case .remainder: return y > 0 ? TurnSum(x % y) : nil
      case .shiftRight: return (0..<63).contains(y) ? TurnSum(x >> y) : nil
      default: return (0..<31).contains(y) && x < 1 << 31 ? TurnSum(x << y) : nil
      }
    default: return nil
    }
  }

  func truth(_ condition: Expr) -> Bool? {
    switch condition.kind {
    case .unary(.not, let inner): return truth(inner).map { !$0 }
    case .binary(.logicalAnd, let left, let right):
      if truth(left) == false || truth(right) == false { return false }
      return truth(left) == true && truth(right) == true ? true : nil
    case .binary(.logicalOr, let left, let right):
      if truth(left) == true || truth(right) == true { return true }
      return truth(left) == false && truth(right) == false ? false : nil
    case .binary(let op, let left, let right) where op.isComparison:
      guard let a = integer(left)?.fixed, let b = integer(right)?.fixed else { return nil }
      switch op {
      case .less: return a < b
      case .lessOrEqual: return a <= b
      case .greater: return a > b
      case .greaterOrEqual: return a >= b
      case .equal: return a == b
      default: return a != b
      }
    default: return integer(condition)?.fixed.map { $0 != 0 }
    }
  }

  /// Where an lvalue lies: its object and the bytes from where that begins.
  func location(_ place: Expr) -> (root: ObjectPath, offset: TurnSum)? {
    switch place.kind {
    case .subscriptOf(let base, let index):
      guard let start = address(base), let element = width(place.type),
        let bytes = integer(index)?.multiplied(by: element)
      else { return nil }
      return start.offset.adding(bytes).map { (start.root, $0) }
    case .unary(.dereference, let pointer): return address(pointer)
    case .member(let base, let field, let isArrow):
      guard let start = isArrow ? address(base) : location(base),
        let record = layout.record(isArrow ? base.type.element ?? base.type : base.type),
        let offset = record.fields.first(where: { $0.name == field && $0.bitWidth == nil })?.offset
      else { return nil }
      return start.offset.adding(TurnSum(offset)).map { (start.root, $0) }
    case .variable(let variable):
      guard case .array = function[variable].type.canonical else { return nil }
      return (ObjectPath(variable), TurnSum(0))
    default: return nil
    }
  }

  /// What a pointer, or an array that becomes one, points to.
  func address(_ pointer: Expr) -> (root: ObjectPath, offset: TurnSum)? {
    if case .array = pointer.type.canonical, let place = location(pointer) { return place }
    switch pointer.kind {
    case .variable(let variable):
      if case .address(let root, let offset) = values[variable] { return (root, offset) }
      return isOutside(variable) ? (ObjectPath(variable), TurnSum(0)) : nil
    case .member:
      // A pointer inside a record that a parameter leads to.
      guard let path = path(of: pointer), isOutside(path.base) else { return nil }
      return (path, TurnSum(0))
    case .cast(let inner): return address(inner)
    case .unary(.addressOf, let place): return location(place)
    case .binary(let op, let left, let right) where op == .add || op == .subtract:
      let isLeft = !left.type.isInteger
      guard let start = address(isLeft ? left : right),
        let element = (isLeft ? left : right).type.element.flatMap(width),
        let bytes = integer(isLeft ? right : left)?.multiplied(by: element)
      else { return nil }
      return start.offset.adding(bytes, times: op == .add ? 1 : -1).map { (start.root, $0) }
    default: return nil
    }
  }

  /// The size of a type, of arrays of variable length too.
  func width(_ type: CType) -> Int? {
    if let size = layout.size(of: type)?.size { return size }
    guard case .array(let array) = type.canonical, let element = width(array.element) else {
      return nil
    }
    switch array.bound {
    case .constant(let count): return element * count
    case .variable(let count): return integer(count)?.fixed.map { $0 * element }
    case .unspecified: return nil
    }
  }
}
