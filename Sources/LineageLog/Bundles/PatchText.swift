/// A unified diff of one file, read back from its bytes.
///
/// It shares nothing with `UnifiedDiff` but the format, so that it tells whether the bytes say what a tool
/// like `patch` would do with them. Nothing is searched for: hunks apply where they say, or not at all.
struct PatchText {
  private let lines: [ArraySlice<UInt8>]

  init(_ bytes: [UInt8]) { lines = TextLines(bytes).lines }

  /// `text` with the changes made; `nil` where they do not apply to it exactly.
  func applied(to text: [UInt8]) -> [UInt8]? {
    if lines.isEmpty { return text }
    guard lines.count > 2, lines[0].starts(with: "--- ".utf8), lines[1].starts(with: "+++ ".utf8)
    else { return nil }
    var change = Change(old: TextLines(text).lines)
    var position = 2
    while position < lines.count {
      guard let hunk = Hunk(lines[position]), change.skip(to: hunk) else { return nil }
      position += 1
      guard let next = change.make(hunk, lines[position...]) else { return nil }
      position = next
    }
    return change.finished
  }

  /// Where a hunk changes how many lines, counted from 0.
  private struct Hunk {
    var old: Range<Int>
    var new: Range<Int>

    /// Reads `@@ -a,b +c,d @@`.
    init?(_ line: ArraySlice<UInt8>) {
      let words = String(decoding: line, as: UTF8.self).split(separator: " ")
      guard words.count >= 4, words[0] == "@@", words[3].hasPrefix("@@"),
        let old = Self.range(words[1], "-"), let new = Self.range(words[2], "+")
      else { return nil }
      (self.old, self.new) = (old, new)
    }

    private static func range(_ word: Substring, _ sign: Character) -> Range<Int>? {
      guard word.first == sign else { return nil }
      let parts = word.dropFirst().split(separator: ",", omittingEmptySubsequences: false)
      guard let first = parts.first.flatMap({ Int($0) }), parts.count <= 2,
        let count = parts.count == 2 ? Int(parts[1]) : 1, first >= 0, count >= 0
      else { return nil }
      // An empty range names the line before it.
      let start = count == 0 ? first : first - 1
      let (end, isTooLarge) = start.addingReportingOverflow(count)
      return start >= 0 && !isTooLarge ? start..<end : nil
    }
  }

  /// What has become of a text so far.
  private struct Change {
    let old: [ArraySlice<UInt8>]
    private var position = 0
    private var new: [[UInt8]] = []

    init(old: [ArraySlice<UInt8>]) { self.old = old }

    /// Takes over what lies before `hunk`.
    mutating func skip(to hunk: Hunk) -> Bool {
      guard hunk.old.lowerBound >= position, hunk.old.upperBound <= old.count else { return false }
      new += old[position..<hunk.old.lowerBound].map(Array.init)
      position = hunk.old.lowerBound
      return new.count == hunk.new.lowerBound
    }

    /// Makes the changes that `lines` begin with, and tells which line follows them.
    mutating func make(_ hunk: Hunk, _ lines: ArraySlice<ArraySlice<UInt8>>) -> Int? {
      var index = lines.startIndex
      while position < hunk.old.upperBound || new.count < hunk.new.upperBound {
        guard index < lines.endIndex, let kind = lines[index].first else { return nil }
        var content = Array(lines[index].dropFirst())
        index += 1
        guard content.last == UInt8(ascii: "\n") else { return nil }
        // `\ No newline at end of file`
        if index < lines.endIndex, lines[index].first == UInt8(ascii: "\\") {
          content.removeLast()
          index += 1
        }
        guard take(kind, content, hunk) else { return nil }
      }
      return index
    }

    private mutating func take(_ kind: UInt8, _ content: [UInt8], _ hunk: Hunk) -> Bool {
      if kind == UInt8(ascii: " ") || kind == UInt8(ascii: "-") {
        guard position < hunk.old.upperBound, old[position].elementsEqual(content) else {
          return false
        }
        position += 1
      }
      if kind == UInt8(ascii: " ") || kind == UInt8(ascii: "+") {
        guard new.count < hunk.new.upperBound else { return false }
        new.append(content)
      }
      return [UInt8(ascii: " "), UInt8(ascii: "+"), UInt8(ascii: "-")].contains(kind)
    }

    /// The text with what follows the last hunk.
    var finished: [UInt8] { new.flatMap { $0 } + old[position...].flatMap { $0 } }
  }
}
