internal import CIsl

/// Sets without dimensions, whose loop counters are parameters, and the named sets of vectors that
/// they become.
extension IntegerSet {
  /// One where a vector lies in the set, else zero.
  public func indicator() throws(IslError) -> PiecewiseAffine {
    try PiecewiseAffine(context, isl_set_indicator_function(copy))
  }

  /// The vectors that the set does not hold.
  public func complement() throws(IslError) -> IntegerSet {
    try IntegerSet(context, isl_set_complement(copy))
  }

  /// The vectors of the parameters `counters`, in this order, as a set with the name `name`.
  public func vectors(of counters: [String], named name: String) throws(IslError) -> IntegerSet {
    var set = isl_set_from_params(copy)
    for (position, counter) in counters.enumerated() {
      set = moveToDimension(set, counter, position)
    }
    return try IntegerSet(context, isl_set_set_tuple_name(set, name))
  }

  /// The set of parameters from which `counters` are projected out.
  public func forgettingParameters(_ counters: [String]) throws(IslError) -> IntegerSet {
    var set = copy
    for counter in counters {
      let position = isl_set_find_dim_by_name(set, isl_dim_param, counter)
      if position >= 0 {
        set = isl_set_project_out(set, isl_dim_param, UInt32(position), 1)
      }
    }
    return try IntegerSet(context, set)
  }

  /// The smallest value of the parameter `counter` as a function of the others.
  public func leastParameter(_ counter: String) throws(IslError) -> PiecewiseAffine {
    let set = moveToDimension(isl_set_from_params(copy), counter, 0)
    return try PiecewiseAffine(context, isl_set_dim_min(set, 0))
  }

  private func moveToDimension(
    _ owned: OpaquePointer?, _ counter: String, _ position: Int
  ) -> OpaquePointer? {
    var set = owned
    if isl_set_find_dim_by_name(set, isl_dim_param, counter) < 0 {
      set = isl_set_add_dims(set, isl_dim_param, 1)
      let last = isl_set_dim(set, isl_dim_param) - 1
      // isl answers null with numbers below zero once its limit of operations is reached.
      guard last >= 0 else { return isl_set_free(set) }
      set = isl_set_set_dim_name(set, isl_dim_param, UInt32(last), counter)
    }
    let found = isl_set_find_dim_by_name(set, isl_dim_param, counter)
    guard found >= 0 else { return isl_set_free(set) }
    return isl_set_move_dims(set, isl_dim_set, UInt32(position), isl_dim_param, UInt32(found), 1)
  }
}

extension Relation {
  /// The relation from the vectors of the parameters `counters`, named `source`, to the values of
  /// `functions`, named `image`.
  public static func values(
    of functions: [PiecewiseAffine], over counters: [String], source: String, image: String,
    _ context: Context
  ) throws(IslError) -> Relation {
    var range = isl_set_universe(isl_space_set_alloc(context.pointer, 0, 0))
    for function in functions {
      range = isl_set_flat_product(range, isl_set_from_pw_aff(function.copy))
    }
    var map = isl_map_from_range(range)
    for (position, counter) in counters.enumerated() {
      map = moveToInput(map, counter, position)
    }
    map = isl_map_set_tuple_name(map, isl_dim_in, source)
    return try Relation(context, isl_map_set_tuple_name(map, isl_dim_out, image))
  }

  private static func moveToInput(
    _ owned: OpaquePointer?, _ counter: String, _ position: Int
  ) -> OpaquePointer? {
    var map = owned
    if isl_map_find_dim_by_name(map, isl_dim_param, counter) < 0 {
      map = isl_map_add_dims(map, isl_dim_param, 1)
      let last = isl_map_dim(map, isl_dim_param) - 1
      guard last >= 0 else { return isl_map_free(map) }
      map = isl_map_set_dim_name(map, isl_dim_param, UInt32(last), counter)
    }
    let found = isl_map_find_dim_by_name(map, isl_dim_param, counter)
    guard found >= 0 else { return isl_map_free(map) }
    return isl_map_move_dims(map, isl_dim_in, UInt32(position), isl_dim_param, UInt32(found), 1)
  }

  /// The relation of every vector of `sources` to every vector of `images`.
  public static func product(
    _ sources: IntegerSet, _ images: IntegerSet
  ) throws(IslError) -> Relation {
    try Relation(
      sources.context, isl_map_from_domain_and_range(sources.copy, images.copy))
  }

  /// The relation with sources mapped by `change`: the pairs `(change(x), y)`.
  public func changingDomain(by change: Relation) throws(IslError) -> Relation {
    try Relation(context, isl_map_apply_domain(copy, change.copy))
  }

  /// The smallest single polyhedron, with the constraints of the pieces, that holds the pairs.
  public func simpleHull() throws(IslError) -> Relation {
    let hull = isl_map_simple_hull(copy)
    return try Relation(context, hull.flatMap { isl_map_from_basic_map($0) })
  }

  /// The name of the sources, when they have one.
  public var sourceName: String? {
    isl_map_get_tuple_name(pointer, isl_dim_in).map { String(cString: $0) }
  }

  /// The name of the images, when they have one.
  public var imageName: String? {
    isl_map_get_tuple_name(pointer, isl_dim_out).map { String(cString: $0) }
  }
}
