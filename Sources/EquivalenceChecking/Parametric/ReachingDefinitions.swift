import IslBindings

/// For every cell that a program reads, the statement instance that has stored to it last.
///
/// Source: Feautrier, "Dataflow analysis of array and scalar references" (IJPP 1991), computed by
/// isl's flow analysis on the execution order of the text.
final class ReachingDefinitions {
  let program: AffineProgram
  let space: ParameterSpace
  private let prefix: String
  private let coordinates: CellShape
  private var schedule: UnionRelation?
  private var writes: [ObjectIdentifier: [(Int, Relation)]] = [:]
  private var instances: [Int: IntegerSet] = [:]
  private var sources: [Reader: Sources] = [:]

  private struct Reader: Hashable {
    var statement: Int
    var node: ObjectIdentifier
  }

  /// Where the value of a read comes from: from the instances of statements, each as a relation
  /// from readers to writers, or from before the call, as a relation from readers to cells.
  struct Sources {
    var writers: [(statement: Int, relation: Relation)] = []
    var initial: Relation
  }

  init(_ program: AffineProgram, _ space: ParameterSpace, prefix: String) throws {
    self.program = program
    self.space = space
    self.prefix = prefix
    coordinates = CellShape(space: space)
    for statement in program.statements {
      let relation = try relation(statement.target, in: statement)
      writes[ObjectIdentifier(statement.target.object), default: []].append(
        (statement.number, relation))
    }
  }

  /// The vectors of counters for which a statement is executed.
  func instances(of statement: AffineStatement) throws -> IntegerSet {
    if let known = instances[statement.number] { return known }
    let set = try statement.domain.intersection(space.shape).coalesced()
      .vectors(of: statement.counters, named: statement.name)
    instances[statement.number] = set
    return set
  }

  /// The relation from instances to the cell that they access.
  func relation(_ access: CellAccess, in statement: AffineStatement) throws -> Relation {
    let values = try coordinates.coordinates(access, in: statement)
    return try Relation.values(
      of: values, over: statement.counters, source: statement.name, image: access.object.name,
      space.context
    ).restricted(
      toDomain: statement.domain.intersection(access.domain).intersection(space.shape).coalesced()
        .vectors(of: statement.counters, named: statement.name)
    ).coalesced()
  }

  /// The cells of an object that the program stores to; nil for none.
  func written(_ object: MemoryObject, unguardedOnly: Bool = false) throws -> IntegerSet? {
    var all: IntegerSet?
    for (number, relation) in writes[ObjectIdentifier(object)] ?? [] {
      if unguardedOnly, program.statements[number].isGuarded { continue }
      let cells = try relation.range()
      all = try all?.union(cells) ?? cells
    }
    return try all?.coalesced()
  }

  /// The sources of a read.
  func sources(of node: OperationNode, _ access: CellAccess, in statement: AffineStatement) throws
    -> Sources
  {
    let reader = Reader(statement: statement.number, node: node.identity)
    if let known = sources[reader] { return known }
    let made = try sources(
      relation(access, in: statement), access.object, at: statement.positions,
      statement.counters, statement.name)
    sources[reader] = made
    return made
  }

  /// The last writers of the cells of an object at the end of the call, from cells to instances.
  func last(_ object: MemoryObject) throws -> Sources? {
    guard let cells = try written(object) else { return nil }
    let name = "\(prefix)end"
    let count = cells.dimensionCount
    let list = (0..<count).map { "e\($0)" }.joined(separator: ", ")
    let rename = try Relation(
      space.context, parsing: "{ \(object.name)[\(list)] -> \(name)[\(list)] }")
    let sink = try rename.restricted(toDomain: cells).inverse()
    let end = (program.statements.map(\.positions[0]).max() ?? 0) + 1
    var sources = try sources(
      sink, object, at: [end], (0..<count).map { "e\($0)" }, name, isEnd: true)
    // Readers are the cells themselves.
    let back = try rename.inverse()
    sources.writers = try sources.writers.map {
      ($0.statement, try $0.relation.changingDomain(by: back))
    }
    sources.initial = try sources.initial.changingDomain(by: back)
    return sources
  }

  private func sources(
    _ sink: Relation, _ object: MemoryObject, at positions: [Int], _ counters: [String],
    _ name: String, isEnd: Bool = false
  ) throws -> Sources {
    var result = Sources(initial: sink)
    let writers = writes[ObjectIdentifier(object)] ?? []
    guard !writers.isEmpty else { return result }
    let steps = isEnd ? [] : counters
    var order = try UnionRelation(
      space.context, parsing: time(name, counters, steps, positions))
    var all: UnionRelation?
    for (number, relation) in writers {
      let statement = program.statements[number]
      if statement.name != name {
        order = try order.union(
          UnionRelation(
            space.context,
            parsing: time(
              statement.name, statement.counters, statement.counters, statement.positions)))
      }
      let one = try UnionRelation(relation)
      all = try all?.union(one) ?? one
    }
    guard let all else { return result }
    let nothing = try UnionRelation(space.context, parsing: "{ }")
    let flow = try Flow.compute(
      sinks: UnionRelation(sink), mustSources: all, maySources: nothing, schedule: order)
    var rest = try sink.domain()
    for part in try flow.must.parts() where try !part.isEmpty() {
      guard let writer = part.sourceName,
        let statement = program.statements.first(where: { $0.name == writer })
      else { throw Unproved("a dependence on a statement that is not known") }
      let relation = try part.inverse().coalesced()
      result.writers.append((statement.number, relation))
      rest = try rest.subtracting(relation.domain())
    }
    result.initial = try sink.restricted(toDomain: rest.coalesced())
    return result
  }

  /// The time at which instances are executed, as a relation in isl's notation.
  private func time(_ name: String, _ counters: [String], _ steps: [String], _ positions: [Int])
    -> String
  {
    var times: [String] = []
    for level in 0...max(program.depth, steps.count) {
      times.append(level < positions.count ? "\(positions[level])" : "0")
      times.append(level < steps.count ? steps[level] : "0")
    }
    let source = "\(name)[\(counters.joined(separator: ", "))]"
    return "{ \(source) -> [\(times.joined(separator: ", "))] }"
  }
}
