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

  func examine(_ candidate: [UInt8], _ text: CandidateText?) -> Result {
    let meter = CostMeter()
    var result: Result
    do throws(Uninterpreted) {
      result = try compare(candidate, text)
    } catch {
      result = Result(evidence: evidence(.inconclusive, error.reason))
    }
    result.evidence.seconds = meter.cost(compileSeconds: 0).cpuSeconds
    return result
  }

  private func compare(_ candidate: [UInt8], _ text: CandidateText?) throws(Uninterpreted)
    -> Result
  {
    let pragma = CLexer.tokens(of: candidate) + CLexer.tokens(of: kernel.source.bytes)
    if pragma.contains(where: { $0.text.contains("FP_CONTRACT") }) {
      throw Uninterpreted("a pragma sets how products are fused")
    }
    let callees = CalleeNumbers()
    let original = try program(kernel.source.bytes, callees, "original")
    let own = try program(candidate, callees, "candidate")
    let outcomes = (original: ConditionOutcomes(original), candidate: ConditionOutcomes(own))
    let comparison = SymbolicComparison(
      shape: shape, original: original, candidate: own, callees: callees,
      wraps: kernel.build.wrapsSignedOverflow, solver: solver,
      limits: .init(cost: budget), outcomes: outcomes)
    let factors = text.map { BlockFactors.find(in: $0) } ?? []
    return run(comparison, BoundedPoints(shape, factors: factors, seed: seed))
  }

  private func program(_ bytes: [UInt8], _ callees: CalleeNumbers, _ name: String)
    throws(Uninterpreted) -> BytecodeProgram
  {
    try BytecodeReader(kernel: kernel, shape: shape, parser: parser, contraction: contraction)
      .program(bytes, callees, name)
  }

  private func run(_ comparison: SymbolicComparison, _ plan: BoundedPoints) -> Result {
    var work = SymbolicComparison.Work()
    var compared: [CallPoint] = []
    var inputs: [CallInput] = []
    var leftOut: [String] = []
    var beyond: [(weight: Int, reason: String)] = []
    for point in plan.points where work.cost < budget {
      guard let input = ImageBuilder.input(point, of: shape) else { continue }
      switch comparison.compare(on: input, &work) {
      case .same:
        compared.append(point)
        inputs.append(input)
      case .left(let reason): leftOut.append(reason)
      case .beyond(let reason): beyond.append((plan.weight(point), reason + place(point)))
      case .undecided(let reason):
        return Result(evidence: evidence(.inconclusive, reason + place(point)))
      case .different(let cell, let expected, let actual, let doubt):
        return difference(
          "\(cell) is \(expected) in the original and \(actual) in the candidate, with "
            + PointText(shape: shape).text(input), point, doubt)
      }
    }
    // What is too much at one size would hide there: nothing is claimed of larger calls either.
    if let least = beyond.map(\.weight).min() {
      let kept = compared.indices.filter { plan.weight(compared[$0]) < least }
      (compared, inputs) = (kept.map { compared[$0] }, kept.map { inputs[$0] })
    }
    let ended = conclusion(compared, inputs, leftOut, beyond.map(\.reason), plan, work)
    if ended.result == .passed, let outcomes = comparison.outcomes,
      let gap = outcomes.candidate.gap(beyond: outcomes.original)
    {
      return Result(evidence: evidence(.inconclusive, gap), hidesSizes: true)
    }
    return Result(evidence: ended)
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

  private func conclusion(
    _ compared: [CallPoint], _ inputs: [CallInput], _ leftOut: [String], _ beyond: [String],
    _ plan: BoundedPoints, _ work: SymbolicComparison.Work
  ) -> Evidence {
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
    passed.sizes = SizeList(shape).distinct(inputs)
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
    "allocation succeeds",
  ]
}
