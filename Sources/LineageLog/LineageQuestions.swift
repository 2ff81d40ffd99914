import Diagnostics
public import ExperimentRecords

/// Answers questions about a lineage without decoding all of it.
///
/// A small log is read and verified whole. Of a large one only the entries of the answer are read and checked, where
/// an index says to look (its format says how far that goes); a damaged line among them is found, one elsewhere is
/// not, and `lineage verify` finds all. What is found here is always what the log says. It belongs to one thread at a
/// time.
public final class LineageQuestions {
  /// Where the lineage lies.
  public let directory: StateDirectory

  private enum Source {
    case whole(Lineage)
    case indexed(LineageIndex)
  }
  private var source: Source

  /// Opens the lineage in `state`.
  ///
  /// - Parameter limit: The size in bytes up to which a log is read whole; reading this much takes as long as asking an
  ///   index does.
  public init(_ state: StateDirectory, wholeUpTo limit: Int = 1 << 18) throws(LineageError) {
    directory = state
    guard try state.exists() else { throw state.missing }
    let size: Int
    do { size = try state.files.status(state.log)?.size ?? 0 } catch { throw LineageError(error) }
    source =
      size <= limit ? .whole(try Lineage.read(state)) : .indexed(try LineageIndex(state))
  }

  /// The entries that pass `filter`, newest first, `limit` at most.
  public func entries(
    _ filter: EntryFilter = EntryFilter(), newest limit: Int = .max
  ) throws(LineageError) -> [StoredEntry] {
    try ask { (index) throws(IndexFault) in
      try index.entries(index.numbers(filter, last: limit), filter).reversed()
    } whole: { lineage in
      Array(
        lineage.entries.reversed().lazy.filter { filter.passes($0.entry) }.prefix(limit))
    }
  }

  /// Calls `body` with the entries that pass `filter`, newest first, `limit` at most, some hundred at a time, so that a
  /// long answer is never in memory as a whole.
  public func visit(
    _ filter: EntryFilter = EntryFilter(), newest limit: Int = .max,
    _ body: ([StoredEntry]) throws -> Void
  ) throws {
    guard case .indexed = source else {
      let entries = try entries(filter, newest: limit)
      if !entries.isEmpty { try body(entries) }
      return
    }
    let all = try ask { (index) throws(IndexFault) in try index.numbers(filter, last: limit) }
    var rest = all[...]
    while !rest.isEmpty {
      let numbers = rest.suffix(Self.batch)
      try body(
        try ask { (index) throws(IndexFault) in try index.entries(numbers, filter).reversed() })
      rest = rest.dropLast(numbers.count)
    }
  }

  /// The part of the lineage that passes `filter`, in the log's order.
  public func lineage(_ filter: EntryFilter) throws(LineageError) -> Lineage {
    Lineage(selection: try entries(filter).reversed())
  }

  /// The part of the lineage that passes one of `filters`, with the entries called `ids`, in the log's order.
  public func lineage(
    anyOf filters: [EntryFilter], and ids: [Digest] = []
  ) throws(LineageError) -> Lineage {
    var chosen: [Int: StoredEntry] = [:]
    for filter in filters {
      for stored in try entries(filter) { chosen[stored.index] = stored }
    }
    for id in ids {
      if let stored = try entry(id) { chosen[stored.index] = stored }
    }
    return Lineage(selection: chosen.values.sorted { $0.index < $1.index })
  }

  /// The only entry whose id begins with `prefix`, which has at least four digits.
  public func entry(idPrefix prefix: String) throws(LineageError) -> StoredEntry {
    let lineage = try ask { (index) throws(IndexFault) in
      guard let range = Self.range(of: prefix) else { return Lineage() }
      return Lineage(selection: try index.read(index.numbers(ids: range)))
    } whole: {
      $0
    }
    return try lineage.entry(idPrefix: prefix)
  }

  /// The entry called `id`; `nil` when there is none.
  public func entry(_ id: Digest) throws(LineageError) -> StoredEntry? {
    try ask { (index) throws(IndexFault) in
      let start = DigestBytes(id).words[0]
      return try index.read(index.numbers(ids: start...start)).first { $0.id == id }
    } whole: {
      $0[id]
    }
  }

  /// The kernels that any entry is about, in the order of their first entry.
  public func kernels() throws(LineageError) -> [KernelName] {
    try ask { (index) throws(IndexFault) in
      try index.texts(.kernel).compactMap { KernelName(column: $0) }
    } whole: {
      $0.kernels
    }
  }

  /// The kernels whose function has the name `name`, or that are named by `file:function`.
  public func kernels(named name: String) throws(LineageError) -> [KernelName] {
    try kernels().filter { $0.isCalled(name) }
  }

  private static let batch = 512

  /// Asks the index; where it does not fit, makes it anew from the log, or finds that the log is damaged.
  private func ask<Answer>(
    _ question: (LineageIndex) throws(IndexFault) -> Answer,
    whole: (Lineage) throws(LineageError) -> Answer
  ) throws(LineageError) -> Answer {
    for _ in 0..<2 {
      guard case .indexed(let index) = source else { break }
      do {
        return try question(index)
      } catch {
        if case .log(let error) = error { throw error }
        source = .indexed(try LineageIndex(directory, isUnfit: true))
      }
    }
    if case .indexed = source { source = .whole(try Lineage.read(directory)) }
    guard case .whole(let lineage) = source else { preconditionFailure("it was just read") }
    return try whole(lineage)
  }

  /// Asks the index in the middle of an answer, of which a part was given already: where it does not fit, it is made
  /// anew for the next time.
  private func ask<Answer>(
    _ question: (LineageIndex) throws(IndexFault) -> Answer
  ) throws(LineageError) -> Answer {
    guard case .indexed(let index) = source else { preconditionFailure("there is an index") }
    do {
      return try question(index)
    } catch {
      if case .log(let error) = error { throw error }
      source = .indexed(try LineageIndex(directory, isUnfit: true))
      throw .input(
        InputError("the index did not fit the log and was made anew", remedy: "ask again"))
    }
  }

  /// What the first eight bytes of an id that begins with `prefix` may be; `nil` for what is no such prefix.
  private static func range(of prefix: String) -> ClosedRange<UInt64>? {
    let digits = String(prefix.prefix(16))
    guard digits.count >= 4, let value = UInt64(digits, radix: 16), digits.first != "+" else {
      return nil
    }
    let rest = UInt64(4 * (16 - digits.count))
    let low = rest == 0 ? value : value << rest
    return low...(rest == 0 ? value : low | (UInt64(1) << rest - 1))
  }
}

extension LineageIndex {
  /// The entries `numbers`, of which the columns say that they pass `filter`: what they say themselves decides.
  fileprivate func entries(
    _ numbers: some Collection<Int>, _ filter: EntryFilter
  ) throws(IndexFault) -> [StoredEntry] {
    let found = try read(numbers)
    guard found.allSatisfy({ filter.passes($0.entry) }) else { throw .unfit }
    return found
  }
}
