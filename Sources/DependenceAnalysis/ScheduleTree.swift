public import KernelModel

/// An order of a region's statements, as a tree of sequences and bands of loops.
public struct ScheduleTree: Hashable, Sendable {
  /// How much shares its loops.
  public enum Fusion: Hashable, Sendable, CaseIterable {
    /// As much as dependences allow.
    case maximal
    /// Only what needs each other both ways.
    case minimal
  }

  public indirect enum Node: Hashable, Sendable {
    case leaf
    /// One after the other; in any order where not `isOrdered`.
    case sequence([Part], isOrdered: Bool)
    case band(Band)
  }

  /// Some of the statements, by index, and their order.
  public struct Part: Hashable, Sendable {
    public var statements: [Int]
    public var node: Node
  }

  /// Loops around all statements of a part.
  public struct Band: Hashable, Sendable {
    /// Outermost first.
    public var members: [Member]
    /// Whether the members may change places, and be tiled.
    public var isPermutable: Bool
    /// The order within one iteration of all members.
    public var inner: Node
  }

  /// One loop.
  public struct Member: Hashable, Sendable {
    /// The time of each statement's instances; nil for what is no affine function with whole
    /// coefficients.
    public var times: [Int: AffineTime?]
    /// Whether its iterations do not need each other.
    public var isCoincident: Bool
  }

  /// A time as a function of positions in the loops around a statement.
  public struct AffineTime: Hashable, Sendable {
    /// One for each loop, outermost first.
    public var coefficients: [Int]
    public var constant: Int
    /// Sizes that it moves with, under names that mean something within one tree only.
    public var parameters: [String: Int]
  }

  /// How the iterator of a loop counts.
  public struct Counting: Hashable, Sendable {
    public var step: Int
    /// Loops with the same number have the same first and last position.
    public var range: Int
  }

  public var fusion: Fusion
  /// In textual order; ``StatementReference/index`` is what parts name.
  public var statements: [StatementReference]
  public var loops: [LoopLabel: Counting]
  public var root: Node
}
