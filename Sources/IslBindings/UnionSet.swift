internal import CIsl

/// A set of integer vectors of several spaces: an isl union set.
public final class UnionSet: CustomStringConvertible {
  /// The parent that outlives this value.
  public let context: Context
  let pointer: OpaquePointer

  init(_ context: Context, _ owned: OpaquePointer?) throws(IslError) {
    self.context = context
    pointer = try context.take(owned)
  }

  /// Reads isl's notation, for example `{ S[i] : 0 <= i < 9; T[i, j] }`.
  public init(_ context: Context, parsing text: String) throws(IslError) {
    self.context = context
    guard let read = isl_union_set_read_from_str(context.pointer, text) else {
      throw context.syntaxError(text)
    }
    pointer = read
  }

  /// The set of one space.
  public convenience init(_ set: IntegerSet) throws(IslError) {
    try self.init(set.context, isl_union_set_from_set(set.copy))
  }

  deinit { isl_union_set_free(pointer) }

  var copy: OpaquePointer? { isl_union_set_copy(pointer) }

  /// isl's notation of this set.
  public var description: String { context.text(isl_union_set_to_str(pointer)) }

  /// Whether no vector satisfies the constraints.
  public func isEmpty() throws(IslError) -> Bool {
    try context.truth(isl_union_set_is_empty(pointer))
  }

  /// Whether every vector of this set lies in `other`.
  public func isSubset(of other: UnionSet) throws(IslError) -> Bool {
    try context.truth(isl_union_set_is_subset(pointer, other.pointer))
  }

  /// The vectors in both.
  public func intersection(_ other: UnionSet) throws(IslError) -> UnionSet {
    try UnionSet(context, isl_union_set_intersect(copy, other.copy))
  }

  /// The vectors in either.
  public func union(_ other: UnionSet) throws(IslError) -> UnionSet {
    try UnionSet(context, isl_union_set_union(copy, other.copy))
  }

  /// The vectors of this set that are not in `other`.
  public func subtracting(_ other: UnionSet) throws(IslError) -> UnionSet {
    try UnionSet(context, isl_union_set_subtract(copy, other.copy))
  }

  /// The images of this set's vectors.
  public func apply(_ relation: UnionRelation) throws(IslError) -> UnionSet {
    try UnionSet(context, isl_union_set_apply(copy, relation.copy))
  }

  /// The sets of the single spaces.
  public func parts() throws(IslError) -> [IntegerSet] {
    let list = try context.take(isl_union_set_get_set_list(pointer))
    defer { isl_set_list_free(list) }
    var parts: [IntegerSet] = []
    for position in 0..<isl_set_list_n_set(list) {
      parts.append(try IntegerSet(context, isl_set_list_get_set(list, position)))
    }
    return parts
  }
}
