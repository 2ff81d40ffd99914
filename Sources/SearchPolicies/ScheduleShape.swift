/// An order of a kernel's statements that a scheduler proposes: a tree of sequences and bands of loops
/// whose times are affine in the positions of the loops that stand now.
public struct ScheduleShape: Hashable, Sendable {
  /// A time as a function of positions in the loops around a statement, which grow by one in each
  /// iteration.
  public struct Time: Hashable, Sendable {
    /// One for each loop, outermost first.
    public var coefficients: [Int]
    public var constant: Int
    /// Sizes that it moves with, under names that mean something within one schedule only.
    public var parameters: [String: Int]
    public init(coefficients: [Int], constant: Int = 0, parameters: [String: Int] = [:]) {
      self.coefficients = coefficients
      self.constant = constant
      self.parameters = parameters
    }
  }

  /// One loop of a band.
  public struct Member: Hashable, Sendable {
    /// By statement; none for what is not affine.
    public var times: [Int: Time]
    /// Whether its iterations do not need each other.
    public var isCoincident: Bool
    public init(times: [Int: Time], isCoincident: Bool) {
      self.times = times
      self.isCoincident = isCoincident
    }
  }

  /// Loops around all statements of a part.
  public struct Band: Hashable, Sendable {
    /// Outermost first.
    public var members: [Member]
    public var isPermutable: Bool
    public var inner: Node
    public init(members: [Member], isPermutable: Bool, inner: Node) {
      self.members = members
      self.isPermutable = isPermutable
      self.inner = inner
    }
  }

  /// Some of the statements and their order.
  public struct Part: Hashable, Sendable {
    public var statements: [Int]
    public var node: Node
    public init(statements: [Int], node: Node) {
      self.statements = statements
      self.node = node
    }
  }

  public indirect enum Node: Hashable, Sendable {
    case leaf
    case sequence([Part])
    case band(Band)
  }

  /// How the iterator of a loop counts.
  public struct Counting: Hashable, Sendable {
    public var step: Int
    /// Loops with the same number have the same first and last position.
    public var range: Int
    public init(step: Int, range: Int) {
      self.step = step
      self.range = range
    }
  }

  /// Whether as much as possible shares its loops, rather than what needs each other both ways.
  public var isFused: Bool
  /// Labels of the loops around each statement, outermost first; statements in textual order.
  public var statements: [[String]]
  public var loops: [String: Counting]
  public var root: Node

  public init(
    isFused: Bool, statements: [[String]], loops: [String: Counting], root: Node
  ) {
    self.isFused = isFused
    self.statements = statements
    self.loops = loops
    self.root = root
  }
}
