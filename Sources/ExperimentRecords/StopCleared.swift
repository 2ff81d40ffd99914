/// A person's word that a campaign which was stopped may go on.
public struct StopCleared: Codable, Hashable, Sendable {
  /// The entry of the request to stop.
  public var stop: Digest
  /// Who cleared it.
  public var by: String

  /// Creates the record from its parts.
  public init(stop: Digest, by: String) {
    self.stop = stop
    self.by = by
  }
}
