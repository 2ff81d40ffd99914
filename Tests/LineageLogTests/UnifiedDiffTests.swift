import Foundation
import LineageLog
import Testing

@Suite struct UnifiedDiffTests {
  @Test func looksLikeAnyUnifiedDiff() {
    let old = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n"
    let new = "a\nB\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\n"
    let diff = UnifiedDiff(from: Array(old.utf8), to: Array(new.utf8), path: "src/x.c")
    #expect(
      diff.text == """
        --- a/src/x.c
        +++ b/src/x.c
        @@ -1,5 +1,5 @@
         a
        -b
        +B
         c
         d
         e
        @@ -10,3 +10,4 @@
         j
         k
         l
        +m

        """)
    #expect(diff.counts == (2, 1))
  }

  @Test func equalTextsHaveNoDiff() {
    #expect(UnifiedDiff(from: [97, 10], to: [97, 10], path: "x.c").bytes.isEmpty)
  }

  @Test func saysWhereTheLastNewlineIsMissing() {
    let diff = UnifiedDiff(from: Array("a\nb".utf8), to: Array("a\nb\n".utf8), path: "x.c")
    #expect(
      diff.text == """
        --- a/x.c
        +++ b/x.c
        @@ -1,2 +1,2 @@
         a
        -b
        \\ No newline at end of file
        +b

        """)
  }

  @Test(arguments: [
    ("plain.c", "one\n", "two\n"), ("a/b/deep.c", "x\ny\n", "x\nz\ny\n"),
    ("with space.c", "x\n", "y\n"), ("quo\"te.c", "x\n", "y\n"), ("größe.c", "x\n", "y\n"),
    ("no newline.c", "x\ny", "x\nz"), ("newline comes.c", "x", "x\n"), ("goes.c", "x\n", "x"),
    ("crlf.c", "a\r\nb\r\n", "a\r\nc\r\n"), ("fills.c", "", "a\nb\n"), ("top.c", "b\n", "a\nb\n"),
    ("minus.c", "-- a\n++ b\n", "-- a\n+++ c\n"),
  ])
  func patchAndGitTakeIt(path: String, old: String, new: String) throws {
    try expectBothToolsTake(Array(old.utf8), Array(new.utf8), path)
  }

  @Test func patchAndGitTakeBytesThatAreNoText() throws {
    let old: [UInt8] = Array("/* Gr".utf8) + [0xF6, 0xDF] + Array("e */\nint a;\n".utf8)
    let new: [UInt8] = Array("/* Gr".utf8) + [0xF6, 0xDF] + Array("e */\nint b; // ".utf8) + [0xE4]
    try expectBothToolsTake(old, new, "latin1.c")
  }

  @Test func patchAndGitTakeWhateverChanges() throws {
    var random = Random(seed: 5)
    for _ in 0..<12 {
      let old = random.text(lines: random.below(60))
      let new = random.mutated(old)
      guard old != new else { continue }
      try expectBothToolsTake(old, new, "src/random.c")
    }
  }

  private func expectBothToolsTake(_ old: [UInt8], _ new: [UInt8], _ path: String) throws {
    for tool in [
      ["patch", "-p1", "--quiet", "--input", "change.diff"], ["git", "apply", "change.diff"],
    ] {
      let scratch = try Scratch()
      let file = scratch.path.appending(path)
      try FileManager.default.createDirectory(
        atPath: file.removingLastComponent().string, withIntermediateDirectories: true)
      try scratch.write(old, to: file)
      try scratch.write(
        UnifiedDiff(from: old, to: new, path: path).bytes, to: scratch.path.appending("change.diff")
      )
      let output = try run(tool, in: scratch)
      #expect(output == "", "\(tool)")
      #expect(try scratch.bytes(of: file) == new, "\(tool)")
    }
  }
}

/// What `command` prints when it fails; nothing when it succeeds.
private func run(_ command: [String], in scratch: Scratch) throws -> String {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = command
  process.currentDirectoryURL = URL(filePath: scratch.path.string)
  // No repository above the scratch directory may matter.
  process.environment = ProcessInfo.processInfo.environment.merging([
    "GIT_CEILING_DIRECTORIES": scratch.path.removingLastComponent().string, "LC_ALL": "C",
  ]) { $1 }
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = pipe
  try process.run()
  let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
  process.waitUntilExit()
  return process.terminationStatus == 0 ? "" : "failed: " + String(decoding: output, as: UTF8.self)
}

/// Random texts with many equal lines, which is what makes diffs hard.
struct Random {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func below(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }

  mutating func line() -> String {
    ["{", "}", "", "  x += 1;", "  y = x;", "// \(below(9))"][below(6)]
  }

  mutating func text(lines: Int) -> [UInt8] {
    Array((0..<lines).map { _ in line() + "\n" }.joined().utf8)
  }

  mutating func mutated(_ text: [UInt8]) -> [UInt8] {
    var lines = String(decoding: text, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
    for _ in 0..<(1 + below(5)) {
      let place = below(lines.count)
      switch below(3) {
      case 0: lines[place] = line()
      case 1: lines.insert(line(), at: place)
      default: if lines.count > 1 { lines.remove(at: place) }
      }
    }
    return Array(lines.joined(separator: "\n").utf8)
  }
}
