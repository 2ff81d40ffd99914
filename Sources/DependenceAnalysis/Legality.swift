import IslBindings
public import KernelModel

/// Answers whether transformations of a function's loops keep every dependence.
///
/// A question is asked about the smallest part of the tree that holds the loops concerned; loops
/// around it, of whatever kind, count as one fixed iteration. Each question returns when the answer
/// is yes and throws an `Obstacle` otherwise; what isl cannot decide within its limit on operations
/// is an obstacle too. Assumptions that every answer rests on: signed integer arithmetic does not
/// overflow, 64-bit subscripts do not wrap, unsigned 32-bit subscripts do not exceed their type.
///
/// Profitability is no concern here. Belongs to one thread at a time.
public final class Legality {
  public let function: Function
  let contract: Contract
  let build: BuildFlags
  let operationLimit: Int
  private var regions: [[Int]: Region] = [:]

  /// - Parameter operationLimit: isl's elementary operations for one region or question.
  public init(
    _ function: Function, contract: Contract, build: BuildFlags, operationLimit: Int = 20_000_000
  ) {
    self.function = function
    self.contract = contract
    self.build = build
    self.operationLimit = operationLimit
  }

  public convenience init(_ kernel: Kernel, operationLimit: Int = 20_000_000) {
    self.init(
      kernel.function, contract: kernel.contract, build: kernel.build,
      operationLimit: operationLimit)
  }

  // MARK: Regions

  func region(around labels: [LoopLabel], common: Bool = false) throws(Obstacle) -> Region {
    var path: [Int]?
    for label in labels {
      guard let own = function.body.path(to: label) else { throw .noLoop(label) }
      path = path.map { commonPrefix($0, own) } ?? own
    }
    return try region(at: path ?? [])
  }

  private func commonPrefix(_ a: [Int], _ b: [Int]) -> [Int] {
    zip(a, b).prefix { $0 == $1 }.map(\.0)
  }

  /// Asks about the smallest region first. Where a subscript could not be split there, the regions
  /// of enclosing loops are asked too: with their iterators as dimensions more strides show. A yes
  /// from any region stands; otherwise the first obstacle is thrown.
  func widening(
    _ labels: [LoopLabel], _ question: (Region) throws(Obstacle) -> Void
  ) throws(Obstacle) {
    let smallest = try region(around: labels)
    let first: Obstacle
    do throws(Obstacle) {
      return try question(smallest)
    } catch {
      first = error
    }
    guard first.dependence != nil, smallest.hasUnknownSubscripts else { throw first }
    for count in smallest.path.indices.reversed() {
      let path = Array(smallest.path.prefix(count))
      guard function.body.descendant(at: path).asLoop != nil else { continue }
      do throws(Obstacle) {
        let wider = try region(at: path)
        return try question(wider)
      } catch {
        continue
      }
    }
    throw first
  }

  func region(at path: [Int]) throws(Obstacle) -> Region {
    if let known = regions[path] { return known }
    let made: Region
    do throws(IslError) {
      made = try analyse(path)
    } catch {
      throw .undecided(error)
    }
    regions[path] = made
    return made
  }

  private func analyse(_ path: [Int]) throws(IslError) -> Region {
    let context = Context(operationLimit: operationLimit)
    let extractor = Extractor(
      function, build: build, contract: contract,
      prover: Prover(context, memory: LegalityCache.current?.proofs))
    extractor.extract(at: path)
    let statements = Delinearizer(extractor).rewritten()
    context.restartOperationCount()
    let model = PolyhedralModel(extractor, statements: statements, context: context)
    return Region(
      path: path, statement: function.body.descendant(at: path), model: model,
      dependences: try DependenceSet(model))
  }

  /// Runs one question with a fresh allowance of operations.
  func ask<Answer>(
    _ region: Region, _ question: () throws(IslError) -> Answer
  ) throws(Obstacle) -> Answer {
    region.model.context.restartOperationCount()
    do throws(IslError) {
      return try question()
    } catch {
      throw .undecided(error)
    }
  }

  /// The loop with known bounds, or why it is not one.
  func loop(_ label: LoopLabel, in region: Region) throws(Obstacle) -> LoopInstance {
    if let loop = region.loop(label) { return loop }
    if let whole = region.model.statements.first(where: { statement in
      statement.opaqueReason != nil && statement.source.path(to: label) != nil
    }) {
      throw .notStatic(label, whole)
    }
    throw .emptyLoop(label)
  }

  // MARK: The generic test

  /// Throws the first dependence that the order given by `schedule` would violate.
  ///
  /// - Parameter mayReorderReductions: updates of one accumulator may change places where any order
  ///   gives the same bits.
  /// - Parameter isIgnored: tells dependences that do not count.
  func check(
    _ region: Region, _ schedule: Schedule, _ what: String, mayReorderReductions: Bool = true,
    ignoring isIgnored: (DependenceRelation) -> Bool = { _ in false }
  ) throws(Obstacle) {
    try requireNoLiveIterators(region)
    let violations = try ask(region) { () throws(IslError) in
      try region.dependences.violations(of: schedule, limit: Self.mostViolations) { dependence in
        isIgnored(dependence)
          || (mayReorderReductions && dependence.reduction?.isExactInAnyOrder == true)
      }
    }
    try refuse(violations, in: region, what)
  }

