public import ExperimentRecords

/// Which entries a question is about. Everything that is set must hold.
public struct EntryFilter: Hashable, Sendable {
  /// A kernel, by function or `file:function`.
  public var kernel: String?
  /// Kinds, of which the entry has one.
  public var kinds: Set<String>?
  /// How the entry ended, as `LineageEntry.outcomeName` tells it.
  public var outcome: String?
  /// What the judge said.
  public var verdict: Verdict?
  /// A pass that the recipe uses.
  public var pass: String?
  /// The campaign.
  public var campaign: String?
  /// The first moment.
  public var since: Timestamp?
  /// The last moment.
  public var until: Timestamp?

  /// Creates a filter; one that lets every entry pass by default.
  public init(
    kernel: String? = nil, kinds: Set<String>? = nil, outcome: String? = nil,
    verdict: Verdict? = nil, pass: String? = nil, campaign: String? = nil,
    since: Timestamp? = nil, until: Timestamp? = nil
  ) {
    self.kernel = kernel
    self.kinds = kinds
    self.outcome = outcome
    self.verdict = verdict
    self.pass = pass
    self.campaign = campaign
    self.since = since
    self.until = until
  }

  /// The filter that lets the entries about `kernel` pass.
  public init(_ kernel: KernelName, kinds: Set<String>? = nil) {
    self.init(kernel: kernel.description, kinds: kinds)
  }

  /// Whether `entry` passes.
  public func passes(_ entry: LineageEntry) -> Bool {
    let fields = EntryFields(entry)
    return passes(fields.time)
      && TextColumn.allCases.allSatisfy { passes(fields.text(of: $0), of: $0) }
  }

  /// Whether entries of this moment may pass.
  func passes(_ time: Timestamp) -> Bool {
    since.map { $0 <= time } ?? true && until.map { time <= $0 } ?? true
  }

  /// Whether entries with `text` in `column` may pass.
  func passes(_ text: String, of column: TextColumn) -> Bool {
    switch column {
    case .kind: kinds?.contains(text) ?? true
    case .kernel: kernel.map { KernelName(column: text)?.isCalled($0) ?? false } ?? true
    case .campaign: campaign.map { $0 == text } ?? true
    case .verdict: verdict.map { $0.rawValue == text } ?? true
    case .outcome: outcome.map { $0 == text } ?? true
    case .passes: pass.map { text.split(separator: " ").contains(Substring($0)) } ?? true
    }
  }

  /// Whether the filter looks at `column` at all.
  func asks(_ column: TextColumn) -> Bool {
    switch column {
    case .kind: kinds != nil
    case .kernel: kernel != nil
    case .campaign: campaign != nil
    case .verdict: verdict != nil
    case .outcome: outcome != nil
    case .passes: pass != nil
    }
  }

  /// Whether the filter looks at moments.
  var asksTime: Bool { since != nil || until != nil }
}

/// Columns of an index that hold texts; the empty text where an entry has none.
enum TextColumn: String, CaseIterable, Sendable {
  case kind, kernel, campaign, verdict, outcome, passes
}

extension EntryFields {
  /// What stands in `column`.
  func text(of column: TextColumn) -> String {
    switch column {
    case .kind: kind
    case .kernel: kernel?.column ?? ""
    case .campaign: campaign ?? ""
    case .verdict: verdict?.rawValue ?? ""
    case .outcome: outcome
    case .passes: passes.joined(separator: " ")
    }
  }
}

extension KernelName {
  /// The name as an index holds it: file and function may contain any character but the one between them.
  var column: String { "\(file)\0\(function)" }

  /// The kernel that `column` wrote as `text`; `nil` for the empty text.
  init?(column text: String) {
    guard let middle = text.utf8.lastIndex(of: 0) else { return nil }
    self.init(
      file: String(text[..<middle]), function: String(text[text.utf8.index(after: middle)...]))
  }

  /// Whether `name` is the function or `file:function`.
  func isCalled(_ name: String) -> Bool { function == name || description == name }
}
