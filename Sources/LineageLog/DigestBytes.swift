import ExperimentRecords

import struct Crypto.SHA256

/// The 32 bytes of a SHA-256 digest without the text that a `Digest` is, for where there are a million.
struct DigestBytes: Hashable, Sendable {
  /// The bytes, eight to a word, the first being the most significant.
  var words = SIMD4<UInt64>()

  /// What the first entry of a log names as the entry before.
  static let zero = DigestBytes()

  private init() {}

  /// Takes the 32 bytes at the start of `bytes`.
  init(_ bytes: UnsafeRawBufferPointer) {
    for word in 0..<4 {
      words[word] = UInt64(
        bigEndian: bytes.loadUnaligned(fromByteOffset: 8 * word, as: UInt64.self))
    }
  }

  /// The digest of `bytes`.
  init(of bytes: UnsafeRawBufferPointer) {
    var hash = SHA256()
    hash.update(bufferPointer: bytes)
    self = hash.finalize().withUnsafeBytes { DigestBytes($0) }
  }

  /// The digest of `parts`, one behind the other.
  init(ofAll parts: [[UInt8]]) {
    var hash = SHA256()
    for part in parts { part.withUnsafeBytes { hash.update(bufferPointer: $0) } }
    self = hash.finalize().withUnsafeBytes { DigestBytes($0) }
  }

  /// Reads 64 lowercase hexadecimal digits; `nil` for anything else.
  init?(hexadecimal digits: UnsafeRawBufferPointer) {
    guard digits.count == 64 else { return nil }
    for word in 0..<4 {
      var value: UInt64 = 0
      for position in (16 * word)..<(16 * word + 16) {
        let digit = digits[position]
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
          value = value << 4 | UInt64(digit - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"):
          value = value << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
        default: return nil
        }
      }
      words[word] = value
    }
  }

  /// The bytes of `digest`.
  init(_ digest: Digest) {
    self = digest.bytes.withUnsafeBytes { DigestBytes($0) }
  }

  /// Writes the 32 bytes to `target`.
  func store(to target: UnsafeMutableRawBufferPointer) {
    for word in 0..<4 {
      target.storeBytes(of: words[word].bigEndian, toByteOffset: 8 * word, as: UInt64.self)
    }
  }

  /// The 32 bytes.
  var bytes: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
      store(to: UnsafeMutableRawBufferPointer(buffer))
      count = 32
    }
  }

  /// The digest as a value that others see.
  var digest: Digest {
    guard let digest = Digest(bytes: bytes) else { preconditionFailure("there are 32 bytes") }
    return digest
  }
}
