import ExperimentRecords
import Foundation
import LineageLog
import SystemPackage
import Testing

/// One thing that can be wrong, and what a user is told.
struct BadInput: CustomTestStringConvertible, Sendable {
  var name: String
  /// Prepares the user's directory.
  var prepare: @Sendable (ProjectFolder) throws -> Void
  var arguments: [String]
  var environment: [String: String] = [:]
  var status: Int32
  /// What the line says.
  var says: [String]

  var testDescription: String { name }

  init(
    _ name: String, _ arguments: [String], environment: [String: String] = [:],
    status: Int32 = 2, says: [String],
    prepare: @escaping @Sendable (ProjectFolder) throws -> Void = { _ in }
  ) {
    self.name = name
    self.prepare = prepare
    self.arguments = arguments
    self.environment = environment
    self.status = status
    self.says = says
  }

  static let kernel = """
    void scale(int n, float a[static n]) {
      for (int i = 0; i < n; i++)
        a[i] = a[i] * 2.0f;
    }

    """

  private static func script(_ text: String) -> @Sendable (ProjectFolder) throws -> Void {
    { project in
      try project.write(kernel, to: "k.c")
      let path = try project.write("#!/bin/sh\n\(text)\n", to: "fake-cc")
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }
  }

  private static func file(_ text: String, _ name: String)
    -> @Sendable (ProjectFolder) throws -> Void
  { { try $0.write(text, to: name) } }

  private static let withKernel = file(kernel, "k.c")

  static let sources: [BadInput] = [
    BadInput(
      "a path that is not there", ["optimize", "nowhere"], says: ["nowhere", "no such file"]),
    BadInput("an empty directory", ["optimize", "empty"], says: ["no C file", "empty"]) {
      try $0.makeDirectory("empty")
    },
    BadInput(
      "a directory without C", ["optimize", "."], says: ["no C file"],
      prepare: file("hello\n", "notes.txt")),
    BadInput(
      "C without loops", ["optimize", "."], says: ["no function with a loop"],
      prepare: file("int f(int x) { return x; }\n", "f.c")),
    BadInput(
      "C that does not parse", ["kernels", "."], says: ["bad.c:2:", "error"],
      prepare: file("int f(int n)\n{ for (;;) int + ; }\n", "bad.c")),
    BadInput(
      "a header that is not there", ["kernels", "."],
      says: ["inc.c:1:", "gone.h", "--cflags"],
      prepare: file("#include \"gone.h\"\n" + kernel, "inc.c")),
    BadInput(
      "C++", ["optimize", "x.cpp"], says: ["x.cpp", "C++"], prepare: file(kernel, "x.cpp")),
    BadInput(
      "a function that is not there", ["optimize", ".", "--function", "nobody"],
      says: ["no function 'nobody'", "ratchet kernels"], prepare: withKernel),
    BadInput(
      "a function that is not there, to transform",
      ["transform", "k.c", "--function", "nobody"], says: ["no function 'nobody'"],
      prepare: withKernel),
    BadInput(
      "a candidate that is not there", ["verify", "k.c", "gone.c", "--function", "scale"],
      says: ["gone.c", "no such file"], prepare: withKernel),
  ]

  static let compilers: [BadInput] = [
    BadInput(
      "no compiler on PATH", ["optimize", "."], environment: ["PATH": "/nonexistent"],
      says: ["clang", "install"], prepare: withKernel),
    BadInput(
      "a compiler that is not there", ["optimize", ".", "--cc", "nonsense-cc"],
      says: ["nonsense-cc", "--cc"], prepare: withKernel),
    BadInput(
      "a compiler that crashes", ["optimize", ".", "--cc", "./fake-cc"],
      says: ["fake-cc", "--cc"], prepare: script("kill -SEGV $$")),
    BadInput(
      "a compiler that hangs", ["optimize", ".", "--cc", "./fake-cc"],
      says: ["fake-cc", "did not end", "--cc"], prepare: script("exec sleep 1000")),
    BadInput(
      "something that is no compiler", ["optimize", ".", "--cc", "./fake-cc"],
      says: ["fake-cc", "--cc"], prepare: script("echo hello")),
  ]

