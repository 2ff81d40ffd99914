import IslBindings

/// Bounds of values that are no affine function, from the bounds of their factors.
struct IndexBounds {
  let space: ParameterSpace
  let domain: IntegerSet
  let counters: [String]

  /// Whether an integer type certainly holds the value; products of bounds beyond 62 bits do not
  /// count as known.
  func fit(_ index: SymbolicIndex, _ type: CellType) throws -> Bool {
    var range = 0...0
    for (monomial, coefficient) in index.terms {
      guard var term = try bounds(coefficient) else { return false }
      for name in monomial {
        guard let factor = try bounds(space.input(name)),
          let product = Self.product(term, factor)
        else { return false }
        term = product
      }
      let (low, under) = range.lowerBound.addingReportingOverflow(term.lowerBound)
      let (high, over) = range.upperBound.addingReportingOverflow(term.upperBound)
      if under || over { return false }
      range = low...high
    }
    switch type.kind {
    case .unsigned where type.bits == 64: return range.lowerBound >= 0
    case .signed where type.bits == 64: return true
    default:
      guard let held = type.smallRange else { return false }
      return held.lowerBound <= range.lowerBound && range.upperBound <= held.upperBound
    }
  }

  /// The least and greatest value in the domain; nil when they are not known.
  func bounds(_ f: PiecewiseAffine) throws -> ClosedRange<Int>? {
    let here = try f.restricted(to: domain.intersection(space.known))
    let values = try Relation.values(
      of: [here], over: [], source: "at", image: "value", space.context
    ).range()
    do {
      guard case .value(let least) = try values.minimum(ofDimension: 0),
        case .value(let greatest) = try values.maximum(ofDimension: 0), least <= greatest
      else { return nil }
      return least...greatest
    } catch IslError.failed {
      // A bound beyond 62 bits.
      return nil
    }
  }

  static func product(_ a: ClosedRange<Int>, _ b: ClosedRange<Int>) -> ClosedRange<Int>? {
    var ends: [Int] = []
    for x in [a.lowerBound, a.upperBound] {
      for y in [b.lowerBound, b.upperBound] {
        let (value, overflow) = x.multipliedReportingOverflow(by: y)
        if overflow { return nil }
        ends.append(value)
      }
    }
    guard let least = ends.min(), let greatest = ends.max() else { return nil }
    return least...greatest
  }
}
