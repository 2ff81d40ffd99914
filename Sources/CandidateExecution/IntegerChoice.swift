import JudgeKernels
import KernelModel

extension InputGenerator {
  /// A value for every integer input: what the plan says, else one of the plan's class, such that
  /// the contract's comparisons hold.
  func choose(_ plan: InputPlan) throws(GenerationError) -> [ObjectPath: Int] {
    var random = SeededRandom(seed: plan.seed ^ 0x51ed_2701)
    var broken = "no values were found"
    // Inputs without a size are drawn until they satisfy the contract, or it is given up.
    for _ in 0..<256 {
      var values: [ObjectPath: Int] = [:]
      for (path, type) in integers {
        let value = plan.sizes[name(path)] ?? draw(type, plan.values, &random)
        guard type.holds(value) else {
          throw .outsideContract("'\(name(path))' cannot hold \(value)")
        }
        values[path] = value
      }
      guard let clause = violated(values) else { return values }
      broken = clause
      if integers.allSatisfy({ plan.sizes[name($0.path)] != nil }) { break }
    }
    throw .outsideContract(broken)
  }

  /// Wide integers without a size may count or index something: they stay small.
  private func draw(
    _ type: IntegerType, _ values: InputPlan.Values, _ random: inout SeededRandom
  ) -> Int {
    if values == .zeros { return 0 }
    if type.kind == .bool { return random.below(2) }
    if type.width > 16 {
      let special = [-1, 0, 1, 2, 3, 7].filter(type.holds)
      return values == .special ? special[random.below(special.count)] : random.below(17)
    }
    let range = 1 << type.width
    return random.below(range) - (type.isSigned ? range / 2 : 0)
  }

  private func violated(_ values: [ObjectPath: Int]) -> String? {
    for requirement in contract.requirements {
      guard case .compare(let left, let op, let right) = requirement else { continue }
      guard let a = left.evaluate({ values[$0] }), let b = right.evaluate({ values[$0] }) else {
        continue
      }
      if !op.holds(a, b) { return "\(a) \(op.rawValue) \(b) does not hold" }
    }
    return nil
  }
}

extension BinaryOperator {
  /// Whether a comparison holds; true for other operators.
  fileprivate func holds(_ a: Int, _ b: Int) -> Bool {
    switch self {
    case .less: a < b
    case .lessOrEqual: a <= b
    case .greater: a > b
    case .greaterOrEqual: a >= b
    case .equal: a == b
    case .notEqual: a != b
    default: true
    }
  }
}

/// Random numbers of `JudgeKernels`.
public struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state = rk_random()

  public init(seed: UInt64) { rk_random_seed(&state, seed) }

  public mutating func next() -> UInt64 { rk_random_next(&state) }

  /// Uniform in `0..<bound`; 0 when that is empty.
  public mutating func below(_ bound: Int) -> Int {
    bound <= 0 ? 0 : Int(rk_random_below(&state, UInt64(bound)))
  }
}
