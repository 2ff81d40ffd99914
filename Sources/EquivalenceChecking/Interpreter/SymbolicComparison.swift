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
  let solver: SymbolicSolver
  var limits: Limits
  /// Where outcomes of comparisons are gathered; nil to gather none.
  var outcomes: (original: ConditionOutcomes, candidate: ConditionOutcomes)?
  /// Finds contents for those that data decide; it has a budget of its own, since what it is asked says
  /// nothing of equality.
  private let witnesses = SymbolicSolver(limits: .init(effort: 400_000, allEffort: 4_000_000))

  struct Limits {
    var steps = 20_000_000
    var nodes = 8_000_000
    var words = 16_000_000
    var memory = 1 << 29
    /// Of one call.
    var paths = 4096
    /// Of all calls, while paths are followed (`Work.cost`).
    var cost = 60_000_000
  }

  /// What became of one call.
  enum Answer {
    case same
    /// The original itself is not defined on this call.
    case left(String)
    /// A cell holds another operation.
    case different(cell: String, expected: String, actual: String, Doubt)
    case undecided(String)
    /// The call is too much for the budget: nothing is known of it.
    case beyond(String)
  }

  /// Contents that show a difference, or why there are none.
  enum Doubt {
    case shown(Contents)
    case open(String)
  }

  /// How much was done.
  struct Work {
    var steps = 0
    var operations = 0
    var words = 0
    var hasProductInSum = false
    var paths = 0
    /// In steps: an operation takes as long as four, and a word of a list as one.
    var cost: Int { steps + 4 * operations + words }
  }

  /// Both programs on every path that contents can take.
  ///
  /// Where data steer, the run ends and names the condition; both programs are run again with each of
  /// its values, until no condition is left open.
  func compare(on input: CallInput, _ work: inout Work) -> Answer {
    guard let graph = SymbolicGraph(nodes: limits.nodes, words: limits.words) else {
      return .undecided("there is no memory for the call")
    }
    let ranges = ContentRanges(of: shape, at: input)
    let equality = NodeEquality(graph, solver: solver, ranges: ranges, seed: input.point.seed)
    defer {
      work.operations += graph.operations
      work.words += graph.words
      if rk_has_product_in_sum(graph.pointer) != 0 { work.hasProductInSum = true }
    }
    var open: [[QueryText.Condition]] = [[]]
    var compared = 0
    var reason: String?
    while let path = open.popLast() {
      if !path.isEmpty { work.steps += Self.costOfPath }
      switch run(input, graph, equality, path, &work) {
      case .fork(let condition, let text):
        let cost = work.cost + 4 * graph.operations + graph.words
        guard compared + open.count < limits.paths, cost < limits.cost, !solver.isSpent
        else {
          return .beyond("\(text); \(compared) paths were compared, which are not all")
        }
        for truth in [false, true] {
          let next = path + [QueryText.Condition(node: condition, isTrue: truth)]
          if !equality.paths.isImpossible(next, isThorough: false) { open.append(next) }
        }
      case .ended(.same): compared += 1
      case .ended(.left(let text)): reason = reason ?? text
      case .ended(let answer):
        // Nobody takes a path that is impossible.
        if !path.isEmpty, equality.paths.isImpossible(path, isThorough: true) { continue }
        return answer
      }
    }
    work.paths += compared
    return compared == 0 ? .left(reason ?? "no path is possible") : .same
  }

  /// What a path costs beside its steps.
  private static let costOfPath = 10_000

  private enum Step {
    case ended(Answer)
    /// A condition has to be known, because of what the text says.
    case fork(UInt32, String)
  }

  /// One path: the conditions of `path` are taken for known.
  private func run(
    _ input: CallInput, _ graph: SymbolicGraph, _ equality: NodeEquality,
    _ path: [QueryText.Condition], _ work: inout Work
  ) -> Step {
    guard let first = machine(original, input, graph),
      let second = machine(candidate, input, graph),
      first.assume(path), second.assume(path)
    else { return .ended(.undecided("there is no memory for the call")) }
    if let outcomes {
      (first.machine.pointee.notes, first.machine.pointee.decisions) = outcomes.original.places
      (second.machine.pointee.notes, second.machine.pointee.decisions) = outcomes.candidate.places
    }
    // Loops over a size at the end of its type never end; what ends, ends soon.
    let steps = input.point.hasExtremeSize ? limits.steps / 20 : limits.steps
    let status = first.run(steps: steps)
    work.steps += first.steps
    var isCompared = false
    defer { note(isCompared, input.point, path, equality, graph) }
    guard status == RK_FINISHED else {
      let text = text(first)
      if let fork = first.fork { return .fork(fork, "in the original \(text)") }
      if status == RK_OUT_OF_STEPS, input.point.hasExtremeSize { return .ended(.left(text)) }
      if status.isExhaustion { return .ended(.beyond("in the original \(text)")) }
      // A value that one side of a branch leaves unset may be one that nobody reads.
      let isLeft = status.isUndefined && status != RK_UNSET_READ
      return .ended(isLeft ? .left(text) : .undecided("in the original \(text)"))
    }
    let own = second.run(steps: steps)
    work.steps += second.steps
    guard own == RK_FINISHED else {
      let text = "in the candidate \(text(second))"
      if let fork = second.fork { return .fork(fork, text) }
      // The original has ended, and is defined. Contents that lead here may show it.
      if own.isUndefined {
        return .ended(
          .different(
            cell: "the call", expected: "defined", actual: "not, since \(text)",
            .open("a run has to show it")))
      }
      return .ended(.undecided(text))
    }
    isCompared = true
    if second.machine.pointee.live_allocations > first.machine.pointee.live_allocations {
      return .ended(.undecided("the candidate does not release what it allocates"))
    }
    return .ended(
      difference(first, second, input, equality, path)
        ?? excess(first, second, input, path) ?? .same)
  }

  /// Takes in how comparisons came out.
  private func note(
    _ isCompared: Bool, _ point: CallPoint, _ path: [QueryText.Condition],
    _ equality: NodeEquality, _ graph: SymbolicGraph
  ) {
    guard let outcomes else { return }
    for outcomes in [outcomes.original, outcomes.candidate] {
      if isCompared {
        outcomes.take(EmptySizes(point, shape)) {
          DecidedByData(graph, witnesses, equality.paths.ranges, equality.values)
            .happens($0, $1, on: path)
        }
      } else {
        outcomes.forget()
      }
    }
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
    _ equality: NodeEquality, _ path: [QueryText.Condition]
  ) -> Answer? {
    let graph = first.graph
    let nodes = NodeText(graph: graph, shape: shape, input: input, callees: callees)
    func judge(_ a: rk_value, _ b: rk_value, bytes: Int, _ cell: @autoclosure () -> String)
      -> Answer?
    {
      var doubt = Doubt.open("it is not always there")
      if a.node != .max, b.node != .max {
        let (x, y) = (node(a, bytes, graph), node(b, bytes, graph))
        switch equality.compare(x, y, on: path) {
        case .equal: return nil
        case .different(let leaves): doubt = .shown(Contents(leaves, graph))
        case .beyond(let reason): return .beyond("\(reason), at \(cell())")
        case .open(let reason):
          doubt = .open(reason)
        }
      }
      return .different(
        cell: cell(), expected: nodes.text(a, bytes: bytes), actual: nodes.text(b, bytes: bytes),
        doubt)
    }
    for object in 0..<first.inputObjects {
      var found = rk_difference()
      var next: UInt64 = 0
      while rk_first_difference(first.machine, second.machine, object, next, &found) != 0 {
        let (offset, width) = (Int(found.offset), Int(found.width))
        if let answer = judge(
          found.first, found.second, bytes: width, self.cell(object, offset, input))
        {
          return answer
        }
        next = found.offset + UInt64(width)
      }
    }
    if graph.pointer.pointee.exhausted != 0 { return .beyond("the graph is full") }
    if let a = first.result, let b = second.result {
      guard a.node != .max else { return .left("no value is returned") }
      let bytes = original.resultType?.bytes ?? 8
      let mask = rk_mask(UInt32(8 * bytes))
      if a.node != b.node || (a.node == 0 && (a.bits ^ b.bits) & mask != 0) {
        return judge(a, b, bytes: bytes, "return value")
      }
    }
    return nil
  }

  private func node(_ value: rk_value, _ bytes: Int, _ graph: SymbolicGraph) -> UInt32 {
    value.node != 0 ? value.node : rk_constant(graph.pointer, value.bits, UInt32(8 * bytes))
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
    _ first: ReferenceMachine, _ second: ReferenceMachine, _ input: CallInput,
    _ path: [QueryText.Condition]
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
    var entry = Obligations.Entry(node: 0, guardNode: 0)
    var obligations: Obligations?
    var next = rk_first_new_demand(
      second.machine, first.machine, 0, &entry.node, &entry.guardNode)
    while next >= 0 {
      let known = obligations ?? Obligations(of: first, on: path, solver: solver)
      obligations = known
      if let answer = judge(entry, known, allowed, licence, input, second.graph) { return answer }
      next = rk_first_new_demand(
        second.machine, first.machine, next + 1, &entry.node, &entry.guardNode)
    }
    return nil
  }

  private func judge(
    _ demand: Obligations.Entry, _ known: Obligations, _ allowed: AccessSets,
    _ licence: AccessLicence, _ input: CallInput, _ graph: SymbolicGraph
  ) -> Answer? {
    let node = demand.node
    let entry = graph.pointer.pointee.nodes[Int(node)]
    guard rk_op(graph.pointer, node) == RK_NODE_ACCESS else {
      if known.isImplied(demand) { return nil }
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
    if known.covers(demand) { return nil }
    return unlicensed(cell(object, offset, input), isStore: isStore)
  }

  private func unlicensed(_ cell: String, isStore: Bool) -> Answer {
    .undecided(
      "the candidate \(isStore ? "stores to" : "reads") \(cell), which the original does not on "
        + "all contents")
  }

  private static let demands = [
    "a signed sum", "a signed difference", "a signed product", "a quotient", "a shift",
    "a shift of a signed value", "an integer of a floating value", "an address",
  ]
}

