import Foundation

/// A file in memory without a name, closed with its last owner.
struct AnonymousFile: ~Copyable {
  let descriptor: Int32

  /// An empty file, closed in programs that are started.
  init() throws(RunnerError) {
    let name = "/ratchet-\(getpid())-\(UInt64.random(in: 0...(.max)))"
    descriptor = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0o600)
    guard descriptor >= 0 else { throw .cannotStart(errno: errno) }
    shm_unlink(name)
  }

  deinit { close(descriptor) }

  /// Writes all bytes from the file's start.
  func write(_ bytes: [UInt8]) throws(RunnerError) {
    var done = 0
    while done < bytes.count {
      let written = bytes.withUnsafeBytes {
        pwrite(descriptor, $0.baseAddress! + done, bytes.count - done, off_t(done))
      }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw .cannotStart(errno: errno) }
      done += written
    }
  }

  /// The first `most` bytes that the file holds now.
  func contents(most: Int = .max) throws(RunnerError) -> [UInt8] {
    var about = stat()
    guard fstat(descriptor, &about) == 0 else { throw .cannotStart(errno: errno) }
    let size = min(Int(about.st_size), most)
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let length = pread(descriptor, buffer.baseAddress! + count, size - count, off_t(count))
        if length < 0, errno == EINTR { continue }
        if length < 0 { failure = errno }
        guard length > 0 else { return }
        count += length
      }
    }
    guard failure == 0 else { throw .cannotStart(errno: failure) }
    return bytes
  }
}
