import KernelModel

// Lvalues: where they are, what reading them gives, what storing to them changes.
extension Extractor {
  /// The place that an lvalue designates; records only the accesses needed to find it.
  func place(of expr: Expr) -> Location {
    switch expr.kind {
    case .variable(let variable): return place(of: variable)
    case .unary(.dereference, let pointer): return pointee(of: pointer)
    case .subscriptOf(let base, let index):
      // `i[a]` is `a[i]`.
      let isSwapped = base.type.isInteger
      let pointer = isSwapped ? index : base
      var element = pointee(of: pointer)
      element = element.advanced(
        by: integer(isSwapped ? base : index), isLoose: !pointer.type.isArray)
      return element
    case .member(let base, let field, let isArrow):
      let record = isArrow ? pointee(of: base) : place(of: base)
      return record.appending(.field(unionFree(field, in: isArrow ? base.type.element : base.type)))
    case .cast(let operand) where expr.type == operand.type: return place(of: operand)
    default:
      evaluate(expr)
      return Location(object: .everything)
    }
  }

  /// Members of a union share their memory, so all of them get one name.
  private func unionFree(_ field: String, in type: CType?) -> String {
    if case .record(let reference)? = type?.canonical, reference.isUnion { return "(union)" }
    return field
  }

  private func place(of variable: VariableID) -> Location {
    // An object declared inside the region is a new one in each iteration around it.
    let scope = declaredUnder[variable] ?? []
    let components = scope.map { loop in
      Location.Component.index(Polynomial(.iterator(loop)), extent: nil)
    }
    return Location(object: .variable(variable), components: components)
  }

  private func pointee(of pointer: Expr) -> Location {
    if case .pointer(let location) = evaluate(pointer) { return location }
    return Location(object: .everything)
  }

  // MARK: Reading

  /// The value of an lvalue read as an rvalue; arrays decay without being read.
  func load(_ expr: Expr) -> Value {
    if case .variable(let variable) = expr.kind, !expr.type.isArray,
      !function[variable].type.isArray
    {
      return read(variable)
    }
    let location = place(of: expr)
    let type = declaredType(of: expr)
    if case .array(let array) = type.canonical {
      return .pointer(location.appending(.index(Polynomial(), extent: extent(of: array))))
    }
    record(location, type, isWrite: false)
    return content(of: location, type)
  }

  /// An array object's own type, which a mention may show decayed.
  private func declaredType(of expr: Expr) -> CType {
    if case .variable(let variable) = expr.kind { return function[variable].type }
    return expr.type
  }

  func extent(of array: ArrayType) -> Polynomial? {
    switch array.bound {
    case .constant(let count): Polynomial(count)
    case .unspecified: nil
    case .variable(let length): arrayLengths[length]
    }
  }

  /// Keeps what the variable lengths of a type are worth where it is declared.
  func noteLengths(of type: CType?) {
    var type = type
    while let inner = type, let element = inner.element {
      if case .array(let array) = inner.canonical, case .variable(let length) = array.bound,
        case .integer(let value) = evaluate(length)
      {
        arrayLengths[length] = value
        // A length is positive where it is evaluated (§6.7.6.2 ¶5).
        activeConditions.append(.nonNegative(value - 1))
      }
      type = element
    }
  }

  private func read(_ variable: VariableID) -> Value {
    let symbol = function[variable]
    recordScalar(variable, isWrite: false)
    if symbol.type.qualifiers.contains(.volatile) { return freshValue(of: symbol.type) }
    if isShared(variable), isStored(variable) { return freshValue(of: symbol.type) }
    if let value = values[variable] { return value }
    if symbol.type.isInteger {
      let atom = Atom.input(variable)
      if symbol.type.integer?.isSigned == false { unsignedAtoms.insert(atom) }
      return .integer(Polynomial(atom))
    }
    if symbol.type.isPointer {
      return .pointer(
        Location(
          object: .pointee(ObjectPath(variable)), components: [.index(Polynomial(), extent: nil)]))
    }
    return .other
  }

  private func isShared(_ variable: VariableID) -> Bool { shared.contains(variable) }

  /// Whether a shared variable may change while the present values are in use.
  private func isStored(_ variable: VariableID) -> Bool {
    stores.storesAnything || stores.variables.contains(variable)
      || stores.memory.contains { store in
        store.through != ObjectPath(variable)
          && aliasing.mayAlias(store.type, function[variable].type)
      }
  }

  /// What memory at a place holds, when nothing in reach of the present values stores there.
  private func content(of location: Location, _ type: CType) -> Value {
    guard type.isInteger || type.isPointer, !type.qualifiers.contains(.volatile),
      isStable(location, type)
    else { return freshValue(of: type) }
    guard let base = location.object.path else { return freshValue(of: type) }
    if let inner = location.path(from: base.base), !inner.fields.isEmpty,
      location.object != .allocation(base.base)
    {
      let path = ObjectPath(base.base, fields: base.fields + inner.fields)
      if type.isPointer {
        return .pointer(
          Location(object: .pointee(path), components: [.index(Polynomial(), extent: nil)]))
      }
      let atom = Atom.field(path)
      if type.integer?.isSigned == false { unsignedAtoms.insert(atom) }
      return .integer(Polynomial(atom))
    }
    guard type.isInteger else { return freshValue(of: type) }
    var indices: [Polynomial] = []
    for index in location.indices {
      guard let index else { return freshValue(of: type) }
      indices.append(index)
    }
    let name = "\(base.base.index).\(base.fields.joined(separator: "."))"
    let atom = Atom.function(
      "load \(name) \(location.pattern.joined(separator: "."))", indices)
    if type.integer?.isSigned == false { unsignedAtoms.insert(atom) }
    return .integer(Polynomial(atom))
  }

