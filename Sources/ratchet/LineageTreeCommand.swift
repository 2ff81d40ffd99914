import ArgumentParser
import Diagnostics
import ExperimentRecords
import LineageLog
import Reporting

/// `ratchet lineage tree`: how candidates were derived from one another.
struct LineageTreeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tree", abstract: "Shows how candidates were derived from one another.")

  @OptionGroup var state: ExistingState

  @Option(help: "Only this kernel: FUNCTION or FILE:FUNCTION.")
  var kernel: String?

  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  func run() async throws {
    try await withEndings {
      let questions = try state.questions()
      let kernels = try chosen(from: questions)
      switch format {
      case .text:
        for (number, kernel) in kernels.enumerated() {
          let lineage = try questions.lineage(EntryFilter(kernel))
          let tree = LineageTree(style: .output).text(lineage, kernels: [kernel])
          say((number == 0 ? "" : "\n") + tree)
        }
      case .json:
        let trees = try kernels.map {
          DerivationTree(of: $0, in: try questions.lineage(EntryFilter($0)))
        }
        try sayJSON(Document(kernels: trees.map(Document.Kernel.init)))
      }
    }
  }

  private func chosen(from questions: LineageQuestions) throws -> [KernelName] {
    guard let kernel else { return try questions.kernels() }
    let kernels = try questions.kernels(named: kernel)
    guard !kernels.isEmpty else {
      throw InputError(
        "no kernel '\(kernel)' in the lineage",
        remedy: LineageLogCommand.hint(try questions.kernels()))
    }
    return kernels
  }

  private struct Document: Encodable {
    struct Kernel: Encodable {
      var file: String
      var function: String
      var nodes: [DerivationTree.Node]

      init(_ tree: DerivationTree) {
        (file, function, nodes) = (tree.kernel.file, tree.kernel.function, tree.nodes)
      }
    }
    var schema = "ratchet.lineage.tree/1"
    var kernels: [Kernel]
  }
}

/// The derivations of one kernel's candidates.
struct DerivationTree {
  /// An entry with the entry that it came from.
  struct Node: Encodable {
    var id: Digest
    var parent: Digest?
    var outcome: String
    var recipe: String
    var speedup: Double?
    /// `retracted` or `in doubt`, where a later judgement says so.
    var standing: String?
  }

  let kernel: KernelName
  /// Baselines, proposals and winners, oldest first.
  private(set) var nodes: [Node] = []

  init(of kernel: KernelName, in lineage: Lineage) {
    self.kernel = kernel
    let standings = lineage.standings
    for stored in lineage.entries(of: kernel) {
      guard var node = Self.node(stored) else { continue }
      node.standing = standings.mark(of: stored.id)
      nodes.append(node)
    }
  }

  private static func node(_ stored: StoredEntry) -> Node? {
    switch stored.entry.content {
    case .baseline:
      return Node(id: stored.id, parent: nil, outcome: "baseline", recipe: "", speedup: nil)
    case .winner(let winner):
      return Node(
        id: stored.id, parent: winner.proposal, outcome: "winner",
        recipe: winner.recipe.description,
        speedup: geometricMean(of: winner.measurements.map(\.speedup))?.median)
    case .proposal(let proposal):
      return Node(
        id: stored.id, parent: proposal.parent, outcome: proposal.outcome.rawValue,
        recipe: proposal.recipe.description,
        speedup: geometricMean(of: proposal.measurements.map(\.speedup))?.median)
    default: return nil
    }
  }
}
