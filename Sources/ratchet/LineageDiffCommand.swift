import ArgumentParser
import Diagnostics
import ExperimentRecords
import LineageLog
import Reporting

/// `ratchet lineage diff ID [ID]`: what a candidate changes in the source.
struct LineageDiffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Shows what a candidate changes, or how two candidates of a file differ.",
    discussion: "The output is an ordinary patch, which 'git apply' and 'patch -p1' take.")

  @Argument(help: "A winner, proposal, application or revert, by the first digits of its id.")
  var id: String

  @Argument(help: "Another one, to compare the first with.")
  var other: String?

  @OptionGroup var state: ExistingState

  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  func run() async throws {
    try await withEndings {
      let questions = try state.questions()
      let sources = EntrySources(questions)
      let first = try questions.entry(idPrefix: id)
      var (old, new, file) = try sources.change(of: first)
      if let other {
        let second = try sources.change(of: try questions.entry(idPrefix: other))
        guard second.file == file else {
          throw InputError(
            "the entries are about two files, '\(file)' and '\(second.file)'",
            remedy: "compare candidates of one file")
        }
        (old, new) = (new, second.new)
      }
      let diff = UnifiedDiff(from: old, to: new, path: file)
      switch format {
      case .json: try sayJSON(Document(file: file, diff: diff))
      case .text:
        if diff.hunks.isEmpty { complain("the texts are equal") }
        let style = Style.output
        // A patch for programs keeps every byte; only what a person reads is made printable.
        guard style.usesColor else { return say(diff.bytes) }
        say(DiffText(style: style).lines(diff).map { $0 + "\n" }.joined())
      }
    }
  }

  private struct Document: Encodable {
    var schema = "ratchet.lineage.diff/1"
    var file: String
    var added: Int
    var removed: Int
    var patch: String

    init(file: String, diff: UnifiedDiff) {
      self.file = file
      (added, removed) = diff.counts
      patch = diff.text
    }
  }
}

extension Lineage {
  /// The baseline that a proposal was made for.
  func baseline(before stored: StoredEntry, of kernel: KernelName) -> Baseline? {
    for earlier in entries[..<stored.index].reversed() {
      if case .baseline(let baseline) = earlier.entry.content, baseline.kernel == kernel {
        return baseline
      }
    }
    return nil
  }
}
