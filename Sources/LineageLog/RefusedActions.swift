public import Diagnostics
public import ExperimentRecords

extension LineageWriter {
  /// Records that something was tried beyond what is allowed: the one way by which refused attempts reach
  /// the log. Returns what the user is told; its remedy is `remedy`.
  @discardableResult
  public func refuse(
    _ refused: ActionRefused, campaign: String? = nil, remedy: String? = nil
  ) throws(LineageError) -> Diagnostic {
    try append(.actionRefused(refused), campaign: campaign)
    return refused.diagnostic(remedy: remedy)
  }
}

extension ActionRefused {
  /// What the user is told.
  public func diagnostic(remedy: String? = nil) -> Diagnostic {
    var message = "refused to \(action): \(reason)"
    if let needed, let allowed {
      message += " (needs level \(needed), and \(origin) allows \(allowed))"
    }
    return .error(message, at: kernel.map { SourceLocation(file: $0.file) }, remedy: remedy)
  }
}
