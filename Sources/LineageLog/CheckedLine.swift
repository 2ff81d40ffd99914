import ExperimentRecords
import SystemPackage

/// A line that was read from the middle of a log, and checked as far as its neighbourhood allows.
struct CheckedLine {
  /// The id of its entry.
  let id: DigestBytes
  private let previous: DigestBytes
  private let bytes: [UInt8]
  private let body: Range<Int>

  /// Reads the line in `range` of the log, whose id begins with `start`.
  ///
  /// Throws `unfit` unless it is a whole line with that id, which the line behind it names as the entry before.
  init(_ range: Range<Int>, id start: UInt64, in log: LogPieces) throws(IndexFault) {
    let end = min(range.upperBound + LineageFormat.linkLength, log.size)
    do { bytes = try log.bytes(range.lowerBound..<end) } catch { throw .log(LineageError(error)) }
    let length = range.count - 1
    let found = bytes.withUnsafeBytes { buffer -> LineageFormat.RawLine? in
      guard buffer.count > length, buffer[length] == UInt8(ascii: "\n"),
        let line = try? LineageFormat.rawLine(buffer, 0..<length)
      else { return nil }
      let next = UnsafeRawBufferPointer(rebasing: buffer[(length + 1)...])
      // Behind the last line there is nothing, or what a writer has not finished.
      let isLast = next.count < LineageFormat.linkLength || next[0] == 0
      return isLast || LineageFormat.previous(in: next) == line.id ? line : nil
    }
    guard let line = found, line.id.words[0] == start else { throw .unfit }
    (id, previous, body) = (line.id, line.previous, line.body)
  }

  /// The entry that stands at `number`.
  func entry(_ number: Int, _ file: FilePath) throws(IndexFault) -> StoredEntry {
    let result = bytes.withUnsafeBytes {
      LineageFormat.read(UnsafeRawBufferPointer(rebasing: $0[body]))
    }
    switch result {
    case .success(let entry):
      return StoredEntry(id: id.digest, previous: previous.digest, index: number, entry: entry)
    case .failure(let reason): throw .log(reason.error(file, entry: number + 1))
    }
  }
}
