import ExperimentRecords
import Foundation
import LineageLog
import SystemPackage
import Testing

/// A project with one file of three functions, and winners for each of them.
private struct Project {
  static let functions = ["first", "second", "third"]
  let scratch: Scratch
  let file: FilePath
  let original = Project.source(changing: [])

  init() throws {
    scratch = try Scratch()
    file = scratch.path.appending("src.c")
    try scratch.write(original, to: file)
  }

  /// The file with other bodies for `changed`.
  static func source(changing changed: Set<String>) -> [UInt8] {
    let bodies = functions.map { name in
      let loop =
        changed.contains(name) ? "  for (; n > 0; n -= 1)\n    a[n - 1] = 0;\n" : "  a[0] = 0;\n"
      return "void \(name)(int n, int a[n])\n{\n\(loop)}\n"
    }
    return Array(("#include <math.h>\n" + bodies.joined(separator: "\n")).utf8)
  }

  func writer(_ files: any FileOperations = SystemFiles()) throws -> LineageWriter {
    try LineageWriter(scratch.state(files), command: "test")
  }

  /// Records a winner for `function` that was made from `base`.
  func win(
    _ function: String, from base: [UInt8], to new: [UInt8], _ writer: LineageWriter,
    file: String = "src.c"
  ) throws -> Digest {
    let winner = Winner(
      kernel: KernelName(file: file, function: function), recipe: .empty, proposal: .zero,
      baseSource: try writer.objects.put(base), newSource: try writer.objects.put(new),
      verdict: .tested, measurements: [])
    return try writer.append(.winner(winner)).id
  }

  func winners(_ writer: LineageWriter) throws -> [String: Digest] {
    var ids: [String: Digest] = [:]
    for name in Self.functions {
      ids[name] = try win(name, from: original, to: Self.source(changing: [name]), writer)
    }
    return ids
  }

  var bytes: [UInt8] { get throws { try scratch.bytes(of: file) } }
}

@Suite struct PatchApplicationTests {
  private let project: Project

  init() throws { project = try Project() }

  @Test func applyWritesTheWinnerAndRevertRestoresEveryByte() throws {
    let writer = try project.writer()
    let winner = try project.winners(writer)["second"] ?? .zero
    let application = PatchApplication(writer, root: project.scratch.path)
    let entry = try application.apply(winner)
    #expect(try project.bytes == Project.source(changing: ["second"]))
    guard case .applied(let applied) = entry.entry.content else {
      Issue.record("\(entry)")
      return
    }
    #expect(applied.before == ObjectStore.digest(of: project.original))
    #expect(try writer.objects.get(applied.before) == project.original)
    try application.revert(winner)
    #expect(try project.bytes == project.original)
    #expect(writer.lineage.appliedSources["src.c"]?.current.layers == [])
    writer.close()
    #expect(try Lineage.verify(project.scratch.state()).defect == nil)
  }

  @Test(arguments: permutations(Project.functions), permutations(Project.functions))
  func winnersOfOneFileComposeAndLeaveInAnyOrder(arrival: [String], departure: [String]) throws {
    let writer = try project.writer()
    let ids = try project.winners(writer)
    let application = PatchApplication(writer, root: project.scratch.path)
    var present: Set<String> = []
    for name in arrival {
      try application.apply(try #require(ids[name]))
      present.insert(name)
      #expect(try project.bytes == Project.source(changing: present))
    }
    for name in departure {
      try application.revert(try #require(ids[name]))
      present.remove(name)
      #expect(try project.bytes == Project.source(changing: present))
    }
    #expect(try project.bytes == project.original)
  }

  @Test func aChangedFileIsRefusedAndLeftAsItIs() throws {
    let writer = try project.writer()
    let ids = try project.winners(writer)
    let application = PatchApplication(writer, root: project.scratch.path)
    let edited = project.original + Array("// mine\n".utf8)
    try project.scratch.write(edited, to: project.file)
    let error = #expect(throws: LineageError.self) { try application.apply(ids["first"] ?? .zero) }
    #expect(error?.exitCode == 1)
    #expect(error?.diagnostic.message.hasPrefix("the file has changed: expected '") == true)
    #expect(try project.bytes == edited)

    try project.scratch.write(project.original, to: project.file)
    try application.apply(ids["first"] ?? .zero)
    let mended = try project.bytes + Array("// mine\n".utf8)
    try project.scratch.write(mended, to: project.file)
    #expect(throws: LineageError.self) { try application.revert(ids["first"] ?? .zero) }
    #expect(throws: LineageError.self) { try application.apply(ids["second"] ?? .zero) }
    #expect(try project.bytes == mended)
    let kinds = writer.lineage.entries.map(\.entry.content.kind)
    #expect(kinds == ["winner", "winner", "winner", "applied"])
  }

  @Test func whatIsSavedMeanwhileIsNotOverwritten() throws {
    let (file, edited) = (project.file, project.original + Array("// mine\n".utf8))
    // The permissions are copied last, long after the file was read.
    let files = FaultyFiles(before: .copyAttributes) {
      #expect(throws: Never.self) { try Data(edited).write(to: URL(filePath: file.string)) }
    }
    let writer = try project.writer(files)
    let id = try project.winners(writer)["first"] ?? .zero
    let application = PatchApplication(writer, root: project.scratch.path)
    let error = #expect(throws: LineageError.self) { try application.apply(id) }
    #expect(error?.diagnostic.message.hasPrefix("the file has changed") == true)
    #expect(try project.bytes == edited)
    #expect(!writer.lineage.entries.contains { $0.entry.content.kind == "applied" })
    #expect(try files.list(project.scratch.path) == [".ratchet", "src.c"])
  }

  @Test func aSecondWinnerForTheSameLinesIsRefused() throws {
    let writer = try project.writer()
    let first = try project.winners(writer)["first"] ?? .zero
    var other = project.original
    let place = try #require(other.firstRange(of: Array("a[0] = 0".utf8)))
    other.replaceSubrange(place, with: Array("*a = 0".utf8))
    let rival = try project.win("first", from: project.original, to: other, writer)
    let application = PatchApplication(writer, root: project.scratch.path)
    try application.apply(first)
    let error = #expect(throws: LineageError.self) { try application.apply(rival) }
    #expect(error?.diagnostic.message.contains("another winner changes too") == true)
    #expect(throws: LineageError.self) { try application.apply(first) }
    #expect(try project.bytes == Project.source(changing: ["first"]))
  }

  @Test func aWinnerThatRestsOnAnotherHoldsItBack() throws {
    let writer = try project.writer()
    let first = try project.winners(writer)["first"] ?? .zero
    let base = Project.source(changing: ["first"])
    var better = base
    let place = try #require(better.firstRange(of: Array("n -= 1".utf8)))
    better.replaceSubrange(place, with: Array("--n".utf8))
    let second = try project.win("first", from: base, to: better, writer)
    let application = PatchApplication(writer, root: project.scratch.path)
    try application.apply(first)
    try application.apply(second)
    #expect(throws: LineageError.self) { try application.revert(first) }
    #expect(try project.bytes == better)
    try application.revert(second)
    #expect(try project.bytes == base)
    try application.revert(first)
    #expect(try project.bytes == project.original)
  }

  @Test func whatIsNotAppliedCannotBeReverted() throws {
    let writer = try project.writer()
    let id = try project.winners(writer)["first"] ?? .zero
    let application = PatchApplication(writer, root: project.scratch.path)
    #expect(throws: LineageError.self) { try application.revert(id) }
    try application.apply(id)
    try application.revert(id)
    let error = #expect(throws: LineageError.self) { try application.revert(id) }
    #expect(error?.diagnostic.message == "'\(id.short)' is not applied")
  }

  @Test func permissionsStay() throws {
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o640], ofItemAtPath: project.file.string)
    let writer = try project.writer()
    let id = try project.winners(writer)["third"] ?? .zero
    try PatchApplication(writer, root: project.scratch.path).apply(id)
    #expect(try SystemFiles().status(project.file)?.mode == 0o640)
  }