  static let usage: [BadInput] = [
    BadInput(
      "a budget of no form", ["optimize", ".", "--budget", "soon"], status: 64,
      says: ["'soon'", "--budget", "60s"], prepare: withKernel),
    BadInput(
      "an option that is not there", ["kernels", ".", "--oops"], status: 64, says: ["'--oops'"]),
    BadInput(
      "a command that is not there", ["improve"], status: 64, says: ["'improve'", "ratchet help"]),
    BadInput(
      "a missing argument", ["lineage", "show"], status: 64, says: ["ratchet help lineage show"]),
    BadInput(
      "a recipe of no form",
      ["transform", "k.c", "--function", "scale", "--recipe", "tile(loop i)"],
      says: ["column 11", "':'"], prepare: withKernel),
    BadInput(
      "a pass that is not there",
      ["transform", "k.c", "--function", "scale", "--recipe", "frobnicate(loop: i)"],
      says: ["frobnicate", "ratchet passes"], prepare: withKernel),
    BadInput("no such pass to explain", ["passes", "frobnicate"], says: ["frobnicate"]),
    BadInput(
      "a configuration of no form", ["optimize", "."], says: [".ratchet.yml:2:", "budget"]
    ) {
      try withKernel($0)
      try $0.write("version: 1\nbudget: soon\n", to: ".ratchet.yml")
    },
    BadInput(
      "a setting that is not there", ["kernels", "."], says: [".ratchet.yml:2:", "speed"]
    ) {
      try withKernel($0)
      try $0.write("version: 1\nspeed: high\n", to: ".ratchet.yml")
    },
  ]

  static let states: [BadInput] = [
    BadInput("no state", ["report"], says: ["no lineage", "--state"]),
    BadInput(
      "a state that is not there", ["lineage", "log", "--state", "gone"], says: ["gone", "--state"]),
    BadInput(
      "a state below a file", ["optimize", ".", "--state", "k.c/state"], says: ["k.c", "--state"],
      prepare: withKernel),
    BadInput(
      "a state where nothing can be written", ["optimize", ".", "--state", "/proc/ratchet"],
      says: ["/proc", "--state"], prepare: withKernel),
    BadInput(
      "a state directory of somebody else's", ["optimize", ".", "--state", "docs"],
      says: ["docs", "--state"]
    ) {
      try withKernel($0)
      try $0.write("mine\n", to: "docs/notes.txt")
    },
    BadInput(
      "a lineage of another version", ["optimize", "."], says: ["another version", "format '9'"]
    ) {
      try withKernel($0)
      try $0.write(otherVersion, to: ".ratchet/lineage.jsonl")
    },
    BadInput("a stop file", ["optimize", "."], status: 3, says: ["STOP", "ratchet stop --clear"]) {
      try withKernel($0)
      try $0.write("", to: ".ratchet/STOP")
    },
    BadInput("nothing to resume", ["optimize", ".", "--resume"], says: ["nothing to resume"]) {
      try withKernel($0)
      _ = try LineageWriter(StateDirectory(FilePath($0.path + "/.ratchet")), command: "test")
    },
  ]

  /// A log whose only line has format 9.
  private static var otherVersion: String {
    let body =
      #"{"previous":"\#(Digest.zero)","format":9,"kind":"x","time":"2026-11-22T00:00:00.000Z"}"#
    let id = ObjectStore.digest(of: Array(body.utf8))
    return #"{"sha256":"\#(id)","body":\#(body)}"# + "\n"
  }
}

@Suite struct BadInputTests {
  @Test(arguments: BadInput.sources) func ofSources(_ input: BadInput) throws { try check(input) }
  @Test(arguments: BadInput.compilers) func ofCompilers(_ input: BadInput) throws {
    try check(input)
  }
  @Test(arguments: BadInput.usage) func ofCommandLines(_ input: BadInput) throws {
    try check(input)
  }
  @Test(arguments: BadInput.states) func ofStates(_ input: BadInput) throws { try check(input) }

  /// One clear line, the right code, and nothing changed.
  private func check(_ input: BadInput) throws {
    let project = try ProjectFolder()
    try input.prepare(project)
    let before = try project.snapshot()
    var tool = project.tool
    tool.environment = input.environment
    let run = try tool.run(input.arguments)
    expectOneLine(run, status: input.status, says: input.says)
    #expect(try project.snapshot() == before, "files changed")
  }

  /// A clause that does not read is left out, which can only weaken the contract; the user is told.
  @Test func ofContracts() throws {
    let project = try ProjectFolder()
    try project.write("\n/*@ requires n >= ; */\n" + BadInput.kernel, to: "k.c")
    let run = try project.tool("kernels", ".", "--cflags", "-O2")
    #expect(run.status == 0)
    #expect(run.errorLines.count == 1, "\(run.errors)")
    #expect(run.errors.contains("k.c:2:"))
    #expect(run.errors.contains("in the contract of 'scale'; the clause is left out"))
  }

