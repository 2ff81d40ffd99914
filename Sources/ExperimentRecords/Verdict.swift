/// What the judge says about a candidate.
///
/// Only `tested`, `bounded` and `proved` speak for it, in this order. A time-out, unsupported code
/// or an internal error is `inconclusive`, which meets no requirement.
public enum Verdict: String, Codable, Hashable, Sendable, CaseIterable {
  /// A counterexample was reproduced.
  case refuted
  /// Nobody knows.
  case inconclusive
  /// Agreed on all inputs that were tried (L2).
  case tested
  /// Same operations for all contents at the sizes that were tried (L3).
  case bounded
  /// Equivalent for all sizes under the contract (L7).
  case proved

  /// Whether a candidate with this verdict may pass where `required` is asked for.
  ///
  /// `refuted` and `inconclusive` never pass, not even where they are "required".
  public func meets(_ required: Verdict) -> Bool {
    self >= .tested && self >= required
  }
}

extension Verdict: Comparable {
  /// Whether `a` says less for the candidate than `b`.
  public static func < (a: Verdict, b: Verdict) -> Bool { a.strength < b.strength }

  private var strength: Int {
    switch self {
    case .refuted: 0
    case .inconclusive: 1
    case .tested: 2
    case .bounded: 3
    case .proved: 4
    }
  }
}

/// The levels of the judge, from well-formedness to equivalence for all sizes.
public enum Level: String, Codable, Hashable, Sendable, CaseIterable {
  /// Well formed: same signature, no new state, no new calls, no new diagnostic.
  case l0 = "L0"
  /// No fault under sanitizers, guard pages, poison and canaries.
  case l1 = "L1"
  /// The same results on edge sizes and values, by several compilers and flags.
  case l2 = "L2"
  /// The same operations for all contents, by the reference interpreter.
  case l3 = "L3"
  /// Equal as polynomials at the real size.
  case l4 = "L4"
  /// Legality of every step, the passes' own filter; no evidence for a verdict.
  case l5 = "L5"
  /// A scalar rewrite rule proved at exact bit width.
  case l6 = "L6"
  /// Parametric equivalence of the original and the emitted text.
  case l7 = "L7"
}

extension Level: Comparable {
  /// Whether `a` is the lower level.
  public static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
}
