import KernelModel

/// The canonical order of a perfect nest's loops.
///
/// The cost of a loop is the sum, over the array and pointer accesses of the body, of the bytes by
/// which one step of the loop moves the access, at most a cache line of 64 for each: 0 for an
/// invariant access, 64 for a stride that is not constant. The loop of least cost comes innermost,
/// then the next; equal costs keep the order of the source.
struct StrideOrder {
  private static let line = 64
  private let labels: [LoopLabel]
  private let costs: [LoopLabel: Int]

  init(_ nest: [Loop], _ function: Function) {
    labels = nest.map(\.label)
    let body = nest[nest.count - 1].body
    var costs: [LoopLabel: Int] = [:]
    for loop in nest {
      guard let header = loop.counted else { continue }
      costs[loop.label] = Self.cost(of: header, in: body, function)
    }
    self.costs = costs
  }

  /// Orders that come before the present one, best first.
  var betterOrders: [[LoopLabel]] {
    let present = key(labels)
    return permutations(labels).map { (order: $0, key: key($0)) }
      .filter { $0.key.lexicographicallyPrecedes(present) }
      .sorted { $0.key.lexicographicallyPrecedes($1.key) }
      .map(\.order)
  }

  /// Costs from the innermost loop outward, then the places in the source.
  private func key(_ order: [LoopLabel]) -> [Int] {
    order.reversed().map { costs[$0] ?? 0 } + order.map { labels.firstIndex(of: $0) ?? 0 }
  }

  private func permutations(_ items: [LoopLabel]) -> [[LoopLabel]] {
    guard items.count > 1 else { return [items] }
    return items.indices.flatMap { index -> [[LoopLabel]] in
      var rest = items
      let first = rest.remove(at: index)
      return permutations(rest).map { [first] + $0 }
    }
  }

  private static func cost(of header: CountedHeader, in body: Stmt, _ function: Function) -> Int {
    var total = 0
    func visit(_ expr: Expr) {
      switch expr.kind {
      case .subscriptOf, .unary(.dereference, _):
        total += stride(of: expr, header, function)
        for index in expr.indices { visit(index) }
      default: for child in expr.children { visit(child) }
      }
    }
    body.walk { statement in for expr in statement.expressions { visit(expr) } }
    return total
  }

  /// Bytes by which one step moves the access.
  private static func stride(of access: Expr, _ header: CountedHeader, _ function: Function) -> Int
  {
    let variable = header.variable
    guard access.mentionedVariables.contains(variable) else { return 0 }
    var moved = 0
    var place = access
    while true {
      switch place.kind {
      case .subscriptOf(let base, let index):
        let form = LinearForm(index, facts: .ignoringWrapping)
        if form.mentions(variable) {
          guard form.isLinear(in: variable), let size = function.size(of: place.type) else {
            return line
          }
          moved += form.coefficient(of: variable) * header.step * size
        }
        place = base
      case .member(let base, _, _): place = base
      case .variable: return min(line, abs(moved))
      default: return place.mentionedVariables.contains(variable) ? line : min(line, abs(moved))
      }
    }
  }
}

extension Expr {
  /// The index expressions of a chain of subscripts and members.
  fileprivate var indices: [Expr] {
    switch kind {
    case .subscriptOf(let base, let index): base.indices + [index]
    case .member(let base, _, _): base.indices
    case .unary(.dereference, let operand): [operand]
    default: []
    }
  }
}

extension Function {
  /// The size of a type in bytes where it is constant.
  fileprivate func size(of type: CType) -> Int? {
    switch type.canonical {
    case .integer(let integer): return max(1, integer.width / 8)
    case .floating(let floating): return floating.size
    case .pointer: return 8
    case .record(let reference): return records[reference]?.size
    case .array(let array):
      guard case .constant(let count) = array.bound else { return nil }
      return size(of: array.element).map { $0.multipliedReportingOverflow(by: count).partialValue }
    default: return nil
    }
  }
}
