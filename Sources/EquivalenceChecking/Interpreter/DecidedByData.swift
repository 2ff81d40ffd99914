import JudgeKernels

/// Whether what data decide can come out as is said, at the sizes of a call.
///
/// A condition on data may be one on sizes all the same: a count of elements exceeds no number that is
/// larger than the call has elements, and an element is no larger than the contract says.
struct DecidedByData {
  private let graph: UnsafeMutablePointer<rk_graph>
  private let solver: SymbolicSolver
  private let ranges: ContentRanges
  /// What contents drawn by chance make of all nodes.
  private let values: GraphValues

  init(
    _ graph: SymbolicGraph, _ solver: SymbolicSolver, _ ranges: ContentRanges, _ values: GraphValues
  ) {
    self.ranges = ranges
    self.values = values
    self.graph = graph.pointer
    self.solver = solver
  }

  /// Whether contents are known; true also of what is no matter of bits, where floating data decide.
  func happens(_ decision: rk_decision, _ truth: Bool, on path: [QueryText.Condition]) -> Bool {
    if let isData = isFloatingData(decision.node) { return isData }
    if isDrawn(decision, truth, on: path) { return true }
    var query = QueryText(graph, ranges: ranges)
    do throws(QueryText.Untranslatable) {
      for condition in path { try query.assert(condition) }
      try query.assert(guards: decision.under)
      try query.assert(.init(node: decision.node, isTrue: truth))
    } catch {
      return false
    }
    if case .satisfiable = solver.ask(query.text) { return true }
    return false
  }

  /// Whether contents drawn by chance, of which nothing but the path is asked, decide so.
  private func isDrawn(
    _ decision: rk_decision, _ truth: Bool, on path: [QueryText.Condition]
  ) -> Bool {
    guard ranges.isEmpty else { return false }
    var conditions = path + [.init(node: decision.node, isTrue: truth)]
    var node = decision.under
    while node != 0 {
      let entry = graph.pointee.nodes[Int(node)]
      conditions.append(.init(node: entry.b, isTrue: rk_extra(graph, node) == 0))
      node = entry.a
    }
    return values.all().contains { GraphValues.holds(conditions, in: $0) }
  }

  /// Of a comparison of floating values, whether one of them depends on floating data; nil for others.
  private func isFloatingData(_ root: UInt32) -> Bool? {
    var comparison = root
    if rk_op(graph, root) == RK_NODE_ZERO { comparison = rk_operand(graph, root, 0) }
    guard [RK_NODE_FEQ, RK_NODE_FLT, RK_NODE_FLE].contains(rk_op(graph, comparison)) else {
      return nil
    }
    var seen: Set<UInt32> = [comparison]
    var open = [comparison]
    while let node = open.popLast() {
      switch rk_op(graph, node) {
      case RK_NODE_LEAF, RK_NODE_CALL: return true
      case RK_NODE_SITOF, RK_NODE_UITOF: continue
      default: break
      }
      for index in 0..<rk_operand_count(graph, node) {
        let operand = rk_operand(graph, node, index)
        if seen.insert(operand).inserted { open.append(operand) }
      }
    }
    return false
  }
}
