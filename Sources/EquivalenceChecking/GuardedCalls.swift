import JudgeKernels
import KernelModel
import KernelParsing

/// Looks for sizes that lead to outcomes of a text's branches that planned calls do not reach.
///
/// What a guard asks of several sizes at once, as that one is no longer than a row and another less than
/// half of the rows, no list of single sizes meets: what stands behind it would be tested on no call.
/// Sizes are drawn by chance, and kept where the interpreter sees that they lead elsewhere. Random
/// inputs kept for what they cover: R. Hamlet, "Random testing", in: Encyclopedia of Software
/// Engineering, 1994.
struct GuardedCalls {
  let kernel: Kernel
  let shape: InputShape
  let parser: KernelParser
  let seed: UInt64

  private static let mostDraws = 400
  /// Of those that reach something first, and of those that reach it again.
  private static let (mostFirst, mostAgain) = (6, 16)
  /// Outcomes that sizes are made small for, of calls on which memories overlap, and of the others.
  private static let mostOutcomes = 4
  /// Of one run, of all draws, and runs of one attempt to make sizes smaller.
  fileprivate static let (runSteps, allSteps, mostShrinks) = (300_000, 12_000_000, 60)

  /// A call, and what is reached on it that planned calls do not reach: first of outcomes of calls on which
  /// memories are apart, then of those on which they overlap. What a text does for the one says nothing
  /// of the other.
  private struct Found {
    var point: CallPoint
    var outcomes: [UInt8]
  }

  /// What planned calls reach.
  private struct Planned {
    var apart: BranchTrace
    var overlapping: BranchTrace
    /// Whether there are memories that may overlap.
    var mayOverlap: Bool

    var isComplete: Bool { apart.isComplete && (overlapping.isComplete || !mayOverlap) }

    /// What `input` reaches beyond, and what it took.
    func missing(on input: CallInput) -> (outcomes: [UInt8], all: [UInt8], steps: Int) {
      let run = apart.outcomes(on: input, steps: GuardedCalls.runSteps)
      let (one, other) = (apart.missing(run.outcomes), overlapping.missing(run.outcomes))
      let none = [UInt8](repeating: 0, count: one.count)
      return (input.hasOverlap ? none + other : one + none, run.outcomes, run.steps)
    }

    /// Whether these outcomes of a call have some that no call has reached.
    func lacks(_ outcomes: [UInt8], of input: CallInput) -> Bool {
      (input.hasOverlap ? overlapping : apart).missing(outcomes).contains { $0 != 0 }
    }

    mutating func take(_ outcomes: [UInt8], of input: CallInput) {
      if input.hasOverlap { overlapping.take(outcomes) } else { apart.take(outcomes) }
    }
  }

  /// Sizes that were found.
  struct Answer {
    /// As small as an outcome allows, with every input at least 0, 1 or 2, or one of them larger:
    /// there what overlaps by how much is soon tried.
    var small: [SizePlan.Assignment] = []
    /// As they were drawn.
    var drawn: [SizePlan.Assignment] = []
    /// One more than a block of the text in every input: what a guard says of memories that may overlap is
    /// seen there at every shift.
    var dense: [SizePlan.Assignment] = []
  }

  private static func denseSizes(_ plan: SizePlan, _ factors: [Int]) -> [SizePlan.Assignment] {
    factors.filter { $0 <= 64 }.suffix(3).compactMap { block in
      plan.repair(Dictionary(uniqueKeysWithValues: plan.inputs.map { ($0.path, block + 1) }))
    }
  }

  /// Sizes for a text with these block factors, where `inputs` are run anyway.
  func sizes(of text: [UInt8], factors: [Int], beyond inputs: [CallInput]) -> Answer {
    guard let trace = BranchTrace(text, of: kernel, shape, parser: parser) else { return Answer() }
    let sizes = SizePlan(shape, factors: factors, effort: .full, seed: seed)
    let pairs = OverlapRules(shape).pairs
    var planned = Planned(apart: trace, overlapping: trace, mayOverlap: !pairs.isEmpty)
    planned.apart.run(on: inputs.filter { !$0.hasOverlap }, steps: 6_000_000)
    planned.overlapping.run(on: inputs.filter(\.hasOverlap), steps: 3_000_000)
    let dense = pairs.isEmpty ? [] : Self.denseSizes(sizes, factors)
    guard !planned.isComplete, !sizes.inputs.isEmpty else { return Answer(dense: dense) }
    let (first, again) = draw(planned, sizes, pairs)
    let counts = Self.counts(first + again)
    var answer = Answer(dense: dense)
    for target in targets(first + again, counts) {
      let smallest = shrunk(target, floor: 0, planned, sizes)
      answer.small.append(smallest.point.sizes)
      for floor in 1...2 {
        answer.small.append(shrunk(target, floor: floor, planned, sizes).point.sizes)
      }
      for (input, step) in sizes.inputs.flatMap({ input in [1, 7].map { (input, $0) } }) {
        var larger = smallest.point
        larger.sizes[input.path]? += step
        guard sizes.repair(larger.sizes) == larger.sizes, reaches(target.outcomes, larger, planned)
        else { continue }
        answer.small.append(larger.sizes)
      }
    }
    answer.small = Self.distinct(answer.small, besides: [])
    let rare = again.enumerated().sorted {
      (rarity($0.element, counts), $0.offset) < (rarity($1.element, counts), $1.offset)
    }
    let drawn = first + rare.prefix(Self.mostAgain).map(\.element)
    answer.drawn = Self.distinct(drawn.map(\.point.sizes), besides: answer.small)
    return answer
  }

