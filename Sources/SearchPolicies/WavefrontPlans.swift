import ExperimentRecords

/// Plans for sweeps in which every element follows from its neighbour in the row and from the row before:
/// neither loop is parallel, but rows that run some elements behind each other are, so that several chains
/// of operations overlap.
///
/// Source: Wolfe, "Loops skewing: the wavefront method revisited", IJPP 15(4), 1986.
struct WavefrontPlans {
  /// Rows in flight and how many elements each runs behind, the most promising first: two elements keep
  /// what a row needs of the next element of the row before out of the same iteration.
  private static let shapes = [(8, 2), (4, 2), (6, 2), (4, 1), (8, 1), (2, 2), (2, 1)]

  func plans(for row: LoopShape, in shape: KernelShape) -> [Plan] {
    guard row.isCounted, row.isPerfect, !row.isParallel, !row.isVectorized,
      let element = shape.children(of: row.label).first, shape.isInnermost(element.label),
      element.isCounted, !element.isParallel, !element.followed.contains(row.label)
    else { return [] }
    return Self.shapes.enumerated().map { rank, size in
      let (rows, lag) = size
      return Plan(
        name: "rows behind each other", prior: 0.86 - 0.05 * Double(rank),
        parts: [.step(.unrollJam(row.label, by: rows, lag: lag))])
    }
  }
}

extension Step {
  static func unrollJam(_ loop: String, by factor: Int, lag: Int) -> Step {
    Step(
      "unroll_jam",
      [
        Argument("loop", .label(loop)), Argument("by", .integer(factor)),
        Argument("lag", .integer(lag)),
      ])
  }
}
