import IslBindings
import KernelModel

extension DependenceSet {
  /// The original order as time vectors: textual positions and loop positions in turn.
  func originalTimes() -> [Int: [TimeExpression]] {
    Dictionary(
      uniqueKeysWithValues: model.statements.map { ($0.index, originalTime($0)) })
  }

  func originalTime(_ statement: PolyhedralStatement) -> [TimeExpression] {
    var time: [TimeExpression] = []
    for (depth, loop) in statement.loops.enumerated() {
      time.append(.constant(statement.positions[depth]))
      time.append(.position(model.loops[loop].label))
    }
    time.append(.constant(statement.positions[statement.loops.count]))
    return time
  }

  /// The first dependence whose sink the schedule does not place after its source.
  func firstViolation(
    of schedule: Schedule, ignoring isIgnored: (DependenceRelation) -> Bool = { _ in false }
  ) throws(IslError) -> DependenceRelation? {
    try violations(of: schedule, limit: 1, ignoring: isIgnored).first
  }

  func violations(
    of schedule: Schedule, limit: Int, ignoring isIgnored: (DependenceRelation) -> Bool
  ) throws(IslError) -> [DependenceRelation] {
    var found: [DependenceRelation] = []
    let original = originalTimes()
    for dependence in all where !isIgnored(dependence) {
      let before = original[dependence.from.statement] ?? []
      let after = original[dependence.to.statement] ?? []
      let source = schedule.times[dependence.from.statement] ?? before
      let sink = schedule.times[dependence.to.statement] ?? after
      if source == before, sink == after, !schedule.runsInLockstep { continue }
      let equalIsFine =
        schedule.runsInLockstep && dependence.kind == .anti
        && dependence.source.opaqueReason == nil
      guard
        let body = notAfter(
          dependence.source, source, dependence.sink, sink, orEqual: !equalIsFine)
      else { continue }
      let tuples = model.tuple(dependence.source, "i") + " -> " + model.tuple(dependence.sink, "o")
      let reversed = try model.relation("\(tuples) : \(body)")
      if try model.intersection(dependence.pairs, reversed).isEmpty { continue }
      found.append(dependence)
      if found.count == limit { break }
    }
    return found
  }

  /// That the sink's time is before the source's (or equal); nil when it never is.
  private func notAfter(
    _ source: PolyhedralStatement, _ sourceTime: [TimeExpression],
    _ sink: PolyhedralStatement, _ sinkTime: [TimeExpression], orEqual: Bool
  ) -> String? {
    var cases: [String] = []
    var prefix: [String] = []
    for position in 0..<max(sourceTime.count, sinkTime.count) {
      let a = position < sourceTime.count ? sourceTime[position] : .constant(0)
      let b = position < sinkTime.count ? sinkTime[position] : .constant(0)
      if case .constant(let x) = a, case .constant(let y) = b {
        if x == y { continue }
        if y < x { cases.append(conjunction(prefix)) }
        return cases.isEmpty ? nil : cases.joined(separator: " or ")
      }
      guard let x = text(a, source, "i"), let y = text(b, sink, "o") else { return "true" }
      cases.append(conjunction(prefix + ["\(y) < \(x)"]))
      prefix.append("\(y) = \(x)")
    }
    if orEqual { cases.append(conjunction(prefix)) }
    return cases.isEmpty ? nil : cases.joined(separator: " or ")
  }

  private func conjunction(_ parts: [String]) -> String {
    parts.isEmpty ? "true" : "(" + parts.joined(separator: " and ") + ")"
  }

  /// The expression in isl's notation; nil when it is not affine, which the caller takes as unknown.
  private func text(
    _ time: TimeExpression, _ statement: PolyhedralStatement, _ letter: String
  ) -> String? {
    let dimensions = model.dimensions(statement, letter)
    switch time {
    case .constant(let value): return "\(value)"
    case .position(let label):
      return loop(label, around: statement).flatMap { dimensions[$0.id] }
    case .block(let label, let size):
      guard size > 0, let loop = loop(label, around: statement), let name = dimensions[loop.id],
        let start = model.notation.text(loop.start, dimensions)
      else { return nil }
      return "floor((\(name) - \(start)) / \(size))"
    case .sum(let a, let b):
      guard let x = text(a, statement, letter), let y = text(b, statement, letter) else {
        return nil
      }
      return "(\(x) + \(y))"
    case .scaled(let factor, let a):
      return text(a, statement, letter).map { "(\(factor) * \($0))" }
    }
  }

  func loop(_ label: LoopLabel, around statement: PolyhedralStatement) -> LoopInstance? {
    statement.loops.map { model.loops[$0] }.last { $0.label == label }
  }
}
