import JudgeKernels

/// What a program asks of data, as formulas: demands, the conditions that they stand under, and the
/// bytes that it touches under conditions.
///
/// A candidate may ask for nothing that can fail where all holds that the original asks for.
final class Obligations {
  typealias Condition = QueryText.Condition

  struct Entry: Hashable {
    var node: UInt32
    var guardNode: UInt32
  }

  private let graph: UnsafeMutablePointer<rk_graph>
  private let solver: SymbolicSolver
  private let path: [Condition]
  /// The original's demands, and its guards by access.
  private let demands: [Entry]
  private let accesses: [UInt32: [UInt32]]

  /// More of the original's demands than this are not told to the solver.
  private static let mostDemands = 48

  init(of original: ReferenceMachine, on path: [Condition], solver: SymbolicSolver) {
    graph = original.graph.pointer
    self.solver = solver
    self.path = path
    var demands: [Entry] = []
    var accesses: [UInt32: [UInt32]] = [:]
    let set = original.machine.pointee.demands
    for index in 0..<set.count {
      let key = set.list[index]
      let entry = Entry(node: UInt32(truncatingIfNeeded: key), guardNode: UInt32(key >> 32))
      if rk_op(original.graph.pointer, entry.node) == RK_NODE_ACCESS {
        accesses[entry.node, default: []].append(entry.guardNode)
      } else {
        demands.append(entry)
      }
    }
    self.demands = demands
    self.accesses = accesses
  }

  /// Whether a demand of the candidate always holds where the original is defined.
  func isImplied(_ entry: Entry) -> Bool {
    holds(entry, given: [])
      || holds(entry, given: Array(demands.suffix(Self.mostDemands)))
  }

  private func holds(_ entry: Entry, given: [Entry]) -> Bool {
    var query = QueryText(graph)
    do throws(QueryText.Untranslatable) {
      guard let violation = try query.violation(of: entry.node) else { return false }
      for condition in path { try query.assert(condition) }
      try query.assert(guards: entry.guardNode)
      query.assert(violation)
      for other in given {
        guard let theirs = try query.violation(of: other.node) else { continue }
        let under = try query.conjunction(guards: other.guardNode)
        query.assert("(not (and \(under) \(theirs)))")
      }
    } catch {
      return false
    }
    return solver.ask(query.text) == .unsatisfiable
  }

  /// Whether the original touches the bytes of an access wherever a candidate does.
  func covers(_ entry: Entry) -> Bool {
    guard let guards = accesses[entry.node], guards.count <= 64 else { return false }
    var query = QueryText(graph)
    do throws(QueryText.Untranslatable) {
      for condition in path { try query.assert(condition) }
      try query.assert(guards: entry.guardNode)
      for other in guards { query.assert("(not \(try query.conjunction(guards: other)))") }
    } catch {
      return false
    }
    return solver.ask(query.text) == .unsatisfiable
  }

  /// The access of a byte, when the original makes it under some condition.
  func access(object: Int, offset: Int, kind: UInt32) -> UInt32? {
    accesses.keys.first {
      let entry = graph.pointee.nodes[Int($0)]
      return Int(entry.a) == object && Int(entry.b) == offset && rk_extra(graph, $0) == kind
    }
  }
}

extension QueryText {
  /// That every condition of a guard holds.
  mutating func assert(guards node: UInt32) throws(Untranslatable) {
    assert(try conjunction(guards: node))
  }

  mutating func conjunction(guards node: UInt32) throws(Untranslatable) -> String {
    var conditions = ["true"]
    var node = node
    while node != 0 {
      let entry = graph.pointee.nodes[Int(node)]
      conditions.append(
        try formula(Condition(node: entry.b, isTrue: rk_extra(graph, node) == 0)))
      node = entry.a
    }
    return "(and \(conditions.joined(separator: " ")))"
  }

  /// That an obligation is not met; nil for what is no matter of bits.
  mutating func violation(of node: UInt32) throws(Untranslatable) -> String? {
    guard let demand = Demand(rawValue: rk_extra(graph, node)) else { return nil }
    let entry = graph.pointee.nodes[Int(node)]
    let width = rk_width(graph, node)
    if demand == .range { return nil }
    let b = try name(entry.b)
    let wide = rk_width(graph, entry.b)
    switch demand {
    case .sum: return overflow("bvadd", try name(entry.a), b, width, by: 1)
    case .difference: return overflow("bvsub", try name(entry.a), b, width, by: 1)
    case .product: return overflow("bvmul", try name(entry.a), b, width, by: width)
    case .divisor:
      let isZero = "(= \(b) \(Self.number(0, wide)))"
      if entry.a == 0 { return isZero }
      let least = Self.number(1 << UInt64(width - 1), width)
      let a = try name(entry.a)
      return "(or \(isZero) (and (= \(a) \(least)) (= \(b) \(Self.number(.max, wide)))))"
    case .amount: return "(bvuge \(b) \(Self.number(UInt64(width), wide)))"
    case .shifted:
      let a = try name(entry.a)
      return "(or (bvslt \(a) \(Self.number(0, width))) "
        + "(distinct (bvashr (bvshl \(a) \(b)) \(b)) \(a)))"
    case .place: return "(bvugt \(try name(entry.a)) \(b))"
    case .range: return nil
    }
  }

  private func overflow(
    _ op: String, _ a: String, _ b: String, _ width: UInt32, by extra: UInt32
  ) -> String {
    let wide = "(_ sign_extend \(extra))"
    return "(distinct (\(op) (\(wide) \(a)) (\(wide) \(b))) (\(wide) (\(op) \(a) \(b))))"
  }
}

/// `rk_demand`, by what the interpreter's own header calls it.
private enum Demand: UInt32 {
  case sum, difference, product, divisor, amount, shifted, range, place
}