  @Test(arguments: ["../outside.c", "/etc/hostname", "link/outside.c"])
  func nothingOutsideTheProjectIsTouched(name: String) throws {
    let root = project.scratch.path.appending("project")
    try FileManager.default.createDirectory(
      atPath: root.string, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: root.appending("link").string, withDestinationPath: project.scratch.path.string)
    let outside = Array("int x;\n".utf8)
    try project.scratch.write(outside, to: project.scratch.path.appending("outside.c"))
    let writer = try project.writer()
    let id = try project.win("f", from: outside, to: [10], writer, file: name)
    let error = #expect(throws: LineageError.self) {
      try PatchApplication(writer, root: root).apply(id)
    }
    #expect(error?.diagnostic.message == "'\(name)' lies outside the project")
    #expect(try project.scratch.bytes(of: project.scratch.path.appending("outside.c")) == outside)
  }

  @Test(arguments: [FaultyFiles.Fault.error(.ioError), .death])
  func aFaultLeavesTheFileWholeAndTheNextTryWorks(fault: FaultyFiles.Fault) throws {
    for number in 0..<80 {
      let project = try Project()
      let files = FaultyFiles()
      let writer = try project.writer(files)
      let id = try project.winners(writer)["second"] ?? .zero
      files.arm(fault, at: number)
      do { try PatchApplication(writer, root: project.scratch.path).apply(id) } catch {
        #expect(!"\(error)".isEmpty)
      }
      let isReached = files.operations.count > number
      writer.close()
      let applied = Project.source(changing: ["second"])
      let found = try project.bytes
      #expect(found == project.original || found == applied)

      let next = try project.writer()
      let application = PatchApplication(next, root: project.scratch.path)
      if found == project.original { try application.apply(id) }
      #expect(try project.bytes == applied)
      try application.revert(id)
      #expect(try project.bytes == project.original)
      next.close()
      #expect(try Lineage.verify(project.scratch.state()).defect == nil)
      if !isReached { return }
    }
    Issue.record("applying takes more operations than were tried")
  }

  @Test func anInterruptedApplicationCanBeRevertedInTheLog() throws {
    let files = FaultyFiles()
    let writer = try project.writer(files)
    let id = try project.winners(writer)["second"] ?? .zero
    let application = PatchApplication(writer, root: project.scratch.path)
    try application.apply(id)
    // As if the rename had never reached the disk.
    try project.scratch.write(project.original, to: project.file)
    try application.revert(id)
    #expect(try project.bytes == project.original)
    #expect(writer.lineage.appliedSources["src.c"]?.current.layers == [])
    try application.apply(id)
    #expect(try project.bytes == Project.source(changing: ["second"]))
  }
}

private func permutations(_ names: [String]) -> [[String]] {
  guard names.count > 1 else { return [names] }
  return names.flatMap { name in permutations(names.filter { $0 != name }).map { [name] + $0 } }
}
