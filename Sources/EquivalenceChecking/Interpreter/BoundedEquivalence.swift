import CandidateExecution
import ExperimentRecords
import KernelModel
import KernelParsing

/// L3: original and candidate do the same operations for all contents, at sizes that cover steady
/// state and remainder of every blocked dimension.
///
/// Both texts are read by the judge's own parse, compiled to bytecode and run on one graph of
/// operations: sizes, counters and addresses are concrete, every other input is a symbol. Equal are
/// two cells that hold the same node. What may be claimed: same operations for all contents at
/// those sizes. A difference alone refutes nothing: two operations may have equal values.
struct BoundedEquivalence {
  let kernel: Kernel
  let shape: InputShape
  let parser: KernelParser
  let contraction: BuildFlags.Contraction
  let seed: UInt64
  /// What all calls together may cost, in steps (`Work.cost`).
  var budget = 60_000_000
  /// Whether values that no call takes a part of are no pass: where integers of few bits did not show what
  /// becomes of them.
  var asksParts = true
  /// Decides what differs by form only.
  var solver = SymbolicSolver()

  static let method = "BoundedEquivalence"

  struct Result {
    var evidence: Evidence
    /// The call on which a cell holds another operation.
    var difference: CallPoint?
    /// Contents on which that shows.
    var contents: Contents?
    /// Whether a condition on sizes came out one way alone.
    var hidesSizes = false
  }

  /// - Parameter guarded: calls that are compared beside those of the plan.
  func examine(
    _ candidate: [UInt8], _ text: CandidateText?, _ guarded: [CallPoint] = []
  ) -> Result {
    let meter = CostMeter()
    var result: Result
    do throws(Uninterpreted) {
      result = try compare(candidate, text, guarded)
    } catch {
      result = Result(evidence: evidence(.inconclusive, error.reason))
    }
    let promises = text.map {
      RestrictPromises($0, beyond: CLexer.tokens(of: kernel.source.bytes))
    }
    if result.evidence.result == .passed, let assumption = promises?.assumption {
      result.evidence.assumptions.append(assumption)
    }
    result.evidence.seconds = meter.cost(compileSeconds: 0).cpuSeconds
    return result
  }

  private func compare(
    _ candidate: [UInt8], _ text: CandidateText?, _ guarded: [CallPoint]
  ) throws(Uninterpreted) -> Result {
    let pragma = CLexer.tokens(of: candidate) + CLexer.tokens(of: kernel.source.bytes)
    if pragma.contains(where: { $0.text.contains("FP_CONTRACT") }) {
      throw Uninterpreted("a pragma sets how products are fused")
    }
    let callees = CalleeNumbers()
    let original = try program(kernel.source.bytes, callees, "original")
    let own = try program(candidate, callees, "candidate")
    let outcomes = (
      original: ConditionOutcomes(original, asksParts: asksParts),
      candidate: ConditionOutcomes(own, asksParts: asksParts)
    )
    let comparison = SymbolicComparison(
      shape: shape, original: original, candidate: own, callees: callees,
      wraps: kernel.build.wrapsSignedOverflow, solver: solver,
      limits: .init(cost: budget), outcomes: outcomes)
    let factors = text.map { BlockFactors.find(in: $0, elementSizes: shape.elementSizes) } ?? []
    let search = OutcomeSearch(
      shape, own, callees, wraps: kernel.build.wrapsSignedOverflow, outcomes.candidate,
      factors: factors, seed: seed)
    let points = BoundedPoints(shape, factors: factors, guarded: guarded, seed: seed)
    return run(comparison, points, search)
  }

  private func program(_ bytes: [UInt8], _ callees: CalleeNumbers, _ name: String)
    throws(Uninterpreted) -> BytecodeProgram
  {
    try BytecodeReader(kernel: kernel, shape: shape, parser: parser, contraction: contraction)
      .program(bytes, callees, name)
  }

  /// What became of the calls.
  private struct Calls {
    var work = SymbolicComparison.Work()
    var compared: [(point: CallPoint, input: CallInput)] = []
    var leftOut: [String] = []
    var beyond: [(weight: Int, reason: String)] = []
  }

  private func run(
    _ comparison: SymbolicComparison, _ plan: BoundedPoints, _ search: OutcomeSearch
  ) -> Result {
    var calls = Calls()
    var left: [CallPoint] = []
    for point in plan.points {
      guard calls.work.cost < budget else {
        left.append(point)
        continue
      }
      guard let input = ImageBuilder.input(point, of: shape) else { continue }
      if let end = compare(point, input, comparison, plan, &calls) { return end }
    }
    let ended = conclusion(calls, plan)
    guard ended.result == .passed, let outcomes = comparison.outcomes,
      outcomes.candidate.gap(beyond: outcomes.original) != nil
    else { return Result(evidence: ended) }
    var search = search
    search.add(left)
    return closeGaps(outcomes, comparison, plan, search, calls)
  }

