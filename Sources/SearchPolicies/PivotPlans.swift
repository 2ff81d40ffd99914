import ExperimentRecords

/// Plans for loops along a row that also read the row's element at an outer iterator, as in
/// `d[i][j] = min(d[i][j], d[i][k] + d[k][j])`: left of that element and right of it, nothing else in the
/// row is touched, so each part is made with vectors and the element itself alone.
///
/// Source: Allen & Kennedy, "Optimizing Compilers for Modern Architectures", 2002, ch. 5.7 (index-set
/// splitting at a crossing dependence).
struct PivotPlans {
  /// Lanes to try, the most promising first.
  var widths: [Int]

  func plans(for loop: LoopShape, in shape: KernelShape) -> [Plan] {
    let label = loop.label
    guard loop.isCounted, !loop.isParallel, !loop.isVectorized, shape.isInnermost(label),
      loop.followed.isEmpty
    else { return [] }
    let accesses = shape.accesses(in: label)
    let rows = Set(
      accesses.filter { $0.isWrite && $0.strides[label] == .unit }.map(\.object))
    let pivots = accesses.filter {
      !$0.isWrite && rows.contains($0.object) && $0.strides[label] == .zero
    }
    let outer = shape.chain(to: label).dropLast().filter { outer in
      pivots.contains { $0.strides[outer.label] == .unit }
    }
    return outer.flatMap { outer -> [Plan] in
      guard let iterator = outer.iterator else { return [] }
      let rest = "\(label).after"
      return widths.enumerated().map { rank, width in
        Plan(
          name: "vectors beside a pivot", prior: 0.9 - 0.06 * Double(rank),
          parts: [
            .step(.split(label, at: iterator)),
            .step(
              Step(
                "peel", [Argument("loop", .label(rest)), Argument("first", .integer(1))])),
            .step(.vectorize(label, width: width)), .step(.vectorize(rest, width: width)),
          ])
      }
    }
  }
}
