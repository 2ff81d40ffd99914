/// An integer as a constant plus multiples of loops' turns, each counted from 0.
struct TurnSum: Hashable {
  var constant: Int
  /// By the loop's number; never 0.
  var terms: [Int: Int] = [:]

  init(_ constant: Int, terms: [Int: Int] = [:]) {
    self.constant = constant
    self.terms = terms.filter { $0.value != 0 }
  }

  /// The value when it is the same in every turn.
  var fixed: Int? { terms.isEmpty ? constant : nil }

  /// `nil` where 64 bits are not enough.
  func adding(_ other: TurnSum, times factor: Int = 1) -> TurnSum? {
    guard let scaled = other.multiplied(by: factor) else { return nil }
    var sum = constant.addingReportingOverflow(scaled.constant)
    var result = terms
    for (loop, coefficient) in scaled.terms where !sum.overflow {
      let (value, overflow) = (result[loop] ?? 0).addingReportingOverflow(coefficient)
      result[loop] = value
      sum.overflow = overflow
    }
    return sum.overflow ? nil : TurnSum(sum.partialValue, terms: result)
  }

  func multiplied(by factor: Int) -> TurnSum? {
    var overflows = false
    func times(_ value: Int) -> Int {
      let (product, overflow) = value.multipliedReportingOverflow(by: factor)
      overflows = overflows || overflow
      return product
    }
    let result = TurnSum(times(constant), terms: terms.mapValues(times))
    return overflows ? nil : result
  }

  /// The value in given turns; loops that are not given count as turn 0.
  func value(_ turns: [Int: Int]) -> Int {
    terms.reduce(constant) { $0 &+ $1.value &* (turns[$1.key] ?? 0) }
  }
}

/// How often a loop turns: `distance / step`, rounded up, at least 0.
struct TripCount: Hashable {
  var distance: TurnSum
  var step: Int

  func value(_ turns: [Int: Int]) -> Int {
    let distance = distance.value(turns)
    return distance <= 0 ? 0 : (distance - 1) / step + 1
  }

  /// The loops that the count depends on.
  var loops: Set<Int> { Set(distance.terms.keys) }
}
