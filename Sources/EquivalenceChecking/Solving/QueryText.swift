import JudgeKernels

/// A question about nodes of a graph in SMT-LIB 2, at exact bit width.
///
/// Integers are bit-vectors. Operations on floating values are functions of their operands' bits about
/// which nothing else is known, so that a question without a model holds of them too. The text names
/// nodes in the order in which they are met, and leaves likewise: questions of one shape have one
/// text whatever cells they are about.
struct QueryText {
  /// Why a node cannot be written.
  struct Untranslatable: Error { var reason: String }

  /// A condition and its truth.
  struct Condition: Hashable {
    var node: UInt32
    var isTrue: Bool
  }

  let graph: UnsafeMutablePointer<rk_graph>
  /// Nodes that stand for any value: what they are made of is not told.
  var cuts: [UInt32: UInt32] = [:]
  var nodeLimit = 4000
  /// What is known of leaves; nothing where it is nil.
  var ranges: ContentRanges?
  private(set) var leaves: [String: UInt32] = [:]
  private var names: [UInt32: String] = [:]
  private var functions: [String: String] = [:]
  private var declarations: [String] = []
  private var definitions: [String] = []
  private var assertions: [String] = []

  init(_ graph: UnsafeMutablePointer<rk_graph>, ranges: ContentRanges? = nil) {
    self.graph = graph
    self.ranges = ranges
  }

  var text: String {
    (declarations + definitions + assertions.map { "(assert \($0))" }).joined(separator: "\n")
  }

  mutating func assert(_ formula: String) { assertions.append(formula) }

  mutating func assert(_ condition: Condition) throws(Untranslatable) {
    assert(try formula(condition))
  }

  mutating func formula(_ condition: Condition) throws(Untranslatable) -> String {
    let name = try self.name(condition.node)
    let zero = Self.number(0, rk_width(graph, condition.node))
    return condition.isTrue ? "(distinct \(name) \(zero))" : "(= \(name) \(zero))"
  }

  static func number(_ bits: UInt64, _ width: UInt32) -> String {
    "(_ bv\(bits & rk_mask(width)) \(width))"
  }

  func width(_ node: UInt32) -> UInt32 { rk_width(graph, node) }

  /// The name of a node's value; defines what it is made of before.
  mutating func name(_ root: UInt32) throws(Untranslatable) -> String {
    var open: [(node: UInt32, isReady: Bool)] = [(root, false)]
    while let (node, isReady) = open.popLast() {
      if names[resolved(node)] != nil { continue }
      if isReady {
        try define(node)
        continue
      }
      open.append((node, true))
      if cuts[node] != nil { continue }
      guard open.count < 4 * nodeLimit else { throw Untranslatable(reason: "too many operations") }
      for index in (0..<rk_operand_count(graph, node)).reversed() {
        open.append((rk_operand(graph, node, index), false))
      }
    }
    return names[resolved(root)] ?? ""
  }

  private func resolved(_ node: UInt32) -> UInt32 { cuts[node] ?? node }

  private mutating func define(_ node: UInt32) throws(Untranslatable) {
    let width = rk_width(graph, node)
    if cuts[node] != nil || rk_op(graph, node) == RK_NODE_LEAF {
      // Node 1 stands for whatever a full graph could not hold.
      guard node != 1 else { throw Untranslatable(reason: "the graph is full") }
      let name = "v\(leaves.count)"
      leaves[name] = resolved(node)
      names[resolved(node)] = name
      declarations.append("(declare-const \(name) (_ BitVec \(width)))")
      if cuts[node] == nil,
        let known = ranges?.assertion(graph.pointee.nodes[Int(node)], width: width, name: name)
      {
        assert(known)
      }
      return
    }
    if rk_op(graph, node) == RK_NODE_CONSTANT {
      names[node] = Self.number(rk_constant_bits(graph, node), width)
      return
    }
    guard definitions.count < nodeLimit else { throw Untranslatable(reason: "too many operations") }
    let name = "n\(definitions.count)"
    let term = try term(node)
    names[node] = name
    definitions.append("(define-fun \(name) () (_ BitVec \(width)) \(term))")
  }

  /// A function about which nothing is known, declared when it is first met.
  mutating func function(_ name: String, _ arguments: [UInt32], _ result: String) -> String {
    if functions[name] == nil {
      functions[name] = result
      let types = arguments.map { "(_ BitVec \($0))" }.joined(separator: " ")
      declarations.append("(declare-fun \(name) (\(types)) \(result))")
    }
    return name
  }

  /// The names of a node's operands, which are there.
  func operands(_ node: UInt32) -> [String] {
    (0..<rk_operand_count(graph, node)).map {
      names[resolved(rk_operand(graph, node, $0))] ?? ""
    }
  }
}
