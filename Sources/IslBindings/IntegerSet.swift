internal import CIsl

/// A set of integer vectors, possibly named and parametric: an isl set.
public final class IntegerSet: CustomStringConvertible {
  /// The parent that outlives this value.
  public let context: Context
  let pointer: OpaquePointer

  init(_ context: Context, _ owned: OpaquePointer?) throws(IslError) {
    self.context = context
    pointer = try context.take(owned)
  }

  /// Reads isl's notation, for example `[n] -> { S[i] : 0 <= i < n }`.
  public init(_ context: Context, parsing text: String) throws(IslError) {
    self.context = context
    guard let read = isl_set_read_from_str(context.pointer, text) else {
      throw context.syntaxError(text)
    }
    pointer = read
  }

  deinit { isl_set_free(pointer) }

  var copy: OpaquePointer? { isl_set_copy(pointer) }

  /// isl's notation of this set.
  public var description: String { context.text(isl_set_to_str(pointer)) }

  // MARK: Questions

  /// Whether no parameter value and no vector satisfies the constraints.
  public func isEmpty() throws(IslError) -> Bool {
    try context.truth(isl_set_is_empty(pointer))
  }

  /// Whether every vector of this set lies in `other`.
  public func isSubset(of other: IntegerSet) throws(IslError) -> Bool {
    try context.truth(isl_set_is_subset(pointer, other.pointer))
  }

  /// Whether both sets hold the same vectors.
  public func isEqual(to other: IntegerSet) throws(IslError) -> Bool {
    try context.truth(isl_set_is_equal(pointer, other.pointer))
  }

  /// Whether no vector is in both.
  public func isDisjoint(from other: IntegerSet) throws(IslError) -> Bool {
    try context.truth(isl_set_is_disjoint(pointer, other.pointer))
  }

  /// Whether every dimension is bounded for each value of the parameters.
  public func isBounded() throws(IslError) -> Bool {
    try context.truth(isl_set_is_bounded(pointer))
  }

  /// The number of dimensions.
  public var dimensionCount: Int { Int(isl_set_dim(pointer, isl_dim_set)) }

  /// The name of the tuple, when it has one.
  public var tupleName: String? { isl_set_get_tuple_name(pointer).map { String(cString: $0) } }

  /// The same vectors in the space of this name.
  public func named(_ tuple: String) throws(IslError) -> IntegerSet {
    try IntegerSet(context, isl_set_set_tuple_name(copy, tuple))
  }

  // MARK: Algebra

  /// The vectors in both.
  public func intersection(_ other: IntegerSet) throws(IslError) -> IntegerSet {
    try IntegerSet(context, isl_set_intersect(copy, other.copy))
  }

  /// Restricts the parameters to `parameters`, a set without dimensions.
  public func intersectingParameters(_ parameters: IntegerSet) throws(IslError) -> IntegerSet {
    try IntegerSet(context, isl_set_intersect_params(copy, isl_set_params(parameters.copy)))
  }

  /// The vectors in either.
  public func union(_ other: IntegerSet) throws(IslError) -> IntegerSet {
    try IntegerSet(context, isl_set_union(copy, other.copy))
  }

  /// The vectors of this set that are not in `other`.
  public func subtracting(_ other: IntegerSet) throws(IslError) -> IntegerSet {
    try IntegerSet(context, isl_set_subtract(copy, other.copy))
  }

  /// The images of this set's vectors.
  public func apply(_ relation: Relation) throws(IslError) -> IntegerSet {
    try IntegerSet(context, isl_set_apply(copy, relation.copy))
  }

  /// The same set with fewer pieces where isl sees how.
  public func coalesced() throws(IslError) -> IntegerSet {
    try IntegerSet(context, isl_set_coalesce(copy))
  }

  /// The same set written with only the constraints that `known` does not already imply.
  public func gist(given known: IntegerSet) throws(IslError) -> IntegerSet {
    try IntegerSet(context, isl_set_gist(copy, known.copy))
  }

  /// The smallest affine subspace that holds this set.
  public func affineHull() throws(IslError) -> IntegerSet {
    let hull = isl_set_affine_hull(copy)
    return try IntegerSet(context, hull.flatMap { isl_set_from_basic_set($0) })
  }

  /// The smallest single polyhedron, with the constraints of the pieces, that holds this set.
  public func simpleHull() throws(IslError) -> IntegerSet {
    let hull = isl_set_simple_hull(copy)
    return try IntegerSet(context, hull.flatMap { isl_set_from_basic_set($0) })
  }

  /// The values of the parameters for which the set is not empty, as a set without dimensions.
  public func parameters() throws(IslError) -> IntegerSet {
    try IntegerSet(context, isl_set_params(copy))
  }

  /// Forgets `count` dimensions from `first` on.
  public func projectingOut(_ first: Int, count: Int) throws(IslError) -> IntegerSet {
    try IntegerSet(context, isl_set_project_out(copy, isl_dim_set, UInt32(first), UInt32(count)))
  }

  /// The lexicographically smallest vector for each value of the parameters.
  public func lexicographicMinimum() throws(IslError) -> IntegerSet {
    try IntegerSet(context, isl_set_lexmin(copy))
  }

  /// The lexicographically greatest vector for each value of the parameters.
  public func lexicographicMaximum() throws(IslError) -> IntegerSet {
    try IntegerSet(context, isl_set_lexmax(copy))
  }

  /// The relation that maps each vector of this set to itself.
  public func identity() throws(IslError) -> Relation {
    try Relation(context, isl_set_identity(copy))
  }
}
