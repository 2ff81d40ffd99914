/// What one call of a kernel has to do at a workload's sizes, and how fast the machine can do it.
///
/// Where `isWhole` is false, something depends on data: operations of it are left out, and of its
/// memory all counts that the contract allows it to touch.
public struct RooflineLimit: Codable, Hashable, Sendable {
  /// The name of the workload.
  public var workload: String
  /// Floating-point operations, without those that are the same in every turn of a loop.
  public var operations: Int
  /// Distinct bytes that a call reads or writes, as far as is known.
  public var bytes: Int
  /// Distinct bytes that every right candidate must touch, whatever it is rewritten to.
  public var certainBytes: Int
  /// Whether nothing of the kernel depends on data, so that the counts tell all of it.
  public var isWhole: Bool
  /// The least time of a call: the larger of operations over peak and bytes over bandwidth.
  public var nanoseconds: Double
  /// What that comes from: `compute`, or the name of the level whose bandwidth limits.
  public var limitedBy: String
  /// The least time of moving the certain bytes; no right candidate can be faster.
  public var certainNanoseconds: Double

  /// Creates the limit on `workload`.
  public init(
    workload: String, operations: Int, bytes: Int, certainBytes: Int, isWhole: Bool,
    nanoseconds: Double, limitedBy: String, certainNanoseconds: Double
  ) {
    self.workload = workload
    self.operations = operations
    self.bytes = bytes
    self.certainBytes = certainBytes
    self.isWhole = isWhole
    self.nanoseconds = nanoseconds
    self.limitedBy = limitedBy
    self.certainNanoseconds = certainNanoseconds
  }

  /// Floating-point operations per byte; `nil` when no byte is known to be touched.
  public var intensity: Double? {
    bytes > 0 ? Double(operations) / Double(bytes) : nil
  }

  /// How many times the limit a call takes; 1 is as fast as the machine allows.
  public func distance(nanoseconds measured: Double) -> Double? {
    nanoseconds > 0 && measured > 0 ? measured / nanoseconds : nil
  }
}
