import ExperimentRecords

/// Plans that keep the rows of a stencil in cache over several time steps: the sweeps of one step become
/// one that runs them some rows apart, with loops over boundary rows in it, rows are skewed against time,
/// and blocks of both are worked off.
///
/// Source: Song & Li, "New Tiling Techniques to Improve Cache Temporal Locality", PLDI 1999; Wonnacott,
/// "Achieving Scalable Locality with Time Skewing", IJPP 30(3), 2002.
struct TimePlans {
  /// Steps and rows of a block, the most promising first.
  private static let blocks = [(8, 32), (16, 32), (4, 16)]
  /// Of planes in place of rows.
  private static let blocksOfPlanes = [(4, 16), (4, 8), (8, 16)]
  /// Of elements, where a step sweeps over one dimension: blocks that the first level cache holds.
  private static let blocksOfElements = [(16, 2048), (32, 2048), (16, 1024)]
  /// How many rows a step moves on, at most: legality says which are enough.
  private static let largestSkew = 4
  private static let mostSweeps = 4

  /// Loops over boundary rows that a step may make besides its sweeps, before or behind them.
  private static let mostRows = 2

  func plans(for time: LoopShape, in shape: KernelShape) -> [Plan] {
    guard time.isCounted, !time.isParallel, !time.isVectorized else { return [] }
    let all = shape.children(of: time.label)
    let depth = all.map { shape.depth(of: $0.label) }.max() ?? 0
    let before = all.prefix { shape.depth(of: $0.label) < depth }
    let sweeps = all.dropFirst(before.count).prefix { shape.depth(of: $0.label) == depth }
    let behind = all.dropFirst(before.count + sweeps.count)
    let together =
      depth == 1 ? lines(of: all, in: time.label) : sweepsTogether(all, in: shape)
    guard (1...Self.mostSweeps).contains(sweeps.count), depth > 1,
      max(before.count, behind.count) <= Self.mostRows,
      behind.allSatisfy({ shape.depth(of: $0.label) < depth }),
      all.allSatisfy({ $0.isCounted && $0.followed.isEmpty && !$0.isVectorized }),
      let first = sweeps.first, let last = sweeps.last
    else { return together }
    let rows =
      before.reversed().map { Plan.Part.step(.embed($0.label, into: first.label)) }
      + behind.map { Plan.Part.step(.embed($0.label, into: last.label)) }
    return together
      + blocks(of: sweeps.map(\.label), in: time.label, rows, isDeep: depth > 2)
  }

  /// The sweeps as one, with boundary rows in it, in blocks of time.
  private func blocks(of sweeps: [String], in time: String, _ rows: [Plan.Part], isDeep: Bool)
    -> [Plan]
  {
    let even = sweeps.count > 1 ? [1, 2].map { lag in sweeps.indices.map { lag * $0 } } : [[0]]
    var plans: [Plan] = []
    for lags in rows.isEmpty ? even : Self.lags[sweeps.count] ?? even {
      let last = lags[lags.count - 1]
      let lag = sweeps.count > 1 ? Double(last) / Double(sweeps.count - 1) : 0
      let least = max(1, last)
      let most = rows.isEmpty ? max(Self.largestSkew, last + Int(lag)) : least + 1
      for skew in least...most {
        for (rank, (steps, size)) in (isDeep ? Self.blocksOfPlanes : Self.blocks).enumerated() {
          let rest: [Plan.Part] = [
            .step(.skew(sweeps[0], by: skew, over: time)),
            .step(.tile([time, sweeps[0]], by: [steps, size])),
          ]
          plans.append(
            Plan(
              name: "blocks of time",
              prior: 0.95 - 0.04 * Double(rank) - 0.03 * Double(skew) - 0.05 * lag,
              parts: rows + fusions(of: sweeps, lags) + rest, isWhole: false))
        }
      }
    }
    return plans
  }

  /// Sweeps over one dimension in blocks of time: parted again inside a block, and with the tests for their
  /// ends in their ranges, so that each is a plain loop.
  private func lines(of sweeps: [LoopShape], in time: String) -> [Plan] {
    guard (2...Self.mostSweeps).contains(sweeps.count), let first = sweeps.first?.label,
      sweeps.allSatisfy({ $0.isCounted && $0.followed.isEmpty && !$0.isVectorized })
    else { return [] }
    var plans: [Plan] = []
    let points = sweeps.indices.map { $0 == 0 ? "\(first).point" : "\(first).point#\($0 + 1)" }
    for skew in sweeps.count...sweeps.count + 1 {
      for (rank, (steps, elements)) in Self.blocksOfElements.enumerated() {
        let parts: [Plan.Part] =
          fusions(of: sweeps.map(\.label), Array(sweeps.indices)) + [
            .step(.skew(first, by: skew, over: time)),
            .step(.tile([time, first], by: [steps, elements])),
            .step(.onLoop("distribute", points[0])),
          ] + points.map { .optionalStep(.onLoop("narrow", $0)) }
        plans.append(
          Plan(
            name: "blocks of time",
            prior: 0.95 - 0.04 * Double(rank) - 0.03 * Double(skew), parts: parts,
            isWhole: false))
      }
    }
    return plans
  }

  /// Each of the sweeps joins the first, so many rows behind it.
  private func fusions(of sweeps: [String], _ lags: [Int]) -> [Plan.Part] {
    zip(sweeps, lags).dropFirst().map { .step(.fuse(sweeps[0], $0, shift: $1)) }
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
    guard let lags = Self.lags[sweeps.count],
      sweeps.allSatisfy({
        $0.isCounted && $0.followed.isEmpty && !$0.isVectorized && !shape.isInnermost($0.label)
      })
    else { return [] }
    return lags.enumerated().map { rank, lags in
      Plan(
        name: "sweeps together", prior: 0.8 - 0.04 * Double(rank),
        parts: fusions(of: sweeps.map(\.label), lags))
    }
  }
}

extension KernelShape {
  /// How many loops stand in one another from this loop on.
  fileprivate func depth(of label: String) -> Int {
    1 + (children(of: label).map { depth(of: $0.label) }.max() ?? 0)
  }
}

extension Step {
  /// The nest in an iteration of its own of the loop beside it.
  static func embed(_ nest: String, into loop: String) -> Step {
    Step("embed", [Argument("loop", .label(nest)), Argument("into", .label(loop))])
  }

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
