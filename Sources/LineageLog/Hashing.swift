import ExperimentRecords
import Foundation

import struct Crypto.SHA256

extension Digest {
  /// The SHA-256 digest of `bytes`.
  init(of bytes: some DataProtocol) {
    var hash = SHA256()
    hash.update(data: bytes)
    self.init(finalizing: hash)
  }

  /// The digest of everything that `hash` was given.
  init(finalizing hash: SHA256) {
    guard let digest = Digest(bytes: hash.finalize()) else {
      preconditionFailure("SHA-256 gives 32 bytes")
    }
    self = digest
  }
}

extension Digest {
  /// The 32 bytes.
  var bytes: [UInt8] {
    guard let bytes = LineageLog.bytes(hexadecimal: hex) else {
      preconditionFailure("a digest is written in hexadecimal digits")
    }
    return bytes
  }
}

/// `bytes` with two lowercase digits each.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { String(format: "%02x", $0) }.joined()
}

/// The bytes that `text` writes with two hexadecimal digits each; `nil` for anything else.
func bytes(hexadecimal text: String) -> [UInt8]? {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(text.utf8.count / 2)
  var high: UInt8?
  for digit in text.utf8 {
    let value: UInt8
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
    default: return nil
    }
    if let first = high {
      bytes.append(first << 4 | value)
      high = nil
    } else {
      high = value
    }
  }
  return high == nil ? bytes : nil
}
