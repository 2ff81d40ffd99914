import ExperimentRecords
import SystemPackage

/// A log that is read in pieces by all cores, as long as it was when it was opened.
///
/// Each piece is a run of bytes, and holds the lines that begin in it. Lines are checked as `LogScan` checks them,
/// which reads a log in one piece, and what both find is the same: every digest, every link, and the first defect. A
/// piece is in memory no longer than its lines are looked at.
struct LogPieces: Sendable {
  /// A whole line, with what was made of its body.
  struct Line<Value: Sendable>: Sendable {
    var id: DigestBytes
    /// Where it ends in the log, its newline included.
    var end: Int
    var value: Value
  }

  /// What the bytes say.
  struct Outcome: Sendable {
    /// How many whole lines there are, up to the first defect.
    var lines = 0
    /// The id of the last of them; of the entry before where there is none.
    var head: DigestBytes
    /// Where the last of them ends.
    var end: Int
    /// Bytes after the last newline: a write that was never acknowledged.
    var torn: Range<Int>?
    var defect: (offset: Int, fault: LineageFormat.Fault)?
  }

  let file: OpenFile
  let files: any FileOperations
  let size: Int
  var pieceLength = 4 << 20

  /// Takes the log `file`, which has `size` bytes.
  init(_ file: OpenFile, _ files: any FileOperations, size: Int) {
    self.file = file
    self.files = files
    self.size = size
  }

  /// Goes through the lines from the one that begins at `start`, which follows the entry `head`.
  ///
  /// `make` makes a value of each body and id, on any core; `each` is called with every line in order.
  func scan<Value: Sendable>(
    from start: Int = 0, after head: DigestBytes = .zero,
    _ make: @Sendable (UnsafeRawBufferPointer, DigestBytes) -> Value,
    each: (Line<Value>) throws(LineageError) -> Void
  ) throws(LineageError) -> Outcome {
    var outcome = Outcome(head: head, end: start)
    let lows = Array(stride(from: start, to: size, by: pieceLength))
    var next = 0
    while next < lows.count, outcome.defect == nil {
      let first = next
      next = min(first + Self.piecesAtOnce, lows.count)
      let pieces = inParallel(next - first) {
        piece(lows[first + $0], isFirst: first + $0 == 0, make)
      }
      for piece in pieces where outcome.defect == nil {
        try add(piece, to: &outcome, each)
      }
    }
    return outcome
  }

  /// The bytes in `range`; fewer where the file ends.
  func bytes(_ range: Range<Int>) throws(FileFailure) -> [UInt8] {
    var bytes = try files.read(file, count: range.count, at: range.lowerBound)
    while bytes.count < range.count {
      let offset = range.lowerBound + bytes.count
      let more = try files.read(file, count: range.upperBound - offset, at: offset)
      // A file ends where nothing more can be read; a short piece is no end.
      if more.isEmpty { return bytes }
      bytes += more
    }
    return bytes
  }

  /// Pieces that are in memory at the same time.
  private static let piecesAtOnce = 8

  private struct Piece<Value: Sendable>: Sendable {
    var lines: [Line<Value>] = []
    /// What the first line names as the entry before.
    var previous: DigestBytes?
    var torn: Range<Int>?
    var fault: (offset: Int, fault: LineageFormat.Fault)?
    var failure: FileFailure?
  }

  private func add<Value: Sendable>(
    _ piece: Piece<Value>, to outcome: inout Outcome,
    _ each: (Line<Value>) throws(LineageError) -> Void
  ) throws(LineageError) {
    if let failure = piece.failure { throw LineageError(failure) }
    if let previous = piece.previous, previous != outcome.head {
      let fault = LineageFormat.Fault.brokenLink(
        to: previous.digest, insteadOf: outcome.head.digest)
      outcome.defect = (outcome.end, fault)
      return
    }
    for line in piece.lines {
      try each(line)
      outcome.lines += 1
      outcome.head = line.id
      outcome.end = line.end
    }
    outcome.defect = piece.fault
    if let torn = piece.torn { outcome.torn = torn }
  }

