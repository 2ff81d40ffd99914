import ExperimentRecords
import Foundation
import SQLiteBindings
import SystemPackage
import Testing

@testable import LineageLog

/// Answers by way of the index are those of a plain scan, whatever happens to the index and to the log.
@Suite struct LineageIndexTests {
  let scratch: Scratch
  let state: StateDirectory

  init() throws {
    scratch = try Scratch()
    state = scratch.state()
  }

  @Test func everyFilterAnswersAsAPlainScanDoes() throws {
    // More than one block.
    let lineage = try SeededLineage(seed: 1, count: 8_500)
    try lineage.write(to: state, scratch)
    let questions = try indexed()
    var random = SeededNumbers(state: 2)
    for _ in 0..<60 {
      let filter = Self.filter(lineage, &random)
      let limit = [0, 1, 7, 100, .max].randomElement(using: &random) ?? 0
      #expect(
        try questions.entries(filter, newest: limit).map(\.index)
          == Self.scan(lineage, filter).suffix(limit).reversed(), "\(filter), \(limit)")
    }
    #expect(try questions.kernels() == Lineage.read(state).kernels)
    #expect(try questions.kernels(named: "sum").count == 2)
  }

  @Test func entriesAreFoundByTheBeginningOfTheirIds() throws {
    let lineage = try SeededLineage(seed: 3, count: 300)
    try lineage.write(to: state, scratch)
    let (questions, whole) = (try indexed(), try Lineage.read(state))
    for id in lineage.ids {
      #expect(try questions.entry(id) == whole[id])
      for length in [12, 16, 17, 64] {
        #expect(try questions.entry(idPrefix: String(id.hex.prefix(length))) == whole[id])
      }
    }
    #expect(try questions.entry(.zero) == nil)
    for prefix in ["abc", "zzzz", "0000", "+123", String(repeating: "0", count: 64)] {
      let expected = #expect(throws: LineageError.self) { try whole.entry(idPrefix: prefix) }
      let error = #expect(throws: LineageError.self) { try questions.entry(idPrefix: prefix) }
      #expect(error == expected)
    }
  }

  @Test func theIndexFollowsTheLog() throws {
    let lineage = try SeededLineage(seed: 4, count: 9_000)
    // Within a block, to its end, over it.
    for count in [1, 2, 100, 8_191, 8_192, 8_193, 9_000] {
      try lineage.write(to: state, count: count, scratch)
      try expectRight(lineage, count)
      #expect(stored("entries") == Int64(count))
    }
  }

  @Test func aTornTailIsPassedOver() throws {
    let lineage = try SeededLineage(seed: 5, count: 60)
    for extra in [1, 100, 300] {
      let range = lineage.range(of: 50)
      let bytes =
        lineage.bytes(ofFirst: 50) + lineage.bytes[range].prefix(min(extra, range.count - 1))
      try lineage.write(to: state, scratch)
      try scratch.write(bytes, to: state.log)
      try expectRight(lineage, 50)
    }
    try scratch.write(
      lineage.bytes(ofFirst: 50) + [UInt8](repeating: 0, count: 400), to: state.log)
    try expectRight(lineage, 50)
    try lineage.write(to: state, scratch)
    try expectRight(lineage, 60)
  }

  @Test func aLogThatWasCutOrReplacedIsNoticed() throws {
    let (first, second) = (
      try SeededLineage(seed: 6, count: 90), try SeededLineage(seed: 7, count: 120)
    )
    try first.write(to: state, scratch)
    try expectRight(first, 90)
    try first.write(to: state, count: 30, scratch)
    try expectRight(first, 30)
    try second.write(to: state, scratch)
    try expectRight(second, 120)
    try first.write(to: state, scratch)
    try expectRight(first, 90)
  }

  @Test func anAlteredIndexAnswersNothingWrong() throws {
    let lineage = try SeededLineage(seed: 8, count: 200)
    try lineage.write(to: state, scratch)
    try expectRight(lineage, 200)
    let rows = try Database(path: state.index.string, patience: 0).rows(
      "SELECT rowid, data FROM columns")
    #expect(rows.count == 15)
    for row in rows {
      guard case .blob(var data) = row[1], !data.isEmpty else { continue }
      data[data.count / 2] ^= 1
      try alter("UPDATE columns SET data = ? WHERE rowid = ?", [.blob(data), row[0]])
      try expectRight(lineage, 200)
      try alter("DELETE FROM columns WHERE rowid = ?", [row[0]])
      try expectRight(lineage, 200)
    }
    for column in ["format", "entries", "length", "head", "first", "digest"] {
      for value in [SQLiteValue.integer(17), .null, .text("x"), .blob(lineage.ids[3].bytes)] {
        try alter("UPDATE covered SET \(column) = ?", [value])
        try expectRight(lineage, 200)
      }
    }
    try alter("DELETE FROM covered")
    try expectRight(lineage, 200)
    try alter("DROP TABLE columns")
    try expectRight(lineage, 200)
  }

  /// Columns of one row under the name of another, with the digests that belong to them.
  @Test func rowsThatChangedPlacesAreNoticed() throws {
    let lineage = try SeededLineage(seed: 9, count: 8_400)
    try lineage.write(to: state, scratch)
    try expectRight(lineage, 8_400)
    for (a, b) in [("kind", "kernel"), ("outcome", "verdict"), ("id", "end")] {
      for (from, to) in [(a, "x"), (b, a), ("x", b)] {
        try alter("UPDATE columns SET name = ? WHERE name = ?", [.text(to), .text(from)])
      }
      try expectRight(lineage, 8_400)
    }
    for (from, to) in [(0, 5), (1, 0), (5, 1)] {
      try alter(
        "UPDATE columns SET block = ? WHERE block = ?",
        [.integer(Int64(to)), .integer(Int64(from))])
    }
    try expectRight(lineage, 8_400)
  }

  @Test func aFileThatIsNoIndexIsReplaced() throws {
    let lineage = try SeededLineage(seed: 10, count: 100)
    try lineage.write(to: state, scratch)
    try expectRight(lineage, 100)
    let good = try scratch.bytes(of: state.index)
    for bytes in [
      [], Array("hello".utf8), [UInt8](repeating: 7, count: 20_000), Array(good.prefix(5_000)),
      Array(good.prefix(4_096)) + [UInt8](repeating: 0, count: good.count - 4_096),
    ] {
      try scratch.write(bytes, to: state.index)
      try expectRight(lineage, 100)
      #expect(stored("entries") == 100)
    }
  }

  @Test func everyFlippedByteOfTheFileIsHarmless() throws {
    let lineage = try SeededLineage(seed: 11, count: 60)
    try lineage.write(to: state, scratch)
    try expectRight(lineage, 60)
    let good = try scratch.bytes(of: state.index)
    for position in stride(from: 0, to: good.count, by: 509) {
      var altered = good
      altered[position] ^= 0x55
      try scratch.write(altered, to: state.index)
      try expectRight(lineage, 60)
    }
  }

  @Test func withoutAPlaceForTheIndexTheAnswersAreTheSame() throws {
    let lineage = try SeededLineage(seed: 12, count: 100)
    try lineage.write(to: state, scratch)
    try FileManager.default.createDirectory(
      atPath: state.index.string, withIntermediateDirectories: false)
    try expectRight(lineage, 100)
    try scratch.write("x", to: ".ratchet/index.sqlite/file")
    try expectRight(lineage, 100)
  }

  @Test func aLockedIndexIsDoneWithout() throws {
    let lineage = try SeededLineage(seed: 13, count: 100)
    try lineage.write(to: state, count: 90, scratch)
    try expectRight(lineage, 90)
    let other = try Database(path: state.index.string, patience: 0)
    // Another that writes lets nobody write; reading goes on.
    try other.execute("BEGIN IMMEDIATE")
    try lineage.write(to: state, scratch)
    try expectRight(lineage, 100)
    try other.execute("ROLLBACK")
    #expect(stored("entries") == 90)
    try expectRight(lineage, 100)
    #expect(stored("entries") == 100)
  }

  @Test func aDamagedLineUnderTheIndexIsFoundByWhoReadsIt() throws {
    let lineage = try SeededLineage(seed: 14, count: 120)
    try lineage.write(to: state, scratch)
    try expectRight(lineage, 120)
    let range = lineage.range(of: 70)
    for position in stride(from: range.lowerBound, to: range.upperBound, by: 23) {
      var damaged = lineage.bytes
      damaged[position] ^= 2
      try scratch.write(damaged, to: state.log)
      let questions = try indexed()
      let error = #expect(throws: LineageError.self) {
        try questions.entry(lineage.ids[70])
      }
      #expect(error?.exitCode == 4, "\(position)")
      guard case .damaged(let defect) = error else { continue }
      #expect(defect.line == 71)
      // What lies elsewhere is still told.
      #expect(try indexed().entry(lineage.ids[20])?.entry == lineage.entries[20])
    }
  }

  /// A line that was written anew with a digest that fits it is given away by the line behind it.
  @Test func aForgedLineUnderTheIndexIsFoundByWhoReadsIt() throws {
    let lineage = try SeededLineage(seed: 15, count: 120)
    try lineage.write(to: state, scratch)
    let forged = try lineage.entries[71].line(after: lineage.ids[69])
    #expect(forged.id != lineage.ids[70])
    let range = lineage.range(of: 70)
    let before = Array(lineage.bytes[..<range.lowerBound]) + forged.bytes
    let after = Array(lineage.bytes[range.upperBound...])
    // An index that was made before, and one that was made of the forged line and knows no more.
    for known in [lineage.bytes, before] {
      try scratch.write(known, to: state.log)
      _ = try indexed()
      try scratch.write(before + after, to: state.log)
      for id in [lineage.ids[70], forged.id] {
        let error = #expect(throws: LineageError.self) {
          _ = try indexed().entry(id)
          _ = try indexed().entries(newest: 60)
        }
        #expect(error?.exitCode == 4)
      }
    }
  }

  /// An index that was altered with its digests does not make a forged line true.
  @Test func aForgedLineThatTheIndexVouchesForIsFound() throws {
    let lineage = try SeededLineage(seed: 19, count: 120)
    try lineage.write(to: state, scratch)
    let forged = try lineage.entries[71].line(after: lineage.ids[69])
    let range = lineage.range(of: 70)
    let before = Array(lineage.bytes[..<range.lowerBound]) + forged.bytes
    try scratch.write(before + Array(lineage.bytes[range.upperBound...]), to: state.log)
    var builder = IndexBuilder()
    var end = 0
    for number in 0..<120 {
      end += number == 70 ? forged.bytes.count : lineage.range(of: number).count
      builder.append(
        DigestBytes(number == 70 ? forged.id : lineage.ids[number]), end: end,
        EntryFields(lineage.entries[number == 70 ? 71 : number]))
    }
    var store = IndexStore(state)
    store.keep(
      builder.blocks, from: 0,
      covered: .init(
        entries: 120, length: end, head: DigestBytes(lineage.ids[119]),
        first: DigestBytes(lineage.ids[0])), insteadOf: nil)
    #expect(stored("length") == Int64(end))
    #expect(try indexed().entry(lineage.ids[5])?.entry == lineage.entries[5])
    let error = #expect(throws: LineageError.self) { try indexed().entry(forged.id) }
    #expect(error?.exitCode == 4)
  }

  @Test func damageBehindWhatTheIndexCoversIsFoundAtOnce() throws {
    let lineage = try SeededLineage(seed: 16, count: 100)
    try lineage.write(to: state, count: 60, scratch)
    try expectRight(lineage, 60)
    var damaged = lineage.bytes
    damaged[lineage.range(of: 80).lowerBound + 200] ^= 1
    try scratch.write(damaged, to: state.log)
    let error = #expect(throws: LineageError.self) { try indexed() }
    guard case .damaged(let defect) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(defect.line == 81)
  }

  @Test func readersAndAWriterAtOnce() async throws {
    let state = state
    let lineage = try SeededLineage(seed: 17, count: 200)
    try lineage.write(to: state, scratch)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        let writer = try LineageWriter(state, command: "test")
        for number in 0..<300 { try writer.append(stop(number)) }
        writer.close()
      }
      for _ in 0..<4 {
        group.addTask {
          var seen = 200
          while seen < 500 {
            let questions = try LineageQuestions(state, wholeUpTo: 0)
            let entries = try questions.entries()
            #expect(entries.count >= seen)
            #expect(entries.map(\.index) == (0..<entries.count).reversed())
            let stops = entries.reversed().dropFirst(200).map(\.entry.content)
            #expect(stops == (0..<stops.count).map(stop))
            seen = entries.count
          }
        }
      }
      try await group.waitForAll()
    }
    _ = try indexed()
    #expect(stored("entries") == 500)
  }

  @Test func aLongAnswerComesInBatches() throws {
    let lineage = try SeededLineage(seed: 18, count: 1_300)
    try lineage.write(to: state, scratch)
    for questions in [try indexed(), try LineageQuestions(state)] {
      var numbers: [Int] = []
      var batches = 0
      try questions.visit(newest: 1_200) { entries in
        numbers += entries.map(\.index)
        batches += 1
      }
      #expect(numbers == (100..<1_300).reversed())
      #expect(batches == 3)
    }
  }

  // MARK: What is expected

  private func indexed() throws -> LineageQuestions { try LineageQuestions(state, wholeUpTo: 0) }

  /// Checks answers about all, about one kernel and about one kind.
  private func expectRight(
    _ lineage: SeededLineage, _ count: Int,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws {
    let first = SeededLineage.kernels[0]
    for filter in [
      EntryFilter(), EntryFilter(first), EntryFilter(kinds: ["winner"]),
      EntryFilter(outcome: "no-gain", verdict: .tested), EntryFilter(pass: "fuse"),
      EntryFilter(campaign: "campaign-0"), EntryFilter(until: lineage.entries[count / 2].time),
      EntryFilter(since: lineage.entries[count / 2].time),
    ] {
      let answer = try indexed().entries(filter)
      #expect(
        answer.map(\.index) == Self.scan(lineage, filter).filter { $0 < count }.reversed(),
        sourceLocation: sourceLocation)
      #expect(
        answer.allSatisfy {
          lineage.entries[$0.index] == $0.entry && lineage.ids[$0.index] == $0.id
        },
        sourceLocation: sourceLocation)
    }
  }

  /// The numbers of the entries that pass, by looking at each.
  private static func scan(_ lineage: SeededLineage, _ filter: EntryFilter) -> [Int] {
    lineage.entries.indices.filter { number in
      let entry = lineage.entries[number]
      var (verdict, passes, outcome): (Verdict?, [String], String) = (nil, [], entry.content.kind)
      switch entry.content {
      case .proposal(let proposal):
        (verdict, outcome) = (proposal.verdict, proposal.outcome.rawValue)
        passes = proposal.recipe.steps.map(\.pass)
      case .winner(let winner):
        (verdict, passes) = (winner.verdict, winner.recipe.steps.map(\.pass))
      case .kernelFinished(let finished): outcome = finished.outcome.rawValue
      default: break
      }
      if let kernel = filter.kernel {
        guard let own = entry.kernel,
          own.function == kernel || "\(own.file):\(own.function)" == kernel
        else { return false }
      }
      if let kinds = filter.kinds, !kinds.contains(entry.content.kind) { return false }
      if let wanted = filter.outcome, wanted != outcome { return false }
      if let wanted = filter.verdict, wanted != verdict { return false }
      if let pass = filter.pass, !passes.contains(pass) { return false }
      if let campaign = filter.campaign, campaign != entry.campaign { return false }
      if let since = filter.since, entry.time < since { return false }
      if let until = filter.until, entry.time > until { return false }
      return true
    }
  }

  private static func filter(
    _ lineage: SeededLineage, _ random: inout SeededNumbers
  ) -> EntryFilter {
    var filter = EntryFilter()
    func some() -> Bool { Int.random(in: 0..<4, using: &random) == 0 }
    let entry = lineage.entries[Int.random(in: lineage.entries.indices, using: &random)]
    if some() {
      filter.kernel = ["sum", "matmul", "nobody", "größe", "src/other.c:sum"].randomElement(
        using: &random)
    }
    if some() { filter.kinds = [entry.content.kind, "winner"] }
    if some() { filter.outcome = entry.outcomeName }
    if some() { filter.verdict = Verdict.allCases.randomElement(using: &random) }
    if some() {
      filter.pass = (SeededLineage.passes + ["til", "none"]).randomElement(using: &random)
    }
    if some() { filter.campaign = entry.campaign ?? "none" }
    if some() { filter.since = entry.time }
    if some() { filter.until = lineage.entries.randomElement(using: &random)?.time }
    return filter
  }

  private func alter(_ sql: String, _ values: [SQLiteValue] = []) throws {
    try Database(path: state.index.string, patience: 0).execute(sql, values)
  }

  /// A number that the stored index says of itself.
  private func stored(_ column: String) -> Int64? {
    let rows = try? Database(path: state.index.string, patience: 0).rows(
      "SELECT \(column) FROM covered")
    guard case .integer(let number)? = rows?.first?.first else { return nil }
    return number
  }
}
