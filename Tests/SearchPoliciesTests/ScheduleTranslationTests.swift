import ExperimentRecords
import Testing

@testable import SearchPolicies

/// What schedules become in passes, and which have no words there.
@Suite struct ScheduleTranslationTests {
  private typealias Shape = ScheduleShape

  /// One band over all statements, the rows of each by member.
  private func band(
    _ statements: [[String]], _ rows: [[Int: ([Int], Int)]], sizes: [Int: [String: Int]] = [:],
    ranges: [String: Int] = [:], steps: [String: Int] = [:],
    costs: [String: Double] = [:]
  ) -> ScheduleTranslation {
    let members = rows.map { row in
      Shape.Member(
        times: Dictionary(
          uniqueKeysWithValues: row.map {
            (
              $0.key,
              Shape.Time(
                coefficients: $0.value.0, constant: $0.value.1, parameters: sizes[$0.key] ?? [:])
            )
          }), isCoincident: false)
    }
    let labels = Set(statements.flatMap(\.self))
    let loops = labels.map { ($0, Shape.Counting(step: steps[$0] ?? 1, range: ranges[$0] ?? 0)) }
    return ScheduleTranslation(
      Shape(
        isFused: true, statements: statements, loops: Dictionary(uniqueKeysWithValues: loops),
        root: .band(Shape.Band(members: members, isPermutable: true, inner: .leaf))),
      costs: costs)
  }

  private func text(_ translation: ScheduleTranslation) -> String {
    Recipe(translation.steps).description
  }

  @Test func theOrderThatStandsNeedsNoStep() {
    let translation = band([["i", "j"]], [[0: ([1, 0], 0)], [0: ([0, 1], 0)]])
    #expect(translation.steps.isEmpty)
    #expect(translation.nests.map(\.labels) == [["i", "j"]])
  }

  @Test func anotherOrderIsAnInterchange() {
    let translation = band([["i", "j"]], [[0: ([0, 1], 0)], [0: ([1, 0], 0)]])
    #expect(text(translation) == "interchange(order: [j, i])")
    #expect(translation.nests.map(\.labels) == [["j", "i"]])
  }

  /// The order within a permutable band is free, but not that of skewed members.
  @Test func dearLoopsStandOutside() {
    let costs = ["i": 0.2, "j": 1.0]
    let free = band([["i", "j"]], [[0: ([1, 0], 0)], [0: ([0, 1], 0)]], costs: costs)
    #expect(text(free) == "interchange(order: [j, i])")
    let skewed = band([["i", "j"]], [[0: ([1, 0], 0)], [0: ([1, 1], 0)]], costs: costs)
    #expect(text(skewed) == "skew(loop: j, by: 1, over: i)")
  }

