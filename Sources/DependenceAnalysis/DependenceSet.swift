import IslBindings
import KernelModel

/// One dependence at one level, with its pairs of instances.
struct DependenceRelation {
  let source: PolyhedralStatement
  let sink: PolyhedralStatement
  let kind: Dependence.Kind
  let sourceAccess: Access
  let sinkAccess: Access
  /// Depth of the carrying loop among the common loops; their number for pairs in one iteration.
  let level: Int
  let pairs: Pairs
  let missingFacts: [Fact]
  let reduction: Reduction?
}

/// All memory-based dependences of a region.
struct DependenceSet {
  let model: PolyhedralModel
  private(set) var all: [DependenceRelation] = []

  init(_ model: PolyhedralModel) throws(IslError) {
    self.model = model
    model.nameParameters()
    for statement in model.statements { _ = try model.domain(statement) }
    for statement in model.statements {
      for access in statement.accesses {
        _ = try model.accessRelation(
          statement, access, rank: access.location.indices.count)
      }
    }
    for first in model.statements {
      for second in model.statements where second.index >= first.index {
        try collect(first, second)
      }
    }
  }

  private mutating func collect(
    _ first: PolyhedralStatement, _ second: PolyhedralStatement
  ) throws(IslError) {
    for a in first.accesses {
      for b in second.accesses where a.isWrite || b.isWrite {
        guard let (pairs, facts) = try model.conflicts(first, a, second, b), !pairs.isEmpty
        else { continue }
        try add(first, a, second, b, pairs, facts)
        if first.index != second.index {
          try add(second, b, first, a, try model.inverse(pairs), facts)
        }
      }
    }
  }

  private mutating func add(
    _ source: PolyhedralStatement, _ a: Access, _ sink: PolyhedralStatement, _ b: Access,
    _ pairs: Pairs, _ facts: [Fact]
  ) throws(IslError) {
    for level in 0...model.commonDepth(source, sink) {
      guard let order = try model.order(source, sink, level: level) else { continue }
      let ordered = try model.intersection(pairs, order)
      if ordered.isEmpty { continue }
      all.append(
        DependenceRelation(
          source: source, sink: sink,
          kind: a.isWrite ? (b.isWrite ? .output : .flow) : .anti, sourceAccess: a, sinkAccess: b,
          level: level, pairs: ordered, missingFacts: facts,
          reduction: reduction(source, a, sink, b)))
    }
  }

  /// Both ends update one accumulator in the same way, and nothing but its address is shared.
  private func reduction(
    _ source: PolyhedralStatement, _ a: Access, _ sink: PolyhedralStatement, _ b: Access
  ) -> Reduction? {
    guard let x = source.reduction, let y = sink.reduction,
      x.reduction == y.reduction, a.location == x.target, b.location == y.target,
      a.location.object == b.location.object, x.target.isFullyKnown, y.target.isFullyKnown
    else { return nil }
    return x.reduction
  }
}
