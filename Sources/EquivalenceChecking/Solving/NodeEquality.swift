import JudgeKernels

/// Decides whether two nodes of a graph have the same value for all contents.
///
/// Values for some contents tell most different nodes apart. Sums fall into parts that share no input, each
/// of which must be a constant. Small questions go to the solver as they are; in large ones what
/// both sides have in common is found from the inputs upwards, each time as a small question, in which
/// nodes that are known to be equal stand for any value ("sweeping": Kuehlmann, Paruthi, Krohm and Ganai,
/// *Robust Boolean reasoning for equivalence checking*, 2002).
final class NodeEquality {
  enum Answer {
    case equal
    /// Contents on which the values differ.
    case different([UInt32: UInt64])
    case open(String)
    /// The question is larger than what is asked, or nothing more is.
    case beyond(String)
  }
  typealias Condition = QueryText.Condition

  let graph: UnsafeMutablePointer<rk_graph>
  let solver: SymbolicSolver
  let values: GraphValues
  let paths: PathConditions
  /// Nodes that were shown to be equal, each by the smaller.
  private var representative: [UInt32: UInt32] = [:]
  /// Operations looked at, which is limited: large graphs end as open.
  private var visited = 0

  private static let small = 160
  /// Operations in one question of a sweep.
  private static let step = 200
  private static let largest = 6000
  private static let mostVisited = 4_000_000

  init(_ graph: SymbolicGraph, solver: SymbolicSolver, ranges: ContentRanges, seed: UInt64) {
    self.graph = graph.pointer
    self.solver = solver
    values = GraphValues(graph.pointer, seed: seed)
    paths = PathConditions(graph, solver: solver, ranges: ranges)
  }

  /// Whether `a` and `b` are equal on all contents of a path.
  func compare(_ a: UInt32, _ b: UInt32, on path: [Condition]) -> Answer {
    let (a, b) = (resolved(a), resolved(b))
    if a == b { return .equal }
    guard rk_width(graph, a) == rk_width(graph, b) else { return .open("two widths") }
    let width = rk_width(graph, a)
    for vector in values.all()
    where GraphValues.differ(vector[Int(a)], vector[Int(b)], width)
      && GraphValues.holds(path, in: vector)
    {
      return .different(values.leaves(of: vector))
    }
    if path.isEmpty, let answer = compareParts(a, b) { return answer }
    guard let cone = cone([a, b], limit: Self.largest) else {
      return .beyond("there are too many operations for the solver")
    }
    if path.isEmpty, cone.count > Self.small, !isOfOneInput(cone) { sweep(a, b) }
    let few = paths.relevant(path, to: [a, b])
    if few.count < path.count, case .equal = decide(a, b, on: few, isWhole: true) { return .equal }
    return decide(a, b, on: path, isWhole: true)
  }

  /// Of one input a solver finds its way through many operations.
  private func isOfOneInput(_ cone: Set<UInt32>) -> Bool {
    cone.count < 8 * Self.small && cone.count(where: { rk_op(graph, $0) == RK_NODE_LEAF }) == 1
  }

  func resolved(_ node: UInt32) -> UInt32 {
    var node = node
    while let next = representative[node] { node = next }
    return node
  }

  /// All nodes that some are made of, themselves among them; nil when there are too many.
  private func cone(_ roots: [UInt32], limit: Int) -> Set<UInt32>? {
    var seen = Set(roots)
    var open = roots
    while let node = open.popLast() {
      visited += 1
      for index in 0..<rk_operand_count(graph, node) {
        let operand = rk_operand(graph, node, index)
        if seen.insert(operand).inserted { open.append(operand) }
      }
      if seen.count > limit || visited > Self.mostVisited { return nil }
    }
    return seen
  }

  // MARK: asking

  private func decide(_ a: UInt32, _ b: UInt32, on path: [Condition], isWhole: Bool) -> Answer {
    if !representative.isEmpty {
      var short = QueryText(graph)
      short.cuts = cuts(a, b)
      if !short.cuts.isEmpty, case .unsatisfiable = ask(&short, a, b, path) { return .equal }
    }
    var whole = QueryText(graph)
    if !isWhole { whole.nodeLimit = Self.step }
    switch ask(&whole, a, b, path) {
    case .unsatisfiable: return .equal
    case .open(let reason): return solver.isSpent ? .beyond(reason) : .open(reason)
    case .satisfiable(let model):
      let leaves = assignment(model, whole.leaves)
      values.add(leaves)
      let vector = values.values(0, RK_DRAW_ZERO, leaves)
      let differ = GraphValues.differ(vector[Int(a)], vector[Int(b)], rk_width(graph, a))
      if differ, GraphValues.holds(path, in: vector) {
        return .different(values.leaves(of: vector))
      }
      return .open("the solver finds a difference where floating operations may have any value")
    }
  }

