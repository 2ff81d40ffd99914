internal import CIsl

/// A place in a schedule tree: an isl schedule node.
public final class ScheduleNode: CustomStringConvertible {
  public enum Kind: Hashable, Sendable {
    /// The instances of the whole tree, above everything else.
    case domain
    /// Loops, by an affine function of each member.
    case band
    /// Keeps some of the instances.
    case filter
    /// Children one after the other, each a filter.
    case sequence
    /// Children in any order, each a filter.
    case set
    case leaf
    case unsupported(Int)
  }

  /// The parent that outlives this value.
  public let context: Context
  let pointer: OpaquePointer

  init(_ context: Context, _ owned: OpaquePointer?) throws(IslError) {
    self.context = context
    pointer = try context.take(owned)
  }

  deinit { isl_schedule_node_free(pointer) }

  /// isl's notation of the tree with this node marked.
  public var description: String { context.text(isl_schedule_node_to_str(pointer)) }

  /// What stands here.
  public func kind() throws(IslError) -> Kind {
    switch isl_schedule_node_get_type(pointer) {
    case isl_schedule_node_domain: return .domain
    case isl_schedule_node_band: return .band
    case isl_schedule_node_filter: return .filter
    case isl_schedule_node_sequence: return .sequence
    case isl_schedule_node_set: return .set
    case isl_schedule_node_leaf: return .leaf
    case isl_schedule_node_error: throw context.lastError()
    case let other: return .unsupported(Int(other.rawValue))
    }
  }

  /// What stands below, in order; a leaf stands below where nothing else does.
  public func children() throws(IslError) -> [ScheduleNode] {
    let count = isl_schedule_node_n_children(pointer)
    guard count >= 0 else { throw context.lastError() }
    var children: [ScheduleNode] = []
    for position in 0..<count {
      children.append(try ScheduleNode(context, isl_schedule_node_get_child(pointer, position)))
    }
    return children
  }

  /// The instances that a filter keeps.
  public func filter() throws(IslError) -> UnionSet {
    try UnionSet(context, isl_schedule_node_filter_get_filter(pointer))
  }

  // MARK: Bands

  /// How many loops a band stands for.
  public func memberCount() throws(IslError) -> Int {
    let count = isl_schedule_node_band_n_member(pointer)
    guard count >= 0 else { throw context.lastError() }
    return Int(count)
  }

  /// Whether the members of a band may change places, and be tiled.
  public func isPermutable() throws(IslError) -> Bool {
    try context.truth(isl_schedule_node_band_get_permutable(pointer))
  }

  /// Whether the member puts all pairs of the coincidence constraints that the nodes above leave at
  /// one time.
  public func isCoincident(member: Int) throws(IslError) -> Bool {
    try context.truth(isl_schedule_node_band_member_get_coincident(pointer, Int32(member)))
  }

  /// The times that the member gives to instances: one function for each space.
  public func times(member: Int) throws(IslError) -> [PiecewiseAffine] {
    let band = try context.take(isl_schedule_node_band_get_partial_schedule(pointer))
    defer { isl_multi_union_pw_aff_free(band) }
    let row = try context.take(isl_multi_union_pw_aff_get_at(band, Int32(member)))
    defer { isl_union_pw_aff_free(row) }
    let list = try context.take(isl_union_pw_aff_get_pw_aff_list(row))
    defer { isl_pw_aff_list_free(list) }
    var functions: [PiecewiseAffine] = []
    for position in 0..<isl_pw_aff_list_n_pw_aff(list) {
      functions.append(try PiecewiseAffine(context, isl_pw_aff_list_get_at(list, position)))
    }
    return functions
  }
}
