import Diagnostics
import ExperimentRecords
import Foundation
import LineageLog
import Testing

@testable import OptimizationAgent

/// Folders with configurations, and what they allow together.
@Suite struct AutonomyPolicyTests {
  /// A person's home beside a folder of work.
  private final class Desk {
    let root: String

    init() throws {
      let base = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
      root = base + "/ratchet-policy-\(UUID().uuidString)"
      for folder in ["home", "work/vendor/lib"] {
        try FileManager.default.createDirectory(
          atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
      }
    }

    deinit { _ = try? FileManager.default.removeItem(atPath: root) }

    func write(_ text: String, _ name: String) throws {
      try text.write(toFile: "\(root)/\(name)", atomically: false, encoding: .utf8)
    }

    func policy(_ paths: String..., from directory: String = "work") throws -> AutonomyPolicy {
      try AutonomyPolicy.applying(
        to: paths.map { "\(root)/\($0)" }, from: "\(root)/\(directory)",
        personal: PersonalFiles(
          configurations: ["\(root)/home/config.yml"], register: "\(root)/home/register"))
    }
  }

  private let desk: Desk
  private let ada = String(repeating: "0a", count: 32)
  private let eve = String(repeating: "0e", count: 32)

  init() throws { desk = try Desk() }

  @Test func withoutConfigurationAPersonAppliesByTypingIt() throws {
    #expect(try desk.policy("work").maximum == .apply)
    #expect(try desk.policy("work").origin == "the default")
    #expect(try desk.policy("work").approvers == nil)
  }

  @Test(arguments: [
    ("L1", "L3", AutonomyLevel.patches), ("L3", "L1", .patches), ("L0", "L4", .report),
    ("L2", "L2", .applyApproved), ("L4", "L4", .apply),
  ])
  func theLowestLevelOfAllFilesApplies(above: String, below: String, expected: AutonomyLevel) throws
  {
    try desk.write("level: \(above)\n", "work/.ratchet.yml")
    try desk.write("level: \(below)\n", "work/vendor/.ratchet.yml")
    #expect(try desk.policy("work/vendor/lib").maximum == expected)
    #expect(try desk.policy("work", "work/vendor/lib").maximum == expected)
  }

  @Test func onlyAPersonsOwnFileGivesL4() throws {
    try desk.write("level: L4\n", "work/.ratchet.yml")
    #expect(try desk.policy("work").maximum == .apply)
    try desk.write("level: L4\n", "home/config.yml")
    #expect(try desk.policy("work").maximum == .selfChange)
    try desk.write("level: L2\n", "home/config.yml")
    #expect(try desk.policy("work").maximum == .applyApproved)
    #expect(try desk.policy("work").origin == "\(desk.root)/home/config.yml")
  }

  @Test func theWayThroughALinkCountsAndTheWayBehindIt() throws {
    try desk.write("level: L1\n", "work/.ratchet.yml")
    let way = "\(desk.root)/elsewhere"
    try FileManager.default.createSymbolicLink(
      atPath: way, withDestinationPath: "\(desk.root)/work/vendor")
    #expect(try desk.policy("elsewhere/lib").maximum == .patches)
  }

  @Test func aConfigurationThatIsALinkOrNoFileIsAnError() throws {
    let path = "\(desk.root)/work/.ratchet.yml"
    for target in ["/nowhere/at/all", "\(desk.root)/home/config.yml"] {
      try desk.write("level: L3\n", "home/config.yml")
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
      #expect(throws: InputError.self) { try desk.policy("work") }
      #expect(throws: InputError.self) { try Configuration.nearest(to: "\(desk.root)/work") }
      try FileManager.default.removeItem(atPath: path)
    }
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    #expect(throws: InputError.self) { try desk.policy("work") }
  }

  @Test func aNearerFileOnlyTakesKeysAway() throws {
    try desk.write("level: L2\napprovers: {ada: \(ada), eve: \(eve)}\n", "work/.ratchet.yml")
    #expect(try desk.policy("work").approvers?.count == 2)
    try desk.write("approvers: {ada: \(ada)}\n", "work/vendor/.ratchet.yml")
    #expect(try desk.policy("work/vendor").approvers?.values.sorted() == ["ada"])
    try desk.write(
      "approvers: {mallory: \(String(repeating: "ff", count: 32))}\n", "work/vendor/.ratchet.yml")
    #expect(try desk.policy("work/vendor").approvers == [:])
  }

  @Test func keysOfAForeignFileOpenNothing() throws {
    try desk.write("approvers: {eve: \(eve)}\n", "work/vendor/.ratchet.yml")
    #expect(try desk.policy("work/vendor").approvers == nil)
    // Nor those of a project in which the person stands who has rules of his own.
    try desk.write("level: L2\n", "home/config.yml")
    #expect(try desk.policy("work/vendor", from: "work/vendor").approvers == nil)
    try desk.write("level: L2\napprovers: {ada: \(ada), eve: \(eve)}\n", "home/config.yml")
    #expect(try desk.policy("work/vendor").approvers?.values.sorted() == ["eve"])
  }

  @Test func theLowestCeilingsApplyAndTheCommandLineRaisesNone() throws {
    try desk.write("ceilings: {cpu: 2h, compiles: 50, accepted: 1}\n", "work/.ratchet.yml")
    try desk.write("ceilings: {cpu: 10m, compiles: 5000, disk: 1GiB}\n", "work/vendor/.ratchet.yml")
    var ceilings = try desk.policy("work/vendor").ceilings
    #expect(ceilings[.cpu]?.value == 600)
    #expect(ceilings[.compiles]?.value == 50)
    #expect(ceilings[.disk]?.value == 1_073_741_824)
    ceilings.lower(.compiles, to: 900, by: "the command line")
    #expect(ceilings[.compiles]?.value == 50)
    ceilings.lower(.compiles, to: 9, by: "the command line")
    #expect(ceilings[.compiles]?.origin == "the command line")
  }

  @Test func programsOfAForeignConfigurationAreWithheld() throws {
    let text = "cc: ./cc\ncflags: -O2 -fplugin=./x.so\nprogram: {build: make, run: ./demo}\n"
    try desk.write(text, "work/vendor/.ratchet.yml")
    let configuration = try Configuration.nearest(to: "\(desk.root)/work/vendor")
    #expect(configuration.program == nil && configuration.compiler == nil)
    #expect(configuration.flags == nil)
    #expect(
      configuration.withheld.map(\.action).sorted() == [
        "compile by './cc'", "compile with '-O2 -fplugin=./x.so'", "run './demo'", "run 'make'",
      ])
    try desk.write("cc: gcc\ncflags: -O2 -o /etc/x -DN='a b'\n", "work/vendor/.ratchet.yml")
    let harmless = try Configuration.nearest(to: "\(desk.root)/work/vendor")
    #expect(harmless.compiler == "gcc" && harmless.withheld.isEmpty)
    #expect(harmless.flags == "'-O2' '-DN=a b'")
  }
}
