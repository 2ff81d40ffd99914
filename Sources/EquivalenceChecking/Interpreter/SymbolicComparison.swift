import CandidateExecution
import JudgeKernels
import KernelModel

/// Compares what two programs do on the memory of one call, for all contents at once.
struct SymbolicComparison {
  let shape: InputShape
  let original: BytecodeProgram
  let candidate: BytecodeProgram
  let callees: CalleeNumbers
  let wraps: Bool
  var limits: Limits
  /// Where outcomes of comparisons are gathered; nil to gather none.
  var outcomes: (original: ConditionOutcomes, candidate: ConditionOutcomes)?

  struct Limits {
    var steps = 20_000_000
    var nodes = 8_000_000
    var words = 16_000_000
    var memory = 1 << 29
  }

  /// What became of one call.
  enum Answer {
    case same
    /// The original itself is not defined on this call.
    case left(String)
    /// A cell holds another operation.
    case different(cell: String, expected: String, actual: String)
    case undecided(String)
  }

  /// How much was done.
  struct Work {
    var steps = 0
    var operations = 0
    var words = 0
    var hasProductInSum = false
    /// In steps: an operation takes as long as four, and a word of a list as one.
    var cost: Int { steps + 4 * operations + words }
  }

  func compare(on input: CallInput, _ work: inout Work) -> Answer {
    guard let graph = SymbolicGraph(nodes: limits.nodes, words: limits.words),
      let first = machine(original, input, graph), let second = machine(candidate, input, graph)
    else { return .undecided("there is no memory for the call") }
    first.machine.pointee.outcomes = outcomes?.original.pointer
    second.machine.pointee.outcomes = outcomes?.candidate.pointer
    // Loops over a size at the end of its type never end; what ends, ends soon.
    let steps = input.point.hasExtremeSize ? limits.steps / 20 : limits.steps
    let status = first.run(steps: steps)
    work.steps += first.steps
    defer {
      work.operations += graph.operations
      work.words += graph.words
      if rk_has_product_in_sum(graph.pointer) != 0 { work.hasProductInSum = true }
    }
    var isCompared = false
    defer {
      outcomes?.original.end(isCompared: isCompared)
      outcomes?.candidate.end(isCompared: isCompared)
    }
    guard status == RK_FINISHED else {
      let text = text(first)
      if status == RK_OUT_OF_STEPS, input.point.hasExtremeSize { return .left(text) }
      // A value that one side of a branch leaves unset may be one that nobody reads.
      let isLeft = status.isUndefined && status != RK_UNSET_READ
      return isLeft ? .left(text) : .undecided("in the original \(text)")
    }
    let own = second.run(steps: steps)
    work.steps += second.steps
    guard own == RK_FINISHED else { return .undecided("in the candidate \(text(second))") }
    isCompared = true
    if second.machine.pointee.live_allocations > first.machine.pointee.live_allocations {
      return .undecided("the candidate does not release what it allocates")
    }
    return difference(first, second, input, graph) ?? excess(first, second, input) ?? .same
  }

  private func machine(_ program: BytecodeProgram, _ input: CallInput, _ graph: SymbolicGraph)
    -> ReferenceMachine?
  {
    ReferenceMachine(
      program, on: input, of: shape, graph: graph, memoryLimit: limits.memory, wraps: wraps)
  }

  /// Why a run ended, and where.
  private func text(_ machine: ReferenceMachine) -> String {
    "\(machine.status.text) at \(machine.program.place(machine.stoppedAt))"
  }

  // MARK: values

  private func difference(
    _ first: ReferenceMachine, _ second: ReferenceMachine, _ input: CallInput,
    _ graph: SymbolicGraph
  ) -> Answer? {
    let nodes = NodeText(graph: graph, shape: shape, input: input, callees: callees)
    for object in 0..<first.inputObjects {
      var found = rk_difference()
      guard rk_first_difference(first.machine, second.machine, object, 0, &found) != 0 else {
        continue
      }
      return .different(
        cell: cell(object, Int(found.offset), input),
        expected: nodes.text(found.first, bytes: Int(found.width)),
        actual: nodes.text(found.second, bytes: Int(found.width)))
    }
    if graph.pointer.pointee.exhausted != 0 { return .undecided("the graph is full") }
    if let a = first.result, let b = second.result {
      guard a.node != .max else { return .left("no value is returned") }
      let mask = rk_mask(UInt32(8 * (original.resultType?.bytes ?? 8)))
      if a.node != b.node || (a.node == 0 && (a.bits ^ b.bits) & mask != 0) {
        return .different(
          cell: "return value", expected: nodes.text(a, bytes: 8), actual: nodes.text(b, bytes: 8))
      }
    }
    return nil
  }

