public import KernelModel

/// Why a transformation may not be applied, or not yet.
public struct Obstacle: Error, Hashable, Sendable {
  /// Lower case, no full stop, able to stand alone.
  public var reason: String
  /// The statement of the source that stands in the way, when there is one.
  public var place: OriginID?
  /// The dependence that the transformation would violate.
  public var dependence: Dependence?
  /// Facts that would make the transformation legal if a run-time check established them; empty
  /// when no such facts are known.
  public var missingFacts: [Fact]
  /// Whether some of what stands in the way, if not all, would go with facts.
  public var isPartlyCurable = false

  public init(
    reason: String, place: OriginID? = nil, dependence: Dependence? = nil,
    missingFacts: [Fact] = []
  ) {
    self.reason = reason
    self.place = place
    self.dependence = dependence
    self.missingFacts = missingFacts
  }
}

/// An ordered pair of accesses to memory that may be the same, at least one of them a write.
public struct Dependence: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable {
    /// Read after write.
    case flow
    /// Write after read.
    case anti
    /// Write after write.
    case output
  }
  public var kind: Kind
  /// The object as the source names it, such as `a` or `img->data`.
  public var object: String
  /// Statement that comes first and statement that comes second in the original order.
  public var source: StatementReference
  public var sink: StatementReference
  /// Common loops, outermost first, and the direction and distance in each, counted in the loop's
  /// own execution order. A distance is nil when it is not one constant.
  public var loops: [LoopLabel]
  public var directions: [Direction]
  public var distances: [Int?]
  /// The loop that carries the dependence; nil when both ends are in one iteration of all common
  /// loops.
  public var carrier: LoopLabel?
  /// Set when both ends update one accumulator with this operator.
  public var reduction: Reduction?
  /// Facts each of which would remove this dependence; empty for a dependence that is real or that
  /// no fact known here would remove.
  public var missingFacts: [Fact]

  /// The direction vector as literature writes it: `(<, =, *)`.
  public var directionVector: String {
    "(" + directions.map(\.rawValue).joined(separator: ", ") + ")"
  }
}

/// The sign of sink minus source in one loop.
public enum Direction: String, Hashable, Sendable {
  case less = "<"
  case equal = "="
  case greater = ">"
  case lessOrEqual = "<="
  case greaterOrEqual = ">="
  case notEqual = "!="
  case any = "*"
}

/// A statement in the tree.
public struct StatementReference: Hashable, Sendable {
  /// Position in textual order within the analysed region.
  public var index: Int
  public var origin: OriginID?
  /// Enclosing loops within the analysed region, outermost first.
  public var loops: [LoopLabel]
}

/// An update `x = x op e` of an accumulator that `e` does not mention.
public struct Reduction: Hashable, Sendable {
  public enum Operator: String, Hashable, Sendable {
    case add = "+"
    case multiply = "*"
    case bitAnd = "&"
    case bitOr = "|"
    case bitXor = "^"
    case minimum = "min"
    case maximum = "max"
  }
  public var op: Operator
  /// The accumulator's type.
  public var type: CType
  /// Whether any order of the updates gives the same bits: bit operations, unsigned or wrapping
  /// sums and products, integer minima and maxima. False for floating point.
  public var isExactInAnyOrder: Bool
  /// Whether any order gives the same bits provided that it is computed in the unsigned counterpart
  /// of the type (signed sums and products).
  public var isExactWhenUnsigned: Bool
}
