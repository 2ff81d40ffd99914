import Foundation
import KernelModel
import KernelParsing
import Testing

/// Every kernel of the repository's own fixtures survives the round trip.
@Suite struct FixtureTests {
  private static let fixtures = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("fixtures/kernels").path

  private static var roots: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: fixtures).sorted()
        .map { fixtures + "/" + $0 }
    }
  }

  @Test func everyKernelSurvivesTheRoundTrip() throws {
    let parser = KernelParser()
    var count = 0
    for root in try Self.roots {
      for found in try SourceDiscovery().files(in: [root]) {
        let file = try parser.parse(found.file, root: root)
        #expect(file.skipped.isEmpty, "\(found.file)")
        #expect(file.diagnostics.isEmpty, "\(found.file)")
        for kernel in file.kernels {
          count += 1
          let complaint = RoundTrip.complaint(kernel, parser)
          #expect(complaint == nil, "\(found.file): \(kernel.function.name)")
        }
      }
    }
    #expect(count >= 24)
  }
}
