import Diagnostics
import ExperimentRecords
import LineageLog

/// What a person can say yes or no to, and what there is to know before.
struct ApprovalSubject {
  /// The entry.
  var id: Digest
  /// What is shown, the weakest evidence first.
  var text: String
  /// What is asked.
  var question: String
  /// What a yes opens.
  var consequence: String
  /// The file that it is about.
  var file: String?

  /// Throws: `InputError` for an entry that nobody needs to approve.
  init(_ stored: StoredEntry, _ lineage: Lineage, _ objects: ObjectStore) throws {
    id = stored.id
    switch stored.entry.content {
    case .winner(let winner):
      text = try Self.text(winner, stored, objects)
      question = "Approve it for your sources?"
      consequence = "'ratchet apply \(stored.id.short)' writes the source"
      file = winner.kernel.file
    case .tripwirePaused(let paused):
      text = Self.text(paused, lineage)
      question = "Let the next generation begin?"
      consequence = "the next generation may begin"
    case .envelopeDeclared(let declared):
      guard declared.isSound else {
        throw InputError("the hash of envelope '\(stored.id.short)' is not that of its bounds")
      }
      text = Self.text(declared)
      question = "Let the agent change itself within these bounds?"
      consequence = "generations may run within it"
    default:
      throw InputError(
        "entry '\(stored.id.short)' is no winner but of kind '\(stored.entry.content.kind)'",
        remedy: "'ratchet lineage log --outcome winner' lists the winners")
    }
  }

  private static func text(
    _ winner: Winner, _ stored: StoredEntry, _ objects: ObjectStore
  ) throws -> String {
    let style = TerminalStyle.output
    var text = style.bold(printable("\(winner.kernel): \(winner.recipe)"))
    text += "\n\nEvidence, weakest first:\n"
    for piece in EvidenceText.weakestFirst(winner.evidence) {
      text += "  \(printable(EvidenceText.line(piece)))\n"
      for assumption in piece.assumptions { text += "    assumes \(printable(assumption))\n" }
    }
    text += "  verdict: \(winner.verdict.rawValue)\n\nSpeedup by workload, smallest first:\n"
    for one in winner.measurements.sorted(by: { $0.speedup.low < $1.speedup.low }) {
      text += "  \(Figures.interval(one.speedup))  \(printable(one.workload)) "
      text += "(\(printable(Figures.sizes(one.sizes)))), \(printable(one.compiler)) "
      text += "\(printable(one.flags.joined(separator: " ")))\n"
    }
    let diff = UnifiedDiff(
      from: try objects.get(winner.baseSource), to: try objects.get(winner.newSource),
      path: winner.kernel.file)
    return text + "\nPatch (+\(diff.counts.added) -\(diff.counts.removed) lines): "
      + "'ratchet lineage diff \(stored.id.short)' shows it\n\n"
  }

  private static func text(_ paused: TripwirePaused, _ lineage: Lineage) -> String {
    var text = TerminalStyle.output.bold("generation \(paused.number) tripped the wire") + "\n\n"
    text += "Improvement per CPU hour: \(paused.earlierRate) before, \(paused.rate) now\n"
    for (name, id) in [("before", paused.earlier), ("now", paused.generation)] {
      guard case .generationEnded(let ended)? = lineage[id]?.entry.content else { continue }
      text += "  \(name): generation \(ended.number), improvement \(ended.improvement) in "
      text += "\(ended.cpuHours) CPU hours, product \(ended.product.short)\n"
    }
    return text + "\n"
  }

  private static func text(_ declared: EnvelopeDeclared) -> String {
    let bounds = declared.bounds
    var text = TerminalStyle.output.bold("envelope \(declared.hash.short)") + "\n\n"
    text += "Up to generation \(bounds.lastGeneration), \(bounds.cpuHours) CPU hours each; "
    text += "improvement per CPU hour may grow \(bounds.largestGrowth) times; may write:\n"
    for path in bounds.paths { text += "  \(printable(path))\n" }
    return text + "\n"
  }
}
