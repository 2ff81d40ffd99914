import ArgumentParser
import Diagnostics
import ExperimentRecords
import LineageLog

/// `ratchet lineage tree`: how candidates were derived from one another.
struct LineageTreeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tree", abstract: "Shows how candidates were derived from one another.")

  @OptionGroup var state: ExistingState

  @Option(help: "Only this kernel: FUNCTION or FILE:FUNCTION.")
  var kernel: String?

  @Flag(help: "Leave refused and repeated proposals out.")
  var brief = false

  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  func run() async throws {
    try await withEndings {
      let (lineage, _) = try state.lineage()
      let kernels = try chosen(from: lineage)
      let trees = kernels.map { DerivationTree(of: $0, in: lineage, isBrief: brief) }
      switch format {
      case .text: say(trees.map { $0.text(in: .output) }.joined(separator: "\n"))
      case .json: try sayJSON(Document(kernels: trees.map(Document.Kernel.init)))
      }
    }
  }

  private func chosen(from lineage: Lineage) throws -> [KernelName] {
    guard let kernel else { return lineage.kernels }
    let kernels = lineage.kernels(named: kernel)
    guard !kernels.isEmpty else {
      throw InputError(
        "no kernel '\(kernel)' in the lineage", remedy: LineageLogCommand.hint(lineage.kernels))
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
  }

  let kernel: KernelName
  /// Baselines, proposals and winners, oldest first.
  private(set) var nodes: [Node] = []

  init(of kernel: KernelName, in lineage: Lineage, isBrief: Bool) {
    self.kernel = kernel
    for stored in lineage.entries(of: kernel) {
      guard let node = Self.node(stored, isBrief) else { continue }
      nodes.append(node)
    }
  }

  private static func node(_ stored: StoredEntry, _ isBrief: Bool) -> Node? {
    switch stored.entry.content {
    case .baseline:
      return Node(id: stored.id, parent: nil, outcome: "baseline", recipe: "", speedup: nil)
    case .winner(let winner):
      return Node(
        id: stored.id, parent: winner.proposal, outcome: "winner",
        recipe: winner.recipe.description, speedup: Figures.mean(winner.measurements)?.median)
    case .proposal(let proposal):
      if isBrief, proposal.outcome == .refused || proposal.outcome == .duplicate { return nil }
      return Node(
        id: stored.id, parent: proposal.parent, outcome: proposal.outcome.rawValue,
        recipe: proposal.recipe.description,
        speedup: Figures.mean(proposal.measurements)?.median)
    default: return nil
    }
  }

  /// The tree, drawn; one line a node.
  func text(in style: TerminalStyle) -> String {
    let known = Set(nodes.map(\.id))
    var children: [Digest: [Node]] = [:]
    var roots: [Node] = []
    for node in nodes {
      // An entry cannot name itself or a later one, so that drawing ends.
      if let parent = node.parent, known.contains(parent) {
        children[parent, default: []].append(node)
      } else {
        roots.append(node)
      }
    }
    var text = style.bold(printable(kernel.description)) + "\n"
    func draw(_ node: Node, _ indent: String, isLast: Bool) {
      text += indent + (isLast ? "└─ " : "├─ ") + Self.line(node, style) + "\n"
      let below = children[node.id] ?? []
      for (index, child) in below.enumerated() {
        draw(child, indent + (isLast ? "   " : "│  "), isLast: index == below.count - 1)
      }
    }
    for (index, root) in roots.enumerated() { draw(root, "", isLast: index == roots.count - 1) }
    return text
  }

  private static func line(_ node: Node, _ style: TerminalStyle) -> String {
    let gain = node.speedup.map { ", \(Figures.ratio($0))" } ?? ""
    let recipe = node.recipe.isEmpty ? "" : ": \(printable(node.recipe))"
    let label = node.outcome == "winner" ? style.green(node.outcome) : node.outcome
    return "\(style.yellow(node.id.short)) \(label)\(gain)\(recipe)"
  }
}
