/// What one core of a machine does at most, as it was measured: the roof of the roofline model.
///
/// Reference: Williams, Waterman, Patterson, "Roofline", CACM 52(4), 2009.
public struct MachinePeaks: Codable, Hashable, Sendable {
  /// Floating-point operations a second of one precision.
  public struct Rate: Codable, Hashable, Sendable {
    /// Where products may be fused with sums; a fused operation counts for two.
    public var fused: Double
    /// Where every product and every sum is an operation of its own.
    public var apart: Double

    /// Creates the rates.
    public init(fused: Double, apart: Double) {
      self.fused = fused
      self.apart = apart
    }
  }

  /// A place that data comes from.
  public struct Level: Codable, Hashable, Sendable {
    /// `L1`, `L2` …, the last being `memory`.
    public var name: String
    /// What it holds; `nil` for main memory.
    public var bytes: Int?
    /// Bytes a second when data is only read.
    public var readBytesPerSecond: Double
    /// Bytes a second of `a[i] = b[i] + s * c[i]`, 24 for each element of double.
    public var triadBytesPerSecond: Double

    /// Creates the level `name`.
    public init(
      name: String, bytes: Int?, readBytesPerSecond: Double, triadBytesPerSecond: Double
    ) {
      self.name = name
      self.bytes = bytes
      self.readBytesPerSecond = readBytesPerSecond
      self.triadBytesPerSecond = triadBytesPerSecond
    }

    /// The faster of the two patterns.
    public var bytesPerSecond: Double { max(readBytesPerSecond, triadBytesPerSecond) }
  }

  /// Names what the figures depend on; others hold for another fingerprint.
  public var fingerprint: String
  /// When they were measured.
  public var time: Timestamp
  /// The compiler of the measuring program.
  public var compiler: String
  /// Its flags.
  public var flags: [String]
  /// Peak of `double`.
  public var double: Rate
  /// Peak of `float`.
  public var single: Rate
  /// From the nearest cache to main memory.
  public var levels: [Level]

  /// Creates the record from its parts.
  public init(
    fingerprint: String, time: Timestamp, compiler: String, flags: [String], double: Rate,
    single: Rate, levels: [Level]
  ) {
    self.fingerprint = fingerprint
    self.time = time
    self.compiler = compiler
    self.flags = flags
    self.double = double
    self.single = single
    self.levels = levels
  }

  /// The higher of each figure of two measurements of one machine: what disturbs a measurement only
  /// ever lowers a figure.
  public func raised(by other: MachinePeaks) -> MachinePeaks {
    var result = other
    result.double = double.raised(by: other.double)
    result.single = single.raised(by: other.single)
    for index in result.levels.indices where index < levels.count {
      let (mine, its) = (levels[index], other.levels[index])
      result.levels[index].readBytesPerSecond = max(
        mine.readBytesPerSecond, its.readBytesPerSecond)
      result.levels[index].triadBytesPerSecond = max(
        mine.triadBytesPerSecond, its.triadBytesPerSecond)
    }
    return result
  }
}

extension MachinePeaks.Rate {
  fileprivate func raised(by other: Self) -> Self {
    Self(fused: max(fused, other.fused), apart: max(apart, other.apart))
  }
}
