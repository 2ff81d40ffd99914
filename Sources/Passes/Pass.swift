public import ExperimentRecords
public import KernelModel

/// A transformation of a kernel: its stored properties are its parameters.
///
/// A pass decides only whether it *may* rewrite; whether it *should* is for search policies.
public protocol Pass: Hashable, Sendable {
  /// The name written in recipes and in the log, in snake case.
  static var name: String { get }

  /// The arguments that `init(step:)` reads, in the order in which recipes are written.
  static var parameters: [PassParameter] { get }

  /// Reads the parameters from a recipe's step; throws when one is missing, unknown or of the wrong
  /// kind.
  init(step: Step) throws(Refusal)

  /// The step as a recipe writes it; `Self(step: step) == self`.
  var step: Step { get }

  /// The rewritten kernel. The argument is not changed; nothing is half-applied.
  ///
  /// Throws: a `Refusal` with reason, place and the blocking dependence where the rewrite could
  /// change what the program does.
  func apply(to kernel: Kernel) throws(Refusal) -> Kernel
}

/// One argument of a pass, for the catalog and for proposers.
public struct PassParameter: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable {
    /// A loop's label.
    case loop
    /// A list of loops, outermost first.
    case loops
    /// A positive integer.
    case factor
    /// A list of positive integers.
    case factors
    /// One of a few words.
    case word
    /// An integer, or the name of a variable that holds one.
    case value
    /// The name of an array, or a path to one: `b`, `m.data`, `points.x`.
    case array
    /// The name of a local scalar.
    case scalar
  }
  public var name: String
  public var kind: Kind
  public var isOptional: Bool
  public var summary: String

  public init(_ name: String, _ kind: Kind, isOptional: Bool = false, _ summary: String) {
    self.name = name
    self.kind = kind
    self.isOptional = isOptional
    self.summary = summary
  }
}

extension Pass {
  /// A refusal of this pass.
  func refusal(
    _ reason: String, dependence: Refusal.Dependence? = nil, missingFacts: [String] = []
  ) -> Refusal {
    Refusal(step: step, reason: reason, dependence: dependence, missingFacts: missingFacts)
  }
}
