/// What a policy knows of a kernel in one state of its transformation: loops, accesses, and what
/// stands in the way; no names that carry meaning, no C text.
public struct KernelShape: Hashable, Sendable {
  /// Loops in source order, outer before inner.
  public var loops: [LoopShape]
  public var accesses: [AccessShape]
  /// Pairs of loops that follow each other directly in one block.
  public var adjacentLoops: [LoopPair]
  /// What recipes call each object, by its number; nothing else is made of the names.
  public var objectNames: [Int: String]
  /// What recipes call arrays that live no longer than a call.
  public var localArrays: [String]

  public init(
    loops: [LoopShape], accesses: [AccessShape], adjacentLoops: [LoopPair],
    objectNames: [Int: String] = [:], localArrays: [String] = []
  ) {
    self.localArrays = localArrays
    self.loops = loops
    self.objectNames = objectNames
    self.accesses = accesses
    self.adjacentLoops = adjacentLoops
  }
}

/// Two neighbouring loops.
public struct LoopPair: Hashable, Sendable {
  public var first: String
  public var second: String
  public init(first: String, second: String) {
    self.first = first
    self.second = second
  }
}

/// A small value that a variable has wherever the kernel is known to be used.
public struct UsualValue: Hashable, Sendable {
  /// What recipes call the variable.
  public var name: String
  public var value: Int
  public init(name: String, value: Int) {
    self.name = name
    self.value = value
  }
}

public struct LoopShape: Hashable, Sendable {
  public var label: String
  /// The loop directly around this one.
  public var parent: String?
  /// What recipes call its iterator.
  public var iterator: String?
  /// Loops around this one whose iterators its bounds follow.
  public var followed: Set<String>
  /// Trip count: constant, or that of the largest workload when it is known.
  public var tripCount: Int?
  /// Whether the trip count is known on entry and nothing jumps out.
  public var isCounted: Bool
  /// Whether no dependence is carried by the loop.
  public var isParallel: Bool
  /// Whether the next loop inside is the only statement of the body.
  public var isPerfect: Bool
  /// Whether the body holds a condition that does not depend on the loop.
  public var hasInvariantBranch: Bool
  /// Whether the body holds a loop that a scalar accumulates over.
  public var hasScalarAccumulation: Bool
  /// Whether facts that run-time checks could establish are missing for the nest.
  public var lacksFacts: Bool
  /// Bytes of the widest arithmetic in the body, subscripts apart: what a lane of a vector holds while
  /// it is computed with, which is wider than a narrow element in memory.
  public var computedBytes: Int
  /// Whether the body computes with vectors already.
  public var isVectorized: Bool
  /// Whether memories in the body may overlap, as far as is known, where checks could tell.
  public var mayAlias: Bool
  /// Values of the variable that alone decides how many iterations there are, for which these are few.
  public var usualValues: [UsualValue]
  /// What scalars are reduced over the loop; nil when none is.
  public var reduction: Reduction?
  /// What recipes call scalars that each iteration sets anew.
  public var expandableScalars: [String]

  /// Whether reductions give the same result in any order.
  public enum Reduction: Hashable, Sendable {
    case exact
    case rounded
  }

  public init(
    label: String, parent: String?, iterator: String? = nil, followed: Set<String> = [],
    tripCount: Int?, isCounted: Bool, isParallel: Bool, isPerfect: Bool, hasInvariantBranch: Bool,
    hasScalarAccumulation: Bool, lacksFacts: Bool, computedBytes: Int = 0,
    isVectorized: Bool = false, mayAlias: Bool = false, usualValues: [UsualValue] = [],
    reduction: Reduction? = nil, expandableScalars: [String] = []
  ) {
    self.usualValues = usualValues
    self.expandableScalars = expandableScalars
    self.reduction = reduction
    self.mayAlias = mayAlias
    self.label = label
    self.parent = parent
    self.iterator = iterator
    self.followed = followed
    self.tripCount = tripCount
    self.isCounted = isCounted
    self.isParallel = isParallel
    self.isPerfect = isPerfect
    self.hasInvariantBranch = hasInvariantBranch
    self.hasScalarAccumulation = hasScalarAccumulation
    self.lacksFacts = lacksFacts
    self.computedBytes = computedBytes
    self.isVectorized = isVectorized
  }
}

