import KernelModel

/// Which memories C and the contract allow to overlap.
struct OverlapRules {
  /// Pairs of indices of memories with elements of one size; the second moves into the first.
  private(set) var pairs: [(Int, Int)] = []
  /// Pairs with elements of different sizes or with a record; the second moves into the first.
  private(set) var mixed: [(Int, Int)] = []

  private let shape: InputShape

  /// Neither pointer may be `restrict`, no clause may separate them, and what they point to must be
  /// of one type, or one of it of character type, or a record with a member of the other's type
  /// (§6.5 ¶7).
  init(_ shape: InputShape) {
    self.shape = shape
    for first in shape.memories.indices {
      for second in shape.memories.indices where second > first {
        let (a, b) = (shape.memories[first], shape.memories[second])
        guard !a.isRestrict, !b.isRestrict, !(a.isConst && b.isConst),
          !Self.areSeparated(a.path, b.path, shape.contract)
        else { continue }
        if !a.isRecord, !b.isRecord, a.elementSize == b.elementSize,
          Self.mayAlias(a.element, b.element)
        {
          pairs.append((first, second))
        } else if mayMix(a, b) {
          mixed.append((first, second))
        } else if mayMix(b, a) {
          mixed.append((second, first))
        }
      }
    }
  }

  /// Whether scalars of `moved` may lie in objects of `base`.
  private func mayMix(_ base: InputShape.Memory, _ moved: InputShape.Memory) -> Bool {
    guard moved.element.isScalar, moved.elementAlignment <= base.elementAlignment else {
      return false
    }
    if Self.isCharacter(moved.element) { return true }
    guard case .record = base.element.canonical else { return false }
    return cells(base).contains { Self.mayAlias($0.type, moved.element) }
  }

  private func cells(_ memory: InputShape.Memory) -> [Cell] {
    Cell.cells(of: memory.element, layout: shape.layout)
  }

  /// Shifts in bytes at which memories of a mixed pair may lie: where extents begin and end
  /// together, meet within an element, and where elements fall on a record's members.
  func shifts(_ pair: (Int, Int), _ assignment: SizePlan.Assignment, limit: Int) -> [Int] {
    let (base, moved) = (shape.memories[pair.0], shape.memories[pair.1])
    let own = (shape.count(of: base, assignment) ?? 0) * base.elementSize
    let count = shape.count(of: moved, assignment) ?? 0
    let other = count * moved.elementSize
    guard own > 0, other > 0 else { return [] }
    var found: [Int] = []
    if case .record = base.element.canonical {
      let middle = own / base.elementSize / 2 * base.elementSize
      for cell in cells(base).prefix(8) {
        for element in [0, 1, count / 2, count - 1] {
          for start in [0, middle] {
            found.append(start + cell.offset - element * moved.elementSize)
          }
        }
      }
    } else {
      found = [0, base.elementSize, 1, own - other, -1, own / 2, own - 1, 1 - other]
    }
    var seen: Set<Int> = []
    let allowed = found.filter { shift in
      shift < own && shift > -other && seen.insert(shift).inserted
        && isAllowed(base, moved, shift, own: own, other: other)
    }
    return Array(allowed.prefix(limit))
  }

  /// Whether every element of `moved` that lies in `base` falls on a scalar that it may alias; on
  /// pointers nothing useful can.
  private func isAllowed(
    _ base: InputShape.Memory, _ moved: InputShape.Memory, _ shift: Int, own: Int, other: Int
  ) -> Bool {
    let cells = cells(base)
    let isCharacter = Self.isCharacter(moved.element)
    if isCharacter, !cells.contains(where: { $0.type.isPointer }) { return true }
    let first = shift >= 0 ? shift : shift % moved.elementSize
    for offset in stride(from: first, to: min(own, shift + other), by: moved.elementSize) {
      let inner = offset < 0 ? offset : offset % base.elementSize
      let touched = cells.filter {
        $0.offset < inner + moved.elementSize && inner < $0.offset + $0.size
      }
      let fits = touched.allSatisfy { cell in
        isCharacter
          ? !cell.type.isPointer
          : cell.offset == inner && Self.mayAlias(cell.type, moved.element)
      }
      // An element that straddles the start of the base is on no member of its.
      if !fits || (offset < 0 && !touched.isEmpty) { return false }
    }
    return true
  }

  private static func isCharacter(_ type: CType) -> Bool {
    switch type.integer?.kind {
    case .char, .signedChar, .unsignedChar: true
    default: false
    }
  }

  private static func mayAlias(_ a: CType, _ b: CType) -> Bool {
    if a.unqualified.canonical == b.unqualified.canonical { return true }
    guard let x = a.integer, let y = b.integer else { return false }
    return x.unsignedCounterpart == y.unsignedCounterpart || x.width == 8 && y.width == 8
  }

  private static func areSeparated(_ a: ObjectPath, _ b: ObjectPath, _ contract: Contract) -> Bool {
    contract.requirements.contains { requirement in
      guard case .separated(let x, let y) = requirement else { return false }
      return (x == a && y == b) || (x == b && y == a)
    }
  }
}
