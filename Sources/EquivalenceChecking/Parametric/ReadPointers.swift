import IslBindings
import KernelModel

/// Pointers: what they point to, moved by a distance, and compared.
extension ProgramReader {
  func pointer(_ expr: Expr) throws -> SymbolicPointer {
    guard case .pointer(let pointer) = try value(expr) else {
      throw Unproved("a pointer whose object is not known")
    }
    return pointer
  }

  /// The pointer `index` elements further, in units of what `type` points to.
  func moved(
    _ pointer: SymbolicPointer, _ type: CType, _ index: ScalarValue, isForward: Bool = true
  ) throws -> SymbolicPointer {
    guard let pointee = type.element, let index = index.index else {
      throw Unproved("a subscript that depends on data")
    }
    guard pointer.member.isEmpty, let distance = try scaled(index, pointee, pointer.base) else {
      throw Unproved("a subscript that is no polynomial of sizes")
    }
    var moved = pointer
    moved.offset = try isForward ? pointer.offset.plus(distance) : pointer.offset.minus(distance)
    return moved
  }

  /// `index` objects of a type as elements of a base.
  private func scaled(_ index: SymbolicIndex, _ type: CType, _ base: MemoryBase) throws
    -> SymbolicIndex?
  {
    if type.canonical == .void { throw Unproved("arithmetic on 'void *'") }
    if let size = layout.size(of: type)?.size {
      guard size % base.elementSize == 0 else {
        throw Unproved("an access of parts of '\(base.title)'")
      }
      return try index.times(size / base.elementSize)
    }
    guard case .array(let array) = type.canonical, case .variable(let bound) = array.bound,
      bound.mentionedVariables.isDisjoint(with: function.body.storedVariables),
      let count = try scalar(bound).index, let rows = try index.times(count)
    else { return nil }
    return try scaled(rows, array.element, base)
  }

  /// Pointers into one object by their distance; others may compare either way.
  func comparePointers(_ op: BinaryOperator, _ left: Typed, _ right: Typed) throws -> ScalarValue {
    switch (left.value, right.value) {
    case (.pointer(let a), .pointer(let b)):
      guard a.base === b.base, a.member == b.member else {
        guard op.isComparison else { throw Unproved("a difference of pointers to two objects") }
        guard let first = a.base.identity, let second = b.base.identity else { break }
        let key = "\(first) \(a.offset.text) \(op.rawValue) \(second) \(b.offset.text)"
        guard try !a.offset.minus(b.offset).involvesCounters(allCounters) else {
          throw Unproved("a comparison of pointers to two objects in a loop")
        }
        return try flagged(key)
      }
      if op == .subtract {
        let difference = try a.offset.minus(b.offset)
        guard let size = left.type.element.flatMap({ layout.size(of: $0)?.size }),
          size == a.base.elementSize
        else { throw Unproved("a difference of pointers to parts") }
        return ScalarValue(.long, difference)
      }
      if let known = try compare(op, a.offset, b.offset) { return known }
    case (.pointer(let a), .null), (.null, .pointer(let a)):
      guard op == .equal || op == .notEqual else { break }
      if let failure = a.base.failure {
        let flag = ScalarValue(.int, SymbolicIndex(try space.input(failure)))
        return op == .equal ? flag : try negated(flag)
      }
      // Pointers that may overlap share a base, and none is null because another one is.
      guard
        let position = memory.pointers.first(where: { _, pointer in
          pointer.base === a.base && pointer.member == a.member
            && pointer.offset.text == a.offset.text
        })?.key
      else { throw Unproved("a comparison of a moved pointer with null") }
      let isNull = try flagged("parameter \(position) is null")
      return op == .equal ? isNull : try negated(isNull)
    default: break
    }
    throw Unproved("a comparison of pointers that is not read")
  }

  private func negated(_ scalar: ScalarValue) throws -> ScalarValue {
    guard let set = try truth(scalar) else { throw Unproved("a condition") }
    return ScalarValue(.int, SymbolicIndex(try set.complement().indicator()))
  }
}
