import CandidateExecution
import ExperimentRecords
import IslBindings
import KernelModel
import KernelParsing

/// L7: original and candidate are equal for all sizes under the contract.
///
/// Both texts are read by the judge's own parse as affine statements; every cell that one stores to
/// must be stored to by the other, last with an equal value, and the candidate may read no more.
/// What may be claimed is `proved`; what cannot be shown is `inconclusive` with its reason, and
/// never a refutation.
struct ParametricEquivalence {
  let kernel: Kernel
  let parser: KernelParser
  let contraction: BuildFlags.Contraction
  /// isl's elementary operations, of all questions of an attempt together.
  var operationLimit = fullEffort

  /// Where `proved` is asked for, and where it is tried behind `bounded`: what is proved at all mostly
  /// takes a tenth of the latter.
  static let fullEffort = 3_000_000
  static let briefEffort = 1_000_000
  static let method = "ParametricEquivalence"
  /// Loops of the original that run this often are left out by the second attempt.
  static let iterationLimit = (1 << 31) - (1 << 12)

  func examine(_ candidate: [UInt8]) -> Evidence {
    let meter = CostMeter()
    var evidence = answer(candidate)
    evidence.seconds = meter.cost(compileSeconds: 0).cpuSeconds
    return evidence
  }

  private func answer(_ candidate: [UInt8]) -> Evidence {
    do {
      let tokens = CLexer.tokens(of: candidate) + CLexer.tokens(of: kernel.source.bytes)
      if tokens.contains(where: { $0.text.contains("FP_CONTRACT") }) {
        throw Unproved("a pragma sets how products are fused")
      }
      let attributes = try [kernel.source.bytes, candidate].map { bytes throws(Unproved) in
        try TypeAttributes(CLexer.tokens(of: bytes))
      }
      let original = try InterpretedUnit(kernel.source.bytes, like: kernel, parser: parser)
      let own = try InterpretedUnit(candidate, like: kernel, parser: parser)
      do {
        return try prove(original, own, attributes, iterationLimit: nil)
      } catch let strict as Unproved where strict.reason.contains("may overflow") {
        do {
          return try prove(original, own, attributes, iterationLimit: Self.iterationLimit)
        } catch let relaxed as Unproved {
          guard !relaxed.reason.contains("may overflow") else { throw strict }
          throw Unproved("\(relaxed.reason); and \(strict.reason)")
        }
      }
    } catch let error as Unproved {
      return evidence(.inconclusive, error.reason)
    } catch let error as Uninterpreted {
      return evidence(.inconclusive, error.reason)
    } catch IslError.operationLimit {
      return evidence(.inconclusive, "the limit of \(operationLimit) isl operations is reached")
    } catch {
      return evidence(.inconclusive, "isl gives no answer: \(error)")
    }
  }

  private func prove(
    _ original: InterpretedUnit, _ candidate: InterpretedUnit, _ attributes: [TypeAttributes],
    iterationLimit: Int?
  ) throws -> Evidence {
    let space = try ParameterSpace(
      operationLimit: operationLimit, iterationLimit: iterationLimit)
    let memory = try MemoryMap(kernel, space)
    let contract = ContractFacts(kernel: kernel, space: space)
    try contract.require()
    let first = try reader(original, space, memory, attributes[0], isOriginal: true)
    let theirs = try first.read(kernel.function.name)
    let second = try reader(candidate, space, first.memory, attributes[1], isOriginal: false)
    let mine = try second.read(kernel.function.name)
    guard try !space.known.isEmpty() else {
      throw Unproved("the original is defined for no input that the contract allows")
    }
    try memory.refuseStores([theirs, mine])
    try CellShape(space: space).shape([theirs, mine])
    let definitions = (
      try ReachingDefinitions(mine, space, prefix: "c"),
      try ReachingDefinitions(theirs, space, prefix: "o")
    )
    let graph = GraphEquivalence(
      candidate: definitions.0, original: definitions.1, space: space)
    try compareOutputs(graph, mine, theirs)
    try AccessObligations(
      candidate: definitions.0, original: definitions.1, space: space, graph: graph,
      declared: contract.extents(memory)
    ).check()
    var passed = evidence(
      .passed,
      "every cell that is stored to gets an equal value for all sizes: \(theirs.statements.count) "
        + "statements of the original, \(mine.statements.count) of the candidate, "
        + "\(graph.claims.count) claims")
    passed.assumptions = Self.assumptions + second.memory.assumptions
    if let iterationLimit {
      passed.assumptions.append(Self.assumption(iterationLimit))
    }
    return passed
  }

  private func reader(
    _ unit: InterpretedUnit, _ space: ParameterSpace, _ memory: MemoryMap,
    _ attributes: TypeAttributes, isOriginal: Bool
  ) throws -> ProgramReader {
    try ProgramReader(
      unit: unit, space: space, memory: memory, isOriginal: isOriginal, contraction: contraction,
      build: kernel.build, attributes: attributes)
  }

  private func compareOutputs(
    _ graph: GraphEquivalence, _ mine: AffineProgram, _ theirs: AffineProgram
  ) throws {
    for name in Set(mine.external.keys).union(theirs.external.keys).sorted() {
      let (own, other) = (mine.external[name], theirs.external[name])
      try graph.prove(own, other, title: own?.title ?? other?.title ?? name)
    }
  }

  private func evidence(_ result: Evidence.Result, _ detail: String) -> Evidence {
    Evidence(level: .l7, method: Self.method, result: result, detail: detail)
  }

  /// What a proof that leaves out long loops takes for granted.
  static func assumption(_ iterationLimit: Int) -> String {
    "no loop of the original runs \(iterationLimit) times or more (beyond, an index of the "
      + "candidate may overflow)"
  }

  /// What the proof takes for granted, in the evidence of every pass.
  private static let assumptions = [
    "the original is defined on the input; where it is not, nothing is claimed",
    "the compiler keeps IEEE semantics, rounds to nearest, and fuses products as its flags say",
  ]
}
