// The index over a lineage, format 1: `index.sqlite`.
//
// The log is the truth; the index says where in it to look. It is made from the log, and thrown away and made again
// whenever it does not fit. Only logs that take long to read whole have one.
//
// Tables. `covered` has one row: `format`; `entries`, how many of the log's entries the index is over; `length`, where
// the last of them ends in the log; `head`, the last one's id; `first`, the first one's; `digest`. `columns` has a row
// for each column and each block of 8192 entries: `name`, `block`, `entries` (fewer in the last block), `data`,
// `digest`. `data` holds one number for each entry, the least significant byte first:
//
//     end       8 bytes   where the line ends in the log; it begins where the one before ends
//     id        8 bytes   the first of the id
//     time      8 bytes   milliseconds since 1970
//     kind kernel campaign verdict outcome passes
//               4 bytes   0 for none, else the number of a text, counted from 1
//
// and for each of the last six a column `kind.texts` … that holds the texts first used in that block, each behind its
// length in four bytes. A kernel is file, zero byte, function; passes are parted by spaces.
//
// Why columns and not a row for each entry: whatever a question asks for, and however its conditions are combined, a
// million entries are gone through in a few milliseconds, and every number that decides about an entry is read
// together with a digest over it. An index over rows that was damaged could leave an entry out without a trace.
//
// Checks. `digest` is SHA-256 over all other values of the row and `first`. The last covered entry is read from the
// log each time, so that a log which was cut or replaced is noticed. An entry that answers a question is read from
// the log: its SHA-256, its id, the link that the next line has to it, and that it is what was asked for. What does
// not fit has the log read whole and the index made anew; so a damaged log is told from a damaged index. Against who
// can write both and wants to deceive, only `lineage verify` with a checkpoint helps, which does not look here.
//
// Changes. One transaction adds what was appended to the log since, or replaces everything. It is not brought onto the
// disk: what a loss of power leaves of it is found by the digests.

import ExperimentRecords
import SystemPackage

/// Why the index cannot answer.
enum IndexFault: Error {
  /// It is not what was made from the log, or the log is not what it was made from.
  case unfit
  /// The log cannot be read, or is damaged.
  case log(LineageError)
}

/// Where in a log to look for entries. It belongs to one thread at a time.
final class LineageIndex {
  /// How many entries there are.
  private(set) var entries = 0

  let state: StateDirectory
  let pieces: LogPieces
  private var store: IndexStore
  private var covered = IndexStore.Covered()
  /// The first block that is in `fresh` and not in the store.
  private var firstFresh = 0
  private var fresh: [IndexBlock] = []
  private var knownEnds: [Int: [UInt64]] = [:]
  private var knownIDs: [Int: [UInt64]] = [:]
  private var knownTexts: [TextColumn: [String]] = [:]

  /// Opens the index of `state`, up to date with the log; makes it when there is none that fits.
  ///
  /// Where it cannot be kept, it is made in memory.
  ///
  /// - Parameter isUnfit: Whether what is there is known to be wrong.
  init(_ state: StateDirectory, isUnfit: Bool = false) throws(LineageError) {
    self.state = state
    let store = IndexStore(state)
    // Before the log is opened: another process may bring it up to date with a log that has grown meanwhile.
    let stored = isUnfit ? nil : store.covered()
    self.store = store
    pieces = try state.openLog()
    do {
      try goOn(from: stored)
    } catch IndexFault.log(let error) {
      throw error
    } catch {
      try makeAnew()
    }
  }

  deinit { state.files.close(pieces.file) }

  // MARK: Bringing up to date

  /// Takes what is stored and adds what the log has behind it.
  private func goOn(from stored: IndexStore.Covered?) throws(IndexFault) {
    guard let covered = stored, covered.entries > 0, covered.length <= pieces.size
    else { throw .unfit }
    self.covered = covered
    entries = covered.entries
    firstFresh = (entries + IndexBlock.capacity - 1) / IndexBlock.capacity
    let end = try line(entries - 1)
    guard end.range.upperBound == covered.length, end.id == covered.head else { throw .unfit }
    guard covered.length < pieces.size else { return }
    let firstBlock = entries / IndexBlock.capacity
    let last = try firstBlock == firstFresh ? nil : storedBlock(firstBlock)
    var texts: [[String]] = []
    for (index, column) in TextColumn.allCases.enumerated() {
      // Not those of the last block again, which another process may have extended meanwhile.
      texts.append(try storedTexts(column, below: firstBlock) + (last?.texts[index] ?? []))
    }
    do {
      try add(IndexBuilder(last, texts: texts), from: covered, firstBlock: firstBlock)
    } catch {
      throw .log(error)
    }
  }

