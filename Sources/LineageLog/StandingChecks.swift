import Diagnostics
public import ExperimentRecords

extension Standings {
  /// Throws `LineageError.refused` where the winner `id` of `kernel` is retracted: nobody's word helps.
  public func checkRetraction(of id: Digest, _ kernel: KernelName) throws(LineageError) {
    guard let retraction = retractions[id] else { return }
    throw .refused(
      .error(
        "winner '\(id.short)' of '\(kernel.function)' is retracted: \(retraction.reason)",
        at: SourceLocation(file: kernel.file), remedy: "optimize the file again"))
  }

  /// Throws `LineageError.refused` where the winner `id` of `kernel` may not be applied: it is retracted, or in
  /// doubt and no person has approved it since.
  public func checkApplication(of id: Digest, _ kernel: KernelName) throws(LineageError) {
    try checkRetraction(of: id, kernel)
    guard let doubt = doubts[id], !doubt.isApproved else { return }
    throw .refused(
      .error(
        "winner '\(id.short)' of '\(kernel.function)' is in doubt: \(doubt.reason)",
        at: SourceLocation(file: kernel.file),
        remedy: "judge it again with 'ratchet lineage rejudge \(id.short)', or approve it with "
          + "'ratchet approve \(id.short)'"))
  }
}
