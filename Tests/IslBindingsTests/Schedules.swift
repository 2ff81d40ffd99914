import IslBindings
import Testing

@Suite struct Schedules {
  private func chain(_ context: Context) throws -> ScheduleConstraints {
    let domain = try UnionSet(
      context, parsing: "[n] -> { S[i] : 0 <= i < n; T[i] : 0 <= i < n }")
    let pairs = try UnionRelation(context, parsing: "[n] -> { S[i] -> T[i + 1] : 0 <= i < n - 1 }")
    return ScheduleConstraints(
      domain: domain, validity: pairs, coincidence: pairs, proximity: pairs)
  }

  @Test func aFusedBandGivesEachSpaceItsTime() throws {
    let root = try chain(Context()).schedule(separatesComponents: false)
    #expect(try root.kind() == .domain)
    let band = try #require(try root.children().first)
    #expect(try band.kind() == .band)
    #expect(try band.memberCount() == 1)
    #expect(try band.isCoincident(member: 0))
    let times = try band.times(member: 0)
    #expect(Set(times.compactMap(\.tupleName)) == ["S", "T"])
    let pieces = try times.flatMap { try $0.pieces() }
    #expect(pieces.map(\.dimensions) == [[1], [1]])
    // The reader of the next element runs one earlier.
    let constants = Dictionary(
      uniqueKeysWithValues: zip(times.compactMap(\.tupleName), pieces.map(\.constant)))
    #expect((constants["S"] ?? 0) - (constants["T"] ?? 0) == 1)
  }

  @Test func componentsComeOneAfterTheOther() throws {
    let root = try chain(Context()).schedule(separatesComponents: true)
    let sequence = try #require(try root.children().first)
    #expect(try sequence.kind() == .sequence)
    let names = try sequence.children().map { try $0.filter().parts().compactMap(\.tupleName) }
    #expect(names == [["S"], ["T"]])
    let leaf = try #require(
      try sequence.children().first?.children().first?.children().first)
    #expect(try leaf.kind() == .leaf)
    #expect(try leaf.children().isEmpty)
  }

  /// What a cycle asks for has no schedule; what takes too long has none yet.
  @Test func whatHasNoScheduleThrows() throws {
    let context = Context()
    var constraints = try chain(context)
    constraints.validity = try UnionRelation(
      context, parsing: "[n] -> { S[i] -> T[i] : 0 <= i < n; T[i] -> S[i] : 0 <= i < n }")
    #expect(throws: IslError.self) { try constraints.schedule(separatesComponents: false) }
    let limited = Context()
    let short = try chain(limited)
    limited.operationLimit = 10
    #expect(throws: IslError.operationLimit) { try short.schedule(separatesComponents: false) }
    limited.operationLimit = 0
    _ = try short.schedule(separatesComponents: false)
  }
}