  @Test func ofDamagedLogs() throws {
    let sample = try SampleLineage()
    try sample.project.write(BadInput.kernel, to: "k.c")
    let log = sample.project.url.appendingPathComponent(".ratchet/lineage.jsonl")
    var bytes = try Data(contentsOf: log)
    bytes[bytes.count / 2] ^= 4
    try bytes.write(to: log)
    let before = try sample.project.snapshot()
    for arguments in [
      ["optimize", "."], ["report"], ["lineage", "verify"], ["lineage", "log"],
      ["apply", sample.scale], ["report", "--format", "json"],
    ] {
      let run = try sample.tool.run(arguments)
      expectOneLine(run, status: 4, says: ["lineage.jsonl:", "entry "])
    }
    #expect(try sample.project.snapshot() == before)
  }

  @Test func ofALockedState() throws {
    let sample = try SampleLineage()
    try sample.project.write(BadInput.kernel, to: "k.c")
    let writer = try LineageWriter(
      StateDirectory(FilePath(sample.project.path + "/.ratchet")), command: "ratchet optimize x")
    let before = try sample.project.snapshot()
    let own = "process \(ProcessInfo.processInfo.processIdentifier)"
    for arguments in [["optimize", "."], ["apply", sample.scale], ["revert", sample.scale]] {
      let run = try sample.tool.run(arguments)
      expectOneLine(run, status: 2, says: [own, "ratchet stop", "ratchet optimize x"])
    }
    // Reading goes on while another writes.
    #expect(try sample.tool("report").status == 0)
    #expect(try sample.tool("lineage", "verify").status == 0)
    #expect(try sample.project.snapshot() == before)
    writer.close()
  }

  @Test func ofIds() throws {
    let sample = try SampleLineage()
    for (id, words) in [
      ("ffffffff", "no entry"), ("abc", "too short"), ("zzzzzz", "no entry"),
    ] {
      for command in [["apply"], ["revert"], ["lineage", "show"], ["lineage", "diff"]] {
        expectOneLine(try sample.tool.run(command + [id]), status: 2, says: [words])
      }
    }
    expectOneLine(
      try sample.tool("apply", sample.refused), status: 2, says: ["is no winner", "proposal"])
  }

  @Test func ofAnAmbiguousId() throws {
    let project = try ProjectFolder()
    let time = Timestamp(milliseconds: 0)
    // With fixed contents and times the ids are fixed too; enough of them share four digits.
    let entries = (0..<1200).map {
      LineageEntry(time: time, .stopRequested(StopRequested(by: "tester", reason: "\($0)")))
    }
    let ids = try Lineage(entries).entries.map { String($0.id.hex.prefix(4)) }
    var seen: Set<String> = []
    let second = try #require(ids.firstIndex { !seen.insert($0).inserted })
    let writer = try LineageWriter(
      StateDirectory(FilePath(project.path + "/.ratchet")), command: "test")
    for entry in entries[...second] { try writer.append(entry.content, time: time) }
    writer.close()
    expectOneLine(
      try project.tool("lineage", "show", ids[second]), status: 2,
      says: ["could be any of 2 entries", "more digits"])
  }

  @Test func ofFormats() throws {
    let sample = try SampleLineage()
    expectOneLine(
      try sample.tool("report", "--format", "html"), status: 2, says: ["text, markdown or json"])
    expectOneLine(
      try sample.tool("report", "-o", "gone/report.txt"), status: 2, says: ["gone/report.txt"])
    expectOneLine(
      try sample.tool("report", "--format", "xml"), status: 64, says: ["'xml'", "markdown"])
  }

  @Test(.enabled(if: SmallDisk.isPermitted, "mounting a small file system needs privileges"))
  func ofAFullDisk() throws {
    let project = try ProjectFolder()
    try project.write(BadInput.kernel, to: "k.c")
    let disk = try SmallDisk(at: project.path + "/disk")
    try disk.fill()
    let run = try project.tool("optimize", ".", "--state", "disk/state")
    disk.unmount()
    expectOneLine(run, status: 2, says: ["full", "--state"])
  }
}

/// Expects one line on standard error, nothing on standard output, and `status`.
func expectOneLine(
  _ run: RatchetTool.Run, status: Int32, says words: [String],
  at location: Testing.SourceLocation = #_sourceLocation
) {
  #expect(run.status == status, "\(run.errors)", sourceLocation: location)
  #expect(run.output.isEmpty, sourceLocation: location)
  #expect(run.errorLines.count == 1, "\(run.errors)", sourceLocation: location)
  for word in words {
    #expect(
      run.errors.contains(word), "'\(word)' is not in: \(run.errors)", sourceLocation: location)
  }
  for trace in ["Fatal error", "Stack dump", "Swift/"] {
    #expect(!run.errors.contains(trace), "\(run.errors)", sourceLocation: location)
  }
}
