internal import CIsl

/// A relation between integer vectors of several spaces: an isl union map.
public final class UnionRelation: CustomStringConvertible {
  /// The parent that outlives this value.
  public let context: Context
  let pointer: OpaquePointer

  init(_ context: Context, _ owned: OpaquePointer?) throws(IslError) {
    self.context = context
    pointer = try context.take(owned)
  }

  /// Reads isl's notation, for example `{ S[i] -> A[i]; T[i, j] -> B[j] }`.
  public init(_ context: Context, parsing text: String) throws(IslError) {
    self.context = context
    guard let read = isl_union_map_read_from_str(context.pointer, text) else {
      throw context.syntaxError(text)
    }
    pointer = read
  }

  /// The relation of one pair of spaces.
  public convenience init(_ relation: Relation) throws(IslError) {
    try self.init(relation.context, isl_union_map_from_map(relation.copy))
  }

  deinit { isl_union_map_free(pointer) }

  var copy: OpaquePointer? { isl_union_map_copy(pointer) }

  /// isl's notation of this relation.
  public var description: String { context.text(isl_union_map_to_str(pointer)) }

  /// Whether no pair satisfies the constraints.
  public func isEmpty() throws(IslError) -> Bool {
    try context.truth(isl_union_map_is_empty(pointer))
  }

  /// Whether every pair of this relation is in `other`.
  public func isSubset(of other: UnionRelation) throws(IslError) -> Bool {
    try context.truth(isl_union_map_is_subset(pointer, other.pointer))
  }

  /// Whether both hold the same pairs.
  public func isEqual(to other: UnionRelation) throws(IslError) -> Bool {
    try context.truth(isl_union_map_is_equal(pointer, other.pointer))
  }

  /// Whether each image has at most one source.
  public func isInjective() throws(IslError) -> Bool {
    try context.truth(isl_union_map_is_injective(pointer))
  }

  /// The pairs in both.
  public func intersection(_ other: UnionRelation) throws(IslError) -> UnionRelation {
    try UnionRelation(context, isl_union_map_intersect(copy, other.copy))
  }

  /// The pairs in either.
  public func union(_ other: UnionRelation) throws(IslError) -> UnionRelation {
    try UnionRelation(context, isl_union_map_union(copy, other.copy))
  }

  /// The pairs of this relation that are not in `other`.
  public func subtracting(_ other: UnionRelation) throws(IslError) -> UnionRelation {
    try UnionRelation(context, isl_union_map_subtract(copy, other.copy))
  }

  /// First this relation, then `next`.
  public func composed(with next: UnionRelation) throws(IslError) -> UnionRelation {
    try UnionRelation(context, isl_union_map_apply_range(copy, next.copy))
  }

  /// The pairs turned round.
  public func inverse() throws(IslError) -> UnionRelation {
    try UnionRelation(context, isl_union_map_reverse(copy))
  }

  /// The pairs whose source lies in `sources`.
  public func restricted(toDomain sources: UnionSet) throws(IslError) -> UnionRelation {
    try UnionRelation(context, isl_union_map_intersect_domain(copy, sources.copy))
  }

  /// The pairs whose image lies in `images`.
  public func restricted(toRange images: UnionSet) throws(IslError) -> UnionRelation {
    try UnionRelation(context, isl_union_map_intersect_range(copy, images.copy))
  }

  /// The sources.
  public func domain() throws(IslError) -> UnionSet {
    try UnionSet(context, isl_union_map_domain(copy))
  }

  /// The images.
  public func range() throws(IslError) -> UnionSet {
    try UnionSet(context, isl_union_map_range(copy))
  }

  /// The differences image − source of the pairs within one space.
  public func deltas() throws(IslError) -> UnionSet {
    try UnionSet(context, isl_union_map_deltas(copy))
  }

  /// For each source, the lexicographically greatest image in each space.
  public func lexicographicMaximum() throws(IslError) -> UnionRelation {
    try UnionRelation(context, isl_union_map_lexmax(copy))
  }

  /// The same relation with fewer pieces where isl sees how.
  public func coalesced() throws(IslError) -> UnionRelation {
    try UnionRelation(context, isl_union_map_coalesce(copy))
  }

  /// The pairs of sources of which this relation puts the first, read as times, before the second
  /// of `other`.
  public func lexicographicallyBefore(_ other: UnionRelation) throws(IslError) -> UnionRelation {
    try UnionRelation(context, isl_union_map_lex_lt_union_map(copy, other.copy))
  }

  /// The pairs of sources of which this relation puts the first, read as times, not before the
  /// second of `other`.
  public func lexicographicallyAfterOrEqual(
    _ other: UnionRelation
  ) throws(IslError) -> UnionRelation {
    try UnionRelation(context, isl_union_map_lex_ge_union_map(copy, other.copy))
  }

  /// The relations of the single pairs of spaces.
  public func parts() throws(IslError) -> [Relation] {
    let list = try context.take(isl_union_map_get_map_list(pointer))
    defer { isl_map_list_free(list) }
    var parts: [Relation] = []
    for position in 0..<isl_map_list_n_map(list) {
      parts.append(try Relation(context, isl_map_list_get_map(list, position)))
    }
    return parts
  }
}
