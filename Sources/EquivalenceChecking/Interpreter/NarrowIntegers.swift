import CandidateExecution
import ExperimentRecords
import JudgeKernels
import KernelModel
import KernelParsing

/// L2 in a smaller world: both texts run with integers of 14 bits in place of 32 and of 28 in place of 64, as
/// far as they compute with sizes, at sizes that reach the ends of these types.
///
/// What goes wrong at sizes too large to be run (a product in a type too narrow for it, an index cut, or
/// made by way of a floating type, a shift that drops bits) goes wrong there at a few thousand elements.
/// Contents keep their types. What differs refutes nothing, since no run of the program shows it; it is no
/// pass either. Small instances in place of large ones: D. Jackson, C. Damon, "Elements of style:
/// analyzing a software design feature with a counterexample detector", TSE 22, 1996; narrower vectors
/// of bits: P. Johannsen, R. Drechsler, "Formal verification on the RT level", VLSI-SoC 2001.
struct NarrowIntegers {
  let kernel: Kernel
  let shape: InputShape
  let parser: KernelParser
  let contraction: BuildFlags.Contraction
  let seed: UInt64
  var limits = Limits()

  static let method = "NarrowIntegers"

  struct Limits {
    /// Of one call, and of all together.
    var steps = 120_000_000
    var allSteps = 240_000_000
    var memory = 1 << 28
  }

  /// How many bits stand for 32, the fewest first: numbers in the texts may ask for more.
  private static let widths: [UInt32] = [14, 16]

  struct Answer {
    var evidence: Evidence
    /// Whether calls were compared, none on which the original is defined was left out, and the candidate
    /// makes no size into a type that is narrow already, of which other sizes may be cut than are tried, nor a
    /// quotient of a quotient that is zero for all sizes here.
    var isComplete = false
    /// Whether the candidate differs, or has a number too large for any of the widths.
    var differs = false
  }

  /// One program, with which of its instructions compute with sizes.
  private struct Subject {
    var concrete: ConcreteProgram
    var sized: [UInt8]

    /// Bits that one quotient of a quotient of sizes takes off in all.
    var chained: UInt32

    var program: BytecodeProgram { concrete.program }

    /// Whether a size is made into a type of fewer than 32 bits.
    var hasNarrowSizes: Bool {
      zip(program.code, sized).contains { code, isSized in
        isSized != 0 && rk_opcode(UInt32(code.op)) == RK_CONVERT
          && rk_type_width(rk_type(UInt32(code.type))) < 32
      }
    }
  }

  private enum Outcome {
    case same(calls: Int, isComplete: Bool)
    case different(String)
    /// At this place of the candidate.
    case tooNarrow(String)
  }

  func examine(_ candidate: [UInt8]) -> Answer {
    let meter = CostMeter()
    var answer: Answer
    do throws(Uninterpreted) {
      answer = try compare(candidate)
    } catch {
      answer = Answer(evidence: evidence(.inconclusive, error.reason))
    }
    answer.evidence.seconds = meter.cpuSeconds
    return answer
  }

  private func compare(_ candidate: [UInt8]) throws(Uninterpreted) -> Answer {
    let original = try subject(kernel.source.bytes, "original")
    let own = try subject(candidate, "candidate")
    var answer = Answer(evidence: evidence(.inconclusive, ""), differs: true)
    for width in Self.widths {
      switch run(original, own, width) {
      case .same(let calls, let isComplete):
        var passed = evidence(
          .passed,
          calls == 0
            ? "the original is defined on no call at the ends of integers of \(width) bits"
            : "the same on \(calls) calls with integers of \(width) bits in place of 32 for sizes")
        passed.inputs = calls
        return Answer(evidence: passed, isComplete: isComplete)
      // A block that is too large for these integers may fit the next.
      case .different(let text):
        answer.evidence.detail =
          "with integers of \(width) bits in place of 32 for sizes, and of \(2 * width) in place of "
          + "64, \(text): so it may be at sizes too large to be run"
      case .tooNarrow(let place):
        answer.evidence.detail =
          "the candidate computes with sizes and a number too large for calls that can be run, at "
          + place
      }
    }
    return answer
  }

  private func subject(_ bytes: [UInt8], _ name: String) throws(Uninterpreted) -> Subject {
    let program = try ConcreteProgram(
      bytes, of: kernel, shape, parser: parser, contraction: contraction, name: name)
    let sized = SizedValues(program.program, shape).isSized
    return Subject(
      concrete: program, sized: sized,
      chained: ChainedQuotients(program.program, isSized: sized).most)
  }