  /// What no call has shown yet may be shown by sizes that stand in no list.
  private func closeGaps(
    _ outcomes: (original: ConditionOutcomes, candidate: ConditionOutcomes),
    _ comparison: SymbolicComparison, _ plan: BoundedPoints, _ search: OutcomeSearch, _ calls: Calls
  ) -> Result {
    var (search, calls) = (search, calls)
    let budget = max(budget, calls.work.cost) + budget / 4
    while let gap = outcomes.candidate.gap(beyond: outcomes.original) {
      guard calls.work.cost < budget, let (point, input) = search.next() else {
        return Result(evidence: evidence(.inconclusive, gap), hidesSizes: true)
      }
      if let end = compare(point, input, comparison, plan, &calls) { return end }
    }
    return Result(evidence: conclusion(calls, plan))
  }

  /// One call; what ends the examination, if it does.
  private func compare(
    _ point: CallPoint, _ input: CallInput, _ comparison: SymbolicComparison,
    _ plan: BoundedPoints, _ calls: inout Calls
  ) -> Result? {
    switch comparison.compare(on: input, &calls.work) {
    case .same: calls.compared.append((point, input))
    case .left(let reason): calls.leftOut.append(reason)
    case .beyond(let reason): calls.beyond.append((plan.weight(point), reason + place(point)))
    case .undecided(let reason):
      return Result(evidence: evidence(.inconclusive, reason + place(point)))
    case .different(let cell, let expected, let actual, let doubt):
      return difference(
        "\(cell) is \(expected) in the original and \(actual) in the candidate, with "
          + PointText(shape: shape).text(input), point, doubt)
    }
    return nil
  }

  private func difference(
    _ text: String, _ point: CallPoint, _ doubt: SymbolicComparison.Doubt
  ) -> Result {
    switch doubt {
    case .shown(let contents):
      Result(evidence: evidence(.inconclusive, text), difference: point, contents: contents)
    case .open(let reason):
      Result(evidence: evidence(.inconclusive, "\(text); \(reason)"), difference: point)
    }
  }

  private func place(_ point: CallPoint) -> String {
    let text = PointText(shape: shape).sizes(point).map { "\($0.0) = \($0.1)" }
    return text.isEmpty ? "" : ", with \(text.joined(separator: ", "))"
  }

  private func conclusion(_ calls: Calls, _ plan: BoundedPoints) -> Evidence {
    let (work, leftOut, beyond) = (calls.work, calls.leftOut, calls.beyond.map(\.reason))
    // What is too much at one size would hide there: nothing is claimed of larger calls either.
    let least = calls.beyond.map(\.weight).min() ?? .max
    let kept = calls.compared.filter { plan.weight($0.point) < least }
    let compared = kept.map(\.point)
    if compared.count < min(3, plan.points.count) {
      let reason =
        beyond.first.map { "; \($0)" } ?? leftOut.first.map { "; in the original \($0)" } ?? ""
      return evidence(.inconclusive, "\(compared.count) calls could be compared\(reason)")
    }
    if let gap = plan.gap(in: compared) {
      return evidence(.inconclusive, gap + (beyond.first.map { "; \($0)" } ?? ""))
    }
    if contraction == .fast, work.hasProductInSum {
      return evidence(
        .inconclusive,
        "a product feeds a sum, and contraction 'fast' fuses as it likes; -ffp-contract=off or on "
          + "would lift the cap")
    }
    var passed = evidence(
      .passed,
      "same operations for all contents on \(compared.count) calls, \(work.operations) symbolic "
        + "operations"
        + (work.paths > compared.count ? ", all \(work.paths) paths that contents can take" : "")
        + (solver.questions > 0 ? ", \(solver.questions) questions to Z3" : "")
        + (leftOut.isEmpty
          ? "" : "; \(leftOut.count) calls left out on which the original is not defined")
        + (beyond.isEmpty
          ? ""
          : "; \(beyond.count) calls are beyond the budget, of which the first: \(beyond[0]); nothing is "
            + "claimed of calls as large as these"))
    passed.inputs = compared.count
    passed.sizes = SizeList(shape).distinct(kept.map(\.input))
    passed.assumptions = Self.assumptions
    return passed
  }

  private func evidence(_ result: Evidence.Result, _ detail: String) -> Evidence {
    Evidence(level: .l3, method: Self.method, result: result, seed: seed, detail: detail)
  }

  /// What the interpreter takes for granted, in the evidence of every pass.
  private static let assumptions = [
    "integers are two's complement; a signed result that the original does not compute must fit "
      + "its type by the bounds of its operands",
    "the compiler keeps IEEE semantics, rounds to nearest, and fuses products as its flags say",
    "allocation succeeds", nearEnds,
  ]

  /// What no call that can be run shows; L7 asks it.
  static let nearEnds =
    "no size is so near the end of its type that an index of the candidate passes that end where the "
    + "original's does not (within some blocks, or twice the size)"
}
