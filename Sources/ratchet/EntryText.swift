import Diagnostics
import ExperimentRecords
import Foundation
import LineageLog

/// What an entry says, in one line.
struct EntryText {
  private let entry: LineageEntry

  init(_ entry: LineageEntry) { self.entry = entry }

  /// The kind, or how a proposal or kernel ended.
  var label: String {
    switch entry.content {
    case .proposal(let proposal): proposal.outcome.rawValue
    case .kernelFinished: "kernel-finished"
    case .campaignStarted: "campaign-started"
    case .campaignEnded: "campaign-ended"
    case .stopRequested: "stop-requested"
    case .programMeasured: "program-measured"
    default: entry.content.kind
    }
  }

  /// The label in the colour of its meaning, padded to the widest.
  func label(in style: TerminalStyle) -> String {
    let text = padded(label, to: 16)
    switch entry.content {
    case .winner, .applied: return style.green(text)
    case .proposal(let proposal):
      switch proposal.outcome {
      case .improved, .winner: return style.green(text)
      case .rejectedWrong, .invalidOutput, .compileFailure: return style.red(text)
      default: return style.faint(text)
      }
    case .reverted, .stopRequested: return style.yellow(text)
    default: return text
    }
  }

  /// What happened.
  var summary: String { printable(content) }

  private var content: String {
    switch entry.content {
    case .campaignStarted(let started):
      return "\(started.tool) on \(started.paths.joined(separator: " ")), \(started.compiler), "
        + "seed \(started.seed)\(started.user.map { ", by \($0)" } ?? "")"
    case .baseline(let baseline):
      let times = baseline.nanoseconds.sorted { $0.key < $1.key }
        .map { "\($0.key) \(Figures.time(nanoseconds: $0.value))" }
      return ([name] + times).joined(separator: ", ")
    case .proposal(let proposal):
      return "\(name): \(recipe(proposal.recipe))\(result(of: proposal))"
    case .winner(let winner):
      return "\(name): \(Figures.speedup(winner.measurements)), \(winner.verdict.rawValue): "
        + recipe(winner.recipe)
    case .kernelFinished(let finished):
      let reason = finished.reason.map { ": \($0)" } ?? ""
      return "\(name): \(finished.outcome.rawValue)\(reason) (\(finished.evaluations) tried, "
        + "\(Figures.seconds(finished.cost.cpuSeconds)) CPU)"
    case .applied(let applied): return "\(name): winner \(applied.winner.short)\(by(applied.by))"
    case .reverted(let reverted):
      return "\(name): winner \(reverted.winner.short)\(by(reverted.by))"
    case .approval(let approval):
      let word = approval.granted ? "granted" : "declined"
      return "\(word) for \(approval.subject.short)\(by(approval.by))"
        + (approval.note.map { ": \($0)" } ?? "")
    case .stopRequested(let request):
      return "by \(request.by)\(request.reason.isEmpty ? "" : ": \(request.reason)")"
    case .programMeasured(let program):
      return "\(program.run): \(Figures.interval(program.speedup)) over \(program.pairs) pairs"
    case .campaignEnded(let ended):
      let kernels = ended.kernels.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
      return "\(ended.reason.rawValue): "
        + (kernels + [
          "\(ended.evaluations) tried", Figures.seconds(ended.cost.cpuSeconds) + " CPU",
        ])
        .joined(separator: ", ")
    case .unknown: return "written by a later version"
    }
  }

  private var name: String { entry.kernel?.description ?? "" }

  private func by(_ name: String) -> String { name.isEmpty ? "" : ", by \(name)" }

  private func recipe(_ recipe: Recipe) -> String {
    recipe.isEmpty ? "as written" : recipe.description
  }

  private func result(of proposal: Proposal) -> String {
    if let counterexample = proposal.counterexample { return " (\(counterexample))" }
    if let reason = proposal.reason { return " (\(reason))" }
    return proposal.measurements.isEmpty ? "" : " (\(Figures.speedup(proposal.measurements)))"
  }
}

extension LineageEntry {
  /// Whether the entry is about a kernel called `name`, by function or `file:function`.
  func isAbout(kernel name: String) -> Bool {
    kernel.map { $0.function == name || $0.description == name } ?? false
  }

  /// How the proposal or kernel ended, or the kind of the entry.
  var outcomeName: String {
    switch content {
    case .proposal(let proposal): proposal.outcome.rawValue
    case .kernelFinished(let finished): finished.outcome.rawValue
    default: content.kind
    }
  }
}