/// Chosen contents of cells, by object and offset.
struct Contents: Hashable {
  struct Cell: Hashable {
    var object: Int
    var offset: Int
    var bytes: Int
    var bits: UInt64
  }
  var cells: [Cell]

  init(cells: [Cell]) { self.cells = cells }

  init(_ leaves: [UInt32: UInt64], _ graph: SymbolicGraph) {
    cells = leaves.sorted { $0.key < $1.key }.map { node, bits in
      let entry = graph.pointer.pointee.nodes[Int(node)]
      return Cell(
        object: Int(entry.a), offset: Int(entry.b), bytes: Int(rk_width(graph.pointer, node)) / 8,
        bits: bits)
    }
  }
}

extension rk_status {
  /// Whether a larger budget could have gone on.
  var isExhaustion: Bool { self == RK_OUT_OF_STEPS || self == RK_OUT_OF_MEMORY }

  /// Whether the program itself is at fault.
  var isUndefined: Bool {
    switch self {
    case RK_OUT_OF_BOUNDS, RK_MISALIGNED, RK_UNSET_READ, RK_OVERFLOW, RK_BAD_SHIFT,
      RK_DIVISION_BY_ZERO, RK_DEAD_OBJECT, RK_STORE_TO_CONSTANT, RK_OVERLAPPING_COPY,
      RK_REACHED_UNREACHABLE, RK_BAD_LENGTH, RK_BAD_CONVERSION, RK_BAD_ARGUMENT:
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
    case RK_BAD_CONVERSION: "an integer type does not hold a floating value"
    case RK_BAD_ARGUMENT: "a function does not take an argument"
    case RK_NOT_COVERED: "an operation has no counterpart in the domain"
    case RK_UNKNOWN_CALL: "a function is called that the domain does not have"
    case RK_MIXED_WIDTHS: "bytes are stored in several widths under a condition"
    case RK_TOO_NARROW: "a number is too large"
    case RK_OUT_OF_STEPS: "the budget of steps is spent"
    case RK_OUT_OF_MEMORY: "the budget of memory is spent"
    default: "the run ends"
    }
  }
}
