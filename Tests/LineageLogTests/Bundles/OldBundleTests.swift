import ExperimentRecords
import SystemPackage
import Testing

@testable import LineageLog

/// Bundles in `fixtures/bundles` keep verifying, whatever comes.
@Suite struct OldBundleTests {
  static let folder = FilePath(#filePath).removingLastComponent().removingLastComponent()
    .removingLastComponent().removingLastComponent().appending("fixtures/bundles")

  @Test func everyOldBundleHolds() throws {
    let key = try PublicKey(file: Self.folder.appending("key.pub"))
    let names = try SystemFiles().list(Self.folder).filter { $0 != "key.pub" }
    #expect(names.contains("format-1"))
    for name in names {
      let bundle = try EvidenceBundle(directory: Self.folder.appending(name))
      let report = try bundle.verify(signedBy: key)
      #expect(report.checkpoint != nil, "\(name)")
    }
  }

  @Test func formatOneSaysWhatItSaid() throws {
    let report = try EvidenceBundle(directory: Self.folder.appending("format-1")).verify()
    #expect(report.kernel == KernelName(file: "src/dense.c", function: "matmul"))
    #expect(report.recipe == "interchange(outer: j)")
    #expect(report.verdict == "bounded")
    #expect(report.checkpoint?.entries == 29)
    #expect(report.proven == report.entries - 1)
  }
}
