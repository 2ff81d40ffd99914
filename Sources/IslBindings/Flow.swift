internal import CIsl

/// The result of dataflow analysis between writes and reads.
public struct Flow {
  /// Certain dependences: each pair is (source instance, sink instance).
  public let must: UnionRelation
  /// Possible dependences, the certain ones among them.
  public let may: UnionRelation

  /// Value-based flow: for each sink access the last source access before it.
  ///
  /// - Parameters:
  ///   - sinks: sink instance → element.
  ///   - mustSources: source instance → element, certain writes.
  ///   - maySources: source instance → element, possible writes.
  ///   - schedule: instance → time.
  public static func compute(
    sinks: UnionRelation, mustSources: UnionRelation, maySources: UnionRelation,
    schedule: UnionRelation
  ) throws(IslError) -> Flow {
    let context = sinks.context
    var access = isl_union_access_info_from_sink(sinks.copy)
    access = isl_union_access_info_set_must_source(access, mustSources.copy)
    access = isl_union_access_info_set_may_source(access, maySources.copy)
    access = isl_union_access_info_set_schedule_map(access, schedule.copy)
    let flow = try context.take(isl_union_access_info_compute_flow(access))
    defer { isl_union_flow_free(flow) }
    return Flow(
      must: try UnionRelation(context, isl_union_flow_get_must_dependence(flow)),
      may: try UnionRelation(context, isl_union_flow_get_may_dependence(flow)))
  }
}