  /// Whether no store in reach may change the element. Stores through character pointers to other
  /// objects are excused when those objects are known not to overlap, else become a precondition.
  private func isStable(_ location: Location, _ type: CType) -> Bool {
    if stores.storesAnything { return false }
    if case .variable(let variable) = location.object {
      if stores.variables.contains(variable) { return false }
      if !shared.contains(variable) { return true }
    }
    guard let own = location.object.path else { return false }
    for store in stores.memory where aliasing.mayAlias(store.type, type) {
      guard let through = store.through, through != own else { return false }
      let other = entryObject(through)
      if areDisjoint(other, location.object) { continue }
      let isCharacter = store.type.integer?.width == 8 && type.integer?.width != 8
      guard isCharacter, isInside else { return false }
      let fact = Fact.disjoint(min(through, own), max(through, own))
      if !preconditions.contains(fact) { preconditions.append(fact) }
    }
    return true
  }

  func areDisjoint(_ a: MemoryObject, _ b: MemoryObject) -> Bool {
    disjointObjects.contains { ($0.0 == a && $0.1 == b) || ($0.0 == b && $0.1 == a) }
  }

  // MARK: Storing

  func assign(_ op: BinaryOperator?, _ target: Expr, _ value: Expr) -> Value {
    guard let op else {
      let new = converted(evaluate(value), from: value.type, to: target.type)
      store(new, to: target)
      return new
    }
    // The left side is read, combined, and stored.
    guard isVariable(target) else {
      evaluate(value)
      update(target)
      return freshValue(of: target.type)
    }
    let combined = Expr.binary(op, target, value)
    let new = converted(evaluate(combined), from: combined.type, to: target.type)
    store(new, to: target)
    return new
  }

  func step(_ op: UnaryOperator, _ target: Expr) -> Value {
    guard isVariable(target) else {
      update(target)
      return freshValue(of: target.type)
    }
    let old = load(target)
    let delta = op == .preIncrement || op == .postIncrement ? 1 : -1
    let new: Value
    switch old {
    case .integer(let value): new = .integer(value + delta)
    case .pointer(let location): new = .pointer(location.advanced(by: Polynomial(delta)))
    case .other: new = .other
    }
    store(new, to: target)
    return op == .preIncrement || op == .preDecrement ? new : old
  }

  private func isVariable(_ target: Expr) -> Bool {
    if case .variable = target.kind { true } else { false }
  }

  private func store(_ value: Value, to target: Expr) {
    if case .variable(let variable) = target.kind, !function[variable].type.isArray {
      recordScalar(variable, isWrite: true)
      let type = function[variable].type
      if !type.isRecord { values[variable] = kept(value, of: type) }
      return
    }
    record(place(of: target), target.type, isWrite: true)
  }

  /// Reads and stores an element whose place is found once.
  private func update(_ target: Expr) {
    let location = place(of: target)
    record(location, target.type, isWrite: false)
    record(location, target.type, isWrite: true)
  }

  // MARK: Recording

  func recordScalar(_ variable: VariableID, isWrite: Bool) {
    guard isInside else { return }
    if structuralIterators.contains(variable) { return }
    let type = function[variable].type
    if !isWrite, !stores.variables.contains(variable), !(isShared(variable) && isStored(variable)) {
      return
    }
    record(place(of: variable), type, isWrite: isWrite)
  }

  func record(_ location: Location, _ type: CType, isWrite: Bool) {
    guard isInside else { return }
    if case .variable(let variable) = location.object, declaredWhileAbsorbing.contains(variable) {
      return
    }
    sink.append(
      Access(
        location: location, isWrite: isWrite,
        isConditional: conditionalDepth > 0, type: type, innerLoops: innerLoops,
        innerConditions: innerConditions))
    if type.qualifiers.contains(.volatile) { touchEverything(writes: true) }
  }

  func touchEverything(writes: Bool) {
    guard isInside else { return }
    for isWrite in writes ? [false, true] : [false] {
      sink.append(
        Access(
          location: Location(object: .everything), isWrite: isWrite, isConditional: true,
          type: .void))
    }
  }
}

private func min(_ a: ObjectPath, _ b: ObjectPath) -> ObjectPath { precedes(a, b) ? a : b }
private func max(_ a: ObjectPath, _ b: ObjectPath) -> ObjectPath { precedes(a, b) ? b : a }

/// An order of paths, so that a pair is always written the same way.
func precedes(_ a: ObjectPath, _ b: ObjectPath) -> Bool {
  if a.base != b.base { return a.base < b.base }
  return a.fields.lexicographicallyPrecedes(b.fields)
}
