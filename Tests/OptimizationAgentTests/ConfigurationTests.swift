import Diagnostics
import ExperimentRecords
import Foundation
import Testing

@testable import OptimizationAgent

@Suite struct ConfigurationTests {
  private func read(_ text: String) throws -> Configuration {
    try ConfigurationReader(path: "/p/.ratchet.yml").read(text)
  }

  @Test func workloadsAndSettings() throws {
    let configuration = try read(
      """
      version: 1
      budget: 30s
      level: L2
      approvers:
        ada: \(String(repeating: "0a", count: 32))
      ceilings: {cpu: 90s, wall: 1.5h, compiles: 50, disk: 2MB, accepted: 0}
      threads: 4
      require: tested
      workloads:
        blur:
          - name: small
            sizes: {src->width: 64, n: -1}
            values: {alpha: 1.5}
            ranges: {codes: [0, 255]}
          - sizes: {n: 8}
      """)
    let blur = try #require(configuration.workloads["blur"])
    #expect(blur.count == 2)
    #expect(blur[0].sizes == ["src->width": 64, "n": -1])
    #expect(blur[0].values == ["alpha": 1.5])
    #expect(blur[0].ranges == ["codes": 0...255])
    #expect(blur[1].name == "workload-2")
    #expect(configuration.budget == .seconds(30))
    #expect(configuration.threads == 4)
    #expect(configuration.maximumLevel == .applyApproved)
    #expect(configuration.approvers?.values.map { $0 } == ["ada"])
    #expect(
      configuration.ceilings == [.cpu: 90, .wall: 5400, .compiles: 50, .disk: 2e6, .accepted: 0])
    #expect(configuration.requirement == .tested)
  }

  @Test(arguments: [
    ("versio: 1\n", 1), ("version: 2\n", 1), ("version: 1\nbudget: soon\n", 2),
    ("version: 1\nworkloads:\n  f:\n    - sizes: {n: many}\n", 4),
    ("version: 1\nrequire: refuted\n", 2), ("version: 1\nthreads: 0\n", 2), ("a: [\n", 2),
    ("- 1\n", 1), ("version: 1\nlevel: L5\n", 2), ("approvers: {ada: key}\n", 1),
    ("ceilings:\n  cpu: -1s\n", 2), ("ceilings:\n  memory: 1GB\n", 2),
    ("ceilings:\n  compiles: 1.5\n", 2),
    ("workloads:\n  f:\n    - ranges: {x: [3, 1]}\n", 3),
  ])
  func everyComplaintNamesItsLine(text: String, line: Int) throws {
    let error = #expect(throws: InputError.self) { try read(text) }
    #expect(error?.diagnostic.location?.line == line)
  }

  @Test func budgets() {
    #expect(Budget("60s") == .seconds(60))
    #expect(Budget("2m") == .seconds(120))
    #expect(Budget("200evals") == .evaluations(200))
    for text in ["", "s", "-1s", "0s", "12", "0evals", "evals", "nans", "infs"] {
      #expect(Budget(text) == nil, "\(text)")
    }
  }
}
