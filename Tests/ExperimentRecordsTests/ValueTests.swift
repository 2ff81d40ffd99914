import ExperimentRecords
import Foundation
import Testing

@Suite struct ValueTests {
  @Test func digestsAreSixtyFourLowercaseDigits() {
    let hex = String(repeating: "0123456789abcdef", count: 4)
    #expect(Digest(hex: hex)?.hex == hex)
    #expect(Digest(hex: hex)?.short == "0123456789ab")
    #expect(Digest(hex: hex.uppercased()) == nil)
    #expect(Digest(hex: hex.dropLast()) == nil)
    #expect(Digest(hex: hex.dropLast() + "g") == nil)
    #expect(Digest(bytes: [UInt8](repeating: 0, count: 32)) == .zero)
    #expect(Digest(bytes: [UInt8](0..<32))?.hex.hasSuffix("1c1d1e1f") == true)
    #expect(Digest(bytes: [UInt8](repeating: 0, count: 31)) == nil)
  }

  @Test func neitherIgnoranceNorRefutationMeetsAnyRequirement() {
    for required in Verdict.allCases {
      #expect(!Verdict.refuted.meets(required))
      #expect(!Verdict.inconclusive.meets(required))
      #expect(Verdict.proved.meets(required))
    }
    #expect(Verdict.tested.meets(.tested))
    #expect(!Verdict.tested.meets(.bounded))
    #expect(Verdict.bounded.meets(.tested))
    #expect(!Verdict.bounded.meets(.proved))
  }

  @Test(arguments: [
    0, 500, -500, 951_782_399_500, 951_782_400_000, 4_107_542_400_000, -11_644_473_600_000,
    1_795_361_761_250,
  ])
  func timesAgreeWithTheCalendar(milliseconds: Int64) throws {
    let time = Timestamp(milliseconds: milliseconds)
    let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    #expect(time.description == date.formatted(style))
    #expect(Timestamp(time.description) == time)
    let next = Timestamp(milliseconds: milliseconds + 1)
    #expect(Timestamp(next.description) == next)
  }

  @Test(arguments: [
    "2026-11-22T15:36:01Z", "2026-13-22T15:36:01.123Z", "2026-11-22 15:36:01.123Z", "",
    "2026-11-22T24:36:01.123Z", "2026-11-22T15:36:01.12xZ",
  ])
  func refusesOtherWaysOfWritingATime(text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test func costsAddUpByPhase() {
    let a = Cost(cpuSeconds: 1, wallSeconds: 2, compiles: 3, phases: [.compile: 1, .measure: 2])
    let b = Cost(cpuSeconds: 4, wallSeconds: 5, compiles: 6, diskBytes: 7, phases: [.compile: 3])
    #expect(
      a + b
        == Cost(
          cpuSeconds: 5, wallSeconds: 7, compiles: 9, diskBytes: 7,
          phases: [.compile: 4, .measure: 2]))
  }

  @Test func costsPassOverPhasesOfLaterVersions() throws {
    let json = #"{"cpuSeconds": 1.5, "phases": {"compile": 1, "dream": 9}, "joules": 3}"#
    let cost = try JSONDecoder().decode(Cost.self, from: Data(json.utf8))
    #expect(cost == Cost(cpuSeconds: 1.5, phases: [.compile: 1]))
  }

  @Test func refusalsSayWhatBlocksThem() throws {
    let refusal = Refusal(
      step: try Step(parsing: "interchange(outer: i)"), reason: "the order of 'i' and 'j' matters",
      dependence: .init(.flow, from: "a[i][j]", to: "a[i - 1][j + 1]", direction: "(<, >)"))
    #expect(refusal.pass == "interchange")
    #expect(
      refusal.description
        == "interchange(outer: i) refused: the order of 'i' and 'j' matters (flow dependence from "
        + "'a[i][j]' to 'a[i - 1][j + 1]', direction (<, >))")
  }
}
