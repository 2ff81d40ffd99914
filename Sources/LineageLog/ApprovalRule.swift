public import ExperimentRecords

/// Whose word on an entry counts.
///
/// A refusal counts whoever it comes from. A consent counts when it is signed, at its own place in the log,
/// by a key that is accepted; or, where no keys are configured, when this account typed it on this machine,
/// which the register of the account tells and not the log: a log may come from elsewhere. The newest word
/// that counts decides.
public struct ApprovalRule: Hashable, Sendable {
  /// Who may consent.
  public enum Consent: Hashable, Sendable {
    /// Holders of these keys, with their names.
    case keys([PublicKey: String])
    /// This account, by the ids of the entries that it typed.
    case typed(Set<Digest>)
  }

  /// Who may consent.
  public var consent: Consent

  /// Creates the rule under which `consent` counts.
  public init(_ consent: Consent) { self.consent = consent }

  /// Whether `subject` is approved in `lineage`, by the entries before `end` alone where that is given.
  public func approves(
    _ subject: Digest, in lineage: Lineage, before end: Int? = nil
  ) -> Bool {
    var isApproved = false
    for stored in lineage.entries.prefix(end ?? lineage.entries.count) {
      guard case .approval(let approval) = stored.entry.content, approval.subject == subject
      else { continue }
      if !approval.granted {
        isApproved = false
      } else if counts(approval, stored) {
        isApproved = true
      }
    }
    return isApproved
  }

  /// Whether the newest word on `subject` is a refusal.
  public static func declines(_ subject: Digest, in lineage: Lineage) -> Bool {
    for stored in lineage.entries.reversed() {
      guard case .approval(let approval) = stored.entry.content, approval.subject == subject
      else { continue }
      return !approval.granted
    }
    return false
  }

  /// Why `subject` is not approved, in house grammar.
  public func obstacle(to subject: Digest, in lineage: Lineage) -> String {
    let words = lineage.entries.compactMap { stored -> (StoredEntry, Approval)? in
      guard case .approval(let approval) = stored.entry.content, approval.subject == subject
      else { return nil }
      return (stored, approval)
    }
    guard let (stored, last) = words.last else { return "nobody has approved it" }
    if !last.granted { return "\(last.by) has declined it" }
    if counts(last, stored) { return "it has been declined" }
    switch consent {
    case .keys:
      return last.signature == nil
        ? "the approval by \(last.by) is not signed, and keys are configured"
        : "the approval by \(last.by) bears no signature that is accepted here"
    case .typed: return "the approval by \(last.by) was not typed by this account on this machine"
    }
  }

  /// Whether the consent that `stored` records is one.
  private func counts(_ approval: Approval, _ stored: StoredEntry) -> Bool {
    switch consent {
    case .keys(let keys):
      guard let signature = approval.signature,
        keys.keys.contains(where: { $0.hex == signature.key })
      else { return false }
      return signature.isValid(over: approval.statement(after: stored.previous))
    case .typed(let ids): return ids.contains(stored.id)
    }
  }
}
