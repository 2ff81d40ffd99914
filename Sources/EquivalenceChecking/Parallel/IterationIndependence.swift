import CandidateExecution
import ExperimentRecords
import IslBindings
import KernelModel
import KernelParsing

/// That threads may share the iterations of a candidate's parallel loops: no iteration touches a cell
/// that another one of the same loop stores to, for all sizes under the contract.
///
/// The candidate, without its pragmas, is read as affine statements by the judge's own parse, as for
/// L7, and of every parallel loop all pairs of accesses in two different iterations are looked at.
/// Conditions of data are taken for true. What is declared inside the loop, and its iterator, belongs to
/// one iteration. What cannot be read, or shown, is `inconclusive`: then the candidate has no verdict.
struct IterationIndependence {
  let kernel: Kernel
  let parser: KernelParser
  let contraction: BuildFlags.Contraction
  var operationLimit = ParametricEquivalence.fullEffort

  static let method = "IterationIndependence"

  /// - Parameters:
  ///   - candidate: the text without pragmas.
  ///   - loops: where its parallel loops begin.
  func examine(_ candidate: [UInt8], _ loops: [Int]) -> Evidence {
    let meter = CostMeter()
    var evidence: Evidence
    do {
      do {
        evidence = try prove(candidate, loops, iterationLimit: nil)
      } catch let strict as Unproved where strict.reason.contains("may overflow") {
        evidence = try prove(
          candidate, loops, iterationLimit: ParametricEquivalence.iterationLimit)
      }
    } catch let error as Unproved {
      evidence = self.evidence(.inconclusive, error.reason)
    } catch let error as Uninterpreted {
      evidence = self.evidence(.inconclusive, error.reason)
    } catch IslError.operationLimit {
      evidence = self.evidence(
        .inconclusive, "the limit of \(operationLimit) isl operations is reached")
    } catch {
      evidence = self.evidence(.inconclusive, "isl gives no answer: \(error)")
    }
    evidence.seconds = meter.cost(compileSeconds: 0).cpuSeconds
    return evidence
  }

  private func prove(_ candidate: [UInt8], _ loops: [Int], iterationLimit: Int?) throws -> Evidence
  {
    let space = try ParameterSpace(
      operationLimit: operationLimit, iterationLimit: iterationLimit)
    let memory = try MemoryMap(kernel, space)
    try ContractFacts(kernel: kernel, space: space).require()
    let original = InterpretedText(bytes: kernel.source.bytes, isOriginal: true)
    let first = try reader(original, space, memory)
    let theirs = try first.read(kernel.function.name)
    let second = try reader(
      InterpretedText(bytes: candidate, isOriginal: false), space, first.memory)
    second.parallelLoops = Set(loops)
    let mine = try second.read(kernel.function.name)
    guard try !space.known.isEmpty() else {
      throw Unproved("the original is defined for no input that the contract allows")
    }
    try second.memory.refuseMixedTypes(mine)
    try CellShape(space: space).shape([theirs, mine])
    let conflicts = IterationConflicts(
      program: mine, definitions: try ReachingDefinitions(mine, space, prefix: "c"), space: space)
    var assumptions = second.memory.assumptions + [Self.runtime]
    for loop in mine.parallelLoops {
      if let object = try conflicts.object(in: loop) {
        throw Unproved(
          "iterations of the parallel loop at \(second.unit.position(loop.offset)) may meet in "
            + "'\(object.title)'")
      }
      let room = CountRoom(kernel: kernel, space: space)
      if try !room.isShown(for: loop), !assumptions.contains(CountRoom.assumption) {
        assumptions.append(CountRoom.assumption)
      }
    }
    var passed = evidence(
      .passed,
      "no iteration of a parallel loop (\(loops.count) in all) touches what another one stores to, for "
        + "all sizes; judged, and run, with one iteration after the other")
    if let iterationLimit {
      assumptions.append(ParametricEquivalence.assumption(iterationLimit))
    }
    passed.assumptions = assumptions
    return passed
  }

  private struct InterpretedText {
    var bytes: [UInt8]
    var isOriginal: Bool
  }

  private func reader(_ text: InterpretedText, _ space: ParameterSpace, _ memory: MemoryMap) throws
    -> ProgramReader
  {
    try ProgramReader(
      unit: InterpretedUnit(text.bytes, like: kernel, parser: parser), space: space,
      memory: memory, isOriginal: text.isOriginal, contraction: contraction, build: kernel.build,
      attributes: TypeAttributes(CLexer.tokens(of: text.bytes)))
  }

  private func evidence(_ result: Evidence.Result, _ detail: String) -> Evidence {
    Evidence(level: .l0, method: Self.method, result: result, detail: detail)
  }

  private static let runtime =
    "the compiler and its OpenMP runtime execute every iteration of a parallel loop once, in threads that "
    + "have the caller's floating-point environment and stacks that hold its objects"
}
