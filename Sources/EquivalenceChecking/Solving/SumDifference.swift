import JudgeKernels

/// The difference of two sums as terms, and its parts that have no input in common.
struct SumDifference {
  struct Term: Hashable {
    var coefficient: UInt64
    var node: UInt32
  }
  private(set) var constant: UInt64 = 0
  private(set) var terms: [Term] = []
  private let graph: UnsafeMutablePointer<rk_graph>

  /// `a - b` modulo 2^width; a node that is no sum is a sum of itself.
  init(
    _ graph: UnsafeMutablePointer<rk_graph>, _ a: UInt32, _ b: UInt32,
    _ resolved: (UInt32) -> UInt32
  ) {
    self.graph = graph
    let mask = rk_mask(rk_width(graph, a))
    var coefficients: [UInt32: UInt64] = [:]
    for (node, sign) in [(a, UInt64(1)), (b, UInt64.max)] {
      guard rk_op(graph, node) == RK_NODE_LINEAR, let words = rk_list(graph, node) else {
        coefficients[node, default: 0] &+= sign
        continue
      }
      constant = constant &+ sign &* words[0]
      for index in stride(from: 1, to: rk_list_count(graph, node), by: 2) {
        coefficients[resolved(UInt32(words[index + 1])), default: 0] &+= sign &* words[index]
      }
    }
    terms = coefficients.filter { $0.value & mask != 0 }
      .map { Term(coefficient: $0.value & mask, node: $0.key) }
      .sorted { $0.node < $1.node }
  }

  /// Terms that share a leaf, directly or through others, stand together. Nil when a term is too large.
  func parts(_ cone: (UInt32) -> Set<UInt32>?) -> [[Term]]? {
    var owner: [UInt32: Int] = [:]
    var parent = Array(terms.indices)
    func root(_ index: Int) -> Int {
      var index = index
      while parent[index] != index { index = parent[index] }
      return index
    }
    for (index, term) in terms.enumerated() {
      guard let nodes = cone(term.node) else { return nil }
      for node in nodes where rk_op(graph, node) == RK_NODE_LEAF {
        if let other = owner[node] {
          let (a, b) = (root(other), root(index))
          parent[max(a, b)] = min(a, b)
        }
        owner[node] = index
      }
    }
    return Dictionary(grouping: terms.indices) { root($0) }
      .sorted { $0.key < $1.key }.map { $0.value.map { terms[$0] } }
  }
}

extension QueryText {
  mutating func assertSum(of terms: [SumDifference.Term], isNot value: UInt64, width: UInt32)
    throws(Untranslatable)
  {
    // What is taken off stands on the other side: solvers find it easier to compare two sums.
    let half = rk_mask(width) >> 1
    var sides: [[String]] = [[], [Self.number(value, width)]]
    for term in terms {
      let isNegative = term.coefficient > half
      let factor = isNegative ? 0 &- term.coefficient : term.coefficient
      sides[isNegative ? 1 : 0].append(scaled(try name(term.node), factor, width))
    }
    let sums = sides.map { side in
      side.isEmpty
        ? Self.number(0, width)
        : side.count == 1 ? side[0] : "(bvadd \(side.joined(separator: " ")))"
    }
    assert("(distinct \(sums[0]) \(sums[1]))")
  }
}
