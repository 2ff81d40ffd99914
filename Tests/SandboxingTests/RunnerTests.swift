import Foundation
import Testing

@testable import Sandboxing

@Suite struct RunnerTests {
  @Test func theDoctorNamesEveryLayer() async throws {
    let report = try await Runner().doctor()
    #expect(report.rows.count == 16)
    #expect(report.layers.contains(.noNewPrivileges))
    #expect(report.layers.contains(.resourceLimits))
    #expect(report.layers.contains(.seccomp))
  }

  @Test func aJobThatIsNoneIsRefusedInWords() async throws {
    let answer = try await Runner().run(job: Array("nonsense".utf8), wall: .seconds(5))
    let text = String(decoding: answer, as: UTF8.self)
    #expect(text.hasPrefix("RATCHETR"))
    #expect(text.contains("not a job of version 3"))
  }

  @Test func aJobThatEndsTooEarlyIsRefusedInWords() async throws {
    let answer = try await Runner().run(job: Array("RATCHET3".utf8), wall: .seconds(5))
    #expect(String(decoding: answer, as: UTF8.self).contains("ends too early"))
  }

  @Test func durationsBecomeNanoseconds() {
    #expect(Duration.milliseconds(1500).nanoseconds == 1_500_000_000)
    #expect(Duration.seconds(-1).nanoseconds == 0)
    #expect(Duration.milliseconds(250).seconds == 0.25)
  }
}
