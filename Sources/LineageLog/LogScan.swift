import ExperimentRecords

import struct Crypto.SHA256

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the raw bytes of a log say, up to the first defect.
struct LogScan {
  /// The whole entries in order.
  var lines: [LineageFormat.Line] = []
  /// Where the last committed line ends, its newline included.
  var end = 0
  /// Bytes after the last newline: a write that was never acknowledged.
  var torn: Range<Int>?
  /// The first defect; `lines` holds what comes before it.
  var defect: (offset: Int, fault: LineageFormat.Fault)?

  /// The id of the last whole entry; zeros when there is none.
  var head: Digest { lines.last?.id ?? .zero }

  /// Scans `bytes` from the first to the last.
  init(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { scan($0) }
  }

  private mutating func scan(_ buffer: UnsafeRawBufferPointer) {
    while end < buffer.count {
      let rest = UnsafeRawBufferPointer(rebasing: buffer[end...])
      guard let newline = indexOfNewline(in: rest) else {
        return examineTail(buffer, end..<buffer.count)
      }
      do throws(LineageFormat.Fault) {
        let line = try LineageFormat.parse(buffer, end..<(end + newline))
        guard line.previous == head else {
          throw LineageFormat.Fault.brokenLink(to: line.previous, insteadOf: head)
        }
        lines.append(line)
        end += newline + 1
      } catch {
        defect = (end, error)
        return
      }
    }
  }

  /// Tells a torn write from a last line whose newline was altered.
  private mutating func examineTail(_ buffer: UnsafeRawBufferPointer, _ range: Range<Int>) {
    if let fault = LineageFormat.fault(
      ofTail: UnsafeRawBufferPointer(rebasing: buffer[range]))
    {
      defect = (range.lowerBound, fault)
    } else {
      torn = range
    }
  }
}

extension LogScan {
  /// The defect as users see it; a torn tail counts as one.
  func firstDefect(of file: String, countingTornTail: Bool) -> LogDefect? {
    LogDefect(behind: lines.count, in: file, defect, torn: countingTornTail ? torn : nil)
  }
}

extension LogDefect {
  /// What a scan found behind `count` whole entries; `nil` where it found neither.
  init?(
    behind count: Int, in file: String, _ defect: (offset: Int, fault: LineageFormat.Fault)?,
    torn: Range<Int>?
  ) {
    if let defect {
      let reason =
        switch defect.fault {
        case .damaged(let reason): reason
        case .otherFormat(let number): "it has format '\(number)'"
        }
      self.init(file: file, index: count, offset: defect.offset, reason: reason)
    } else if let torn {
      self.init(
        file: file, index: count, offset: torn.lowerBound,
        reason: "its line is incomplete after \(torn.count) bytes and was never acknowledged; "
          + "the next writer cuts it off and keeps a copy")
    } else {
      return nil
    }
  }
}

extension LineageFormat.Fault {
  /// A line that names another entry than the one before it.
  static func brokenLink(to named: Digest, insteadOf head: Digest) -> Self {
    .damaged("it names '\(named.short)' as the entry before, which is '\(head.short)'")
  }
}

extension LineageFormat {
  /// What is wrong with the bytes after the last newline; `nil` for a write that was never acknowledged.
  static func fault(ofTail tail: UnsafeRawBufferPointer) -> Fault? {
    guard let length = lengthOfLeadingEntry(in: tail), !tail[length...].allSatisfy({ $0 == 0 })
    else { return nil }
    return .damaged("the newline that ends the entry was altered")
  }

  /// The length of the entry that `tail` begins with, when it begins with a whole one.
  ///
  /// The end of a body is not known without decoding, so every `}}` is tried; the hash goes on from
  /// one to the next.
  static func lengthOfLeadingEntry(in tail: UnsafeRawBufferPointer) -> Int? {
    guard let start = bodyStart(in: tail) else { return nil }
    let closing = UInt8(ascii: "}")
    var hash = SHA256()
    var hashed = start.offset
    var position = start.offset
    while position + 1 < tail.count {
      defer { position += 1 }
      guard tail[position] == closing, tail[position + 1] == closing else { continue }
      hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: tail[hashed...position]))
      hashed = position + 1
      if Digest(finalizing: hash) == start.id { return position + 2 }
    }
    return nil
  }
}

/// Where the first newline of `buffer` is.
func indexOfNewline(in buffer: UnsafeRawBufferPointer) -> Int? {
  guard let base = buffer.baseAddress, let found = memchr(base, 0x0A, buffer.count) else {
    return nil
  }
  return base.distance(to: UnsafeRawPointer(found))
}
