/// The bytes that a call read and stored, one flag byte for each byte.
public struct AccessSets: Hashable, Sendable {
  /// What was done to a byte.
  public struct Access: OptionSet, Hashable, Sendable, Codable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Read before the call had stored to it.
    public static let read = Access(rawValue: 1)
    public static let stored = Access(rawValue: 2)
  }

  /// An access by a candidate that its original did not make (rule 5).
  public struct Excess: Hashable, Sendable {
    public var object: OutputDifference.Object
    public var offset: Int
    public var access: Access
  }

  /// The flags of each region of the image.
  public var regions: [[UInt8]]
  /// The flags of each file-scope object in the trampoline's table.
  public var globals: [[UInt8]]

  public init(regions: [[UInt8]], globals: [[UInt8]] = []) {
    self.regions = regions
    self.globals = globals
  }

  /// What was done to a byte of a region.
  public subscript(region: Int, offset: Int) -> Access { Access(rawValue: regions[region][offset]) }

  /// The first byte that these accesses touch in a way in which `original` did not. A byte that the
  /// original only stored may not be read; one that it only read may not be stored.
  public func firstExcess(over original: AccessSets) -> Excess? {
    for (index, own) in regions.enumerated() where index < original.regions.count {
      if let (offset, access) = excess(own, original.regions[index]) {
        return Excess(object: .region(index), offset: offset, access: access)
      }
    }
    for (index, own) in globals.enumerated() where index < original.globals.count {
      if let (offset, access) = excess(own, original.globals[index]) {
        return Excess(object: .global(index), offset: offset, access: access)
      }
    }
    return nil
  }

  private func excess(_ own: [UInt8], _ original: [UInt8]) -> (Int, Access)? {
    for offset in 0..<min(own.count, original.count) where own[offset] & ~original[offset] != 0 {
      return (offset, Access(rawValue: own[offset] & ~original[offset]))
    }
    return nil
  }
}
