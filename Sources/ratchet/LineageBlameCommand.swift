import ArgumentParser
import Diagnostics
import ExperimentRecords
import Foundation
import LineageLog
import Reporting
import SystemPackage

/// `ratchet lineage blame KERNEL|FILE`: which step brings what, or which winner wrote which line.
struct LineageBlameCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "blame",
    abstract: "Shows what each step of a kernel's winner brings, or which winner wrote which line.")

  @Argument(help: "A kernel (FUNCTION or FILE:FUNCTION), or a source file.")
  var name: String

  @OptionGroup var state: ExistingState

  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  func run() async throws {
    try await withEndings {
      let questions = try state.questions()
      let kernels = try questions.kernels(named: name)
      if !kernels.isEmpty {
        return try blame(kernels, in: try questions.lineage(anyOf: kernels.map { EntryFilter($0) }))
      }
      let (lineage, directory) = (try changes(questions), questions.directory)
      let name = try lineageName(in: lineage, try questions.kernels(), directory)
      let root = try lineage.projectRoot(of: directory, holding: name)
      let bytes = try directory.files.contents(of: root.appending(name))
      let blame = try LineBlame(
        of: bytes, file: name, lineage: lineage, objects: ObjectStore(directory))
      switch format {
      case .text: say(text(of: blame) + retractions(of: blame, in: lineage))
      case .json: try sayJSON(Document(file: name, lines: blame.lines))
      }
    }
  }

  private func blame(_ kernels: [KernelName], in lineage: Lineage) throws {
    switch format {
    case .text:
      let blame = KernelBlame(style: .output)
      say(kernels.map { blame.text(lineage, kernel: $0) }.joined(separator: "\n"))
    case .json:
      let winners = lineage.latestWinners
      try sayJSON(
        StepsDocument(
          kernels: kernels.map {
            .init(kernel: $0, winner: winners[$0]?.id, effects: winners[$0]?.winner.effects ?? [])
          }))
    }
  }

  private struct StepsDocument: Encodable {
    struct Kernel: Encodable {
      var kernel: KernelName
      var winner: Digest?
      var effects: [StepEffect]
    }
    var schema = "ratchet.lineage.blame/1"
    var kernels: [Kernel]
  }

  /// The part of the lineage that tells what was written into files, and where they are.
  private func changes(_ questions: LineageQuestions) throws -> Lineage {
    let filters = [
      EntryFilter(
        kinds: ["applied", "reverted", "campaignStarted", "rejudged", "retracted"])
    ]
    let changes = try questions.lineage(anyOf: filters)
    let winners = changes.appliedSources.values.flatMap { source in
      (source.current.layers + source.beforeLast.layers).map(\.winner)
    }
    return try questions.lineage(anyOf: filters, and: winners)
  }

  /// The lineage's name for the file, which may be given as seen from the current directory.
  private func lineageName(
    in lineage: Lineage, _ kernels: [KernelName], _ directory: StateDirectory
  ) throws -> String {
    let known = Set(kernels.map(\.file))
    if known.contains(name) { return name }
    let path = URL(fileURLWithPath: name).standardizedFileURL.path
    for file in known where path.hasSuffix("/" + file) {
      let root = try lineage.projectRoot(of: directory, holding: file)
      let absolute = URL(fileURLWithPath: root.appending(file).string).standardizedFileURL.path
      if absolute == path { return file }
    }
    throw InputError(
      "the lineage knows no kernel and no file '\(name)'",
      remedy: LineageLogCommand.hint(kernels))
  }

  private func text(of blame: LineBlame) -> String {
    let style = TerminalStyle.output
    return blame.lines.map { line in
      let author = line.winner?.short ?? padded("", to: 12)
      let function = padded(String((line.function ?? "").prefix(16)), to: 16)
      let number = String(format: "%5d", line.number)
      return "\(style.yellow(author)) \(printable(function)) \(number)  \(printable(line.text))\n"
    }.joined()
  }

  /// Which winners in the file are retracted, a line each.
  private func retractions(of blame: LineBlame, in lineage: Lineage) -> String {
    let retracted = lineage.standings.retractions
    let present = Set(blame.lines.compactMap(\.winner)).sorted()
    return present.filter { retracted[$0] != nil }.map {
      "\($0.short) is retracted; 'ratchet revert \($0.short)' takes it out\n"
    }.joined()
  }

  private struct Document: Encodable {
    var schema = "ratchet.lineage.blame/1"
    var file: String
    var lines: [LineBlame.Line]
  }
}

/// Which applied winner wrote which line of a file.
struct LineBlame {
  /// A line with the winner that wrote it; nil where the user did.
  struct Line: Encodable {
    var number: Int
    var winner: Digest?
    var function: String?
    var text: String
  }

  private(set) var lines: [Line] = []

  init(of bytes: [UInt8], file: String, lineage: Lineage, objects: ObjectStore) throws {
    var texts = String(decoding: bytes, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if texts.last == "" { texts.removeLast() }
    lines = texts.enumerated().map { Line(number: $0.offset + 1, text: $0.element) }
    let present = ObjectStore.digest(of: bytes)
    guard let source = lineage.appliedSources[file] else { return }
    guard let state = source.state(of: present) else {
      throw LineageError.refused(
        .error(
          "the file has changed since winners were applied", at: SourceLocation(file: file),
          remedy: "restore the applied version to see who wrote it"))
    }
    let writers = try state.layers.map { try Writer($0, lineage, objects) }
    let base = try objects.get(source.base)
    for hunk in UnifiedDiff(from: base, to: bytes, path: file, context: 0).hunks {
      let added = hunk.lines.filter { $0.kind == .added }.map(\.bytes)
      // Winners change different functions, so that one of them wrote most of the hunk.
      let best = writers.max { $0.count(of: added) < $1.count(of: added) }
      guard let best, best.count(of: added) > 0 else { continue }
      for number in hunk.newStart..<(hunk.newStart + hunk.newCount) {
        lines[number - 1].winner = best.layer.winner
        lines[number - 1].function = best.layer.kernel.function
      }
    }
  }

  /// A winner with the lines that it adds.
  private struct Writer {
    let layer: AppliedSource.Layer
    private let added: Set<[UInt8]>

    init(_ layer: AppliedSource.Layer, _ lineage: Lineage, _ objects: ObjectStore) throws {
      self.layer = layer
      guard case .winner(let winner)? = lineage[layer.winner]?.entry.content else {
        added = []
        return
      }
      let diff = UnifiedDiff(
        from: try objects.get(winner.baseSource), to: try objects.get(winner.newSource),
        path: layer.kernel.file)
      added = Set(diff.hunks.flatMap(\.lines).filter { $0.kind == .added }.map(\.bytes))
    }

    func count(of lines: [[UInt8]]) -> Int { lines.count(where: added.contains) }
  }
}
