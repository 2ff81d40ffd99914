internal import CIsl

/// What a schedule has to keep and what it should bring together.
///
/// Source: Verdoolaege & Janssens, "Scheduling for PPCG", CW 706, 2017; the cost function is that of
/// Bondhugula et al., "A Practical Automatic Polyhedral Parallelizer and Locality Optimizer", PLDI 2008.
public struct ScheduleConstraints {
  /// Every instance.
  public var domain: UnionSet
  /// Pairs of which the first has to come before the second.
  public var validity: UnionRelation
  /// Pairs that keep a member of a band from being coincident unless it puts both at one time.
  public var coincidence: UnionRelation
  /// Pairs that had better lie close to each other.
  public var proximity: UnionRelation

  public init(
    domain: UnionSet, validity: UnionRelation, coincidence: UnionRelation,
    proximity: UnionRelation
  ) {
    self.domain = domain
    self.validity = validity
    self.coincidence = coincidence
    self.proximity = proximity
  }

  /// The root of the schedule that isl computes. Coefficients are whole numbers.
  ///
  /// - Parameter separatesComponents: instances that do not need each other both ways are put one
  ///   after the other; else as much as possible shares its loops.
  public func schedule(separatesComponents: Bool) throws(IslError) -> ScheduleNode {
    let context = domain.context
    let serialized = isl_options_get_schedule_serialize_sccs(context.pointer)
    let scaled = isl_options_get_schedule_split_scaled(context.pointer)
    defer {
      isl_options_set_schedule_serialize_sccs(context.pointer, serialized)
      isl_options_set_schedule_split_scaled(context.pointer, scaled)
    }
    isl_options_set_schedule_serialize_sccs(context.pointer, separatesComponents ? 1 : 0)
    isl_options_set_schedule_split_scaled(context.pointer, 0)
    var constraints = isl_schedule_constraints_on_domain(domain.copy)
    constraints = isl_schedule_constraints_set_validity(constraints, validity.copy)
    constraints = isl_schedule_constraints_set_coincidence(constraints, coincidence.copy)
    constraints = isl_schedule_constraints_set_proximity(constraints, proximity.copy)
    let schedule = try context.take(isl_schedule_constraints_compute_schedule(constraints))
    defer { isl_schedule_free(schedule) }
    return try ScheduleNode(context, isl_schedule_get_root(schedule))
  }
}
