import ExperimentRecords

/// The body of an entry of a kind that a log is full of, as far as its outermost members tell.
///
/// Such an entry seals nothing, and no object must be there for it.
struct BulkBody {
  /// The kinds.
  static let kinds = ["proposal", "kernelFinished", "sentinelChecked"]

  /// The kind.
  private(set) var kind: String
  /// Where its record lies, an object.
  private(set) var record: Range<Int>
  private(set) var time: Timestamp
  private(set) var campaign: String?

  /// Reads `body`; `nil` when it is of another kind, has another form than the writer gives it, or is of a later
  /// version. What it takes, decoding takes with the same result, unless the record itself is of another form.
  init?(_ body: UnsafeRawBufferPointer) {
    guard var members = JSONMembers(body) else { return nil }
    var texts: [String: String] = [:]
    var numbers: [Int] = []
    var records: [(kind: String, range: Range<Int>)] = []
    while let member = members.next() {
      let key = body.text(member.key)
      switch key {
      case "kind", "time", "campaign":
        guard let text = body.plainText(member.value),
          texts.updateValue(text, forKey: key) == nil
        else { return nil }
      case "version":
        guard let number = Int(body.text(member.value)) else { return nil }
        numbers.append(number)
      case _ where Self.kinds.contains(key):
        records.append((key, member.value))
      default: break
      }
    }
    // Of two members with one name a decoder takes one, and this cannot tell which.
    guard members.isWhole, members.end == body.count, numbers.count == 1, records.count == 1,
      let version = numbers.first, version <= LineageEntry.currentVersion,
      let record = records.first, texts["kind"] == record.kind,
      let time = texts["time"].flatMap({ Timestamp($0) })
    else { return nil }
    (kind, self.record, self.time) = (record.kind, record.range, time)
    campaign = texts["campaign"]
  }
}