  /// Where there are more, nobody asks what facts would remove them all.
  private static let mostViolations = 256

  func refuse(
    _ violations: [DependenceRelation], in region: Region, _ what: String
  ) throws(Obstacle) {
    guard let first = violations.first(where: { $0.missingFacts.isEmpty }) ?? violations.first
    else {
      if region.model.preconditions.isEmpty { return }
      throw .needsFacts(what, region.model.preconditions)
    }
    // Facts help only when they remove every violated dependence.
    let isCurable =
      violations.count < Self.mostViolations && violations.allSatisfy { !$0.missingFacts.isEmpty }
    var facts: [Fact] = isCurable ? region.model.preconditions : []
    for fact in violations.flatMap(\.missingFacts) where isCurable && !facts.contains(fact) {
      facts.append(fact)
    }
    let described = region.dependences.describe(first)
    var obstacle = Obstacle.violation(
      what, described, facts, privatizable: isScalarReuse(first, in: region))
    obstacle.isPartlyCurable = violations.contains { !$0.missingFacts.isEmpty }
    throw obstacle
  }

  /// Whether the dependence only stems from one scalar serving every iteration anew.
  private func isScalarReuse(_ dependence: DependenceRelation, in region: Region) -> Bool {
    guard dependence.kind != .flow,
      case .variable(let variable) = dependence.sourceAccess.location.object
    else { return false }
    return function[variable].type.isScalar
  }

  private func requireNoLiveIterators(_ region: Region) throws(Obstacle) {
    let used = Set(region.model.statements.flatMap(\.loops))
    for loop in region.model.loops where used.contains(loop.id) && loop.isIteratorLive {
      throw .liveIterator(function[loop.variable].name, loop)
    }
  }

  /// Violations of an order that a transformation not named here would bring about.
  ///
  /// - Parameters:
  ///   - around: loops concerned; the region is the smallest part of the tree that holds them.
  ///   - schedule: new times by statement index, as `statements(around:)` numbers them.
  public func violations(
    around labels: [LoopLabel], of schedule: Schedule
  ) throws(Obstacle) -> [Dependence] {
    let region = try region(around: labels)
    let found = try ask(region) { () throws(IslError) in
      try region.dependences.violations(of: schedule, limit: Self.mostViolations) { _ in false }
    }
    return found.map(region.dependences.describe)
  }

  /// Statements of the region and their original times.
  public func statements(
    around labels: [LoopLabel]
  ) throws(Obstacle) -> [(statement: StatementReference, time: [TimeExpression])] {
    let region = try region(around: labels)
    return region.model.statements.map {
      (region.dependences.reference($0), region.dependences.originalTime($0))
    }
  }

  /// Every dependence among the instances of the loop's body.
  public func dependences(in label: LoopLabel) throws(Obstacle) -> [Dependence] {
    let region = try region(around: [label])
    return region.dependences.all.map(region.dependences.describe)
  }
}

extension Obstacle {
  static func noLoop(_ label: LoopLabel) -> Obstacle {
    Obstacle(reason: "there is no loop \"\(label)\"")
  }
  static func emptyLoop(_ label: LoopLabel) -> Obstacle {
    Obstacle(reason: "loop \"\(label)\" holds no statement or has no affine bounds")
  }
  static func notStatic(_ label: LoopLabel, _ statement: PolyhedralStatement) -> Obstacle {
    Obstacle(
      reason: "loop \"\(label)\" is part of \(statement.opaqueReason ?? "opaque code")",
      place: statement.source.origin)
  }
  static func undecided(_ error: IslError) -> Obstacle {
    if error == .operationLimit {
      return Obstacle(reason: "the dependences are too complex to decide within the limit")
    }
    return Obstacle(reason: "the dependences could not be decided: \(error)")
  }
  static func liveIterator(_ name: String, _ loop: LoopInstance) -> Obstacle {
    Obstacle(
      reason: "iterator \"\(name)\" is used outside its loop \"\(loop.label)\"",
      place: loop.origin)
  }
  static func needsFacts(_ what: String, _ facts: [Fact]) -> Obstacle {
    Obstacle(
      reason: "\(what) relies on facts that a run-time check has to establish",
      missingFacts: facts)
  }
  static func violation(
    _ what: String, _ dependence: Dependence, _ facts: [Fact], privatizable: Bool
  ) -> Obstacle {
    let vector = dependence.loops.isEmpty ? "" : " with direction \(dependence.directionVector)"
    let remedy =
      privatizable ? "; the scalar needs privatisation or expansion" : ""
    return Obstacle(
      reason: "\(what) would violate the \(dependence.kind.rawValue) dependence on "
        + "\"\(dependence.object)\"\(vector)\(remedy)",
      place: dependence.sink.origin, dependence: dependence, missingFacts: facts)
  }
}
