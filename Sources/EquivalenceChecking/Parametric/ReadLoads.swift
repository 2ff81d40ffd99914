import IslBindings
import KernelModel

/// What an object holds where it is read.
extension ProgramReader {
  func load(_ place: Place) throws -> SymbolicValue {
    switch place {
    case .variable(let slot):
      let binding = bindings[slot]
      switch variables[slot].kind {
      case .scalar(let object):
        guard let type = CellType(variables[slot].type) else { throw Unproved("a variable") }
        if let index = binding?.index { return .scalar(ScalarValue(type, index)) }
        return .scalar(ScalarValue(try cell(object, SymbolicIndex(space.constant(0)), binding)))
      case .lanes(let object, let count):
        let index = SymbolicIndex(try space.input(lane))
        return .lanes(ScalarValue(try cell(object, index, binding)), count)
      case .pointer:
        if binding?.isNull == true { return .null }
        guard let pointer = binding?.pointer, !ended.contains(ObjectIdentifier(pointer.base)) else {
          throw Unproved("'\(variables[slot].name)' points to something that is not known")
        }
        return .pointer(pointer)
      case .array: throw Unproved("an array as a value")
      }
    case .lane(let slot, let lane):
      guard case .lanes(let object, _) = variables[slot].kind else { throw Unproved("a lane") }
      return .scalar(ScalarValue(read(object, lane)))
    case .memory(let pointer, let type):
      try refuseVolatile(type)
      switch type.canonical {
      case .array, .function: return .pointer(pointer)
      default: try refuseAccess(pointer, type)
      }
      switch type.canonical {
      case .vector(let element, let lanes):
        guard let cell = CellType(element) else { throw Unproved("a vector of a type not read") }
        let index = SymbolicIndex(try space.input(lane))
        return .lanes(try self.element(at: pointer, plus: index, as: cell), lanes)
      case .pointer: throw Unproved("a pointer that is read from memory")
      default:
        guard let cell = CellType(type) else { throw Unproved("an access of a type not read") }
        return .scalar(try element(at: pointer, plus: SymbolicIndex(space.constant(0)), as: cell))
      }
    }
  }

  func cell(_ object: MemoryObject, _ index: SymbolicIndex, _ binding: Binding?) throws
    -> OperationNode
  {
    if let number = binding?.definition {
      let range = number >= 0 ? program.statements[number].value.range : nil
      return OperationNode(.definition(number), object.type, range: range)
    }
    return read(object, index)
  }

  private func read(_ object: MemoryObject, _ index: SymbolicIndex) -> OperationNode {
    OperationNode(
      .read(
        CellAccess(
          object: object, index: index, domain: domain, isGuarded: !guards.isEmpty, guards: guards)),
      object.type)
  }

  /// Throws for an access that C or the target may not allow although cell and value agree: under a
  /// type that the memory does not have (§6.5 ¶7), or one that asks for more alignment.
  func refuseAccess(_ pointer: SymbolicPointer, _ type: CType) throws {
    try refuseVolatile(type)
    if !isOriginal, attributes.alignment(of: type) > (type.vectorElement.naturalAlignment ?? 0) {
      throw Unproved("an access under a type that is aligned above its element")
    }
    guard build.assumesStrictAliasing, !attributes.mayAlias(type), let own = type.aliasClass,
      let object = pointer.base.objects[pointer.member], !object.aliasClasses.isEmpty
    else { return }
    guard object.aliasClasses.contains(own) else {
      throw Unproved("'\(object.title)' is accessed under another type than its own")
    }
  }

  func object(_ pointer: SymbolicPointer, _ type: CellType) throws -> MemoryObject {
    for (base, reached) in released where base === pointer.base {
      guard try space.isImpossible(reached.intersection(domain)) else {
        throw Unproved("an access of memory given back")
      }
    }
    if let failure = pointer.base.failure {
      let failed = try space.input(failure).nonZero()
      guard try space.isImpossible(failed.intersection(domain)) else {
        throw Unproved("an access of an allocation that may have failed")
      }
    }
    guard let object = pointer.base.objects[pointer.member] else {
      throw Unproved("an access of a part of '\(pointer.base.title)'")
    }
    guard object.type.bits == type.bits else {
      throw Unproved("'\(object.title)' is accessed in parts of another size")
    }
    return object
  }

  private func element(at pointer: SymbolicPointer, plus offset: SymbolicIndex, as type: CellType)
    throws -> ScalarValue
  {
    let object = try object(pointer, type)
    let node = read(object, try pointer.offset.plus(offset))
    if node.type == type { return ScalarValue(node) }
    guard node.type.kind != .boolean, type.kind != .boolean else {
      throw Unproved("a truth value under another type")
    }
    return try reinterpret(ScalarValue(node), as: type)
  }
}
