/// How one image is to be made: equal plans for equal functions give equal images.
public struct InputPlan: Hashable, Sendable, Codable {
  /// What memory and scalar arguments hold.
  public enum Values: Int, Hashable, Sendable, Codable, CaseIterable {
    /// Numbers of moderate size and full precision.
    case ordinary = 0
    /// As ordinary, every fourth a NaN, infinity, zero, denormal or an end of its type's range.
    case special = 1
    /// Small whole numbers.
    case smallIntegers = 2
    /// One number throughout each region.
    case constant = 3
    case zeros = 4
  }

  /// Where regions stand.
  public enum Placement: Hashable, Sendable, Codable {
    /// Against an inaccessible page behind.
    case flushEnd
    /// Against an inaccessible page in front.
    case flushStart
    /// This many elements behind the start of a page: aligned for one element and no more.
    case elements(Int)
    /// This many bytes behind the start of a page; regions differ by their own multiple of it.
    case bytes(Int)
  }

  /// Two pointers into one region: the second points `shift` elements behind the first.
  public struct Overlap: Hashable, Sendable, Codable {
    public var first: String
    public var second: String
    public var shift: Int

    public init(_ first: String, _ second: String, shift: Int) {
      self.first = first
      self.second = second
      self.shift = shift
    }
  }

  /// Values of integer inputs by name: `n`, `m->rows`.
  public var sizes: [String: Int]
  public var values: Values
  public var placement: Placement
  public var overlap: Overlap?
  /// Whether what pointers to `const` point to is read-only memory.
  public var protectsConst: Bool
  public var seed: UInt64

  public init(
    sizes: [String: Int], values: Values = .ordinary, placement: Placement = .flushEnd,
    overlap: Overlap? = nil, protectsConst: Bool = true, seed: UInt64
  ) {
    self.sizes = sizes
    self.values = values
    self.placement = placement
    self.overlap = overlap
    self.protectsConst = protectsConst
    self.seed = seed
  }
}

/// Why there is no image for a plan.
public enum GenerationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// It is not known how much memory a pointer points to.
  case unresolvedExtent(String)
  /// An object of the signature is of a kind that is not covered.
  case unsupported(String, reason: String)
  /// The plan's sizes contradict the contract.
  case outsideContract(String)
  /// The two objects may not overlap or have elements of different types.
  case cannotOverlap(String, String)
  case tooLarge(bytes: Int)

  /// What is the case, in house grammar.
  public var description: String {
    switch self {
    case .unresolvedExtent(let name): "the extent of '\(name)' is not known"
    case .unsupported(let name, let reason): "'\(name)' is not covered: \(reason)"
    case .outsideContract(let clause): "the sizes contradict the contract: \(clause)"
    case .cannotOverlap(let a, let b): "'\(a)' and '\(b)' cannot overlap"
    case .tooLarge(let bytes): "the inputs would take \(bytes) bytes"
    }
  }
}
