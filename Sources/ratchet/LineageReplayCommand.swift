import ArgumentParser
import DependenceAnalysis
import Diagnostics
import ExperimentRecords
import KernelModel
import KernelParsing
import LineageLog
import Passes

/// `ratchet lineage replay ID`: applies a recorded recipe again and compares the bytes.
struct LineageReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Applies a recorded recipe to the recorded source again; exit code 1 if bytes differ."
  )

  @Argument(help: "A winner or proposal, by the first digits of its id.")
  var id: String

  @OptionGroup var state: ExistingState

  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  func run() async throws {
    try await withEndings {
      let (lineage, directory) = try state.lineage()
      let stored = try lineage.entry(idPrefix: id)
      let record = try Record(stored, in: lineage)
      let kernel = try parsed(record, lineage, directory)
      let emitted = try RecipeRunner().apply(record.recipe, to: kernel).emitFinished()
      let found = ObjectStore.digest(of: emitted)
      guard found == record.emitted else {
        throw LineageError.refused(
          .error(
            "'\(record.recipe)' gives '\(found.short)' now, and '\(record.emitted.short)' is recorded",
            at: Diagnostics.SourceLocation(file: record.kernel.file),
            remedy: "headers, flags or this program have changed since"))
      }
      switch format {
      case .text:
        say("\(stored.id.short): '\(printable(record.recipe.description))' gives the same bytes, ")
        say("\(emitted.count) of digest \(found.short)\n")
      case .json: try sayJSON(Document(entry: stored.id, digest: found, bytes: emitted.count))
      }
    }
  }

  /// The recorded source, read as its file was then.
  private func parsed(
    _ record: Record, _ lineage: Lineage, _ directory: StateDirectory
  ) throws -> Kernel {
    let root = try lineage.projectRoot(of: directory, holding: record.kernel.file)
    let path = root.appending(record.kernel.file).string
    try checkOrigin(of: record, root.string)
    let parser = KernelParser(.init(flags: record.baseline.flags))
    var build = try parser.build(for: path, root: root.string)
    build.compiler = record.baseline.compiler?.path ?? build.compiler
    let text = try ObjectStore(directory).get(record.source)
    let file = try parser.parseText(text, at: path, build: build)
    guard var kernel = file.kernel(named: record.kernel.function) else {
      let reason = file.skipped.first { $0.name == record.kernel.function }?.reason
      throw InputError(
        "'\(record.kernel.function)' is not read any more: \(reason ?? "it is not there")",
        at: Diagnostics.SourceLocation(file: path))
    }
    kernel.contract = ContractInference.infer(for: kernel)
    return kernel
  }

  /// A log may come from elsewhere: it chooses no program that is run here, and no flag that runs one.
  private func checkOrigin(of record: Record, _ root: String) throws {
    let complaint = record.baseline.compiler.flatMap {
      ForeignFlags.complaint(aboutCompiler: $0.path, in: root, project: root)
    }
    guard let complaint = complaint ?? ForeignFlags(record.baseline.flags).obstacle else { return }
    throw InputError(
      "the recorded build cannot be repeated: \(complaint)",
      at: Diagnostics.SourceLocation(file: record.kernel.file))
  }

  /// What an entry says of a recipe and of the bytes that it gave.
  private struct Record {
    var kernel: KernelName
    var recipe: Recipe
    var source: Digest
    var emitted: Digest
    var baseline: Baseline

    init(_ stored: StoredEntry, in lineage: Lineage) throws {
      let emitted: Digest?
      var base: Digest?
      switch stored.entry.content {
      case .winner(let winner):
        (kernel, recipe, emitted) = (winner.kernel, winner.recipe, winner.newSource)
        base = winner.baseSource
      case .proposal(let proposal):
        (kernel, recipe, emitted) = (proposal.kernel, proposal.recipe, proposal.source)
      default:
        throw InputError(
          "entry '\(stored.id.short)' of kind '\(stored.entry.content.kind)' has no recipe",
          remedy: "name a winner or a proposal")
      }
      guard let emitted, let baseline = lineage.baseline(before: stored, of: kernel) else {
        throw InputError(
          "entry '\(stored.id.short)' records no bytes to compare with",
          remedy: "'ratchet lineage show \(stored.id.short)' tells why")
      }
      self.emitted = emitted
      self.baseline = baseline
      source = base ?? baseline.source
    }
  }

  private struct Document: Encodable {
    var schema = "ratchet.lineage.replay/1"
    var entry: Digest
    var identical = true
    var digest: Digest
    var bytes: Int
  }
}
