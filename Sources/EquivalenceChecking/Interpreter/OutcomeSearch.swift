import CandidateExecution
import JudgeKernels
import KernelModel

/// Looks for calls on which a condition of a program comes out as it has on none that was compared.
///
/// Sizes are drawn by chance, and the program is run on them with concrete contents, which costs a small
/// part of a comparison: what a guard asks of several sizes at once, no list of single sizes meets.
struct OutcomeSearch {
  private let shape: InputShape
  private let program: BytecodeProgram
  private let functions: [UInt16]
  private let wraps: Bool
  private let outcomes: ConditionOutcomes
  private let sizes: SizePlan
  private let seed: UInt64
  private var random: SeededRandom
  private var draws = 0
  private var steps = 0
  /// Calls that were given out.
  private var found = 0

  /// Calls that were planned and not compared, the largest last.
  private var planned: [CallPoint] = []

  private static let mostDraws = 400
  private static let mostFound = 24
  /// Of one run, and of all.
  private static let runSteps = 12_000_000
  private static let allSteps = 300_000_000

  init(
    _ shape: InputShape, _ program: BytecodeProgram, _ callees: CalleeNumbers, wraps: Bool,
    _ outcomes: ConditionOutcomes, factors: [Int], seed: UInt64
  ) {
    self.shape = shape
    self.program = program
    functions = callees.names.map { rk_function($0) }
    self.wraps = wraps
    self.outcomes = outcomes
    sizes = SizePlan(shape, factors: factors, effort: .full, seed: seed)
    self.seed = seed
    random = SeededRandom(seed, path: 110_000)
  }

  /// Also looks among calls of the plan that there was no budget to compare.
  mutating func add(_ points: [CallPoint]) {
    let large = points.filter { point in
      point.overlaps.isEmpty && !point.hasExtremeSize
        && point.sizes.values.contains { UInt64($0.magnitude) > ConditionOutcomes.largestBlock }
    }
    planned = large.sorted { sizes.work($0.sizes) > sizes.work($1.sizes) }
  }

  /// A call that shows more; nil when none is found within the limits.
  mutating func next() -> (point: CallPoint, input: CallInput)? {
    guard found < Self.mostFound else { return nil }
    while steps < Self.allSteps / 2, let point = planned.popLast() {
      guard let input = ImageBuilder.input(point, of: shape), showsMore(input) else { continue }
      found += 1
      return (point, input)
    }
    while draws < Self.mostDraws, steps < Self.allSteps {
      draws += 1
      guard let assignment = sizes.drawn(&random, mayHaveRows: true) else { continue }
      let point = CallPoint(
        sizes: assignment, valueClass: .ordinary, placement: .flushEnd,
        seed: seed &+ UInt64(110_000 + draws))
      guard let input = ImageBuilder.input(point, of: shape), showsMore(input) else { continue }
      found += 1
      return (point, input)
    }
    return nil
  }

  private mutating func showsMore(_ input: CallInput) -> Bool {
    guard let graph = SymbolicGraph(nodes: 0, words: 0),
      let machine = ReferenceMachine(
        program, on: input, of: shape, graph: graph, memoryLimit: 1 << 26, wraps: wraps,
        domain: .concrete(functions: functions))
    else { return false }
    (machine.machine.pointee.notes, machine.machine.pointee.decisions) = outcomes.places
    defer { outcomes.forget() }
    let status = machine.run(steps: Self.runSteps)
    steps += machine.steps
    return status == RK_FINISHED && outcomes.areMore(EmptySizes(input.point, shape))
  }
}
