/// What the measured process had mapped of the candidate: proof that it ran this and nothing else.
public struct MeasuredCode: Codable, Hashable, Sendable {
  /// Of the object's code, as its process had it mapped.
  public var object: Digest
  /// Of the judged function's own bytes; `nil` when the object has no symbol for it.
  public var function: Digest?
  /// How many bytes those are.
  public var functionBytes: Int?

  /// Creates the proof for one object.
  public init(object: Digest, function: Digest? = nil, functionBytes: Int? = nil) {
    self.object = object
    self.function = function
    self.functionBytes = functionBytes
  }
}
