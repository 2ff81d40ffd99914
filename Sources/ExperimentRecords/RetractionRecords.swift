/// Which judge gave a verdict: any other build is another judge.
public struct JudgeIdentity: Codable, Hashable, Sendable {
  /// The name and version of the program.
  public var tool: String
  /// The digest over the digests of the files that judge, in the order in which they are started; `nil` where
  /// they cannot be read.
  public var program: Digest?

  /// Creates the identity from its parts.
  public init(tool: String, program: Digest?) {
    self.tool = tool
    self.program = program
  }
}

/// An old winner that was judged again, by its recorded texts.
public struct Rejudged: Codable, Hashable, Sendable {
  /// What is left of a winner.
  ///
  /// Exactly one holds, the first of these that applies:
  public enum Standing: String, Codable, Hashable, Sendable, CaseIterable {
    /// A counterexample was reproduced, or the text is not well formed: it is retracted.
    case refuted
    /// The verdict does not meet the requirement, the original judged against itself meets it now, and nothing
    /// ran out of time or steps: the gate asks what this winner does not give, and it is retracted.
    case unmet
    /// The verdict does not meet the requirement, but a time-out, a spent budget, a file or compiler that is
    /// not here, or the original itself may be why: no evidence against it and none for it. It is kept, and not
    /// applied unless a person approves it afterwards.
    case inDoubt
    /// The verdict is weaker than recorded and meets the requirement: it is kept and has the weaker verdict.
    case weaker
    /// The verdict is as recorded, or stronger.
    case stands

    /// Whether the winner is retracted.
    public var isCondemned: Bool { self == .refuted || self == .unmet }
  }

  /// The entry of the winner.
  public var winner: Digest
  /// The kernel.
  public var kernel: KernelName
  /// What is left of the winner.
  public var standing: Standing
  /// Why, in house grammar; `nil` where it stands.
  public var reason: String?
  /// What the judge says now.
  public var verdict: Verdict
  /// The verdict that was required of it.
  public var required: Verdict
  /// What the judge did.
  public var evidence: [Evidence]
  /// Why it is wrong.
  public var counterexample: Counterexample?
  /// Who judged.
  public var judge: JudgeIdentity
  /// The compiler that it was judged with; `nil` where it did not come to that.
  public var compiler: Compiler?
  /// What differs from when it was won, beside the judge: how the contract reads, the compiler.
  public var changes: [String]
  /// What judging took.
  public var cost: Cost

  /// Creates the record from its parts.
  public init(
    winner: Digest, kernel: KernelName, standing: Standing, reason: String? = nil,
    verdict: Verdict, required: Verdict, evidence: [Evidence] = [],
    counterexample: Counterexample? = nil, judge: JudgeIdentity, compiler: Compiler? = nil,
    changes: [String] = [], cost: Cost = Cost()
  ) {
    self.winner = winner
    self.kernel = kernel
    self.standing = standing
    self.reason = reason
    self.verdict = verdict
    self.required = required
    self.evidence = evidence
    self.counterexample = counterexample
    self.judge = judge
    self.compiler = compiler
    self.changes = changes
    self.cost = cost
  }
}

/// A winner that counts for nothing any more. Nothing takes a retraction back: the same text has to be won anew.
public struct Retracted: Codable, Hashable, Sendable {
  /// The entry of the winner.
  public var winner: Digest
  /// The kernel.
  public var kernel: KernelName
  /// The entry of the judgement that condemned it or what it descends from.
  public var judgement: Digest
  /// The entry of the winner that it descends from; `nil` for the one that was judged.
  public var ancestor: Digest?
  /// Why, in house grammar.
  public var reason: String
  /// The entries of the proposals derived from what was judged, in their order; none for a descendant.
  public var proposals: [Digest]

  /// Creates the record from its parts.
  public init(
    winner: Digest, kernel: KernelName, judgement: Digest, ancestor: Digest? = nil,
    reason: String, proposals: [Digest] = []
  ) {
    self.winner = winner
    self.kernel = kernel
    self.judgement = judgement
    self.ancestor = ancestor
    self.reason = reason
    self.proposals = proposals
  }
}