  private func run(_ original: Subject, _ candidate: Subject, _ width: UInt32) -> Outcome {
    let isInside = !candidate.hasNarrowSizes && candidate.chained < width - 2
    var (calls, steps, isComplete) = (0, 0, isInside)
    for point in points(width) where steps < limits.allSteps {
      guard let input = ImageBuilder.input(point, of: shape),
        let graph = SymbolicGraph(nodes: 0, words: 0),
        let first = machine(original, input, graph, width),
        let second = machine(candidate, input, graph, width)
      else { continue }
      let expected = run(first, original, limits.steps)
      steps += first.steps
      // Where the original's own numbers wrap, they are meant to, and stand for nothing that is large.
      guard expected == RK_FINISHED, first.machine.pointee.has_wrapped == 0 else {
        if !expected.isUndefined { isComplete = false }
        continue
      }
      // What does not end in a multiple of the original's steps does not end.
      let status = run(second, candidate, 16 * first.steps + 100_000)
      steps += second.steps
      let with = "with \(PointText(shape: shape).text(input))"
      switch status {
      case RK_FINISHED:
        if let text = difference(first, second, input) { return .different("\(text), \(with)") }
        calls += 1
      case RK_TOO_NARROW: return .tooNarrow(candidate.program.place(second.stoppedAt))
      case RK_NOT_COVERED, RK_UNKNOWN_CALL, RK_OUT_OF_MEMORY: isComplete = false
      default:
        let place = candidate.program.place(second.stoppedAt)
        return .different("in the candidate \(status.text) at \(place), \(with)")
      }
    }
    return .same(calls: calls, isComplete: isComplete && calls > 0)
  }

  private func machine(
    _ subject: Subject, _ input: CallInput, _ graph: SymbolicGraph, _ width: UInt32
  ) -> ReferenceMachine? {
    let made = subject.concrete.machine(on: input, graph, memoryLimit: limits.memory)
    made?.machine.pointee.narrow_width = width
    return made
  }

  private func run(_ machine: ReferenceMachine, _ subject: Subject, _ steps: Int) -> rk_status {
    subject.sized.withUnsafeBufferPointer { sized in
      machine.machine.pointee.narrow = sized.baseAddress
      defer { machine.machine.pointee.narrow = nil }
      return machine.run(steps: steps)
    }
  }

  private func points(_ width: UInt32) -> [CallPoint] {
    let sizes = SizePlan(shape, factors: [], effort: .full, seed: seed)
      .atEnds(ofIntegersOf: Int(width))
    return sizes.enumerated().flatMap { index, assignment in
      [ValueClass.ordinary, .ties].enumerated().map { number, valueClass in
        CallPoint(
          sizes: assignment, valueClass: valueClass, placement: .flushEnd,
          seed: seed &+ UInt64(140_000 + 2 * index + number))
      }
    }
  }

  private func difference(
    _ first: ReferenceMachine, _ second: ReferenceMachine, _ input: CallInput
  ) -> String? {
    for object in 0..<first.inputObjects {
      var found = rk_difference()
      var next: UInt64 = 0
      while rk_first_difference(first.machine, second.machine, object, next, &found) != 0 {
        let width = Int(found.width)
        let isNaN =
          Self.isFloating(object, Int(found.offset), input)
          && Self.isNaN(found.first, width) && Self.isNaN(found.second, width)
        if !isNaN {
          let regions = input.image.regions.count
          return object < regions
            ? PointText(shape: shape).cell(region: object, offset: Int(found.offset), in: input)
              + " differs" : "\(shape.globals[object - regions].name) differs"
        }
        next = found.offset + UInt64(width)
      }
    }
    if let a = first.result, let b = second.result, let type = first.program.resultType {
      let mask = rk_mask(UInt32(8 * type.bytes))
      let isNaN = type.isFloating && Self.isNaN(a, type.bytes) && Self.isNaN(b, type.bytes)
      if !isNaN, (a.bits ^ b.bits) & mask != 0 { return "the value returned differs" }
    }
    let excess = AccessLicence(shape: shape).firstExcess(
      of: second.accesses, over: first.accesses, in: input)
    guard let excess else { return nil }
    let cell = PointText(shape: shape).cell(
      region: excess.region, offset: excess.offset, in: input)
    return
      "the candidate \(excess.isStore ? "stores to" : "reads") \(cell), which the original does not"
  }

  private static func isFloating(_ object: Int, _ offset: Int, _ input: CallInput) -> Bool {
    let (regions, globals) = (input.image.regions, input.image.globalCells)
    let layout =
      object < regions.count
      ? regions[object].cells
      : object - regions.count < globals.count ? globals[object - regions.count] : .bytes
    return layout.cells.contains {
      $0.offset == offset % max(1, layout.stride) && ($0.kind == .float || $0.kind == .double)
    }
  }

  private static func isNaN(_ value: rk_value, _ bytes: Int) -> Bool {
    bytes == 4
      ? Float(bitPattern: UInt32(truncatingIfNeeded: value.bits)).isNaN
      : bytes == 8 && Double(bitPattern: value.bits).isNaN
  }

  private func evidence(_ result: Evidence.Result, _ detail: String) -> Evidence {
    Evidence(level: .l2, method: Self.method, result: result, seed: seed, detail: detail)
  }
}