/// One access to memory and how far it moves with each loop around it.
public struct AccessShape: Hashable, Sendable {
  public enum Stride: Hashable, Sendable {
    case zero
    case unit
    /// A constant number of elements.
    case constant(Int)
    /// A number of elements that depends on sizes: a row or more.
    case row
    /// Not affine.
    case unknown
  }
  /// Number of the object in order of appearance.
  public var object: Int
  public var isWrite: Bool
  public var elementBytes: Int
  /// By label, for every loop around the access.
  public var strides: [String: Stride]

  public init(object: Int, isWrite: Bool, elementBytes: Int, strides: [String: Stride]) {
    self.object = object
    self.isWrite = isWrite
    self.elementBytes = elementBytes
    self.strides = strides
  }
}

extension AccessShape {
  /// Whether the two move alike in one object.
  func isSamePlace(as other: AccessShape) -> Bool {
    object == other.object && strides == other.strides
  }
}

extension KernelShape {
  public func loop(_ label: String) -> LoopShape? { loops.first { $0.label == label } }
  public func name(of object: Int) -> String? { objectNames[object] }
  public func children(of label: String?) -> [LoopShape] { loops.filter { $0.parent == label } }
  public var roots: [LoopShape] { children(of: nil) }
  public func isInnermost(_ label: String) -> Bool { children(of: label).isEmpty }
  public var innermost: [LoopShape] { loops.filter { isInnermost($0.label) } }

  /// The perfect nest that begins at the loop, outermost first.
  public func perfectNest(from label: String) -> [LoopShape] {
    guard let loop = loop(label) else { return [] }
    let inner = children(of: label)
    guard loop.isPerfect, inner.count == 1 else { return [loop] }
    return [loop] + perfectNest(from: inner[0].label)
  }

  /// The loop and all loops around it, outermost first.
  public func chain(to label: String) -> [LoopShape] {
    guard let loop = loop(label) else { return [] }
    return (loop.parent.map { chain(to: $0) } ?? []) + [loop]
  }

  /// The loop and all loops inside it.
  public func nest(under label: String) -> [LoopShape] {
    loops.filter { loop in chain(to: loop.label).contains { $0.label == label } }
  }

  /// Whether run-time checks around the loop could make more of its nest known: facts are missing, or
  /// rows of unknown length are written.
  public func mayLackFacts(_ label: String) -> Bool {
    let inside = nest(under: label)
    if inside.contains(where: { $0.lacksFacts || $0.mayAlias || !$0.isCounted }) { return true }
    return inside.contains { !$0.isParallel }
      && accesses(in: label).contains { $0.isWrite && $0.strides.values.contains(.row) }
  }

  /// Whether as much is known of this kernel's loops as of another state of the same loops.
  public func isAsFree(as other: KernelShape) -> Bool {
    func known(_ shape: KernelShape) -> Int {
      shape.loops.reduce(0) { $0 + ($1.isParallel ? 1 : 0) + ($1.isCounted ? 1 : 0) }
    }
    return known(self) >= known(other)
  }

  /// Accesses that the loop moves or holds still: those it stands around.
  public func accesses(in label: String) -> [AccessShape] {
    accesses.filter { $0.strides[label] != nil }
  }

  /// Bytes of the widest element that is accessed in the loop.
  public func elementBytes(in label: String) -> Int {
    accesses(in: label).map(\.elementBytes).max() ?? 8
  }

  /// Bytes that one iteration of the loop holds in each of its values: elements, or what they widen to.
  public func laneBytes(in label: String) -> Int {
    max(elementBytes(in: label), loop(label)?.computedBytes ?? 0, 1)
  }
}
