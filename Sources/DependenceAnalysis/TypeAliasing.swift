import KernelModel

/// Which lvalues C lets designate one object (§6.5 ¶7).
struct TypeAliasing {
  /// False under `-fno-strict-aliasing`, where every two types may.
  var isStrict: Bool

  /// Whether lvalues of the two types may designate the same memory.
  func mayAlias(_ a: CType, _ b: CType) -> Bool {
    if !isStrict { return true }
    switch (a.canonical, b.canonical) {
    case (.integer(let x), .integer(let y)):
      return isCharacter(x) || isCharacter(y)
        || x.unsignedCounterpart == y.unsignedCounterpart
    case (.integer(let x), _): return isCharacter(x) || !b.isScalarForAliasing
    case (_, .integer(let y)): return isCharacter(y) || !a.isScalarForAliasing
    case (.floating(let x), .floating(let y)): return x == y
    case (.floating, .pointer), (.pointer, .floating): return false
    default: return true
    }
  }

  private func isCharacter(_ type: IntegerType) -> Bool {
    type.kind == .char || type.kind == .signedChar || type.kind == .unsignedChar
  }
}

extension CType {
  /// Whether the type stands for itself alone in questions of aliasing: records, vectors and what
  /// the model does not cover may hold anything.
  fileprivate var isScalarForAliasing: Bool {
    switch canonical {
    case .floating, .pointer, .integer: true
    default: false
    }
  }
}
