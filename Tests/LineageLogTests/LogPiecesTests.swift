import ExperimentRecords
import Testing

@testable import LineageLog

/// Reading in pieces finds what reading in one piece finds.
@Suite struct LogPiecesTests {
  let scratch: Scratch
  let state: StateDirectory

  init() throws {
    scratch = try Scratch()
    state = scratch.state()
    try LineageWriter(state, command: "test").close()
  }

  @Test(arguments: [2, 13, 64, 333, 1000, 1 << 20]) func piecesOfAnyLengthHoldTheSameLines(
    length: Int
  ) throws {
    let lineage = try SeededLineage(seed: 1, count: 15)
    try expectTheSame(lineage.bytes, length)
    for cut in stride(from: 0, to: lineage.bytes.count, by: 97) {
      try expectTheSame(Array(lineage.bytes[..<cut]), length)
    }
    try expectTheSame(lineage.bytes + [UInt8](repeating: 0, count: 300), length)
  }

  @Test func everyAlteredByteIsFoundInTheSameLine() throws {
    let bytes = try SeededLineage(seed: 2, count: 6).bytes
    var random = SeededNumbers(state: 3)
    for position in bytes.indices {
      var altered = bytes
      // A newline is what takes a line apart.
      altered[position] =
        position % 3 == 0 && bytes[position] != 10 ? 10 : bytes[position] ^ (1 << (position % 8))
      try expectTheSame(altered, Int.random(in: 1..<900, using: &random))
    }
  }

  @Test func linesThatAreRemovedDoubledOrSwappedAreFound() throws {
    let lineage = try SeededLineage(seed: 4, count: 8)
    for order in [[0, 2, 3], [0, 1, 1, 2, 3], [0, 2, 1, 3], [1, 2, 3], [0, 1, 2, 3, 7]] {
      let bytes = order.flatMap { lineage.bytes[lineage.range(of: $0)] }
      for length in [100, 700, 5000] { try expectTheSame(bytes, length) }
    }
  }

  private func expectTheSame(
    _ bytes: [UInt8], _ length: Int, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try scratch.write(bytes, to: state.log)
    let whole = LogScan(bytes)
    var ids: [Digest] = []
    var ends: [Int] = []
    let outcome = try state.withLog { (pieces) throws(LineageError) in
      var pieces = pieces
      pieces.pieceLength = length
      return try pieces.scan({ body, _ in body.count }) { line in
        ids.append(line.id.digest)
        ends.append(line.end)
      }
    }
    #expect(ids == whole.lines.map(\.id), sourceLocation: sourceLocation)
    #expect(
      outcome.end == whole.end && (ends.last ?? 0) == whole.end, sourceLocation: sourceLocation)
    #expect(outcome.torn == whole.torn, sourceLocation: sourceLocation)
    #expect(outcome.head.digest == whole.head, sourceLocation: sourceLocation)
    #expect(
      outcome.firstDefect(of: state.log, countingTornTail: true)
        == whole.firstDefect(of: state.log.string, countingTornTail: true),
      sourceLocation: sourceLocation)
  }
}
