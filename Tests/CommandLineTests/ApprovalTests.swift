import Foundation
import Testing

/// Approvals, on the terminal that `script` makes.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script")))
struct ApprovalTests {
  private func approve(_ sample: SampleLineage, answering answer: String) throws -> RatchetTool.Run
  {
    let command = "\(RatchetTool.path) approve \(sample.scale) --note reviewed"
    // The register of approvals of whoever runs the tests is left alone.
    let register = "XDG_STATE_HOME=\(sample.project.path)/home"
    return try sample.tool.other(
      "sh", "-c", "printf '\(answer)' | \(register) script -qec '\(command)' /dev/null")
  }

  @Test func showsTheWeakestEvidenceFirstAndRecordsWhoSaidYes() throws {
    let sample = try SampleLineage()
    let run = try approve(sample, answering: "\\nyes please\\nyes\\n")
    #expect(run.status == 0, "\(run.output)")
    let weak = try #require(run.output.range(of: "L2 Differential"))
    let strong = try #require(run.output.range(of: "L0 Form"))
    #expect(weak.lowerBound < strong.lowerBound)
    let log = try sample.tool("lineage", "log", "-n", "1")
    #expect(log.output.contains("approval"))
    #expect(log.output.contains("reviewed"))
    #expect(try sample.tool("lineage", "verify").status == 0)
  }

  @Test func recordsANo() throws {
    let sample = try SampleLineage()
    #expect(try approve(sample, answering: "no\\n").status == 1)
    #expect(try sample.tool("lineage", "log", "-n", "1").output.contains("declined"))
  }

  @Test func takesNothingForGranted() throws {
    let sample = try SampleLineage()
    let before = try sample.project.snapshot()
    // Ctrl-D: the terminal's end of input.
    #expect(try approve(sample, answering: "\\004").status == 2)
    #expect(try sample.project.snapshot() == before)
  }
}
