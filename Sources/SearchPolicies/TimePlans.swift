import ExperimentRecords

/// Plans that keep the rows of a stencil in cache over several time steps: the sweeps of one step become
/// one that runs them some rows apart, rows are skewed against time, and blocks of both are worked off.
///
/// Source: Song & Li, "New Tiling Techniques to Improve Cache Temporal Locality", PLDI 1999; Wonnacott,
/// "Achieving Scalable Locality with Time Skewing", IJPP 30(3), 2002.
struct TimePlans {
  /// Steps and rows of a block, the most promising first.
  private static let blocks = [(8, 32), (16, 32), (4, 16)]
  /// Of planes in place of rows.
  private static let blocksOfPlanes = [(4, 16), (4, 8), (8, 16)]
  /// How many rows a step moves on, at most: legality says which are enough.
  private static let largestSkew = 4
  private static let mostSweeps = 4

  func plans(for time: LoopShape, in shape: KernelShape) -> [Plan] {
    guard time.isCounted, !time.isParallel, !time.isVectorized else { return [] }
    let sweeps = shape.children(of: time.label)
    let together = sweepsTogether(sweeps, in: shape)
    guard (1...Self.mostSweeps).contains(sweeps.count),
      sweeps.allSatisfy({
        $0.isCounted && $0.followed.isEmpty && !$0.isVectorized && !shape.isInnermost($0.label)
      }), let first = sweeps.first
    else { return together }
    var plans = together
    for lag in sweeps.count > 1 ? [1, 2] : [0] {
      let fusions = sweeps.dropFirst().enumerated().map { index, sweep in
        Plan.Part.step(.fuse(first.label, sweep.label, shift: lag * (index + 1)))
      }
      let isDeep = sweeps.allSatisfy { sweep in
        shape.children(of: sweep.label).allSatisfy { !shape.isInnermost($0.label) }
      }
      for skew in max(1, lag * (sweeps.count - 1))...max(Self.largestSkew, lag * sweeps.count) {
        for (rank, (steps, rows)) in (isDeep ? Self.blocksOfPlanes : Self.blocks).enumerated() {
          let rest: [Plan.Part] = [
            .step(.skew(first.label, by: skew, over: time.label)),
            .step(.tile([time.label, first.label], by: [steps, rows])),
          ]
          plans.append(
            Plan(
              name: "blocks of time",
              prior: 0.95 - 0.04 * Double(rank) - 0.03 * Double(skew) - 0.05 * Double(lag),
              parts: fusions + rest, isWhole: false))
        }
      }
    }
    return plans
  }
}

extension TimePlans {
  /// How many rows each of the sweeps runs behind the first.
  private static let lags: [Int: [[Int]]] = [
    2: [[0, 1], [0, 2], [0, 0]],
    3: [[0, 0, 1], [0, 1, 1], [0, 1, 2], [0, 2, 2], [0, 2, 4]],
    4: [[0, 0, 0, 1], [0, 1, 1, 2], [0, 1, 2, 3], [0, 0, 1, 1]],
  ]

  /// The sweeps of a step as one, so that a row is still in cache when the next sweep comes to it; loops
  /// over a single row may stand before them.
  private func sweepsTogether(_ all: [LoopShape], in shape: KernelShape) -> [Plan] {
    let sweeps = Array(all.drop { shape.isInnermost($0.label) })
    guard let first = sweeps.first, let lags = Self.lags[sweeps.count],
      sweeps.allSatisfy({
        $0.isCounted && $0.followed.isEmpty && !$0.isVectorized && !shape.isInnermost($0.label)
      })
    else { return [] }
    return lags.enumerated().map { rank, lags in
      let parts = zip(sweeps, lags).dropFirst().map { sweep, lag in
        Plan.Part.step(.fuse(first.label, sweep.label, shift: lag))
      }
      return Plan(name: "sweeps together", prior: 0.8 - 0.04 * Double(rank), parts: parts)
    }
  }
}

extension Step {
  /// The loop stays one, so that a nest around it stays perfect, whatever the ends.
  static func fuse(_ first: String, _ second: String, shift: Int) -> Step {
    var arguments = [Argument("first", .label(first)), Argument("second", .label(second))]
    if shift > 0 { arguments.append(Argument("shift", .integer(shift))) }
    return Step("fuse", arguments + [Argument("ends", .word("guarded"))])
  }

  static func skew(_ loop: String, by factor: Int, over outer: String) -> Step {
    Step(
      "skew",
      [
        Argument("loop", .label(loop)), Argument("by", .integer(factor)),
        Argument("over", .label(outer)),
      ])
  }
}
