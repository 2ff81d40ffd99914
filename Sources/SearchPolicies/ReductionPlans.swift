import ExperimentRecords

/// Plans for loops that reduce a scalar: several accumulators, which do not wait for each other, or a
/// vector of them.
///
/// Reference: Fog, Optimizing software in C++, ch. 11.2 (breaking dependency chains).
struct ReductionPlans {
  /// Lanes of vectors to try.
  var widths: [Int]
  /// Whether floating-point operations may come in any order.
  var mayReorder: Bool

  func plans(for loop: LoopShape, in shape: KernelShape) -> [Plan] {
    guard !loop.isVectorized, shape.isInnermost(loop.label) else { return [] }
    if loop.reduction == .exact {
      // Vectors of what is known to be parallel are planned with other loops.
      return trees(of: loop) + (loop.isParallel ? [] : vectors(of: loop, []))
    }
    guard mayReorder else { return [] }
    if loop.reduction == .rounded { return trees(of: loop) + vectors(of: loop, []) }
    let isSum = shape.accesses(in: loop.label).contains {
      $0.isWrite && $0.strides[loop.label] == .zero
    }
    return isSum ? vectors(of: loop, [.step(.onLoop("scalar_replace", loop.label))]) : []
  }

  private func trees(of loop: LoopShape) -> [Plan] {
    [4, 8, 2].enumerated().map { rank, factor in
      let step = Step.onLoop("reduction_tree", loop.label, by: factor)
      return Plan(
        name: "accumulators", prior: 0.48 - 0.06 * Double(rank),
        parts: [.step(loop.reduction == .rounded ? step.reordering : step)])
    }
  }

  private func vectors(of loop: LoopShape, _ before: [Plan.Part]) -> [Plan] {
    widths.enumerated().map { rank, width in
      let step = Step.vectorize(loop.label, width: width)
      return Plan(
        name: "vector of accumulators", prior: 0.8 - 0.06 * Double(rank),
        parts: before + [.step(loop.reduction == .exact ? step : step.reordering)])
    }
  }
}