  private func makeAnew() throws(LineageError) {
    (entries, covered, fresh, firstFresh) = (0, IndexStore.Covered(), [], 0)
    (knownEnds, knownIDs, knownTexts) = ([:], [:], [:])
    try add(IndexBuilder(), from: nil, firstBlock: 0)
  }

  /// Adds what the log has behind `base`, and keeps it where that can be done.
  private func add(
    _ builder: IndexBuilder, from base: IndexStore.Covered?, firstBlock: Int
  ) throws(LineageError) {
    var builder = builder
    var next = base ?? IndexStore.Covered()
    let (log, before) = (state.log, next.entries)
    var unreadable: LineageError?
    let outcome = try pieces.scan(
      from: next.length, after: next.head, { body, _ in EntryFields.read(body) },
      each: { (line) throws(LineageError) in
        if next.entries == 0 { next.first = line.id }
        next.entries += 1
        switch line.value {
        case .success(let fields) where unreadable == nil:
          builder.append(line.id, end: line.end, fields)
        case .failure(let reason) where unreadable == nil:
          unreadable = reason.error(log, entry: next.entries)
        default: break
        }
      })
    if let error = outcome.defect?.fault.otherFormat(log, entry: next.entries + 1) { throw error }
    if let defect = outcome.firstDefect(of: log, behind: before, countingTornTail: false) {
      throw .damaged(defect)
    }
    if let unreadable { throw unreadable }
    guard next.entries > before else { return }
    (next.length, next.head) = (outcome.end, outcome.head)
    (covered, entries, fresh, firstFresh) = (next, next.entries, builder.blocks, firstBlock)
    (knownEnds, knownIDs, knownTexts) = ([:], [:], [:])
    store.keep(fresh, from: firstBlock, covered: next, insteadOf: base)
  }

  private func storedBlock(_ number: Int) throws(IndexFault) -> IndexBlock {
    var block = IndexBlock()
    block.ends = try column("end", number)
    block.ids = try column("id", number)
    block.times = try column("time", number)
    for (index, name) in TextColumn.allCases.enumerated() {
      block.codes[index] = try column(name.rawValue, number)
      block.texts[index] = try storedTexts(name, number)
    }
    return block
  }

  // MARK: Columns

  private func expected(_ block: Int) -> Int {
    min(IndexBlock.capacity, entries - block * IndexBlock.capacity)
  }

  private var blockCount: Int { (entries + IndexBlock.capacity - 1) / IndexBlock.capacity }

  private func column<Number: FixedWidthInteger & BitwiseCopyable>(
    _ name: String, _ block: Int
  ) throws(IndexFault) -> [Number] {
    guard let bytes = store.column(name, block, covered, atLeast: expected(block)),
      let decoded: [Number] = decodedNumbers(bytes, expected(block))
    else { throw .unfit }
    return decoded
  }

  private func storedTexts(_ column: TextColumn, _ block: Int) throws(IndexFault) -> [String] {
    guard
      let bytes = store.column(column.textsName, block, covered, atLeast: expected(block)),
      let texts = IndexBlock.texts(bytes)
    else { throw .unfit }
    return texts
  }

  private func storedTexts(
    _ column: TextColumn, below end: Int
  ) throws(IndexFault) -> [String] {
    var texts: [String] = []
    for block in 0..<end { texts += try storedTexts(column, block) }
    return texts
  }

  /// All texts of `column`, in the order of their numbers.
  func texts(_ column: TextColumn) throws(IndexFault) -> [String] {
    if let known = knownTexts[column] { return known }
    var texts = try storedTexts(column, below: firstFresh)
    let index = TextColumn.allCases.firstIndex(of: column) ?? 0
    for block in fresh { texts += block.texts[index] }
    knownTexts[column] = texts
    return texts
  }

  private func codes(_ column: TextColumn, _ block: Int) throws(IndexFault) -> [UInt32] {
    guard block >= firstFresh else { return try self.column(column.rawValue, block) }
    return fresh[block - firstFresh].codes[TextColumn.allCases.firstIndex(of: column) ?? 0]
  }

  private func times(_ block: Int) throws(IndexFault) -> [UInt64] {
    try block >= firstFresh ? fresh[block - firstFresh].times : column("time", block)
  }

