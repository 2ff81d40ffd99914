import KernelModel

/// Variables of the text, and the objects that stand for them.
extension ProgramReader {
  func newVariable(_ kind: Variable.Kind, _ type: CType, _ name: String) -> Int {
    variables.append(
      Variable(kind: kind, type: type, name: name, guardDepth: guards.count))
    return variables.count - 1
  }

  func newScalar(_ type: CellType, _ cType: CType, _ name: String) -> Int {
    newVariable(.scalar(newObject(name, type)), cType, name)
  }

  /// A fresh object of the text's own.
  func newObject(_ name: String, _ type: CellType, _ lifetime: MemoryObject.Lifetime = .automatic)
    -> MemoryObject
  {
    names += 1
    let object = MemoryObject("\(prefix)v\(names)", title: name, type, lifetime)
    object.guardDepth = guards.count
    object.counters = counters
    return object
  }

  func slot(_ variable: VariableID) throws -> Int {
    if let slot = frame.slots[variable] { return slot }
    throw Unproved("'\(function[variable].name)' is no variable that is read")
  }

  func refuseVolatile(_ type: CType) throws {
    if type.qualifiers.contains(.volatile) || type.qualifiers.contains(.atomic) {
      throw Unproved("a volatile access")
    }
  }
}