  /// How many of the calls reach each outcome: false and true for each branch.
  private static func counts(_ found: [Found]) -> [Int] {
    var counts = [Int](repeating: 0, count: 2 * (found.first?.outcomes.count ?? 0))
    for call in found {
      for (branch, bits) in call.outcomes.enumerated() {
        counts[2 * branch] += Int(bits & 1)
        counts[2 * branch + 1] += Int(bits >> 1 & 1)
      }
    }
    return counts
  }

  /// How many calls reach the rarest outcome of one.
  private func rarity(_ found: Found, _ counts: [Int]) -> Int {
    counts.indices.filter { found.outcomes[$0 / 2] >> ($0 % 2) & 1 != 0 }.map { counts[$0] }.min()
      ?? 0
  }

  private static func distinct(
    _ sizes: [SizePlan.Assignment], besides known: [SizePlan.Assignment]
  ) -> [SizePlan.Assignment] {
    var seen = Set(known)
    return sizes.filter { seen.insert($0).inserted }
  }

  private func draw(_ planned: Planned, _ sizes: SizePlan, _ pairs: [(Int, Int)])
    -> (first: [Found], again: [Found])
  {
    var all = planned
    var random = SeededRandom(seed, path: 170_000)
    var (first, again): ([Found], [Found]) = ([], [])
    var left = Self.allSteps
    for draw in 0..<Self.mostDraws where left > 0 {
      guard let assignment = sizes.drawn(&random) else { continue }
      var point = CallPoint(
        sizes: assignment, valueClass: .ordinary, placement: .flushEnd, seed: seed &+ 170_000)
      if draw % 2 == 1, !pairs.isEmpty {
        let pair = pairs[random.below(pairs.count)]
        let shift = (random.below(17) - 8) * shape.memories[pair.0].elementSize
        point.overlaps = [.init(memory: pair.1, into: pair.0, shift: shift)]
      }
      guard let input = ImageBuilder.input(point, of: shape) else { continue }
      let run = planned.missing(on: input)
      left -= run.steps
      let found = Found(point: point, outcomes: run.outcomes)
      if first.count < Self.mostFirst, all.lacks(run.all, of: input) {
        first.append(found)
        all.take(run.all, of: input)
      } else if found.outcomes.contains(where: { $0 != 0 }) {
        again.append(found)
      }
    }
    return (first, again)
  }

  /// For each of the outcomes that the fewest draws reach, with memories apart or not, one of the calls that
  /// do, with that outcome alone.
  private func targets(_ found: [Found], _ counts: [Int]) -> [Found] {
    let half = counts.count / 2
    return [0..<half, half..<counts.count].flatMap { part in
      let rarest = part.filter { counts[$0] > 0 }.sorted { (counts[$0], -$0) < (counts[$1], -$1) }
      return rarest.prefix(Self.mostOutcomes).compactMap { target(found, branch: $0 / 2, $0 % 2) }
    }
  }

  private func target(_ found: [Found], branch: Int, _ truth: Int) -> Found? {
    let bit = UInt8(1 << truth)
    guard var target = found.first(where: { $0.outcomes[branch] & bit != 0 }) else { return nil }
    target.outcomes = [UInt8](repeating: 0, count: target.outcomes.count)
    target.outcomes[branch] = bit
    return target
  }

  private func reaches(_ outcomes: [UInt8], _ point: CallPoint, _ planned: Planned) -> Bool {
    guard let input = ImageBuilder.input(point, of: shape) else { return false }
    return zip(planned.missing(on: input).outcomes, outcomes).allSatisfy { $0 & $1 == $1 }
  }

  /// The call with sizes made smaller one by one, none below `floor`, as long as it reaches the same.
  private func shrunk(_ found: Found, floor: Int, _ planned: Planned, _ plan: SizePlan) -> Found {
    var (best, left) = (found, Self.mostShrinks)
    var isSmaller = true
    while isSmaller {
      isSmaller = false
      for input in plan.inputs {
        guard let value = best.point.sizes[input.path], value > floor else { continue }
        for smaller in Set([floor, (floor + value) / 2, value - 1]).sorted() where smaller < value {
          guard left > 0 else { return best }
          var next = best.point
          next.sizes[input.path] = smaller
          guard plan.repair(next.sizes) == next.sizes else { continue }
          left -= 1
          guard reaches(found.outcomes, next, planned) else { continue }
          (best.point, isSmaller) = (next, true)
          break
        }
      }
    }
    return best
  }
}

extension CallInput {
  /// Whether bytes of two memories are the same.
  fileprivate var hasOverlap: Bool {
    residents.contains { all in
      all.indices.contains { first in
        all[..<first].contains { $0.range.overlaps(all[first].range) }
      }
    }
  }
}
