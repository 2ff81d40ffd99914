import ExperimentRecords
import Foundation
import LineageLog
import SystemPackage
import Testing

/// Projects that were written to raise the agent's level, to run their programs, or to have files written
/// where they choose. Each is read or optimized as a person would; none gets what it wants, and what was
/// tried is in the log.
@Suite(.serialized) struct HostileProjectTests {
  private let project: ProjectFolder

  init() throws { project = try ProjectFolder() }

  /// A person who works in the folder above the foreign project `foreign`.
  private func desk() throws -> ControlDesk { try ControlDesk(project) }

  private func plant(_ configuration: String) throws {
    try project.write(StridedKernel.source, to: "foreign/sums.c")
    try project.write(configuration, to: "foreign/.ratchet.yml")
  }

  /// Instructions in comments and names are text to the parser and nothing else.
  @Test func instructionsInSourcesAreText() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../fixtures/control/instructions.c")
    try project.write(
      String(decoding: try Data(contentsOf: file), as: UTF8.self), to: "src/instructions.c")
    try project.write("level: L0\n" + StridedKernel.workload, to: ".ratchet.yml")
    let desk = try desk()
    let run = try desk.tool()(
      "optimize", ".", "--budget", "6evals", "--function", "column_sums", "--format", "json")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("\"outcome\" : \"improved\""), "\(run.output)")
    #expect(try desk.isUntouched)
    #expect(!desk.exists(".ratchet/patches"))
    let refused = try #require(try desk.refusals().last)
    #expect(refused.action == "write a patch file" && refused.needed == .patches)
    #expect(refused.allowed == .report)
    #expect(try desk.refusals().count == 1)
    let winner = try #require(try desk.lineage().latestWinners.values.first).id
    #expect(try desk.tool()("apply", winner.hex).status == 1)
    #expect(try desk.isUntouched)
    #expect(try desk.tool()("lineage", "verify").status == 0)
  }

  @Test(arguments: ["L0", "L1", "L2"])
  func applyingUnaskedIsRefusedBeforeAnythingIsSearched(level: String) throws {
    try plant("level: L4\n")
    try project.write("level: \(level)\n", to: ".ratchet.yml")
    let desk = try desk()
    let run = try desk.tool()("optimize", "foreign", "--apply")
    expectOneLine(run, status: 2, says: ["L3", level])
    let refused = try desk.refusals("foreign/.ratchet")
    #expect(refused.map(\.needed) == [.apply])
    #expect(refused.first?.allowed == AutonomyLevel(level))
    #expect(try desk.lineage("foreign/.ratchet").entries.count == 1)
    #expect(try desk.isUntouched)
  }

  @Test func theLevelIsShownWithWhatSetsIt() throws {
    try plant("level: L4\n")
    let desk = try desk()
    #expect(try desk.tool()("kernels", "foreign").output.contains("level L3 at most"))
    try project.write("level: L1\n", to: ".ratchet.yml")
    let kernels = try desk.tool()("kernels", "foreign")
    #expect(kernels.output.contains("level L1 at most, set by \(project.path)/.ratchet.yml"))
    let dry = try desk.tool()("optimize", "foreign", "--dry-run", "--format", "json")
    #expect(dry.output.contains("\"level\" : \"L1\""))
  }

  /// Commands, compilers and flags of a configuration that came with the project.
  @Test func programsOfAForeignConfigurationAreNotRun() throws {
    let marker = project.path + "/ran"
    let script = try project.write(
      "#!/bin/sh\ntouch '\(marker)'\nexec gcc \"$@\"\n", to: "foreign/gcc")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
    try plant(
      """
      cc: ./gcc
      cflags: -O2 -wrapper \(script)
      program: {build: touch \(marker), run: touch \(marker)}
      \(StridedKernel.workload)
      """)
    let desk = try desk()
    let run = try desk.tool()("optimize", "foreign", "--budget", "6evals")
    #expect(run.status == 0, "\(run.errors)")
    #expect(!desk.exists("ran"))
    let actions = try desk.refusals("foreign/.ratchet").map(\.action)
    #expect(actions.filter { $0.hasPrefix("run 'touch") }.count == 2)
    #expect(actions.contains { $0.hasPrefix("compile by './gcc'") })
    #expect(actions.contains { $0.hasPrefix("compile with") })
    #expect(run.errors.contains("refused to run 'touch"))
    #expect(try desk.isUntouched)
  }

  static let flags: [[String]] = [
    ["-fplugin=./evil.so"], ["-fpass-plugin=./evil.so"], ["@flags"], ["-wrapper", "./evil"],
    ["-B./"], ["-B", "."], ["-specs=./evil.specs"], ["--config", "evil.cfg"],
    ["-ivfsoverlay", "evil.yaml"], ["--gcc-toolchain=."], ["-Xpreprocessor", "-MD"],
    ["-Wp,-MD,written"], ["-fuse-ld=./evil"], ["--ld-path=./evil"], ["-unheard-of"],
  ]

  /// Flags of a compilation database that run or load what the project chooses: the file is left out, and
  /// the log says why.
  @Test(arguments: flags)
  func flagsThatRunProgramsKeepTheFileOut(flags: [String]) throws {
    let marker = project.path + "/ran"
    let script = try project.write("#!/bin/sh\ntouch '\(marker)'\n", to: "foreign/evil")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
    for name in ["cc1", "as", "ld"] {
      try FileManager.default.copyItem(atPath: script, toPath: "\(project.path)/foreign/\(name)")
    }
    try plant("level: L1\n")
    try database(["gcc"] + flags)
    let desk = try desk()
    let kernels = try desk.tool()("kernels", "foreign")
    #expect(kernels.status == 0, "\(kernels.errors)")
    #expect(kernels.output.contains("0 kernels, 1 skipped"))
    #expect(kernels.output.contains("may run or write what the project chooses"))
    #expect(!desk.exists("ran") && !desk.exists("foreign/written"))
    if flags == ["@flags"] {
      let run = try desk.tool()("optimize", "foreign", "--budget", "1evals")
      #expect(run.status == 0, "\(run.errors)")
      let log = try desk.lineage("foreign/.ratchet").entries
      #expect(
        log.contains {
          guard case .kernelFinished(let finished) = $0.entry.content else { return false }
          return finished.outcome == .skipped && finished.reason?.contains("'@flags'") == true
        })
    }
  }

  /// Flags that make a compiler write are left out, and the rest is taken.
  @Test func flagsThatWriteAreLeftOut() throws {
    try plant("level: L1\n")
    try database([
      "gcc", "-O2", "-owritten", "-o", "written", "--output=written", "-MD", "-MF", "written",
      "-MJwritten", "-dumpbase", "written", "-fdump-tree-all=written", "-fstack-usage",
      "-fopt-info-all=written", "-aux-info", "written", "-save-temps", "-Xclang", "-load",
      "-Wa,-al=written", "-Wl,-Map=written", "-fcallgraph-info", "-ftime-trace=written",
    ])
    let desk = try desk()
    let before = try project.snapshot()
    let run = try desk.tool()("kernels", "foreign", "--format", "json")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("column_sums"))
    #expect(!run.output.contains("written"))
    #expect(try project.snapshot() == before)
  }

  /// A compiler that the database names in the project, and programs that are none.
  @Test(arguments: ["./gcc", "gcc-by-path", "/usr/bin/find", "/bin/sh", "make", "python3"])
  func whatADatabaseCallsACompilerIsNotRun(name: String) throws {
    let marker = project.path + "/ran"
    let script = try project.write("#!/bin/sh\ntouch '\(marker)'\n", to: "foreign/gcc")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
    try plant("level: L1\n")
    let compiler = name == "gcc-by-path" ? script : name
    try database([compiler, "-O2"])
    let desk = try desk()
    let run = try desk.tool()("kernels", "foreign")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("0 kernels, 1 skipped"))
    #expect(run.output.contains("--cc"))
    #expect(!desk.exists("ran"))
  }

  private func database(_ words: [String]) throws {
    let entry: [String: Any] = [
      "directory": project.path + "/foreign", "file": "sums.c",
      "arguments": words + ["-c", "sums.c"],
    ]
    let bytes = try JSONSerialization.data(withJSONObject: [entry])
    try project.write(String(decoding: bytes, as: UTF8.self), to: "foreign/compile_commands.json")
  }

  @Test func namesOfFilesReachNoShellAndNoTerminal() throws {
    for name in [
      "a\u{1B}[2Jb.c", "a\nlevel: L4\n.c", "$(touch ran).c", "`touch ran`.c", "-o ran.c",
    ] {
      try project.write(StridedKernel.source, to: "foreign/" + name)
    }
    let desk = try desk()
    let run = try desk.tool()("kernels", "foreign")
    #expect(run.status == 0, "\(run.errors)")
    // Those that hold control characters give no kernels.
    #expect(run.output.contains("3 kernels"), "\(run.output)\(run.errors)")
    #expect(!run.output.contains("\u{1B}") && !run.errors.contains("\u{1B}"))
    #expect(!run.output.contains("\nlevel: L4"))
    #expect(run.output.contains("level L3 at most, set by the default"))
    #expect(!desk.exists("ran") && !desk.exists("foreign/ran"))
  }

  @Test func filesOfThePersonsAreNotRead() throws {
    try project.write("#include \"/etc/passwd\"\n" + StridedKernel.source, to: "foreign/sums.c")
    let desk = try desk()
    let run = try desk.tool()("optimize", "foreign", "--budget", "1evals")
    #expect(run.status == 2)
    #expect(run.errorLines.count == 1)
    #expect(!desk.exists("foreign/.ratchet"))
  }

  @Test(arguments: ["a directory", "a link"])
  func aStopFileStopsWhateverItIs(kind: String) throws {
    try plant("level: L1\n")
    let place = project.path + "/foreign/.ratchet/STOP"
    try project.makeDirectory("foreign/.ratchet")
    if kind == "a link" {
      try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: "/nowhere")
    } else {
      try project.makeDirectory("foreign/.ratchet/STOP")
    }
    let desk = try desk()
    expectOneLine(
      try desk.tool()("optimize", "foreign", "--budget", "1evals"), status: 3, says: ["STOP"])
  }

  @Test(arguments: ["tmp", "objects", "patches"])
  func aPlantedStateThatLeadsElsewhereIsRefused(part: String) throws {
    try plant(StridedKernel.workload)
    let desk = try desk()
    _ = try LineageWriter(desk.state("foreign/.ratchet"), command: "forger")
    let place = project.path + "/foreign/.ratchet/" + part
    if FileManager.default.fileExists(atPath: place) {
      try FileManager.default.removeItem(atPath: place)
    }
    try desk.home.write("mine\n", to: "documents/letter")
    try FileManager.default.createSymbolicLink(
      atPath: place, withDestinationPath: desk.home.path + "/documents")
    let run = try desk.tool()("optimize", "foreign", "--budget", "6evals", "--quiet")
    #expect(run.status == 2, "\(run.errors)")
    #expect(run.errors.contains("symbolic link"))
    let names = try FileManager.default.contentsOfDirectory(atPath: desk.home.path + "/documents")
    #expect(names == ["letter"])
  }

  /// A planted winner whose name leads out of the folder of patches.
  @Test func patchesStayInTheirFolder() throws {
    try plant(StridedKernel.workload)
    let desk = try desk()
    let sample = try SampleLineage()
    let lineage = try ControlDesk(sample.project).lineage()
    guard
      case .winner(var winner)? = lineage.latestWinners.values.first.flatMap({
        lineage[$0.id]?.entry.content
      })
    else { return }
    let objects = ObjectStore(StateDirectory(FilePath(sample.project.path + "/.ratchet")))
    let writer = try LineageWriter(desk.state("foreign/.ratchet"), command: "forger")
    for digest in [winner.baseSource, winner.newSource, try #require(winner.patch)] {
      try writer.objects.put(try objects.get(digest))
    }
    winner.kernel = KernelName(file: "x.c", function: "/../../../owned\u{1B}")
    try writer.append(.winner(winner))
    writer.close()
    let run = try desk.tool()("optimize", "foreign", "--budget", "6evals")
    #expect(run.status == 0, "\(run.errors)")
    let names = try FileManager.default.subpathsOfDirectory(atPath: project.path)
      .filter { $0.contains("owned") }
    #expect(names == ["foreign/.ratchet/patches/x.c.-..-..-..-owned-.patch"])
    #expect(!run.output.contains("\u{1B}"))
  }

  @Test func aNearerFileRaisesNoCeiling() throws {
    try plant("ceilings: {compiles: 100000}\n" + StridedKernel.workload)
    try project.write("ceilings: {compiles: 2}\n", to: ".ratchet.yml")
    let desk = try desk()
    let arguments = [
      "optimize", "foreign", "--budget", "50evals", "--max-compiles", "5000", "--format", "json",
    ]
    let run = try desk.tool().run(arguments)
    #expect(run.status == 3, "\(run.errors)")
    #expect(run.output.contains("\"stopReason\" : \"ceiling\""))
    guard
      case .campaignEnded(let ended)? = try desk.lineage("foreign/.ratchet").entries
        .last(where: { $0.entry.content.kind == "campaignEnded" })?.entry.content
    else {
      Issue.record("the campaign has no end")
      return
    }
    #expect(ended.ceiling?.ceiling == .compiles && ended.ceiling?.limit == 2)
    #expect(ended.ceiling?.origin == project.path + "/.ratchet.yml")
    let spent = try #require(ended.ceiling?.spent)
    #expect(spent >= 2 && spent <= 2 + 12, "at most one candidate more")
    // Going on counts on: nothing is left to spend.
    let count = try proposals()
    #expect(try desk.tool().run(arguments + ["--resume"]).status == 3)
    #expect(try proposals() == count)
  }

  private func proposals() throws -> Int {
    let state = StateDirectory(FilePath(project.path + "/foreign/.ratchet"))
    return try Lineage.read(state).entries.count { $0.entry.content.kind == "proposal" }
  }
}
