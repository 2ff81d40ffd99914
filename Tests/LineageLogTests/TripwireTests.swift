import ExperimentRecords
import Testing

@testable import LineageLog

/// The tripwire over replayed lineages.
@Suite struct TripwireTests {
  private static let time = Timestamp(milliseconds: 0)

  private func generation(
    _ number: Int, _ improvement: Double, hours: Double = 1, level: AutonomyLevel = .selfChange,
    envelope: Digest? = nil
  ) -> LineageEntry.Content {
    .generationEnded(
      GenerationEnded(
        number: number, level: level, improvement: improvement, cpuHours: hours, product: .zero,
        envelope: envelope))
  }

  private func lineage(_ contents: [LineageEntry.Content]) throws -> Lineage {
    try Lineage(contents.map { LineageEntry(time: Self.time, $0) })
  }

  private func trips(_ contents: LineageEntry.Content...) throws -> [Int] {
    Tripwire(try lineage(contents)).trips.map(\.number)
  }

  @Test func aRateThatDoublesTripsTheWire() throws {
    #expect(try trips(generation(1, 0.1), generation(2, 0.199)).isEmpty)
    #expect(try trips(generation(1, 0.1), generation(2, 0.2)) == [2])
    #expect(try trips(generation(1, 0.1), generation(2, 0.1, hours: 0.5)) == [2])
    #expect(try trips(generation(1, 0.1), generation(2, 0.4, hours: 4)).isEmpty)
  }

  @Test func theFirstGenerationHasNothingToBeComparedWith() throws {
    #expect(try trips(generation(1, 100)).isEmpty)
  }

  @Test func aGenerationWithoutGainBetweenHidesNothing() throws {
    #expect(try trips(generation(1, 0.1), generation(2, 0), generation(3, 0.2)) == [3])
    #expect(try trips(generation(1, 0.1), generation(2, -1), generation(3, 0.2)) == [3])
    #expect(try trips(generation(1, 0.1), generation(2, 0), generation(3, 0.15)).isEmpty)
  }

  @Test func onlyGenerationsAtL4AreCompared() throws {
    #expect(try trips(generation(1, 0.1, level: .apply), generation(2, 0.3)).isEmpty)
    #expect(
      try trips(generation(1, 0.1), generation(2, 0.01, level: .apply), generation(3, 0.2)) == [3])
  }

  @Test func figuresThatAreNoneTripIt() throws {
    #expect(try trips(generation(1, 0.1), generation(2, 0.1, hours: 0)) == [2])
    #expect(try trips(generation(1, 0.1), generation(2, .nan)) == [2])
    #expect(try trips(generation(1, 0.1), generation(2, .infinity)) == [2])
  }

  @Test func aPersonsWordOnThePauseClosesTheTrip() throws {
    var contents = [generation(1, 0.1), generation(2, 0.5)]
    let tripped = try lineage(contents)
    let trip = try #require(Tripwire(tripped).trips.first)
    contents.append(
      .tripwirePaused(
        TripwirePaused(
          generation: trip.generation.id, number: 2, earlier: trip.earlier, earlierRate: 0.1,
          rate: 0.5)))
    let paused = try lineage(contents)
    let pause = try #require(paused.entries.last)
    contents.append(.approval(Approval(subject: pause.id, granted: true, by: "ada")))
    let approved = try lineage(contents)
    let word = try #require(approved.entries.last)
    #expect(Tripwire(paused).open(in: paused, by: ApprovalRule(.typed([]))).count == 1)
    #expect(Tripwire(approved).open(in: approved, by: ApprovalRule(.typed([]))).count == 1)
    #expect(Tripwire(approved).open(in: approved, by: ApprovalRule(.typed([word.id]))).isEmpty)
    // Without the pause, or with the word on something else, the wire stays tripped.
    contents[2] = .approval(Approval(subject: trip.generation.id, granted: true, by: "ada"))
    let other = try lineage(Array(contents.prefix(3)))
    let said = ApprovalRule(.typed(Set(other.entries.map(\.id))))
    #expect(Tripwire(other).open(in: other, by: said).count == 1)
  }

  @Test(arguments: [
    (3.0, 9, true, true), (1.5, 9, true, false), (3.0, 1, true, false), (3.0, 9, false, false),
  ])
  func anEnvelopeAllowsInAdvanceWhatItNames(
    growth: Double, last: Int, isApproved: Bool, isAllowed: Bool
  ) throws {
    let bounds = EnvelopeBounds(
      paths: ["policy"], lastGeneration: last, cpuHours: 2, largestGrowth: growth)
    var contents: [LineageEntry.Content] = [
      .envelopeDeclared(EnvelopeDeclared(bounds, by: "ada"))
    ]
    let envelope = try #require(try lineage(contents).entries.last).id
    contents.append(.approval(Approval(subject: envelope, granted: isApproved, by: "ada")))
    let word = try #require(try lineage(contents).entries.last).id
    contents += [
      generation(1, 0.1, envelope: envelope), generation(2, 0.25, envelope: envelope),
    ]
    let replayed = try lineage(contents)
    let rule = ApprovalRule(.typed([word]))
    #expect(Tripwire(replayed).open(in: replayed, by: rule).isEmpty == isAllowed)
  }

  @Test func anEnvelopeThatIsApprovedAfterwardsAllowsNothing() throws {
    let bounds = EnvelopeBounds(
      paths: ["policy"], lastGeneration: 9, cpuHours: 2, largestGrowth: 10)
    var contents: [LineageEntry.Content] = [
      .envelopeDeclared(EnvelopeDeclared(bounds, by: "ada"))
    ]
    let envelope = try #require(try lineage(contents).entries.last).id
    contents += [
      generation(1, 0.1, envelope: envelope), generation(2, 0.25, envelope: envelope),
      .approval(Approval(subject: envelope, granted: true, by: "ada")),
    ]
    let replayed = try lineage(contents)
    let rule = ApprovalRule(.typed(Set(replayed.entries.map(\.id))))
    #expect(Tripwire(replayed).open(in: replayed, by: rule).count == 1)
  }

  @Test func boundsThatWereWidenedAreNotThoseOfTheHash() {
    let bounds = EnvelopeBounds(
      paths: ["policy"], lastGeneration: 9, cpuHours: 2, largestGrowth: 1.5)
    var declared = EnvelopeDeclared(bounds, by: "ada")
    #expect(declared.isSound)
    declared.bounds.largestGrowth = 100
    #expect(!declared.isSound)
    declared.bounds = bounds
    declared.bounds.paths.append("Sources")
    #expect(!declared.isSound)
  }
}