  private func ask(_ query: inout QueryText, _ a: UInt32, _ b: UInt32, _ path: [Condition])
    -> SymbolicSolver.Answer
  {
    do throws(QueryText.Untranslatable) {
      let (x, y) = (try query.name(a), try query.name(b))
      for condition in path { try query.assert(condition) }
      query.assert("(distinct \(x) \(y))")
    } catch {
      return .open(error.reason)
    }
    return solver.ask(query.text)
  }

  private func assignment(_ model: [String: UInt64], _ names: [String: UInt32]) -> [UInt32: UInt64]
  {
    names.reduce(into: [:]) { $0[$1.value] = model[$1.key] ?? 0 }
  }

  /// Nodes below `a` and `b` that are known to be equal to others, and those others.
  private func cuts(_ a: UInt32, _ b: UInt32) -> [UInt32: UInt32] {
    var cuts: [UInt32: UInt32] = [:]
    for (node, _) in representative {
      let root = resolved(node)
      cuts[node] = root
      cuts[root] = root
    }
    // What is asked about must not be taken for anything.
    cuts[a] = nil
    cuts[b] = nil
    return cuts
  }

  // MARK: sums

  /// Equality of two sums as constancy of the parts of their difference; nil when there is one part.
  private func compareParts(_ a: UInt32, _ b: UInt32) -> Answer? {
    let difference = SumDifference(graph, a, b, resolved)
    guard difference.terms.count > 1, difference.terms.count < 20_000,
      let parts = difference.parts({ self.cone([$0], limit: 2000) }), parts.count > 1,
      let vector = values.all().first
    else { return nil }
    var total = difference.constant
    for part in parts {
      let value = part.reduce(0) { $0 &+ $1.coefficient &* vector[Int($1.node)] }
      total = total &+ value
      var query = QueryText(graph)
      do throws(QueryText.Untranslatable) {
        try query.assertSum(of: part, isNot: value, width: rk_width(graph, a))
      } catch {
        return .open(error.reason)
      }
      switch solver.ask(query.text) {
      case .unsatisfiable: continue
      case .open(let reason): return solver.isSpent ? .beyond(reason) : .open(reason)
      case .satisfiable(let model):
        let leaves = assignment(model, query.leaves)
        values.add(leaves)
        let vector = values.values(0, RK_DRAW_ZERO, leaves)
        let differ = GraphValues.differ(vector[Int(a)], vector[Int(b)], rk_width(graph, a))
        return differ ? .different(values.leaves(of: vector)) : nil
      }
    }
    return total & rk_mask(rk_width(graph, a)) == 0 ? .equal : nil
  }

  // MARK: sweeping

  /// Finds what `b` is made of among what `a` is made of, from the inputs upwards.
  private func sweep(_ a: UInt32, _ b: UInt32) {
    guard let first = cone([a], limit: Self.largest), let second = cone([b], limit: Self.largest)
    else { return }
    _ = values.all()
    var bySignature: [UInt64: [UInt32]] = [:]
    for node in first.sorted() where isWorthwhile(node) {
      bySignature[values.signatures[Int(node)], default: []].append(node)
    }
    for node in second.subtracting(first).sorted() where isWorthwhile(node) && node != b {
      if solver.isSpent { return }
      guard representative[node] == nil else { continue }
      let like = bySignature[values.signatures[Int(node)], default: []]
        .filter { rk_width(graph, $0) == rk_width(graph, node) }
      for candidate in like.prefix(3) {
        if case .equal = decide(candidate, node, on: [], isWhole: false) {
          let root = resolved(candidate)
          if root != node { representative[node] = root }
          break
        }
      }
    }
  }

  private func isWorthwhile(_ node: UInt32) -> Bool {
    switch rk_op(graph, node) {
    case RK_NODE_CONSTANT, RK_NODE_LEAF: false
    default: true
    }
  }
}
