import JudgeKernels

/// Values of all nodes for several contents: nodes that differ are told apart without a solver, and
/// those that do not are worth asking about.
final class GraphValues {
  private let graph: UnsafeMutablePointer<rk_graph>
  private let seed: UInt64
  private var vectors: [[UInt64]] = []
  private(set) var signatures: [UInt64] = []
  /// Contents that a solver found, which stay when the graph grows.
  private var given: [[UInt32: UInt64]] = []

  private static let draws = [
    RK_DRAW_ZERO, RK_DRAW_SMALL, RK_DRAW_EDGE, RK_DRAW_NUMBER, RK_DRAW_ANY, RK_DRAW_SPARSE,
    RK_DRAW_EDGE, RK_DRAW_ANY, RK_DRAW_NUMBER, RK_DRAW_SMALL,
  ]
  private static let mostGiven = 24
  /// Above so many nodes fewer contents are drawn.
  private static let manyNodes = 1 << 18

  init(_ graph: UnsafeMutablePointer<rk_graph>, seed: UInt64) {
    self.graph = graph
    self.seed = seed
  }

  /// Keeps contents for later questions.
  func add(_ leaves: [UInt32: UInt64]) {
    guard given.count < Self.mostGiven else { return }
    given.append(leaves)
    vectors = []
  }

  /// One value of every node for each content.
  func all() -> [[UInt64]] {
    let count = Int(graph.pointee.count)
    if let first = vectors.first, first.count == count { return vectors }
    let draws = count > Self.manyNodes ? Array(Self.draws.prefix(4)) : Self.draws
    vectors = draws.enumerated().map { values(seed &+ UInt64($0.offset), $0.element, [:]) }
    vectors += given.map { values(seed, RK_DRAW_ZERO, $0) }
    signatures = [UInt64](repeating: 0, count: count)
    for vector in vectors { rk_mix_signatures(graph, vector, &signatures) }
    return vectors
  }

  /// The values that contents give; leaves that are not among them are drawn.
  func values(_ seed: UInt64, _ draw: rk_draw, _ leaves: [UInt32: UInt64]) -> [UInt64] {
    var values = [UInt64](repeating: 0, count: Int(graph.pointee.count))
    rk_draw_leaves(graph, seed, draw, &values)
    for (leaf, bits) in leaves where Int(leaf) < values.count { values[Int(leaf)] = bits }
    rk_evaluate(graph, &values)
    return values
  }

  /// The leaves' values in a vector.
  func leaves(of vector: [UInt64]) -> [UInt32: UInt64] {
    var leaves: [UInt32: UInt64] = [:]
    for node in 2..<UInt32(vector.count) where rk_op(graph, node) == RK_NODE_LEAF {
      leaves[node] = vector[Int(node)]
    }
    return leaves
  }

  /// Whether two values are no NaN and differ.
  static func differ(_ a: UInt64, _ b: UInt64, _ width: UInt32) -> Bool {
    a != b && !(rk_is_nan(a, width) != 0 && rk_is_nan(b, width) != 0)
  }

  static func holds(_ conditions: [QueryText.Condition], in vector: [UInt64]) -> Bool {
    conditions.allSatisfy { (vector[Int($0.node)] != 0) == $0.isTrue }
  }
}
