import KernelModel

/// Gives every comment inside a body to the statement that it stands next to.
///
/// A comment on the line where a statement ends trails it; any other between two statements leads
/// the next one; one before a closing brace trails the last one; one inside a statement that has no
/// place of its own is printed before that statement when the statement is printed anew.
struct CommentAttachment {
  /// A comment or a pragma line that means nothing to the compiler.
  struct Note {
    var range: Range<Int>
    var isDirective: Bool
  }

  private let bytes: [UInt8]
  private let ranges: [OriginID: Range<Int>]
  private(set) var leading: [OriginID: Range<Int>] = [:]
  private(set) var trailing: [OriginID: Range<Int>] = [:]
  private(set) var inner: [OriginID: [String]] = [:]

  init(notes: [Note], body: Stmt, ranges: [OriginID: Range<Int>], bytes: [UInt8]) {
    self.bytes = bytes
    self.ranges = ranges
    for note in notes { place(note, in: body) }
  }

  /// The tree with comments that are printed from `Stmt.comments` entered.
  func annotated(_ statement: Stmt) -> Stmt {
    var copy = statement.mapChildren { annotated($0) }
    if let id = statement.origin, let texts = inner[id] { copy.comments += texts }
    return copy
  }

  private func range(_ statement: Stmt) -> Range<Int>? { statement.origin.flatMap { ranges[$0] } }

  private mutating func place(_ note: Note, in statement: Stmt) {
    for child in statement.children {
      if let range = range(child), range.contains(note.range.lowerBound) {
        return place(note, in: child)
      }
    }
    guard case .block(let children) = statement.kind, !children.isEmpty else {
      return placeInside(statement, note)
    }
    let before = children.last { child in
      range(child).map { $0.upperBound <= note.range.lowerBound } ?? false
    }
    let after = children.first { child in
      range(child).map { $0.lowerBound >= note.range.upperBound } ?? false
    }
    if let before, let id = before.origin, isOnLine(note, after: before) {
      extendTrailing(of: id, from: note.range.lowerBound, note)
    } else if let after, let id = after.origin {
      guard isSpace(leading[id]?.upperBound, note) else { return placeInside(statement, note) }
      let start = leading[id]?.lowerBound ?? note.range.lowerBound
      leading[id] = start..<note.range.upperBound
    } else if let before, let id = before.origin {
      extendTrailing(of: id, from: lineBreak(before: note.range.lowerBound), note)
    } else {
      placeInside(statement, note)
    }
  }

  /// Whether nothing but white space stands between the notes before and this one.
  private func isSpace(_ end: Int?, _ note: Note) -> Bool {
    guard let end else { return true }
    return end <= note.range.lowerBound
      && bytes[end..<note.range.lowerBound].allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) }
  }

  private mutating func extendTrailing(of id: OriginID, from start: Int, _ note: Note) {
    guard isSpace(trailing[id]?.upperBound, note) else { return }
    trailing[id] = (trailing[id]?.lowerBound ?? start)..<note.range.upperBound
  }

  private mutating func placeInside(_ statement: Stmt, _ note: Note) {
    guard let id = statement.origin, !note.isDirective else { return }
    let text = String(decoding: bytes[note.range], as: UTF8.self)
    // Indentation of the lines behind the first is the printer's business.
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map {
      $0.offset == 0 ? String($0.element) : " " + $0.element.drop { $0 == " " || $0 == "\t" }
    }
    inner[id, default: []].append(lines.joined(separator: "\n"))
  }

  /// Whether no line ends between a statement and a comment behind it.
  private func isOnLine(_ note: Note, after statement: Stmt) -> Bool {
    guard let id = statement.origin, let range = ranges[id] else { return false }
    let end = trailing[id]?.upperBound ?? range.upperBound
    guard end <= note.range.lowerBound else { return false }
    return !bytes[end..<note.range.lowerBound].contains(0x0A)
  }

  /// The line end before a line that holds nothing else, so that the comment keeps its own line.
  private func lineBreak(before offset: Int) -> Int {
    var position = offset
    while position > 0, bytes[position - 1] == 0x20 || bytes[position - 1] == 0x09 {
      position -= 1
    }
    guard position > 0, bytes[position - 1] == 0x0A else { return offset }
    return position - 1
  }
}
