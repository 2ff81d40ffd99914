// The lineage log, format 1.
//
// Layout. A state directory (`.ratchet/`) holds
//
//     .gitignore        one line, `*`
//     lineage.jsonl     the log
//     lock              locked (flock) while a process writes; who, as one JSON object
//     objects/ab/cd…    contents by the SHA-256 of their bytes: two digits, a slash, 62 digits
//     torn/<offset>-<digest>   bytes of lines that were cut off, see below
//     index.sqlite      made from the log to answer questions, and made again when it is missing
//
// The log is a sequence of lines, each ended by one newline (0x0A). One line is one entry:
//
//     {"sha256":"<id>","body":{"previous":"<id of the entry before>","format":1,<members>}}
//
// without any space where none is shown. <id> is 64 lowercase hexadecimal digits. <members> is a
// JSON object's members as `LineageEntry` documents them, in UTF-8, without a raw newline.
//
// Hash. <id> is the SHA-256 of the bytes of the body, from its `{` to its `}`, both included. The
// first entry names 64 zeros as the entry before. So every byte of the log is either covered by a
// digest or fixed by this description, and an alteration is found by looking at bytes only: no JSON
// is decoded to verify.
//
// Commit. An entry is written in two strokes: the line without its newline, then fsync, then the
// newline, then fsync; only then is it acknowledged. So the newline is the commit mark. A complete
// line whose digest does not match was damaged later; it is never cut or repaired.
//
// Torn tail. Bytes after the last newline are a write that was never acknowledged. Readers pass
// over them. The next writer copies them to torn/, brings the copy onto the disk, and only then
// cuts them off. Bytes that hold a whole valid entry followed by anything but zeros are not a torn
// write (the newline was altered) and count as damage. `verify` reports a torn tail as a defect
// unless a writer is at work.
//
// Checkpoints. The chain tells an alteration from an extension only to who knows its end. An entry of the
// kind `checkpoint` holds the number of entries before it and the Merkle tree hash over their ids (RFC
// 9162, 2.1.1: a leaf is SHA-256(0x00 id), a node SHA-256(0x01 left right), ids as 32 bytes), and may be
// signed (Ed25519 over its `statement`). Kept elsewhere, one pins all that came before it: `verify` checks
// that the log extends it. Campaigns end with one, and so does each change of a source.
//
// Failure. After any failed write or fsync a writer acknowledges nothing more: it must be closed,
// and the log opened and thereby verified anew. A failed fsync is never repeated.
//
// Versions. A change of this layout raises the number after "format"; a change of what members mean
// raises `LineageEntry.currentVersion`. A program that meets a higher number stops with an error
// and changes nothing. Added members and added kinds of entries raise neither.

import ExperimentRecords
import Foundation

/// Format 1 of the log: how an entry becomes a line, and how a line is checked.
enum LineageFormat {
  static let version = 1

