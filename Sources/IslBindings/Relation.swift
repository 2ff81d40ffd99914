internal import CIsl

/// A relation between integer vectors, possibly parametric: an isl map.
public final class Relation: CustomStringConvertible {
  /// The parent that outlives this value.
  public let context: Context
  let pointer: OpaquePointer

  init(_ context: Context, _ owned: OpaquePointer?) throws(IslError) {
    self.context = context
    pointer = try context.take(owned)
  }

  /// Reads isl's notation, for example `[n] -> { S[i] -> A[i + 1] : 0 <= i < n }`.
  public init(_ context: Context, parsing text: String) throws(IslError) {
    self.context = context
    guard let read = isl_map_read_from_str(context.pointer, text) else {
      throw context.syntaxError(text)
    }
    pointer = read
  }

  deinit { isl_map_free(pointer) }

  var copy: OpaquePointer? { isl_map_copy(pointer) }

  /// isl's notation of this relation.
  public var description: String { context.text(isl_map_to_str(pointer)) }

  /// The pairs of `dimensions`-vectors of which the first comes before the second.
  public static func lexicographicallyBefore(
    _ context: Context, dimensions: Int
  ) throws(IslError) -> Relation {
    let space = isl_space_set_alloc(context.pointer, 0, UInt32(dimensions))
    return try Relation(context, isl_map_lex_lt(space))
  }

  /// The pairs of `dimensions`-vectors of which the first does not come after the second.
  public static func lexicographicallyBeforeOrEqual(
    _ context: Context, dimensions: Int
  ) throws(IslError) -> Relation {
    let space = isl_space_set_alloc(context.pointer, 0, UInt32(dimensions))
    return try Relation(context, isl_map_lex_le(space))
  }

  // MARK: Questions

  /// Whether no pair satisfies the constraints.
  public func isEmpty() throws(IslError) -> Bool {
    try context.truth(isl_map_is_empty(pointer))
  }

  /// Whether every pair of this relation is in `other`.
  public func isSubset(of other: Relation) throws(IslError) -> Bool {
    try context.truth(isl_map_is_subset(pointer, other.pointer))
  }

  /// Whether both hold the same pairs.
  public func isEqual(to other: Relation) throws(IslError) -> Bool {
    try context.truth(isl_map_is_equal(pointer, other.pointer))
  }

  /// Whether each source has at most one image.
  public func isSingleValued() throws(IslError) -> Bool {
    try context.truth(isl_map_is_single_valued(pointer))
  }

  /// Whether each image has at most one source.
  public func isInjective() throws(IslError) -> Bool {
    try context.truth(isl_map_is_injective(pointer))
  }

  // MARK: Algebra

  /// The pairs in both.
  public func intersection(_ other: Relation) throws(IslError) -> Relation {
    try Relation(context, isl_map_intersect(copy, other.copy))
  }

  /// The pairs in either.
  public func union(_ other: Relation) throws(IslError) -> Relation {
    try Relation(context, isl_map_union(copy, other.copy))
  }

  /// The pairs of this relation that are not in `other`.
  public func subtracting(_ other: Relation) throws(IslError) -> Relation {
    try Relation(context, isl_map_subtract(copy, other.copy))
  }

  /// First this relation, then `next`.
  public func composed(with next: Relation) throws(IslError) -> Relation {
    try Relation(context, isl_map_apply_range(copy, next.copy))
  }

  /// The pairs turned round.
  public func inverse() throws(IslError) -> Relation {
    try Relation(context, isl_map_reverse(copy))
  }

  /// The pairs whose source lies in `sources`.
  public func restricted(toDomain sources: IntegerSet) throws(IslError) -> Relation {
    try Relation(context, isl_map_intersect_domain(copy, sources.copy))
  }

  /// The pairs whose image lies in `images`.
  public func restricted(toRange images: IntegerSet) throws(IslError) -> Relation {
    try Relation(context, isl_map_intersect_range(copy, images.copy))
  }

  /// Restricts the parameters to `parameters`, a set without dimensions.
  public func intersectingParameters(_ parameters: IntegerSet) throws(IslError) -> Relation {
    try Relation(context, isl_map_intersect_params(copy, isl_set_params(parameters.copy)))
  }

  /// The same pairs in the spaces of these names.
  public func named(_ source: String, _ image: String) throws(IslError) -> Relation {
    let named = isl_map_set_tuple_name(copy, isl_dim_in, source)
    return try Relation(context, isl_map_set_tuple_name(named, isl_dim_out, image))
  }

  /// The sources.
  public func domain() throws(IslError) -> IntegerSet {
    try IntegerSet(context, isl_map_domain(copy))
  }

  /// The images.
  public func range() throws(IslError) -> IntegerSet {
    try IntegerSet(context, isl_map_range(copy))
  }

  /// The pairs as vectors of one set, sources before images, under no name.
  public func wrapped() throws(IslError) -> IntegerSet {
    let wrapped = isl_set_flatten(isl_map_wrap(copy))
    return try IntegerSet(context, wrapped)
  }

  /// The differences image − source; both sides must have one space.
  public func deltas() throws(IslError) -> IntegerSet {
    try IntegerSet(context, isl_map_deltas(copy))
  }

  /// For each source, the lexicographically smallest image.
  public func lexicographicMinimum() throws(IslError) -> Relation {
    try Relation(context, isl_map_lexmin(copy))
  }

  /// For each source, the lexicographically greatest image.
  public func lexicographicMaximum() throws(IslError) -> Relation {
    try Relation(context, isl_map_lexmax(copy))
  }

  /// The same relation with fewer pieces where isl sees how.
  public func coalesced() throws(IslError) -> Relation {
    try Relation(context, isl_map_coalesce(copy))
  }

  /// The same relation written with only the constraints that `known` does not already imply.
  public func gist(given known: Relation) throws(IslError) -> Relation {
    try Relation(context, isl_map_gist(copy, known.copy))
  }

  /// The smallest affine subspace that holds the pairs.
  public func affineHull() throws(IslError) -> Relation {
    let hull = isl_map_affine_hull(copy)
    return try Relation(context, hull.flatMap { isl_map_from_basic_map($0) })
  }

  /// Forgets `count` dimensions of the sources from `first` on.
  public func projectingOutInputs(_ first: Int, count: Int) throws(IslError) -> Relation {
    try Relation(context, isl_map_project_out(copy, isl_dim_in, UInt32(first), UInt32(count)))
  }

  /// Forgets `count` dimensions of the images from `first` on.
  public func projectingOutOutputs(_ first: Int, count: Int) throws(IslError) -> Relation {
    try Relation(context, isl_map_project_out(copy, isl_dim_out, UInt32(first), UInt32(count)))
  }

  /// The number of dimensions of a source.
  public var inputCount: Int { Int(isl_map_dim(pointer, isl_dim_in)) }

  /// The number of dimensions of an image.
  public var outputCount: Int { Int(isl_map_dim(pointer, isl_dim_out)) }
}
