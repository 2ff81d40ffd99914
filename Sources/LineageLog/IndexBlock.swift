import ExperimentRecords
import Foundation

/// Columns over a run of entries that follow each other: the unit in which an index is written.
struct IndexBlock: Sendable {
  /// Entries of every block but the last.
  static let capacity = 8192

  /// Where each line ends in the log, its newline included.
  var ends: [UInt64] = []
  /// The first eight bytes of each id.
  var ids: [UInt64] = []
  /// The time of each entry in milliseconds, as a bit pattern.
  var times: [UInt64] = []
  /// By column, what each entry has there: 0 for the empty text, else the number of a text, counted from 1 over all
  /// blocks in the order of their first use.
  var codes = [[UInt32]](repeating: [], count: TextColumn.allCases.count)
  /// By column, the texts that no earlier block uses.
  var texts = [[String]](repeating: [], count: TextColumn.allCases.count)

  /// How many entries it is over.
  var count: Int { ends.count }

  /// Every column by its name, as bytes.
  var columns: [(name: String, bytes: [UInt8])] {
    var columns = [
      ("end", littleEndian(ends)), ("id", littleEndian(ids)), ("time", littleEndian(times)),
    ]
    for (column, (codes, texts)) in zip(TextColumn.allCases, zip(codes, texts)) {
      columns.append((column.rawValue, littleEndian(codes)))
      columns.append((column.textsName, texts.flatMap(Self.bytes)))
    }
    return columns.map { (name: $0.0, bytes: $0.1) }
  }

  /// A text behind its length in four bytes.
  private static func bytes(_ text: String) -> [UInt8] {
    littleEndian([UInt32(text.utf8.count)]) + Array(text.utf8)
  }

  /// The texts that `columns` wrote as `bytes`; `nil` for anything else.
  static func texts(_ bytes: [UInt8]) -> [String]? {
    var texts: [String] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      guard rest.count >= 4 else { return nil }
      let count = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
      guard rest.count - 4 >= count else { return nil }
      texts.append(String(decoding: rest.dropFirst(4).prefix(count), as: UTF8.self))
      rest = rest.dropFirst(4 + count)
    }
    return texts
  }
}

extension TextColumn {
  /// The column that holds the texts which this one numbers.
  var textsName: String { rawValue + ".texts" }
}

/// The bytes of `numbers`, the least significant of each first.
private func littleEndian<Number: FixedWidthInteger>(_ numbers: [Number]) -> [UInt8] {
  numbers.map(\.littleEndian).withUnsafeBytes { Array($0) }
}

/// The numbers that are written in `bytes`; `nil` unless there are `count` at least, of which the first are taken.
func decodedNumbers<Number: FixedWidthInteger & BitwiseCopyable>(
  _ bytes: [UInt8], _ count: Int
) -> [Number]? {
  let width = MemoryLayout<Number>.size
  guard bytes.count % width == 0, bytes.count / width >= count else { return nil }
  return bytes.withUnsafeBytes { buffer in
    (0..<count).map {
      Number(littleEndian: buffer.loadUnaligned(fromByteOffset: $0 * width, as: Number.self))
    }
  }
}

/// Makes the blocks behind those that are there.
struct IndexBuilder {
  /// The blocks from the first that changes on.
  private(set) var blocks: [IndexBlock]
  private var codes: [[String: UInt32]]

  /// Goes on with `last`, which is not full, where there is such a block.
  ///
  /// - Parameter texts: By column, the texts of all blocks up to now.
  init(_ last: IndexBlock? = nil, texts: [[String]]? = nil) {
    blocks = last.map { [$0] } ?? []
    codes = (texts ?? TextColumn.allCases.map { _ in [] }).map { texts in
      // Two texts of one column are never equal, and of equal ones the first would do.
      Dictionary(zip(texts, UInt32(1)...)) { first, _ in first }
    }
  }

  /// Adds the next entry, whose line ends at `end`.
  mutating func append(_ id: DigestBytes, end: Int, _ fields: EntryFields) {
    if blocks.last.map({ $0.count == IndexBlock.capacity }) ?? true { blocks.append(IndexBlock()) }
    let block = blocks.count - 1
    blocks[block].ends.append(UInt64(end))
    blocks[block].ids.append(id.words[0])
    blocks[block].times.append(UInt64(bitPattern: fields.time.milliseconds))
    for (number, column) in TextColumn.allCases.enumerated() {
      let text = fields.text(of: column)
      blocks[block].codes[number].append(code(of: text, number, block))
    }
  }

  private mutating func code(of text: String, _ column: Int, _ block: Int) -> UInt32 {
    if text.isEmpty { return 0 }
    if let code = codes[column][text] { return code }
    let code = UInt32(codes[column].count + 1)
    codes[column][text] = code
    blocks[block].texts[column].append(text)
    return code
  }
}
