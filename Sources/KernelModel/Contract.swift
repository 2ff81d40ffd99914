/// An integer-valued expression over a function's integer inputs, evaluated when sizes are chosen.
public indirect enum SizeExpr: Hashable, Sendable {
  case constant(Int)
  /// An integer parameter, global, or member reached from one.
  case input(ObjectPath)
  case add(SizeExpr, SizeExpr)
  case subtract(SizeExpr, SizeExpr)
  case multiply(SizeExpr, SizeExpr)
  /// Rounds toward negative infinity.
  case floorDivide(SizeExpr, Int)
  case minimum(SizeExpr, SizeExpr)
  case maximum(SizeExpr, SizeExpr)
}

/// Where a contract's clause comes from, strongest first.
public enum ContractSource: String, Hashable, Sendable, Codable {
  case acsl
  case declared
  case inferred
}

/// The elements of an object that a function may touch: `lower ..< upper`, counted in the pointed-to
/// scalar element type from where the pointer points.
public struct Extent: Hashable, Sendable {
  public var lower: SizeExpr
  /// Exclusive; an upper not above the lower means that nothing is touched.
  public var upper: SizeExpr
  public var source: ContractSource
  /// Whether the hull is reached by unconditional accesses (rule 5: only those prove an extent).
  public var isProven: Bool
  /// Whether it is the outermost length of an array parameter, which without `static` binds no caller
  /// (C17 §6.7.6.3).
  public var isHint: Bool
  public init(
    lower: SizeExpr, upper: SizeExpr, source: ContractSource, isProven: Bool, isHint: Bool = false
  ) {
    self.lower = lower
    self.upper = upper
    self.source = source
    self.isProven = isProven
    self.isHint = isHint
  }
}

/// A half-open range of integers over a function's inputs.
public struct SizeRange: Hashable, Sendable {
  public var lower: SizeExpr
  public var upper: SizeExpr
  public init(_ lower: SizeExpr, _ upper: SizeExpr) {
    self.lower = lower
    self.upper = upper
  }
}

/// A clause about values.
public enum Requirement: Hashable, Sendable {
  /// `left REL right` over integer inputs.
  case compare(SizeExpr, BinaryOperator, SizeExpr)
  /// Scalar floating input, or every element of a floating array, within bounds (inclusive).
  case floatRange(ObjectPath, lower: Double?, upper: Double?)
  case isFinite(ObjectPath)
  /// The two objects' touched memory does not overlap.
  case separated(ObjectPath, ObjectPath)
  /// Every element of an integer array at an index in `range` has a value in `values`.
  case elements(ObjectPath, range: SizeRange, values: SizeRange)
  /// Elements do not decrease: `a[k] <= a[k+1]` for every `k` in `range`.
  case monotone(ObjectPath, range: SizeRange)
}

/// What a function may rely on and what it may touch.
public struct Contract: Hashable, Sendable {
  public var extents: [ObjectPath: Extent]
  public var requirements: [Requirement]
  /// Objects that an `assigns` clause allows to be written; nil when there is no such clause.
  public var assigns: [ObjectPath]?
  /// The strongest source of any clause; nil for an empty contract.
  public var source: ContractSource?
  /// Why a contract could not be completed, each with the one line of ACSL that would settle it.
  public var unresolved: [Unresolved]

  public struct Unresolved: Hashable, Sendable {
    public var reason: String
    public var remedy: String
    public init(reason: String, remedy: String) {
      self.reason = reason
      self.remedy = remedy
    }
  }

  public init(
    extents: [ObjectPath: Extent] = [:], requirements: [Requirement] = [],
    assigns: [ObjectPath]? = nil, source: ContractSource? = nil, unresolved: [Unresolved] = []
  ) {
    self.extents = extents
    self.requirements = requirements
    self.assigns = assigns
    self.source = source
    self.unresolved = unresolved
  }
}

extension SizeExpr {
  /// Evaluates with saturation at the bounds of `Int`; nil when an input has no value.
  public func evaluate(_ value: (ObjectPath) -> Int?) -> Int? {
    func both(_ a: SizeExpr, _ b: SizeExpr, _ op: (Int, Int) -> (Int, Bool)) -> Int? {
      guard let x = a.evaluate(value), let y = b.evaluate(value) else { return nil }
      let (result, overflow) = op(x, y)
      return overflow ? ((x < 0) == (y < 0) ? .max : .min) : result
    }
    switch self {
    case .constant(let c): return c
    case .input(let path): return value(path)
    case .add(let a, let b): return both(a, b) { $0.addingReportingOverflow($1) }
    case .subtract(let a, let b): return both(a, b) { $0.subtractingReportingOverflow($1) }
    case .multiply(let a, let b): return both(a, b) { $0.multipliedReportingOverflow(by: $1) }
    case .minimum(let a, let b): return both(a, b) { (min($0, $1), false) }
    case .maximum(let a, let b): return both(a, b) { (max($0, $1), false) }
    case .floorDivide(let a, let b):
      guard let x = a.evaluate(value), b > 0 else { return nil }
      return x >= 0 ? x / b : (x + 1) / b - 1
    }
  }

  /// The inputs that the expression mentions.
  public var inputs: Set<ObjectPath> {
    switch self {
    case .constant: []
    case .input(let path): [path]
    case .add(let a, let b), .subtract(let a, let b), .multiply(let a, let b),
      .minimum(let a, let b), .maximum(let a, let b):
      a.inputs.union(b.inputs)
    case .floorDivide(let a, _): a.inputs
    }
  }
}
