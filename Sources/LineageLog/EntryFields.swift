import ExperimentRecords

/// What questions select entries by.
struct EntryFields: Hashable, Sendable {
  var time: Timestamp
  var kind: String
  var campaign: String?
  var kernel: KernelName?
  var verdict: Verdict?
  /// How it ended, as `LineageEntry.outcomeName` tells it.
  var outcome: String
  /// The passes of its recipe, sorted, each once.
  var passes: [String] = []

  /// The fields of `entry`.
  init(_ entry: LineageEntry) {
    time = entry.time
    kind = entry.content.kind
    campaign = entry.campaign
    kernel = entry.kernel
    verdict = entry.verdict
    outcome = entry.outcomeName
    passes = Set(entry.recipe?.steps.map(\.pass) ?? []).sorted()
  }

  /// The fields of the entry in `body`, by decoding only where there is no shorter way.
  static func read(_ body: UnsafeRawBufferPointer) -> Result<EntryFields, Unreadable> {
    if let bulk = BulkBody(body), let fields = EntryFields(bulk, body) { return .success(fields) }
    return LineageFormat.read(body).map { EntryFields($0) }
  }

  /// The fields that `bulk`, which was read from `body`, tells; `nil` where it takes decoding to know.
  private init?(_ bulk: BulkBody, _ body: UnsafeRawBufferPointer) {
    guard var members = JSONMembers(body, at: bulk.record.lowerBound) else { return nil }
    (time, kind, campaign) = (bulk.time, bulk.kind, bulk.campaign)
    outcome = bulk.kind
    var seen: Set<String> = []
    while let member = members.next() {
      let key = body.text(member.key)
      switch (key, kind) {
      case ("kernel", _):
        guard let name = KernelName(body, at: member.value.lowerBound) else { return nil }
        kernel = name
      case ("outcome", "proposal"), ("outcome", "kernelFinished"):
        guard let text = body.plainText(member.value), Self.isOutcome(text, of: kind)
        else { return nil }
        outcome = text
      case ("verdict", "proposal"):
        guard let verdict = body.plainText(member.value).flatMap({ Verdict(rawValue: $0) })
        else { return nil }
        self.verdict = verdict
      case ("recipe", "proposal"):
        guard let recipe = body.plainText(member.value) else { return nil }
        passes = Self.passes(of: recipe)
      default: continue
      }
      // Of two members with one name a decoder takes one, and this cannot tell which.
      guard seen.insert(key).inserted else { return nil }
    }
    guard members.isWhole, seen.contains("kernel"),
      kind == "sentinelChecked" || seen.contains("outcome")
    else { return nil }
  }

  private static func isOutcome(_ text: String, of kind: String) -> Bool {
    kind == "proposal" ? Outcome(rawValue: text) != nil : KernelOutcome(rawValue: text) != nil
  }

  /// The passes of a recipe, each being what stands before its arguments.
  private static func passes(of recipe: String) -> [String] {
    let steps = recipe.utf8.split(separator: UInt8(ascii: ";"))
    let names = steps.map { step in
      step.drop { $0 <= UInt8(ascii: " ") }
        .prefix { $0 > UInt8(ascii: " ") && $0 != UInt8(ascii: "(") }
    }
    return Set(names.filter { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) }).sorted()
  }
}

extension KernelName {
  /// Reads the object at `start` of `body`; `nil` where it takes decoding to know it.
  fileprivate init?(_ body: UnsafeRawBufferPointer, at start: Int) {
    guard var members = JSONMembers(body, at: start) else { return nil }
    var texts: [String: String] = [:]
    while let member = members.next() {
      guard let text = body.plainText(member.value),
        texts.updateValue(text, forKey: body.text(member.key)) == nil
      else { return nil }
    }
    guard members.isWhole, let file = texts["file"], let function = texts["function"]
    else { return nil }
    self.init(file: file, function: function)
  }
}