  /// Only the nest that differs is turned before both become one.
  @Test func nestsAreTurnedBeforeTheyAreFused() {
    let translation = band(
      [["i", "j"], ["j#2", "i#2"]],
      [[0: ([1, 0], 0), 1: ([0, 1], 0)], [0: ([0, 1], 0), 1: ([1, 0], 0)]])
    #expect(
      text(translation)
        == "interchange(order: [i#2, j#2]); fuse(first: i, second: i#2); "
        + "fuse(first: j, second: j#2)")
  }

  @Test func sweepsOfAStepAreFusedWithAShiftAndSkewed() {
    let translation = band(
      [["t", "i"], ["t", "i#2"]],
      [[0: ([1, 0], 0), 1: ([1, 0], 0)], [0: ([2, 1], 0), 1: ([2, 1], 1)]])
    #expect(
      text(translation)
        == "fuse(first: i, second: i#2, shift: 1, ends: guarded); skew(loop: i, by: 2, over: t)")
    #expect(translation.nests.first?.isSkewed == true)
  }

  @Test func aWavefrontIsASkewAndAnInterchange() {
    let translation = band([["i", "j"]], [[0: ([1, 1], 0)], [0: ([1, 0], 0)]])
    #expect(text(translation) == "skew(loop: j, by: 1, over: i); interchange(order: [j, i])")
    #expect(translation.nests.first?.isWavefront == true)
  }

  /// The innermost is skewed first, over iterators that are not skewed yet.
  @Test func severalSkewsComeFromTheInside() {
    let translation = band(
      [["t", "i", "j"]],
      [[0: ([1, 0, 0], 0)], [0: ([1, 1, 0], 0)], [0: ([2, 1, 1], 0)]])
    #expect(
      text(translation)
        == "skew(loop: j, by: 1, over: i); skew(loop: j, by: 2, over: t); "
        + "skew(loop: i, by: 1, over: t)")
  }

  @Test func unlikeRangesAreFusedUnderGuards() {
    let translation = band([["i"], ["k"]], [[0: ([1], 0), 1: ([1], 0)]], ranges: ["k": 1])
    #expect(text(translation) == "fuse(first: i, second: k, ends: guarded)")
  }

  @Test func aLoopThatRunsBackwardIsReversed() {
    let translation = band([["i", "j"]], [[0: ([0, -1], 0)], [0: ([1, 0], 0)]])
    #expect(text(translation) == "reverse(loop: j); interchange(order: [j, i])")
  }

  /// Nothing but what is said is done: members behind one that has no words are left as they stand.
  @Test func whatHasNoWordsIsLeftOut() {
    let cases = [
      // A factor.
      band([["i"]], [[0: ([2], 0)]]),
      // A skew to the left.
      band([["t", "i"]], [[0: ([-1, 1], 0)]]),
      // A statement that leaves its own loop.
      band([["i"], ["i"]], [[0: ([1], 0), 1: ([1], 1)]]),
      // A shift by a size.
      band([["i"], ["k"]], [[0: ([1], 0), 1: ([1], 0)]], sizes: [1: ["n": 1]]),
      // Skews that differ.
      band(
        [["t", "i"], ["t", "k"]],
        [[0: ([1, 1], 0), 1: ([2, 1], 0)], [0: ([1, 0], 0), 1: ([1, 0], 0)]]),
      // Iterators that do not count by one.
      band([["t", "i"]], [[0: ([1, 1], 0)], [0: ([1, 0], 0)]], steps: ["i": 2]),
      // Both loops in one.
      band([["i", "j"]], [[0: ([1, 2], 0)]]),
    ]
    for (number, translation) in cases.enumerated() {
      #expect(translation.steps.isEmpty, "case \(number)")
    }
  }

  /// A statement in fewer loops takes part in those that it has.
  @Test func aSettingOfASumSharesItsLoops() {
    let translation = band(
      [["i", "j"], ["i#2", "j#2", "k"]],
      [
        [0: ([1, 0], 0), 1: ([1, 0, 0], 0)], [0: ([0, 1], 0), 1: ([0, 1, 0], 0)],
        [0: ([0, 0], 0), 1: ([0, 0, 1], 0)],
      ])
    #expect(text(translation) == "fuse(first: i, second: i#2); fuse(first: j, second: j#2)")
    #expect(translation.nests.map(\.labels) == [["i", "j", "k"]])
  }

  /// A loop over one row stays in front of the sweeps that it moves in time with.
  @Test func aRowInFrontOfSweepsStaysThere() {
    let translation = band(
      [["t", "k"], ["t", "i"], ["t", "i#2"]],
      [
        [0: ([1, 0], 0), 1: ([1, 0], 0), 2: ([1, 0], 0)],
        [0: ([1, 0], 0), 1: ([1, 1], 0), 2: ([1, 1], 1)],
        [0: ([1, 1], 0), 1: ([0, 0], 0), 2: ([0, 0], 0)],
      ])
    #expect(
      text(translation)
        == "fuse(first: i, second: i#2, shift: 1, ends: guarded); skew(loop: i, by: 1, over: t)")
  }

  /// The outer loop is said although the inner one is not.
  @Test func whatCanBeSaidIs() {
    let translation = band(
      [["i", "j"], ["k"]], [[0: ([1, 0], 0), 1: ([1], 0)], [0: ([0, 3], 0), 1: ([0], 0)]])
    #expect(text(translation) == "fuse(first: i, second: k)")
    #expect(translation.nests.map(\.labels) == [["i"]])
  }

  @Test func loopsThatTwoPartsShareAreParted() {
    func member(_ coefficients: [Int], _ statement: Int) -> Shape.Member {
      .init(times: [statement: .init(coefficients: coefficients)], isCoincident: true)
    }
    func nest(_ rows: [[Int]], _ statement: Int) -> Shape.Part {
      .init(
        statements: [statement],
        node: .band(
          .init(
            members: rows.map { member($0, statement) }, isPermutable: true, inner: .leaf)))
    }
    let translation = ScheduleTranslation(
      Shape(
        isFused: false, statements: [["i", "j"], ["i", "j", "k"]], loops: [:],
        root: .sequence([
          nest([[1, 0], [0, 1]], 0), nest([[1, 0, 0], [0, 1, 0], [0, 0, 1]], 1),
        ])))
    #expect(translation.partings == ["j", "i"])
  }
}
