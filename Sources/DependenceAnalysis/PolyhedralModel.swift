import IslBindings
import KernelModel

/// The region in isl: domains, access relations and original order.
///
/// Statements have no names in isl: unrolled bodies hold many that run for the same instances and touch
/// the same elements, and what isl says of one pair of them it says of all. Every relation is made
/// once for its text, and every intersection and composition once for its operands.
final class PolyhedralModel {
  let function: Function
  let loops: [LoopInstance]
  let statements: [PolyhedralStatement]
  let context: Context
  let notation: IslNotation
  /// Conditions on parameters alone.
  let contextConditions: [Condition]
  let oracle: AliasOracle
  let preconditions: [Fact]
  private var domains: [String: IntegerSet] = [:]
  private var domainTexts: [Int: String] = [:]
  private var relations: [AccessKey: AccessRelation] = [:]
  private var relationsByText: [String: AccessRelation] = [:]
  private var parsed: [String: Relation] = [:]
  private var compositions: [RelationPair: Pairs] = [:]
  private var intersections: [RelationPair: Pairs] = [:]
  private var inverses: [ObjectIdentifier: Pairs] = [:]

  private struct AccessKey: Hashable {
    let statement: Int
    let access: Access
    let rank: Int
  }

  private struct RelationPair: Hashable {
    let first: ObjectIdentifier
    let second: ObjectIdentifier
  }

  init(_ extractor: Extractor, statements: [PolyhedralStatement], context: Context) {
    function = extractor.function
    loops = extractor.loops
    self.statements = statements
    self.context = context
    notation = IslNotation(varies: extractor.varies)
    contextConditions = extractor.contextConditions + extractor.typeConditions
    preconditions = extractor.preconditions
    let firstUnknown = extractor.firstUnknownOfRegion
    oracle = AliasOracle(
      function: function, aliasing: extractor.aliasing, shared: extractor.shared,
      disjoint: extractor.disjointObjects,
      varies: { if case .unknown(let number) = $0 { number >= firstUnknown } else { false } })
  }

  // MARK: Notation

  /// Names of a statement's dimensions: `i0, i1, …` on the left, `o0, o1, …` on the right.
  func dimensions(_ statement: PolyhedralStatement, _ letter: String) -> [Int: String] {
    Dictionary(
      uniqueKeysWithValues: statement.loops.enumerated().map { ($1, "\(letter)\($0)") })
  }

  func tuple(_ statement: PolyhedralStatement, _ letter: String) -> String {
    let names = statement.loops.indices.map { "\(letter)\($0)" }
    return "[" + names.joined(separator: ", ") + "]"
  }

  /// The relation that `body` spells; equal texts, which many dependences ask for, are read once.
  func relation(_ body: String) throws(IslError) -> Relation {
    let text = "\(notation.header){ \(body) }"
    if let known = parsed[text] { return known }
    let made = try Relation(context, parsing: text)
    parsed[text] = made
    return made
  }

  /// The pairs in both; the operands live as long as this model.
  func intersection(_ pairs: Pairs, _ other: Relation) throws(IslError) -> Pairs {
    let key = RelationPair(
      first: ObjectIdentifier(pairs.relation), second: ObjectIdentifier(other))
    if let known = intersections[key] { return known }
    let made = try Pairs(pairs.relation.intersection(other))
    intersections[key] = made
    return made
  }

  /// The pairs turned round.
  func inverse(_ pairs: Pairs) throws(IslError) -> Pairs {
    let key = ObjectIdentifier(pairs.relation)
    if let known = inverses[key] { return known }
    let made = Pairs(try pairs.relation.inverse(), isEmpty: pairs.isEmpty)
    inverses[key] = made
    return made
  }

  // MARK: Domains

  func domain(_ statement: PolyhedralStatement) throws(IslError) -> IntegerSet {
    let text = "\(notation.header){ \(domainText(statement)) }"
    if let known = domains[text] { return known }
    let set = try IntegerSet(context, parsing: text)
    domains[text] = set
    return set
  }

  private func domainText(_ statement: PolyhedralStatement) -> String {
    if let known = domainTexts[statement.index] { return known }
    let own = notation.affinePart(statement.conditions, dimensions(statement, "i"))
    let around = notation.affinePart(contextConditions, [:])
    let text = "\(tuple(statement, "i")) : \(own) and \(around)"
    domainTexts[statement.index] = text
    return text
  }

  // MARK: Accesses

  /// Makes the texts of all domains and accesses, so that every relation declares the same parameters.
  func nameParameters() {
    for statement in statements {
      _ = domainText(statement)
      for access in statement.accesses {
        _ = accessText(statement, access, rank: access.location.indices.count)
      }
    }
  }