  private func ids(_ block: Int) throws(IndexFault) -> [UInt64] {
    if block >= firstFresh { return fresh[block - firstFresh].ids }
    if let known = knownIDs[block] { return known }
    let ids: [UInt64] = try column("id", block)
    knownIDs[block] = ids
    return ids
  }

  private func ends(_ block: Int) throws(IndexFault) -> [UInt64] {
    if block >= firstFresh { return fresh[block - firstFresh].ends }
    if let known = knownEnds[block] { return known }
    let ends: [UInt64] = try column("end", block)
    knownEnds[block] = ends
    return ends
  }

  // MARK: Questions

  /// The numbers of the entries that pass `filter`, ascending; of many, the last `limit`.
  func numbers(_ filter: EntryFilter, last limit: Int = .max) throws(IndexFault) -> [Int] {
    let columns = TextColumn.allCases.filter(filter.asks)
    if columns.isEmpty, !filter.asksTime { return Array(max(0, entries - limit)..<entries) }
    var passing: [(column: TextColumn, codes: [Bool])] = []
    for column in columns {
      let texts = [""] + (try texts(column))
      passing.append((column, texts.map { filter.passes($0, of: column) }))
    }
    var found: [[Int]] = []
    var count = 0
    for block in (0..<blockCount).reversed() where count < limit {
      let numbers = try numbers(filter, passing, block)
      count += numbers.count
      found.append(numbers)
    }
    return Array(found.reversed().joined().suffix(limit))
  }

  private func numbers(
    _ filter: EntryFilter, _ passing: [(column: TextColumn, codes: [Bool])], _ block: Int
  ) throws(IndexFault) -> [Int] {
    var isChosen = [Bool](repeating: true, count: expected(block))
    for (column, answers) in passing {
      for (number, code) in try codes(column, block).enumerated() {
        guard Int(code) < answers.count else { throw .unfit }
        if !answers[Int(code)] { isChosen[number] = false }
      }
    }
    if filter.asksTime {
      for (number, time) in try times(block).enumerated() {
        let moment = Timestamp(milliseconds: Int64(bitPattern: time))
        if !filter.passes(moment) { isChosen[number] = false }
      }
    }
    let first = block * IndexBlock.capacity
    return isChosen.indices.compactMap { isChosen[$0] ? first + $0 : nil }
  }

  /// The numbers of the entries whose ids begin as `range` says, in their first eight bytes.
  func numbers(ids range: ClosedRange<UInt64>) throws(IndexFault) -> [Int] {
    var found: [Int] = []
    for block in 0..<blockCount {
      for (number, id) in try ids(block).enumerated() where range.contains(id) {
        found.append(block * IndexBlock.capacity + number)
      }
    }
    return found
  }

  /// Where the entry `number` lies in the log.
  private func place(_ number: Int) throws(IndexFault) -> (range: Range<Int>, id: UInt64) {
    let (block, offset) = number.quotientAndRemainder(dividingBy: IndexBlock.capacity)
    let end = try ends(block)[offset]
    var start: UInt64 = 0
    if offset > 0 {
      start = try ends(block)[offset - 1]
    } else if block > 0 {
      start = try ends(block - 1)[IndexBlock.capacity - 1]
    }
    // A line has a newline at least, and lies in the log.
    guard start < end, end <= UInt64(pieces.size) else { throw .unfit }
    return (Int(start)..<Int(end), try ids(block)[offset])
  }

  /// The line of entry `number`, checked by its bytes.
  private func line(_ number: Int) throws(IndexFault) -> (range: Range<Int>, id: DigestBytes) {
    let place = try place(number)
    let line = try CheckedLine(place.range, id: place.id, in: pieces)
    return (place.range, line.id)
  }

  /// The entries `numbers`, read from the log and checked by their bytes.
  func read(_ numbers: some Collection<Int>) throws(IndexFault) -> [StoredEntry] {
    var places: [(number: Int, range: Range<Int>, id: UInt64)] = []
    for number in numbers {
      let place = try place(number)
      places.append((number, place.range, place.id))
    }
    let (all, log, file, share) = (places, pieces, state.log, 16)
    let results = inParallel((all.count + share - 1) / share) { part in
      all[(part * share)..<min(part * share + share, all.count)].map {
        place -> Result<StoredEntry, IndexFault> in
        do throws(IndexFault) {
          let line = try CheckedLine(place.range, id: place.id, in: log)
          return .success(try line.entry(place.number, file))
        } catch {
          return .failure(error)
        }
      }
    }
    var entries: [StoredEntry] = []
    entries.reserveCapacity(places.count)
    for result in results.joined() { entries.append(try result.get()) }
    return entries
  }
}
