import IslBindings
import KernelModel

/// Parameters, and what is required of them.
extension ProgramReader {
  func declareParameters(_ function: Function) throws {
    for (position, parameter) in function.parameters.enumerated() {
      let symbol = function[parameter]
      try refuseVolatile(symbol.type)
      if let pointer = memory.pointers[position] {
        let slot = newVariable(.pointer, symbol.type, symbol.name)
        frame.slots[parameter] = slot
        bindings[slot] = Binding(pointer: pointer)
        try requireLengths(symbol.type)
      } else if let type = CellType(symbol.type) {
        let slot = newScalar(type, symbol.type, symbol.name)
        frame.slots[parameter] = slot
        try store(try incoming(symbol, type), to: slot)
      } else {
        throw Unproved("parameter '\(symbol.name)' is no scalar")
      }
    }
  }

  /// What the caller passes.
  private func incoming(_ symbol: Symbol, _ type: CellType) throws -> ScalarValue {
    let name = ParameterSpace.parameter(symbol.name)
    if type.isInteger {
      let limits = type.limits
      try space.require(
        IntegerSet(
          space.context,
          parsing: "[\(name)] -> { : \(limits.least) <= \(name) <= \(limits.greatest) }"),
        boundsByType: true)
      return ScalarValue(type, SymbolicIndex(try space.input(name)))
    }
    let object = MemoryObject("a_\(name)", title: symbol.name, type, .external)
    object.isReadOnly = true
    object.isArgument = true
    let zero = SymbolicIndex(try space.constant(0))
    return ScalarValue(
      OperationNode(
        .read(CellAccess(object: object, index: zero, domain: domain, isGuarded: false)), type))
  }

  /// Variable lengths of what a parameter points to are above zero (§6.7.6.2 ¶5).
  private func requireLengths(_ type: CType) throws {
    guard var element = type.element else { return }
    while case .array(let array) = element.canonical {
      if case .variable(let bound) = array.bound, case .scalar(let value) = try value(bound),
        let length = value.index?.affine
      {
        try space.require(try space.constant(0).isLess(than: length))
      }
      element = array.element
    }
  }
}