  /// Instance → the first `rank` indices of the element, all that is known of them.
  func accessRelation(
    _ statement: PolyhedralStatement, _ access: Access, rank: Int
  ) throws(IslError) -> AccessRelation {
    let key = AccessKey(statement: statement.index, access: access, rank: rank)
    if let known = relations[key] { return known }
    let text = accessText(statement, access, rank: rank)
    let whole = "\(notation.header)\(text) \(domainText(statement))"
    let made: AccessRelation
    if let known = relationsByText[whole] {
      made = known
    } else {
      made = AccessRelation(try relation(text).restricted(toDomain: domain(statement)))
      relationsByText[whole] = made
    }
    relations[key] = made
    return made
  }

  private func accessText(
    _ statement: PolyhedralStatement, _ access: Access, rank: Int
  ) -> String {
    var dimensions = dimensions(statement, "i")
    for (depth, loop) in access.innerLoops.enumerated() { dimensions[loop] = "e\(depth)" }
    var parts = [notation.affinePart(access.innerConditions, dimensions)]
    let indices = access.location.indices.prefix(rank)
    for (position, index) in indices.enumerated() {
      guard let index, let text = notation.text(index, dimensions) else { continue }
      parts.append("x\(position) = \(text)")
    }
    let outputs = indices.indices.map { "x\($0)" }.joined(separator: ", ")
    let inner = access.innerLoops.indices.map { "e\($0)" }.joined(separator: ", ")
    let constraint = parts.joined(separator: " and ")
    let quantified = inner.isEmpty ? constraint : "exists \(inner) : \(constraint)"
    return "\(tuple(statement, "i")) -> [\(outputs)] : \(quantified)"
  }

  private func composition(
    _ first: AccessRelation, _ second: AccessRelation
  ) throws(IslError) -> Pairs {
    let key = RelationPair(first: ObjectIdentifier(first), second: ObjectIdentifier(second))
    if let known = compositions[key] { return known }
    let made = try Pairs(first.relation.composed(with: second.inverse()))
    compositions[key] = made
    return made
  }

  /// Pairs of instances that touch one element; nil when the accesses never do.
  func conflicts(
    _ first: PolyhedralStatement, _ a: Access, _ second: PolyhedralStatement, _ b: Access
  ) throws(IslError) -> (pairs: Pairs, fact: [Fact])? {
    var rank = 0
    var facts: [Fact] = []
    switch oracle.overlap(a, b) {
    case .never: return nil
    case .possible(let fact): facts = fact.map { [$0] } ?? []
    case .same:
      guard let common = Self.commonRank(a.location, b.location) else { return nil }
      rank = common
      facts = a.missingFacts + b.missingFacts.filter { !a.missingFacts.contains($0) }
    }
    let pairs = try composition(
      accessRelation(first, a, rank: rank), accessRelation(second, b, rank: rank))
    return (pairs, facts)
  }

  /// The number of leading indices that two places of one object have in common; nil when they
  /// part at different fields.
  static func commonRank(_ a: Location, _ b: Location) -> Int? {
    var rank = 0
    for (x, y) in zip(a.components, b.components) {
      switch (x, y) {
      case (.field(let left), .field(let right)): if left != right { return nil }
      case (.index, .index): rank += 1
      default: return rank
      }
    }
    return rank
  }

  // MARK: Order

  func commonDepth(_ a: PolyhedralStatement, _ b: PolyhedralStatement) -> Int {
    zip(a.loops, b.loops).prefix { $0 == $1 }.count
  }

  /// Pairs of which the first comes before the second in the original order, at one level: carried
  /// by the loop of that depth, or within one iteration of all common loops.
  func order(
    _ a: PolyhedralStatement, _ b: PolyhedralStatement, level: Int
  ) throws(IslError) -> Relation? {
    let depth = commonDepth(a, b)
    var parts = (0..<level).map { "i\($0) = o\($0)" }
    if level < depth {
      parts.append("i\(level) < o\(level)")
    } else if !isTextuallyBefore(a, b) {
      return nil
    }
    let constraint = parts.isEmpty ? "true" : parts.joined(separator: " and ")
    return try relation("\(tuple(a, "i")) -> \(tuple(b, "o")) : \(constraint)")
  }

  func isTextuallyBefore(_ a: PolyhedralStatement, _ b: PolyhedralStatement) -> Bool {
    let depth = commonDepth(a, b)
    return a.positions[depth] < b.positions[depth]
  }
}

/// Pairs of instances, and whether there are any.
struct Pairs {
  let relation: Relation
  let isEmpty: Bool

  init(_ relation: Relation) throws(IslError) {
    self.relation = relation
    isEmpty = try relation.isEmpty()
  }

  init(_ relation: Relation, isEmpty: Bool) {
    self.relation = relation
    self.isEmpty = isEmpty
  }
}

/// Instance → element, and its inverse once that has been asked for.
final class AccessRelation {
  let relation: Relation
  private var inverted: Relation?

  init(_ relation: Relation) { self.relation = relation }

  func inverse() throws(IslError) -> Relation {
    if let inverted { return inverted }
    let made = try relation.inverse()
    inverted = made
    return made
  }
}
