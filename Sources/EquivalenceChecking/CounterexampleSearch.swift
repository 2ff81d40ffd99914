import CandidateExecution
import ExperimentRecords
import KernelModel

/// Makes a finding small: sizes first, then contents, then overlaps and null pointers.
struct CounterexampleSearch {
  let laboratory: Laboratory
  let shape: InputShape
  let original: Laboratory.Program
  let candidate: Laboratory.Program
  let comparison: OutcomeComparison
  let faults: FaultFreedom
  let seed: UInt64

  private static let rounds = 8
  private static let tries = 24

  /// The smallest input found on which the candidate still fails in the same build.
  func smallest(_ findings: [Finding]) async throws(LaboratoryError) -> Finding? {
    let plan = SizePlan(shape, factors: [], effort: .full, seed: seed)
    func weight(_ finding: Finding) -> (Int, Int, Int) {
      let point = finding.input.point
      let order = ValueClass.allCases.firstIndex(of: point.valueClass) ?? 0
      return (point.overlaps.count + point.nulls.count, plan.memory(point.sizes), order)
    }
    guard var best = findings.min(by: { weight($0) < weight($1) }) else { return nil }
    for _ in 0..<Self.rounds {
      let points = simpler(than: best.input.point, plan)
      let inputs = points.prefix(Self.tries).compactMap { ImageBuilder.input($0, of: shape) }
      let found = try await probe(inputs, best.choice)
      guard let next = found.min(by: { weight($0) < weight($1) }), weight(next) < weight(best)
      else { break }
      best = next
    }
    return best
  }

  private func simpler(than point: CallPoint, _ plan: SizePlan) -> [CallPoint] {
    var result: [CallPoint] = []
    for sizes in plan.smaller(than: point.sizes) {
      for valueClass in Set([point.valueClass, .ordinary]).sorted(by: { $0.rawValue < $1.rawValue })
      {
        var copy = point
        copy.sizes = sizes
        copy.valueClass = valueClass
        copy.overlaps = point.overlaps.filter { fits($0, sizes) }
        if copy.overlaps.count == point.overlaps.count { result.append(copy) }
      }
    }
    for valueClass in [ValueClass.ordinary, .ties] where valueClass != point.valueClass {
      var copy = point
      copy.valueClass = valueClass
      result.append(copy)
    }
    if !point.overlaps.isEmpty {
      var copy = point
      copy.overlaps = []
      result.insert(copy, at: 0)
    }
    for path in shape.nullTested where point.nulls.contains(path) {
      var copy = point
      copy.nulls.remove(path)
      result.insert(copy, at: 0)
    }
    return result
  }

  private func fits(_ overlap: CallPoint.Overlap, _ sizes: SizePlan.Assignment) -> Bool {
    let (base, moved) = (shape.memories[overlap.into], shape.memories[overlap.memory])
    let own = (shape.count(of: base, sizes) ?? 0) * base.elementSize
    let other = (shape.count(of: moved, sizes) ?? 0) * moved.elementSize
    return overlap.shift <= own && overlap.shift >= -other
  }

  /// The inputs on which the original is well behaved and the candidate is not.
  private func probe(_ inputs: [CallInput], _ choice: BuildChoice) async throws(LaboratoryError)
    -> [Finding]
  {
    let valid = try await faults.validate(inputs, original: original)
    if choice.side == .instrumenting {
      return try await faults.examine(candidate, valid, comparison).refuting.filter {
        $0.choice == choice
      }
    }
    let testing = DifferentialTesting(
      laboratory: laboratory, shape: shape, choices: [choice], seed: seed)
    return try await testing.examine(
      original: original, candidate: candidate, valid, comparison
    ).refuting
  }
}
