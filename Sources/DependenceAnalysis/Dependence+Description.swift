import IslBindings
import KernelModel

extension DependenceSet {
  /// The dependence as a value: object, direction and distance vectors.
  func describe(_ dependence: DependenceRelation) -> Dependence {
    let common = model.commonDepth(dependence.source, dependence.sink)
    let labels = dependence.source.loops.prefix(common).map { model.loops[$0].label }
    var directions: [Direction] = []
    var distances: [Int?] = []
    for depth in 0..<common {
      let (direction, distance) = sign(dependence, depth)
      directions.append(direction)
      distances.append(distance)
    }
    return Dependence(
      kind: dependence.kind, object: objectName(dependence),
      source: reference(dependence.source), sink: reference(dependence.sink), loops: labels,
      directions: directions, distances: distances,
      carrier: dependence.level < common ? labels[dependence.level] : nil,
      reduction: dependence.reduction, missingFacts: dependence.missingFacts)
  }

  func reference(_ statement: PolyhedralStatement) -> StatementReference {
    StatementReference(
      index: statement.index, origin: statement.source.origin,
      loops: statement.loops.map { model.loops[$0].label })
  }

  /// Direction and, when it is one constant, distance in the common loop of the given depth.
  /// What isl does not answer within its limit is any direction.
  func sign(_ dependence: DependenceRelation, _ depth: Int) -> (Direction, Int?) {
    if depth < dependence.level { return (.equal, 0) }
    do throws(IslError) {
      let differences = try differences(dependence, depth)
      let low = try differences.minimum(ofDimension: 0)
      let high = try differences.maximum(ofDimension: 0)
      let distance: Int?
      if case .value(let a) = low, low == high { distance = a } else { distance = nil }
      return (Self.direction(low, high), distance)
    } catch {
      return (depth == dependence.level ? .less : .any, nil)
    }
  }

  private func differences(
    _ dependence: DependenceRelation, _ depth: Int
  ) throws(IslError) -> IntegerSet {
    let source = try model.relation(
      "\(model.tuple(dependence.source, "i")) -> [i\(depth)]")
    let sink = try model.relation("\(model.tuple(dependence.sink, "i")) -> [i\(depth)]")
    return try source.inverse().composed(with: dependence.pairs.relation).composed(with: sink)
      .deltas()
  }

  private static func direction(_ low: Optimum, _ high: Optimum) -> Direction {
    let atLeast: Int? = if case .value(let value) = low { value } else { nil }
    let atMost: Int? = if case .value(let value) = high { value } else { nil }
    if atLeast == 0, atMost == 0 { return .equal }
    if let atLeast, atLeast > 0 { return .less }
    if let atMost, atMost < 0 { return .greater }
    if atLeast == 0 { return .lessOrEqual }
    if atMost == 0 { return .greaterOrEqual }
    return .any
  }

  /// The object as the source names it.
  func objectName(_ dependence: DependenceRelation) -> String {
    let a = name(dependence.sourceAccess)
    let b = name(dependence.sinkAccess)
    if let a, let b { return a == b ? a : "\(a) and \(b)" }
    return a ?? b ?? "memory"
  }

  private func name(_ access: Access) -> String? {
    guard let path = access.location.object.path else { return nil }
    return model.function.name(of: path)
  }
}

extension Function {
  /// A path in C's notation.
  func name(of path: ObjectPath) -> String {
    var text = symbols[path.base]?.name ?? "?"
    var type = symbols[path.base]?.type
    for field in path.fields {
      text += type?.isPointer == true ? "->\(field)" : ".\(field)"
      type = self.type(of: ObjectPath(path.base, fields: [field]))
    }
    return text
  }
}