  private static let opening = Array(#"{"sha256":""#.utf8)
  private static let beforeBody = Array(#"","body":"#.utf8)
  private static let bodyOpening = Array(#"{"previous":""#.utf8)
  private static let beforeFormat = Array(#"","format":"#.utf8)
  private static let digestLength = 64

  /// How far into a line its body lies.
  static let bodyOffset = opening.count + digestLength + beforeBody.count

  /// A line that was found whole.
  struct Line {
    var id: Digest
    var previous: Digest
    /// Where in the buffer the body lies.
    var body: Range<Int>
  }

  /// Why a line is not one.
  enum Fault: Error {
    case damaged(String)
    case otherFormat(String)
  }

  /// The id of `entry` after `previous`, and its line without the newline.
  static func line(for entry: LineageEntry, after previous: Digest) throws -> (Digest, [UInt8]) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let members = try encoder.encode(entry).dropFirst()
    let body =
      bodyOpening + Array(previous.hex.utf8) + beforeFormat + Array("\(version),".utf8) + members
    let id = Digest(of: body)
    return (id, opening + Array(id.hex.utf8) + beforeBody + body + [UInt8(ascii: "}")])
  }

  /// A whole line without the texts of its digests, for where there are a million of them.
  struct RawLine {
    var id: DigestBytes
    var previous: DigestBytes
    /// Where in the buffer the body lies.
    var body: Range<Int>
  }

  /// Where in a line the digest of the entry before begins.
  private static let previousOffset = bodyOffset + bodyOpening.count
  /// How many bytes of a line reach to the end of the digest of the entry before.
  static let linkLength = previousOffset + digestLength

  /// What `parse` finds, which is asked only where the line is not as most lines are.
  static func rawLine(
    _ buffer: UnsafeRawBufferPointer, _ range: Range<Int>
  ) throws(Fault) -> RawLine {
    if let line = quickLine(buffer, range) { return line }
    let line = try parse(buffer, range)
    return RawLine(
      id: DigestBytes(line.id), previous: DigestBytes(line.previous), body: line.body)
  }

  private static func quickLine(
    _ buffer: UnsafeRawBufferPointer, _ range: Range<Int>
  ) -> RawLine? {
    let line = UnsafeRawBufferPointer(rebasing: buffer[range])
    func holds(_ literal: [UInt8], _ offset: Int) -> Bool {
      line[offset..<(offset + literal.count)].elementsEqual(literal)
    }
    let formatOffset = linkLength + beforeFormat.count
    guard line.count > formatOffset + thisFormat.count + 1, line.last == UInt8(ascii: "}"),
      holds(opening, 0), holds(beforeBody, opening.count + digestLength),
      holds(bodyOpening, bodyOffset), holds(beforeFormat, linkLength),
      holds(thisFormat, formatOffset),
      let id = DigestBytes(hexadecimal: digits(of: line, opening.count)),
      let previous = DigestBytes(hexadecimal: digits(of: line, previousOffset)),
      DigestBytes(of: UnsafeRawBufferPointer(rebasing: line[bodyOffset..<(line.count - 1)])) == id
    else { return nil }
    let body = (range.lowerBound + bodyOffset)..<(range.upperBound - 1)
    return RawLine(id: id, previous: previous, body: body)
  }

  private static let thisFormat = Array("\(version),".utf8)

  private static func digits(
    of line: UnsafeRawBufferPointer, _ offset: Int
  ) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: line[offset..<(offset + digestLength)])
  }

  /// The entry that the line whose first `linkLength` bytes `head` holds names as the entry before.
  static func previous(in head: UnsafeRawBufferPointer) -> DigestBytes? {
    guard head.count >= linkLength else { return nil }
    return DigestBytes(hexadecimal: digits(of: head, previousOffset))
  }

  /// The entry whose body is `bytes`.
  static func entry(fromBody bytes: some DataProtocol) throws -> LineageEntry {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try decoder.decode(LineageEntry.self, from: Data(bytes))
  }

  /// Where the body of the line that `buffer` begins with starts, and the digest given for it.
  static func bodyStart(in buffer: UnsafeRawBufferPointer) -> (offset: Int, id: Digest)? {
    let offset = opening.count + digestLength + beforeBody.count
    guard buffer.count > offset, buffer.starts(with: opening) else { return nil }
    let digits = buffer[opening.count..<(opening.count + digestLength)]
    guard let id = Digest(hex: String(decoding: digits, as: UTF8.self)),
      buffer[(offset - beforeBody.count)..<offset].elementsEqual(beforeBody)
    else { return nil }
    return (offset, id)
  }

  /// Checks the line that `range` of `buffer` holds, without its newline.
  static func parse(
    _ buffer: UnsafeRawBufferPointer, _ range: Range<Int>
  ) throws(Fault) -> Line {
    var position = range.lowerBound
    func expect(_ literal: [UInt8], _ message: String) throws(Fault) {
      let end = position + literal.count
      guard end <= range.upperBound, buffer[position..<end].elementsEqual(literal) else {
        throw .damaged(message)
      }
      position = end
    }
    func digest(_ message: String) throws(Fault) -> Digest {
      let end = position + digestLength
      guard end <= range.upperBound,
        let digest = Digest(hex: String(decoding: buffer[position..<end], as: UTF8.self))
      else { throw .damaged(message) }
      position = end
      return digest
    }

    try expect(opening, "the line does not begin with {\"sha256\":\"")
    let id = try digest("the line's digest is not 64 hexadecimal digits")
    try expect(beforeBody, "the line's digest is not followed by \",\"body\":")
    guard range.upperBound - position >= 2, buffer[range.upperBound - 1] == UInt8(ascii: "}") else {
      throw .damaged("the line does not end with }")
    }
    let body = position..<(range.upperBound - 1)
    guard Digest(of: UnsafeRawBufferPointer(rebasing: buffer[body])) == id else {
      throw .damaged("the body does not match its digest")
    }
    try expect(bodyOpening, "the body does not begin with {\"previous\":\"")
    let previous = try digest("the digest of the entry before is not 64 hexadecimal digits")
    try expect(beforeFormat, "the body does not say its format")
    let number = buffer[position..<body.upperBound].prefix { $0 != UInt8(ascii: ",") }
    guard number.elementsEqual("\(version)".utf8) else {
      throw .otherFormat(String(decoding: number.prefix(20), as: UTF8.self))
    }
    return Line(id: id, previous: previous, body: body)
  }
}