  private func cell(_ object: Int, _ offset: Int, _ input: CallInput) -> String {
    let regions = input.image.regions.count
    if object < regions {
      return PointText(shape: shape).cell(region: object, offset: offset, in: input)
    }
    return "\(shape.globals[object - regions].name) at byte \(offset)"
  }

  // MARK: what is touched and asked for

  /// Rule 5, and what must hold of data so that the candidate is defined.
  private func excess(
    _ first: ReferenceMachine, _ second: ReferenceMachine, _ input: CallInput
  ) -> Answer? {
    let licence = AccessLicence(shape: shape)
    let (own, allowed) = (second.accesses, first.accesses)
    if let excess = licence.firstExcess(of: own, over: allowed, in: input) {
      return unlicensed(cell(excess.region, excess.offset, input), isStore: excess.isStore)
    }
    let regions = input.image.regions.count
    for (index, flags) in own.globals.enumerated() {
      for (offset, flag) in flags.enumerated() where flag & ~allowed.globals[index][offset] & 2 != 0
      {
        return unlicensed(cell(regions + index, offset, input), isStore: true)
      }
    }
    var node: UInt32 = 0
    var guardNode: UInt32 = 0
    var next = rk_first_new_demand(second.machine, first.machine, 0, &node, &guardNode)
    while next >= 0 {
      if let answer = judge(node, allowed, licence, input, second.graph) { return answer }
      next = rk_first_new_demand(second.machine, first.machine, next + 1, &node, &guardNode)
    }
    return nil
  }

  private func judge(
    _ node: UInt32, _ allowed: AccessSets, _ licence: AccessLicence, _ input: CallInput,
    _ graph: SymbolicGraph
  ) -> Answer? {
    let entry = graph.pointer.pointee.nodes[Int(node)]
    guard rk_op(graph.pointer, node) == RK_NODE_ACCESS else {
      return .undecided(
        "the candidate computes \(Self.demands[Int(rk_extra(graph.pointer, node))]) "
          + "that the original does not compute")
    }
    let (object, offset) = (Int(entry.a), Int(entry.b))
    let isStore = rk_extra(graph.pointer, node) == 2
    if !isStore {
      if object >= allowed.regions.count { return nil }
      if allowed.regions[object][offset] != 0 { return nil }
      if licence.isLicensed(object, offset, input, allowed.regions[object]) { return nil }
    }
    return unlicensed(cell(object, offset, input), isStore: isStore)
  }

  private func unlicensed(_ cell: String, isStore: Bool) -> Answer {
    .undecided(
      "the candidate \(isStore ? "stores to" : "reads") \(cell), which the original does not on "
        + "all contents")
  }

  private static let demands = [
    "a signed sum", "a signed difference", "a signed product", "a quotient", "a shift",
    "a shift of a signed value", "an integer of a floating value",
  ]
}

extension rk_status {
  /// Whether the program itself is at fault.
  var isUndefined: Bool {
    switch self {
    case RK_OUT_OF_BOUNDS, RK_MISALIGNED, RK_UNSET_READ, RK_OVERFLOW, RK_BAD_SHIFT,
      RK_DIVISION_BY_ZERO, RK_DEAD_OBJECT, RK_STORE_TO_CONSTANT, RK_OVERLAPPING_COPY,
      RK_REACHED_UNREACHABLE, RK_BAD_LENGTH:
      true
    default: false
    }
  }

  var text: String {
    switch self {
    case RK_DATA_BRANCH: "a jump depends on data"
    case RK_DATA_TRIP: "a trip count depends on data"
    case RK_DATA_ADDRESS: "an address depends on data"
    case RK_DATA_LENGTH: "a length depends on data"
    case RK_OUT_OF_BOUNDS: "an access is out of bounds"
    case RK_MISALIGNED: "an access is misaligned"
    case RK_UNSET_READ: "a value is used that was never stored"
    case RK_OVERFLOW: "a signed operation overflows"
    case RK_BAD_SHIFT: "a shift is by the width or more"
    case RK_DIVISION_BY_ZERO: "a division is by zero"
    case RK_DEAD_OBJECT: "an object is used that is not there"
    case RK_STORE_TO_CONSTANT: "a constant is stored to"
    case RK_OVERLAPPING_COPY: "'memcpy' copies between overlapping bytes"
    case RK_REACHED_UNREACHABLE: "a place is reached that never should be"
    case RK_BAD_LENGTH: "a variable length is not above zero"
    case RK_MIXED_WIDTHS: "bytes are stored in several widths under a condition"
    case RK_OUT_OF_STEPS: "the budget of steps is spent"
    case RK_OUT_OF_MEMORY: "the budget of memory is spent"
    default: "the run ends"
    }
  }
}
