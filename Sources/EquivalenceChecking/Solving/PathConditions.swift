import JudgeKernels

/// What is known on a path: conditions that data decide, each with the truth that it has there.
final class PathConditions {
  typealias Condition = QueryText.Condition

  private let graph: UnsafeMutablePointer<rk_graph>
  private let solver: SymbolicSolver
  let ranges: ContentRanges
  private var leavesOfNode: [UInt32: Set<UInt32>] = [:]
  private static let largestCone = 3000

  init(_ graph: SymbolicGraph, solver: SymbolicSolver, ranges: ContentRanges) {
    self.ranges = ranges
    self.graph = graph.pointer
    self.solver = solver
  }

  /// The inputs that a node depends on; nil when it is made of too much.
  func leaves(of root: UInt32) -> Set<UInt32>? {
    if let known = leavesOfNode[root] { return known }
    var seen: Set<UInt32> = [root]
    var open = [root]
    var leaves: Set<UInt32> = []
    while let node = open.popLast() {
      if rk_op(graph, node) == RK_NODE_LEAF { leaves.insert(node) }
      for index in 0..<rk_operand_count(graph, node) {
        let operand = rk_operand(graph, node, index)
        if seen.insert(operand).inserted { open.append(operand) }
      }
      if seen.count > Self.largestCone { return nil }
    }
    leavesOfNode[root] = leaves
    return leaves
  }

  /// The conditions that speak of nothing but what the nodes depend on. Fewer conditions hold more
  /// often: what follows from these follows from all.
  func relevant(_ path: [Condition], to nodes: [UInt32]) -> [Condition] {
    var known: Set<UInt32> = []
    for node in nodes {
      guard let own = leaves(of: node) else { return path }
      known.formUnion(own)
    }
    return path.filter { condition in
      guard let own = leaves(of: condition.node), own.count <= known.count,
        own.first.map(known.contains) != false
      else { return false }
      return own.isSubset(of: known)
    }
  }

  /// Whether no contents take the path, as far as the conditions say that share all inputs with the
  /// last one; `isThorough` asks about all.
  func isImpossible(_ path: [Condition], isThorough: Bool) -> Bool {
    guard let last = path.last else { return false }
    if refutes(relevant(path, to: [last.node])) { return true }
    return isThorough && refutes(path)
  }

  private func refutes(_ path: [Condition]) -> Bool {
    var query = QueryText(graph, ranges: ranges)
    do throws(QueryText.Untranslatable) {
      for condition in path { try query.assert(condition) }
    } catch {
      return false
    }
    switch solver.ask(query.text) {
    case .unsatisfiable: return true
    case .open: return false
    case .satisfiable: return false
    }
  }
}
