/// The difference of two texts as an ordinary unified diff, which `git apply` and `patch -p1` take.
public struct UnifiedDiff: Hashable, Sendable {
  /// A group of changes with the lines around them.
  public struct Hunk: Hashable, Sendable {
    /// The first line in the old text, counted from 1; the line before when there is none.
    public var oldStart: Int
    /// How many lines of the old text.
    public var oldCount: Int
    /// The first line in the new text, counted from 1; the line before when there is none.
    public var newStart: Int
    /// How many lines of the new text.
    public var newCount: Int
    /// The lines in the order of the diff.
    public var lines: [Line]
  }

  /// A line of a hunk.
  public struct Line: Hashable, Sendable {
    /// What happens to a line.
    public enum Kind: UInt8, Hashable, Sendable {
      /// It is in both texts.
      case context = 0x20
      /// It is only in the old text.
      case removed = 0x2D
      /// It is only in the new text.
      case added = 0x2B
    }

    /// What happens to it.
    public var kind: Kind
    /// Its bytes, without the newline.
    public var bytes: [UInt8]
    /// Whether it ends with a newline; only the last line of a text may not.
    public var hasNewline: Bool
  }

  /// The path relative to the project's root.
  public var path: String
  /// The hunks from top to bottom; none when the texts are equal.
  public var hunks: [Hunk]

  /// Compares `old` with `new`.
  ///
  /// - Parameters:
  ///   - path: The path of the file relative to the project's root.
  ///   - context: How many unchanged lines are shown around a change.
  public init(from old: [UInt8], to new: [UInt8], path: String, context: Int = 3) {
    self.path = path
    let (a, b) = (TextLines(old), TextLines(new))
    hunks = groups(of: lineEdits(from: a, to: b), context).map { Hunk($0, a, b, context) }
  }

  /// How many lines were added and removed.
  public var counts: (added: Int, removed: Int) {
    let lines = hunks.flatMap(\.lines)
    return (lines.count { $0.kind == .added }, lines.count { $0.kind == .removed })
  }

  /// The bytes of the patch; none when the texts are equal.
  public var bytes: [UInt8] {
    guard !hunks.isEmpty else { return [] }
    let header = "--- \(quoted("a/" + path))\n+++ \(quoted("b/" + path))\n"
    return Array(header.utf8) + hunks.flatMap(\.bytes)
  }

  /// The patch as text; bytes that are not UTF-8 are shown as replacement characters.
  public var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension UnifiedDiff.Hunk {
  fileprivate init(_ edits: [LineEdit], _ old: TextLines, _ new: TextLines, _ context: Int) {
    guard let first = edits.first, let last = edits.last else {
      preconditionFailure("a group holds an edit")
    }
    let before = min(context, first.old.lowerBound)
    let after = min(context, old.lines.count - last.old.upperBound)
    let oldRange = (first.old.lowerBound - before)..<(last.old.upperBound + after)
    let newRange = (first.new.lowerBound - before)..<(last.new.upperBound + after)
    oldCount = oldRange.count
    newCount = newRange.count
    oldStart = oldRange.lowerBound + (oldRange.isEmpty ? 0 : 1)
    newStart = newRange.lowerBound + (newRange.isEmpty ? 0 : 1)
    lines = []
    var position = oldRange.lowerBound
    for edit in edits {
      lines += old.lines[position..<edit.old.lowerBound].map { .init(.context, $0) }
      lines += old.lines[edit.old].map { .init(.removed, $0) }
      lines += new.lines[edit.new].map { .init(.added, $0) }
      position = edit.old.upperBound
    }
    lines += old.lines[position..<oldRange.upperBound].map { .init(.context, $0) }
  }

  /// The hunk's place, as its first line says it.
  public var header: String {
    "@@ -\(oldStart)\(suffix(oldCount)) +\(newStart)\(suffix(newCount)) @@"
  }

  fileprivate var bytes: [UInt8] {
    Array((header + "\n").utf8)
      + lines.flatMap { line in
        [line.kind.rawValue] + line.bytes
          + Array((line.hasNewline ? "\n" : "\n\\ No newline at end of file\n").utf8)
      }
  }

  private func suffix(_ count: Int) -> String { count == 1 ? "" : ",\(count)" }
}

extension UnifiedDiff.Line {
  fileprivate init(_ kind: Kind, _ line: ArraySlice<UInt8>) {
    self.kind = kind
    hasNewline = line.last == UInt8(ascii: "\n")
    bytes = Array(hasNewline ? line.dropLast() : line)
  }
}

/// The edits that share a hunk: those whose context would meet.
private func groups(of edits: [LineEdit], _ context: Int) -> [[LineEdit]] {
  var groups: [[LineEdit]] = []
  for edit in edits {
    if let last = groups.last?.last, edit.old.lowerBound - last.old.upperBound <= 2 * context {
      groups[groups.count - 1].append(edit)
    } else {
      groups.append([edit])
    }
  }
  return groups
}

/// `path` as the header of a diff spells it: in C quotes when it holds what would end it, and with
/// a tab after it when it holds a space, as git does.
private func quoted(_ path: String) -> String {
  guard path.utf8.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C || $0 == 0x7F }) else {
    return path.contains(" ") ? path + "\t" : path
  }
  var result = "\""
  for byte in path.utf8 {
    switch byte {
    case 0x22, 0x5C: result += "\\" + String(UnicodeScalar(byte))
    case 0x21..<0x7F, 0x20: result += String(UnicodeScalar(byte))
    default:
      let digits = String(byte, radix: 8)
      result += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
    }
  }
  return result + "\""
}
