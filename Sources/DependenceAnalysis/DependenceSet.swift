import IslBindings
import KernelModel

/// An access of a statement, both by their places in the model.
struct AccessPlace: Hashable {
  let statement: Int
  let access: Int
}

/// One dependence at one level, with its pairs of instances. Unrolled bodies have as many of them as
/// pairs of accesses, so that statements and accesses stay in the model.
struct DependenceRelation {
  let model: PolyhedralModel
  let from: AccessPlace
  let to: AccessPlace
  /// Depth of the carrying loop among the common loops; their number for pairs in one iteration.
  let level: Int
  let pairs: Pairs
  let missingFacts: [Fact]
  let reduction: Reduction?

  var source: PolyhedralStatement { model.statements[from.statement] }
  var sink: PolyhedralStatement { model.statements[to.statement] }
  var sourceAccess: Access { model.statements[from.statement].accesses[from.access] }
  var sinkAccess: Access { model.statements[to.statement].accesses[to.access] }

  var kind: Dependence.Kind {
    guard model.statements[from.statement].accesses[from.access].isWrite else { return .anti }
    return model.statements[to.statement].accesses[to.access].isWrite ? .output : .flow
  }
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
    for first in model.statements.indices {
      for second in first..<model.statements.count { try collect(first, second) }
    }
  }

  private mutating func collect(_ first: Int, _ second: Int) throws(IslError) {
    let (source, sink) = (model.statements[first], model.statements[second])
    for (i, a) in source.accesses.enumerated() {
      for (k, b) in sink.accesses.enumerated() where a.isWrite || b.isWrite {
        guard let (pairs, facts) = try model.conflicts(source, a, sink, b), !pairs.isEmpty
        else { continue }
        let (from, to) = (
          AccessPlace(statement: first, access: i), AccessPlace(statement: second, access: k)
        )
        let reduction = reduction(source, a, sink, b)
        try add(from, to, pairs, facts, reduction)
        if first != second {
          try add(to, from, try model.inverse(pairs), facts, reduction)
        }
      }
    }
  }

  private mutating func add(
    _ from: AccessPlace, _ to: AccessPlace, _ pairs: Pairs, _ facts: [Fact],
    _ reduction: Reduction?
  ) throws(IslError) {
    let (source, sink) = (model.statements[from.statement], model.statements[to.statement])
    for level in 0...model.commonDepth(source, sink) {
      guard let order = try model.order(source, sink, level: level) else { continue }
      let ordered = try model.intersection(pairs, order)
      if ordered.isEmpty { continue }
      all.append(
        DependenceRelation(
          model: model, from: from, to: to, level: level, pairs: ordered, missingFacts: facts,
          reduction: reduction))
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
