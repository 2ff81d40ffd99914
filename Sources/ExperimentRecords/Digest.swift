/// A SHA-256 digest: names content, entries and candidates.
///
/// A mere value of 64 lowercase hexadecimal digits; hashing lives where bytes are at hand.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
  /// The 64 lowercase hexadecimal digits.
  public let hex: String

  /// Creates the digest written as `hex`; `nil` unless it is 64 lowercase hexadecimal digits.
  public init?(hex: some StringProtocol) {
    guard hex.utf8.count == 64, hex.utf8.allSatisfy(isLowercaseHexadecimal) else { return nil }
    self.hex = String(hex)
  }

  /// Creates the digest of the 32 `bytes`; `nil` when there are not 32.
  public init?(bytes: some Sequence<UInt8>) {
    let digits = Array("0123456789abcdef".utf8)
    var hex: [UInt8] = []
    hex.reserveCapacity(64)
    for byte in bytes {
      hex.append(digits[Int(byte >> 4)])
      hex.append(digits[Int(byte & 15)])
    }
    guard hex.count == 64 else { return nil }
    self.hex = String(decoding: hex, as: UTF8.self)
  }

  private init(zeros count: Int) {
    hex = String(repeating: "0", count: count)
  }

  /// Sixty-four zeros: what the first entry of a lineage names as its predecessor.
  public static let zero = Digest(zeros: 64)

  /// The first 12 digits, as people and tables use them.
  public var short: String { String(hex.prefix(12)) }

  /// The 64 digits.
  public var description: String { hex }
}

extension Digest: Codable {
  /// Decodes 64 hexadecimal digits.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let digest = Digest(hex: text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "a digest is 64 lowercase hexadecimal digits")
    }
    self = digest
  }

  /// Encodes the 64 digits as a string.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(hex)
  }
}

extension Digest: Comparable {
  /// Whether `a` comes before `b` in the order of their digits.
  public static func < (a: Digest, b: Digest) -> Bool { a.hex < b.hex }
}

private func isLowercaseHexadecimal(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
}
