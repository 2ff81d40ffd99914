public import ExperimentRecords

extension Lineage {
  /// How many winners were written into sources within the 24 hours before `now`.
  ///
  /// A clock that is set back makes entries of the future; they count, and so does everything that stands
  /// behind an entry that counts.
  public func acceptedChanges(inTheDayBefore now: Timestamp) -> Int {
    let start = now.milliseconds - 86_400_000
    let times = entries.compactMap { stored -> Int64? in
      guard case .applied = stored.entry.content else { return nil }
      return stored.entry.time.milliseconds
    }
    return times.firstIndex { $0 > start }.map { times.count - $0 } ?? 0
  }
}
