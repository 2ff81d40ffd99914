import Crypto
import ExperimentRecords
import Foundation

/// SHA-256 over parts, each behind its length, so that no two lists of parts give the same stream.
struct ContentHash {
  private var hash = SHA256()

  mutating func add(_ bytes: [UInt8]) {
    withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hash.update(bufferPointer: $0) }
    bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
  }

  mutating func add(_ text: String) { add(Array(text.utf8)) }

  var digest: ExperimentRecords.Digest { Self.digest(hash.finalize()) }

  /// The digest of a file's bytes as they are.
  static func plain(_ bytes: Data) -> ExperimentRecords.Digest {
    digest(SHA256.hash(data: bytes))
  }

  private static func digest(_ bytes: SHA256.Digest) -> ExperimentRecords.Digest {
    guard let digest = ExperimentRecords.Digest(bytes: bytes) else {
      preconditionFailure("SHA-256 has 32 bytes")
    }
    return digest
  }
}
