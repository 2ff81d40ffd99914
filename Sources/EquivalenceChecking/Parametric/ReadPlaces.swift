import KernelModel

/// Objects: where they are.
extension ProgramReader {
  enum Place {
    case variable(Int)
    case lane(Int, SymbolicIndex)
    case memory(SymbolicPointer, CType)
  }

  func place(_ expr: Expr) throws -> Place {
    switch expr.kind {
    case .variable(let variable):
      let symbol = function[variable]
      try refuseVolatile(symbol.type)
      if frame.slots[variable] == nil, symbol.storage == .global {
        if let known = try table(symbol) { return known }
        let base = try memory.global(symbol, layout)
        let zero = SymbolicIndex(try space.constant(0))
        return .memory(SymbolicPointer(base: base, offset: zero), symbol.type)
      }
      let slot = try slot(variable)
      if case .array(let base) = variables[slot].kind {
        let zero = SymbolicIndex(try space.constant(0))
        return .memory(SymbolicPointer(base: base, offset: zero), symbol.type)
      }
      return .variable(slot)
    case .unary(.dereference, let pointer):
      return .memory(try self.pointer(pointer), expr.type)
    case .subscriptOf(let base, let index): return try element(base, index, expr.type)
    case .member(let base, let field, let isArrow):
      let start: SymbolicPointer
      if isArrow {
        start = try pointer(base)
      } else {
        guard case .memory(let pointer, _) = try place(base) else {
          throw Unproved("a member of a local record")
        }
        start = pointer
      }
      let record = isArrow ? base.type.element : base.type
      guard start.member.isEmpty, start.base.objects[field] != nil, let record,
        case .record(let reference) = record.canonical, reference == start.base.record
      else { throw Unproved("the member '\(field)'") }
      if !isOriginal, attributes.isAligned(record) {
        throw Unproved("records under a type with an alignment of its own")
      }
      return .memory(
        SymbolicPointer(base: start.base, offset: start.offset, member: field), expr.type)
    default: throw Unproved("an object that is not read")
    }
  }

  /// A constant table of the file; nil when the object is none.
  private func table(_ symbol: Symbol) throws -> Place? {
    guard let table = unit.table(symbol.name) else { return nil }
    guard table.initializer.mentionedVariables.isEmpty else {
      throw Unproved("the table '\(symbol.name)'")
    }
    let slot = try fixedTable(symbol.name, table.type, table.initializer)
    guard case .array(let base) = variables[slot].kind else { return .variable(slot) }
    let zero = SymbolicIndex(try space.constant(0))
    return .memory(SymbolicPointer(base: base, offset: zero), table.type)
  }

  private func element(_ base: Expr, _ index: Expr, _ type: CType) throws -> Place {
    if base.type.isVector {
      guard case .variable(let slot) = try place(base) else {
        throw Unproved("a lane of a vector in memory")
      }
      guard let lane = try scalar(index).index else { throw Unproved("a lane that data chooses") }
      return .lane(slot, lane)
    }
    let start = try pointer(base)
    return .memory(try moved(start, base.type, try scalar(index)), type)
  }

  func address(of operand: Expr) throws -> SymbolicValue {
    guard case .memory(let pointer, _) = try place(operand) else {
      throw Unproved("the address of a variable")
    }
    return .pointer(pointer)
  }
}
