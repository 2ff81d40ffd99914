import IslBindings

/// Statements of the model, and the loops that they stand in.
extension ProgramReader {
  /// Adds the statement that stores `value`, and gives its number.
  @discardableResult
  func emit(_ target: CellAccess, _ value: OperationNode, isGuarded: Bool = false) throws -> Int {
    guard !isProbing else { return -1 }
    guard program.statements.count < 1500 else { throw Unproved("more than 1500 statements") }
    if target.object.isReadOnly {
      throw Unproved("a store to '\(target.object.title)', which is taken for constant")
    }
    let number = program.statements.count
    program.statements.append(
      AffineStatement(
        number: number, name: "\(prefix)s\(number)", counters: counters, domain: domain,
        positions: positions, target: target, value: value, isGuarded: isGuarded))
    positions[positions.count - 1] += 1
    return number
  }

  /// The counter of the lanes of every vector.
  var lane: String { "\(prefix)lane" }
  /// Counters of all loops and of lanes.
  var allCounters: [String] { counters.contains(lane) ? counters : counters + [lane] }

  /// Runs `body` with the lane between zero and `count`.
  func withLanes<Answer>(_ count: Int, _ body: () throws -> Answer) throws -> Answer {
    let whole = domain
    defer { domain = whole }
    domain = try whole.intersection(
      IntegerSet(space.context, parsing: "[\(lane)] -> { : 0 <= \(lane) < \(count) }"))
    return try body()
  }

  /// Runs `body` for every lane, one after the other.
  func overLanes<Answer>(_ count: Int, _ body: (SymbolicIndex) throws -> Answer) throws -> Answer {
    guard !counters.contains(lane) else { throw Unproved("lanes within lanes") }
    counters.append(lane)
    positions.append(0)
    defer {
      counters.removeLast()
      positions.removeLast()
      positions[positions.count - 1] += 1
    }
    return try withLanes(count) { try body(SymbolicIndex(space.input(lane))) }
  }

  /// Runs `body` within one more loop, whose counter it is given.
  func nested(_ body: (String) throws -> Void) throws {
    names += 1
    let counter = "\(prefix)k\(names)"
    counters.append(counter)
    positions.append(0)
    try body(counter)
    counters.removeLast()
    positions.removeLast()
    positions[positions.count - 1] += 1
  }
}
