import ArgumentParser
import Diagnostics
import ExperimentRecords
import Foundation
import LineageLog
import SystemPackage

/// `ratchet lineage bisect KERNEL -- COMMAND…`: the first entry for which a user's command fails.
struct LineageBisectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bisect",
    abstract: "Finds the first text of a kernel's file for which a command of yours fails.",
    discussion: """
      The command runs in a copy of the project, which has the file as it was read, with each winner, and as \
      applications and reversals left it. It passes with 0, fails with 1 to 127, and says with 125 that it \
      cannot tell, as for 'git bisect run'. Your files are not touched.
      """)

  @Argument(help: "A kernel: FUNCTION or FILE:FUNCTION.")
  var kernel: String

  @Argument(parsing: .postTerminator, help: "The command with its arguments, behind '--'.")
  var command: [String] = []

  @OptionGroup var state: ExistingState

  func validate() throws {
    guard !command.isEmpty else {
      throw ValidationError("give the command behind '--': lineage bisect KERNEL -- make test")
    }
  }

  func run() async throws {
    try await withEndings {
      let (lineage, directory) = try state.lineage()
      let name = try only(lineage.kernels(named: kernel), lineage)
      let texts = lineage.texts(of: name)
      guard texts.count > 1 else {
        throw InputError(
          "the lineage has one text of '\(name.file)' only", remedy: "there is nothing to compare")
      }
      let copy = try ProjectCopy(
        of: try lineage.projectRoot(of: directory, holding: name.file), without: directory.path)
      defer { copy.remove() }
      let objects = ObjectStore(directory)
      let finding = try Bisection(texts).find { text in
        let answer = try copy.answer(of: command, to: try objects.get(text.digest), in: name.file)
        say("\(text.entry.short) \(kindText(text)): \(answer)\n")
        return answer
      }
      try tell(finding)
    }
  }

  private func only(_ kernels: [KernelName], _ lineage: Lineage) throws -> KernelName {
    guard let name = kernels.first else {
      throw InputError(
        "no kernel '\(kernel)'", remedy: LineageLogCommand.hint(lineage.kernels))
    }
    guard kernels.count == 1 else {
      throw InputError(
        "'\(kernel)' could be any of \(kernels.count) kernels", remedy: "name it FILE:FUNCTION")
    }
    return name
  }

  private func kindText(_ text: SourceText) -> String {
    text.kind == "baseline" ? "as it was read" : "after \(text.kind)"
  }

  private func tell(_ finding: Bisection<SourceText>.Finding) throws {
    switch finding {
    case .between(let last, let first, let untestable):
      say("first failing entry: \(first.entry.short), \(kindText(first))\n")
      if !untestable.isEmpty {
        let ids = untestable.map(\.entry.short).joined(separator: ", ")
        say("or one of those that could not be told: \(ids)\n")
      }
      say("last passing entry: \(last.entry.short), \(kindText(last))\n")
      say("'ratchet lineage diff \(last.entry.short) \(first.entry.short)' shows the change\n")
    case .failsAtOnce:
      complain(.error("the command fails for the file as it was first read already"))
      throw Ending.refused
    case .passesThroughout:
      complain(.error("the command passes for the last text of the file"))
      throw Ending.refused
    case .endIsUntestable(let text):
      complain(.error("the command cannot tell of entry '\(text.entry.short)', an end of the row"))
      throw Ending.refused
    }
  }
}

/// A copy of a project in which one file may have any text.
struct ProjectCopy {
  private let folder: URL

  /// Copies all of `root` but version control and the lineage.
  init(of root: FilePath, without state: FilePath) throws {
    let files = FileManager.default
    folder = files.temporaryDirectory.appendingPathComponent("ratchet-bisect-\(UUID().uuidString)")
    try files.createDirectory(at: folder, withIntermediateDirectories: true)
    let source = URL(fileURLWithPath: root.string)
    let own = URL(fileURLWithPath: state.string).standardizedFileURL.path
    for name in try files.contentsOfDirectory(atPath: source.path) where name != ".git" {
      let item = source.appendingPathComponent(name)
      if item.standardizedFileURL.path == own { continue }
      try files.copyItem(at: item, to: folder.appendingPathComponent(name))
    }
  }

  /// What the command says of the project with `text` as the content of `file`.
  func answer(
    of command: [String], to text: [UInt8], in file: String
  ) throws -> Bisection<SourceText>.Answer {
    try put(text, in: file)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    // What the command prints is for the person, beside what is printed here.
    process.standardOutput = FileHandle.standardError
    try process.run()
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus < 128 else {
      throw InputError(
        "the command was killed", remedy: "let it end with 0, 1 to 127, or 125 for neither")
    }
    // env says with 127 that there is no such command, which is no answer.
    if process.terminationStatus == 127 {
      throw InputError("there is no command '\(command[0])'", remedy: "name one that can be run")
    }
    return process.terminationStatus == 0
      ? .passes : process.terminationStatus == 125 ? .untestable : .fails
  }

  /// Replaces the file, which may be a link to one that is the user's own.
  private func put(_ text: [UInt8], in file: String) throws {
    let path = folder.appendingPathComponent(file).standardizedFileURL
    let place = path.deletingLastPathComponent().resolvingSymlinksInPath().path
    let own = folder.resolvingSymlinksInPath().path
    guard place == own || place.hasPrefix(own + "/") else {
      throw InputError(
        "'\(file)' lies outside the project, so that no copy of it can be changed",
        remedy: "put the file itself where the link is")
    }
    let files = FileManager.default
    if files.fileExists(atPath: path.path) { try files.removeItem(at: path) }
    try Data(text).write(to: path)
  }

  func remove() {
    do {
      try FileManager.default.removeItem(at: folder)
    } catch {
      complain(.error("the copy of the project stays", at: SourceLocation(file: folder.path)))
    }
  }
}
