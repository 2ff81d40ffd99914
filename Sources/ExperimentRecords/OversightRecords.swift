/// A winner that was written into the user's file.
public struct Applied: Codable, Hashable, Sendable {
  /// The entry of the winner.
  public var winner: Digest
  /// The kernel.
  public var kernel: KernelName
  /// The digest of the file before; the object store holds it.
  public var before: Digest
  /// The digest of the file after; the object store holds it.
  public var after: Digest
  /// Who did it, as far as the system knows.
  public var by: String

  /// Creates the record from its parts.
  public init(
    winner: Digest, kernel: KernelName, before: Digest, after: Digest, by: String = ""
  ) {
    self.winner = winner
    self.kernel = kernel
    self.before = before
    self.after = after
    self.by = by
  }
}

/// An applied winner that was taken out of the user's file again.
public struct Reverted: Codable, Hashable, Sendable {
  /// The entry that is undone.
  public var applied: Digest
  /// The entry of the winner.
  public var winner: Digest
  /// The kernel.
  public var kernel: KernelName
  /// The digest of the file before; the object store holds it.
  public var before: Digest
  /// The digest of the file after; the object store holds it.
  public var after: Digest
  /// Who did it, as far as the system knows.
  public var by: String

  /// Creates the record from its parts.
  public init(
    applied: Digest, winner: Digest, kernel: KernelName, before: Digest, after: Digest,
    by: String = ""
  ) {
    self.applied = applied
    self.winner = winner
    self.kernel = kernel
    self.before = before
    self.after = after
    self.by = by
  }
}

/// A person's word on an entry.
public struct Approval: Codable, Hashable, Sendable {
  /// The entry that is approved or declined.
  public var subject: Digest
  /// Whether it is approved.
  public var granted: Bool
  /// Who said so.
  public var by: String
  /// What they said.
  public var note: String?
  /// The signature of who said so, over `statement(after:)`; `nil` where it was typed on a terminal and no
  /// keys are configured.
  public var signature: Checkpoint.Signature?

  /// Creates the record from its parts.
  public init(
    subject: Digest, granted: Bool, by: String, note: String? = nil,
    signature: Checkpoint.Signature? = nil
  ) {
    self.subject = subject
    self.granted = granted
    self.by = by
    self.note = note
    self.signature = signature
  }

  /// What the signature is over, where the entry stands behind the one called `previous`: so a word that
  /// was said once cannot be said again by copying it.
  public func statement(after previous: Digest) -> String {
    let word = granted ? "granted" : "declined"
    return "ratchet approval\nsubject \(subject)\nword \(word)\nafter \(previous)\n"
  }
}

/// A request to stop.
public struct StopRequested: Codable, Hashable, Sendable {
  /// Who asked: an account, a signal, a ceiling, the file `STOP`.
  public var by: String
  /// Why, in house grammar.
  public var reason: String

  /// Creates the record from its parts.
  public init(
    by: String, reason: String = ""
  ) {
    self.by = by
    self.reason = reason
  }
}
