import Foundation
import Testing

@testable import OptimizationAgent

/// Campaigns with known answers on noise that was measured: `make aa` runs the whole table, this is
/// a sample of it.
@Suite struct NoiseReplayTests {
  private static let recording: NoiseRecording? = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = root.appendingPathComponent("fixtures/noise/two-virtual-cores.json")
    return try? NoiseRecording(contentsOf: file)
  }()

  private func series() throws -> [NoiseRecording.Series] {
    let recording = try #require(Self.recording, "the recorded noise cannot be read")
    #expect(recording.series.map(\.subject) == ["stores", "chain", "stream"])
    #expect(recording.series.allSatisfy { $0.data.count >= 100 })
    return recording.series
  }

  @Test func threeThousandNullCampaignsKeepNothing() throws {
    var campaigns = 0
    for (index, series) in try series().enumerated() {
      for workloads in [1, 3] {
        var resampled = ResampledCampaigns(data: series.data, seed: UInt64(10 * index + workloads))
        let tally = resampled.run(510, workloads: workloads)
        campaigns += tally.campaigns
        #expect(tally.winners == 0, "\(series.subject), \(workloads) workloads: \(tally)")
      }
    }
    #expect(campaigns >= 3000)
  }

  @Test func aGainOfTwoPercentIsFoundAndALossIsNeverKept() throws {
    for series in try series() {
      var resampled = ResampledCampaigns(data: series.data, seed: 3)
      let gain = resampled.run(200, shift: log(1.02))
      // A stream through memory that others use too is another matter: there it takes a quiet machine.
      if series.subject != "stream" { #expect(gain.winners >= 160, "\(series.subject): \(gain)") }
      let loss = resampled.run(400, shift: log(0.995))
      #expect(loss.winners == 0, "\(series.subject): \(loss)")
    }
  }

  @Test func sameSeedSameDecisions() throws {
    for series in try series() {
      func tally() -> ResampledCampaigns.Tally {
        var resampled = ResampledCampaigns(data: series.data, seed: 4)
        return resampled.run(50, shift: log(1.01))
      }
      #expect(tally() == tally())
    }
  }

  /// What one run keeps and the other does not has an interval, in one of them, that reaches down to the
  /// smallest gain that is kept.
  @Test func twoRunsOfACampaignAgree() throws {
    for series in try series() {
      var (first, second) = (
        ResampledCampaigns(data: series.data, seed: 5),
        ResampledCampaigns(data: series.data, seed: 6)
      )
      var kept = 0
      for gain in [-0.02, 0, 0.004, 0.02, 0.05, 0.3, 2] {
        for _ in 0..<20 {
          let runs = [
            first.confirmation(shift: log(1 + gain)), second.confirmation(shift: log(1 + gain)),
          ]
          kept += runs[0].decision == .winner ? 1 : 0
          if runs[0].decision == runs[1].decision { continue }
          let winners = runs.count { $0.decision == .winner }
          guard winners == 1 else { continue }
          let overlaps = runs.contains { $0.interval(0).low <= 1 + $0.rule.smallestEffect }
          #expect(overlaps, "\(series.subject), gain \(gain)")
        }
      }
      #expect(kept > 20)
    }
  }
}