  private func piece<Value: Sendable>(
    _ low: Int, isFirst: Bool, _ make: (UnsafeRawBufferPointer, DigestBytes) -> Value
  ) -> Piece<Value> {
    do throws(FileFailure) {
      // The byte before tells whether a line begins at `low`.
      let offset = isFirst ? low : low - 1
      var bytes = try bytes(offset..<min(low + pieceLength, size))
      let newline: Int? = isFirst ? -1 : bytes.withUnsafeBytes { indexOfNewline(in: $0) }
      guard let first = newline.map({ $0 + 1 }), first < bytes.count else { return Piece() }
      if bytes.last != Self.newline { try complete(&bytes, from: offset + bytes.count) }
      return bytes.withUnsafeBytes { lines(in: $0, from: first, at: offset, make) }
    } catch {
      return Piece(failure: error)
    }
  }

  /// Adds to `bytes`, which end within a line, the rest of that line, which is at `offset`.
  private func complete(_ bytes: inout [UInt8], from offset: Int) throws(FileFailure) {
    var offset = offset
    while offset < size {
      let more = try self.bytes(offset..<min(offset + 1 << 16, size))
      if more.isEmpty { return }
      if let end = more.firstIndex(of: Self.newline) {
        bytes += more[...end]
        return
      }
      bytes += more
      offset += more.count
    }
  }

  private static let newline = UInt8(ascii: "\n")

  /// The lines of `buffer` from `first` on; the buffer begins at `offset` in the log.
  private func lines<Value: Sendable>(
    in buffer: UnsafeRawBufferPointer, from first: Int, at offset: Int,
    _ make: (UnsafeRawBufferPointer, DigestBytes) -> Value
  ) -> Piece<Value> {
    var piece = Piece<Value>()
    var position = first
    while position < buffer.count {
      let rest = UnsafeRawBufferPointer(rebasing: buffer[position...])
      guard let length = indexOfNewline(in: rest) else {
        if let fault = LineageFormat.fault(ofTail: rest) {
          piece.fault = (offset + position, fault)
        } else {
          piece.torn = (offset + position)..<(offset + buffer.count)
        }
        return piece
      }
      do throws(LineageFormat.Fault) {
        let line = try LineageFormat.rawLine(buffer, position..<(position + length))
        if let last = piece.lines.last?.id, line.previous != last {
          throw .brokenLink(to: line.previous.digest, insteadOf: last.digest)
        }
        if piece.lines.isEmpty { piece.previous = line.previous }
        position += length + 1
        let value = make(UnsafeRawBufferPointer(rebasing: buffer[line.body]), line.id)
        piece.lines.append(Line(id: line.id, end: offset + position, value: value))
      } catch {
        piece.fault = (offset + position, error)
        return piece
      }
    }
    return piece
  }
}

extension LogPieces.Outcome {
  /// The defect as users see it, behind `earlier` entries that were not looked at; a torn tail counts as one.
  func firstDefect(
    of file: FilePath, behind earlier: Int = 0, countingTornTail: Bool
  ) -> LogDefect? {
    LogDefect(
      behind: earlier + lines, in: file.string, defect, torn: countingTornTail ? torn : nil)
  }
}

extension StateDirectory {
  /// Opens the log for as long as `body` reads it.
  func withLog<Result>(
    _ body: (LogPieces) throws(LineageError) -> Result
  ) throws(LineageError) -> Result {
    let pieces = try openLog()
    defer { files.close(pieces.file) }
    return try body(pieces)
  }

  /// Opens the log, which the caller closes.
  func openLog() throws(LineageError) -> LogPieces {
    guard try exists() else { throw missing }
    let file: OpenFile
    do { file = try files.open(log, .read) } catch { throw LineageError(error) }
    do {
      return LogPieces(file, files, size: try files.status(log)?.size ?? 0)
    } catch {
      files.close(file)
      throw LineageError(error)
    }
  }
}
