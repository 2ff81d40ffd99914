import KernelModel

/// Where a rare defect shows, known from how it was planted.
public enum Witness: Hashable, Sendable {
  /// When an element has this value.
  case integer(Int)
  case floating(Double)
  /// When a size has at least this value.
  case size(Int)
  /// When one pointer parameter points so many elements behind another.
  case distance(Int)

  /// Calls in which the defect takes part, unless the contract keeps it from them.
  func points(_ shape: InputShape, _ plan: SizePlan, seed: UInt64) -> [CallPoint] {
    switch self {
    case .integer(let value): named(.integer(value), plan, seed)
    case .floating(let value): named(.floating(value), plan, seed)
    case .size(let value): sized(value, plan, shape, seed)
    case .distance(let elements): apart(elements, shape, plan, seed)
    }
  }

  private func named(_ value: NamedValues.Value, _ plan: SizePlan, _ seed: UInt64) -> [CallPoint] {
    let busy = plan.assignments(limit: 70).filter { (1...4096).contains(plan.memory($0)) }
    let sizes = busy.isEmpty ? [[:]] : stride(from: 0, to: busy.count, by: 8).map { busy[$0] }
    return sizes.enumerated().flatMap { index, assignment in
      (0..<4).map { draw in
        CallPoint(
          sizes: assignment, valueClass: draw < 2 ? .ordinary : .wide, placement: .flushEnd,
          named: [value], seed: seed &+ UInt64(110_000 + index * 4 + draw))
      }
    }
  }

  private func sized(_ value: Int, _ plan: SizePlan, _ shape: InputShape, _ seed: UInt64)
    -> [CallPoint]
  {
    let sizes = shape.scalars.filter(\.isSize)
    let points = sizes.flatMap { input in
      [1, 3].map { other in
        var assignment = Dictionary(
          sizes.map { ($0.path, other) }, uniquingKeysWith: { first, _ in first })
        assignment[input.path] = value
        return CallPoint(
          sizes: assignment, valueClass: .ordinary, placement: .flushEnd,
          seed: seed &+ UInt64(120_000 + other))
      }
    }
    // The first that fits: such calls are large.
    let fitting = points.filter {
      plan.memory($0.sizes) <= 1 << 27 && shape.firstBrokenComparison($0.sizes) == nil
    }
    return Array(fitting.prefix(2))
  }

  private func apart(_ elements: Int, _ shape: InputShape, _ plan: SizePlan, _ seed: UInt64)
    -> [CallPoint]
  {
    let sizes = plan.assignments(limit: 70).filter { plan.memory($0) > 0 }.suffix(3)
    return OverlapRules(shape).pairs.flatMap { pair in
      sizes.flatMap { assignment in
        [elements, -elements].map { shift in
          CallPoint(
            sizes: assignment, valueClass: .ordinary, placement: .flushEnd,
            overlaps: [
              CallPoint.Overlap(
                memory: pair.1, into: pair.0,
                shift: shift * shape.memories[pair.0].elementSize)
            ],
            seed: seed &+ UInt64(130_000))
        }
      }
    }
  }
}
