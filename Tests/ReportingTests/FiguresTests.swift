import ExperimentRecords
import Foundation
import Testing

import struct ExperimentRecords.Measurement

@testable import Reporting

@Suite struct FiguresTests {
  @Test func speedupsKeepThreeDigits() {
    #expect(speedupText(1.8) == "1.80×")
    #expect(speedupText(9.996) == "10.0×")
    #expect(speedupText(123.4) == "123×")
    #expect(
      speedupText(ConfidenceInterval(median: 1.8, low: 1.74, high: 1.86)) == "1.80× [1.74, 1.86]")
  }

  @Test func sharesDurationsAndCountsAreReadable() {
    #expect(percentText(0.015) == "1.5 %")
    #expect(percentText(0.0004) == "0.04 %")
    #expect(percentText(1) == "100 %")
    #expect(durationText(31.24) == "31.2 s")
    #expect(durationText(750) == "12.5 min")
    #expect(durationText(8_280) == "2.3 h")
    #expect(callText(nanoseconds: 3_440_000) == "3.44 ms")
    #expect(callText(nanoseconds: 400_000) == "400 µs")
    #expect(countText(52_000) == "52,000")
    #expect(countText(999) == "999")
    #expect(countText(1_234_567) == "1,234,567")
    #expect(countText(.infinity) == "inf")
    #expect(plural(1, "kernel") == "1 kernel")
  }

  @Test func theMeanOfEqualIntervalsNarrowsWithTheirNumber() throws {
    let one = ConfidenceInterval(median: 2, low: 1, high: 4)
    let mean = try #require(geometricMean(of: [one, one, one, one]))
    #expect(abs(mean.median - 2) < 1e-12)
    #expect(abs(mean.low - 2 / 2.0.squareRoot()) < 1e-12)
    #expect(abs(mean.high - 2 * 2.0.squareRoot()) < 1e-12)
    #expect(mean.level == 0.95)
  }

  @Test func theBoundsOverWorkloadsAreMeansToo() throws {
    let speedups = [(2.0, 1.0, 4.0), (8.0, 4.0, 9.0)].map { median, low, high in
      Measurement(
        workload: "w", speedup: ConfidenceInterval(median: median, low: low, high: high), pairs: 1,
        loads: 1, baselineNanoseconds: 1, candidateNanoseconds: 1, compiler: "c", flags: [])
    }
    let mean = try #require(speedup(over: speedups))
    #expect(abs(mean.median - 4) < 1e-12)
    #expect(abs(mean.low - 2) < 1e-12)
    #expect(abs(mean.high - 6) < 1e-12)
    #expect(speedup(over: []) == nil)
  }

  @Test func theMeanIsThatOfTheLogarithms() throws {
    let speedups = [1.0, 8.0].map { ConfidenceInterval(median: $0, low: $0, high: $0) }
    #expect(abs(try #require(geometricMean(of: speedups)).median - 8.0.squareRoot()) < 1e-12)
    #expect(geometricMean(of: []) == nil)
    #expect(geometricMean(of: [ConfidenceInterval(median: 0, low: 0, high: 1)]) == nil)
  }

  @Test func colourIsForTerminalsThatWantIt() {
    let on = Style(usesColor: true)
    #expect(Style.detected(environment: [:], isTerminal: true) == on)
    #expect(Style.detected(environment: ["NO_COLOR": ""], isTerminal: true) == on)
    #expect(Style.detected(environment: ["NO_COLOR": "1"], isTerminal: true) == .plain)
    #expect(Style.detected(environment: ["TERM": "dumb"], isTerminal: true) == .plain)
    #expect(Style.detected(environment: [:], isTerminal: false) == .plain)
    #expect(on.red("x") == "\u{1B}[31mx\u{1B}[0m")
    #expect(Style.plain.red("x") == "x")
  }
}
