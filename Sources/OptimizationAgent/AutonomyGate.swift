public import Diagnostics
public import ExperimentRecords
public import LineageLog

/// A permission. Only a gate gives one, and what changes something of the person's or of the agent itself
/// asks for it.
public struct Permit: Hashable, Sendable {
  /// The level that it was given at.
  public let level: AutonomyLevel

  init(_ level: AutonomyLevel) { self.level = level }
}

/// What a gate says to something beyond what is allowed: the record for the log, and a way out.
public struct Denial: Error, Hashable, Sendable {
  /// What the log keeps.
  public var record: ActionRefused
  /// What the person can do.
  public var remedy: String?
}

/// Says what is allowed at one place.
///
/// A gate decides by the configuration, the log and the person's keys or register, and writes nothing:
/// whoever meets a denial records it (`LineageWriter.refuse`).
public struct AutonomyGate: Sendable {
  /// What the configurations allow.
  public let policy: AutonomyPolicy
  /// Whose word counts.
  public let rule: ApprovalRule
  /// Who asks, as far as the system knows.
  public let user: String

  /// Creates the gate under `policy`.
  public init(_ policy: AutonomyPolicy, rule: ApprovalRule, user: String) {
    self.policy = policy
    self.rule = rule
    self.user = user
  }

  /// The gate at `paths`, by the configurations that bear on them and by this account's register.
  public init(at paths: [String], user: String) throws(InputError) {
    policy = try AutonomyPolicy.applying(to: paths)
    if let keys = policy.approvers {
      rule = ApprovalRule(.keys(keys))
    } else {
      rule = ApprovalRule(.typed(try ApprovalRegister().ids()))
    }
    self.user = user
  }

  /// Leave to write the patch of `kernel`, which L1 gives.
  public func patch(of kernel: KernelName) throws(Denial) -> Permit {
    try permit(.patches, to: "write a patch file", on: kernel)
  }

  /// Leave to apply whatever wins, which L3 gives and `--apply` asks for.
  public func applications() throws(Denial) -> Permit {
    try permit(.apply, to: "apply winners unasked (--apply)")
  }

  /// Leave to write the winner of the entry `id` into its source: at L3 what is not declined, at L2 what is
  /// approved.
  public func application(of id: Digest, in lineage: Lineage) throws(Denial) -> Permit {
    let winner: Winner? = if case .winner(let it)? = lineage[id]?.entry.content { it } else { nil }
    func denial(_ needed: AutonomyLevel?, _ reason: String, _ remedy: String?) -> Denial {
      Denial(
        record: ActionRefused(
          action: "apply winner '\(id.short)'", subject: id, kernel: winner?.kernel,
          needed: needed, allowed: needed == nil ? nil : policy.maximum, origin: policy.origin,
          reason: reason, by: user),
        remedy: remedy)
    }
    if let winner, let held = lineage.quarantine(of: winner.newSource) {
      throw denial(nil, "its text is quarantined by entry '\(held.short)'", nil)
    }
    guard policy.maximum >= .applyApproved else {
      throw denial(
        .applyApproved, "the level is too low",
        "raise 'level' there, or apply the patch by hand: 'ratchet lineage diff \(id.short)'")
    }
    let approve = "'ratchet approve \(id.short)' asks for it"
    if policy.maximum >= .apply {
      guard !ApprovalRule.declines(id, in: lineage) else {
        throw denial(nil, "a person has declined it", approve)
      }
      return Permit(.apply)
    }
    guard rule.approves(id, in: lineage) else {
      throw denial(.apply, rule.obstacle(to: id, in: lineage), approve)
    }
    return Permit(.applyApproved)
  }

  /// Leave to begin a generation that changes the agent itself, which L4 gives.
  public func selfChange(to what: String) throws(Denial) -> Permit {
    try permit(.selfChange, to: what)
  }

  private func permit(
    _ level: AutonomyLevel, to action: String, on kernel: KernelName? = nil
  ) throws(Denial) -> Permit {
    guard policy.maximum >= level else {
      throw Denial(
        record: ActionRefused(
          action: action, kernel: kernel, needed: level, allowed: policy.maximum,
          origin: policy.origin, reason: "the level is too low", by: user),
        remedy: remedy(for: level))
    }
    return Permit(level)
  }

  private func remedy(for level: AutonomyLevel) -> String {
    level == .selfChange
      ? "a person allows it by 'level: L4' in ~/.config/ratchet/config.yml"
      : "raise 'level' in \(policy.origin), or apply winners by id"
  }
}

extension Lineage {
  /// The entry that quarantines a text; nil where none does.
  public func quarantine(of source: Digest) -> Digest? {
    entries.first { stored in
      if case .quarantined(let held) = stored.entry.content { held.source == source } else { false }
    }?.id
  }
}
