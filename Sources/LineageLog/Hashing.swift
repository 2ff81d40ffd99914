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
