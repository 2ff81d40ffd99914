import ExperimentRecords

/// A line of the log in a bundle.
struct BundleEntry: Hashable {
  var id: Digest
  var previous: Digest
  var body: [UInt8]
  var json: JSONValue

  /// What the entry is, as the log says it.
  var kind: String { json["kind"]?.string ?? "" }

  /// What happened.
  var content: JSONValue { json[kind] ?? .null }

  /// Whether the entry says something of `id`.
  func names(_ id: Digest) -> Bool { LineageFormat.body(body[...], names: id) }
}

/// The lines of a bundle, each in its part.
struct BundleEntries {
  /// All of them, in the order of the log.
  let all: [BundleEntry]
  let campaign: BundleEntry
  let baseline: BundleEntry
  let proposal: BundleEntry
  let winner: BundleEntry
  /// The checkpoint that covers what stands before it.
  let checkpoint: BundleEntry?

  /// Reads the file of lines, and checks every line by itself and against the winner.
  init(_ file: [UInt8]) throws(BundleDefect) {
    let all = try Self.lines(of: file)
    self.all = all
    guard let winner = all.first(where: { $0.kind == "winner" }) else {
      throw .entries("no winner is among the entries")
    }
    self.winner = winner
    let before = all.prefix { $0.kind != "winner" }
    func part(_ kind: String, _ isIt: (BundleEntry) -> Bool) throws(BundleDefect) -> BundleEntry {
      let found = before.filter { $0.kind == kind }
      guard let one = found.first, found.count == 1, isIt(one) else {
        throw .entries("the winner's entry of kind '\(kind)' is not there, or is another's")
      }
      return one
    }
    let name = winner.json["campaign"]
    campaign = try part("campaignStarted") { name != nil && $0.json["campaign"] == name }
    baseline = try part("baseline") {
      $0.content["kernel"] == winner.content["kernel"]
        && $0.content["source"] == winner.content["baseSource"]
    }
    proposal = try part("proposal") {
      winner.content["proposal"]?.string == $0.id.hex
        && $0.content["kernel"] == winner.content["kernel"]
    }
    let seals = all.filter { $0.kind == "checkpoint" }
    checkpoint = seals.first
    guard seals.count <= 1 else { throw .entries("there are two checkpoints") }
    let own = Set([campaign.id, baseline.id, proposal.id, winner.id] + seals.map(\.id))
    for entry in all where !own.contains(entry.id) && !entry.names(winner.id) {
      throw .entries("entry '\(entry.id.short)' has nothing to do with the winner")
    }
    guard Set(all.map(\.id)).count == all.count else { throw .entries("an entry is there twice") }
  }

  /// The entries that the checkpoint covers; none where there is none.
  var covered: ArraySlice<BundleEntry> {
    let end = all.firstIndex { $0.kind == "checkpoint" }
    return all[..<(end ?? all.startIndex)]
  }

  /// The entries that take the winner back.
  var retractions: [Digest] {
    all.filter { $0.kind == "retracted" && $0.content["winner"]?.string == winner.id.hex }.map(\.id)
  }

  /// The digests of raw samples that the winner's or the proposal's measurements name.
  var samples: Set<Digest> {
    let lists = [winner, proposal].flatMap { [$0.content["measurements"], $0.content["smaller"]] }
    let names = lists.flatMap { $0?.array ?? [] }.compactMap { $0["samples"]?.string }
    return Set(names.compactMap { Digest(hex: $0) })
  }

  private static func lines(of file: [UInt8]) throws(BundleDefect) -> [BundleEntry] {
    var entries: [BundleEntry] = []
    var start = 0
    while start < file.count {
      guard let end = file[start...].firstIndex(of: UInt8(ascii: "\n")) else {
        throw .entries("the last line does not end with a newline")
      }
      do throws(LineageFormat.Fault) {
        entries.append(try line(file, start..<end, entries.count + 1))
      } catch {
        switch error {
        case .damaged(let reason): throw .entries("line \(entries.count + 1): \(reason)")
        case .otherFormat(let number):
          throw .entries("the entry has format '\(number)'", isOtherVersion: true)
        }
      }
      start = end + 1
    }
    for entry in entries {
      guard let version = entry.json["version"]?.integer, version <= LineageEntry.currentVersion
      else {
        throw .entries(
          "entry '\(entry.id.short)' is of another version of ratchet", isOtherVersion: true)
      }
    }
    return entries
  }

  private static func line(
    _ file: [UInt8], _ range: Range<Int>, _ number: Int
  ) throws(LineageFormat.Fault) -> BundleEntry {
    let result: Result<LineageFormat.Line, LineageFormat.Fault> = file.withUnsafeBytes { buffer in
      do throws(LineageFormat.Fault) {
        return .success(try LineageFormat.parse(buffer, range))
      } catch {
        return .failure(error)
      }
    }
    let line = try result.get()
    let body = Array(file[line.body])
    do throws(JSONValue.Fault) {
      return BundleEntry(
        id: line.id, previous: line.previous, body: body, json: try JSONValue(parsing: body))
    } catch {
      throw .damaged("the entry is no sound JSON: \(error.reason)")
    }
  }
}

extension BundleDefect {
  fileprivate static func entries(_ reason: String, isOtherVersion: Bool = false) -> BundleDefect {
    BundleDefect(BundleFile.entries, reason, isOtherVersion: isOtherVersion)
  }
}

extension LineageFormat {
  /// Whether the digits of `id` occur in `body` behind the id of the entry before, which says nothing.
  ///
  /// Looks at few bytes, as most differ from those sought (Horspool, "Practical fast searching in strings",
  /// 1980).
  static func body(_ body: ArraySlice<UInt8>, names id: Digest) -> Bool {
    let members = body.dropFirst(#"{"previous":""#.utf8.count + id.hex.utf8.count)
    let sought = Array(id.hex.utf8)
    var shifts = [Int](repeating: sought.count, count: 256)
    for (place, byte) in sought.dropLast().enumerated() {
      shifts[Int(byte)] = sought.count - 1 - place
    }
    var end = members.startIndex + sought.count
    while end <= members.endIndex {
      if members[(end - sought.count)..<end].elementsEqual(sought) { return true }
      end += shifts[Int(members[end - 1])]
    }
    return false
  }
}
