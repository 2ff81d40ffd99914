/// A text as lines, each with its newline; the last may lack one.
struct TextLines: Hashable, Sendable {
  let lines: [ArraySlice<UInt8>]

  /// Splits `bytes`, which need not be UTF-8: comments in old C files are often Latin-1.
  init(_ bytes: [UInt8]) {
    lines = bytes.split(after: UInt8(ascii: "\n"))
  }

  /// The text of the lines in `range`.
  func text(_ range: Range<Int>) -> [UInt8] { lines[range].flatMap { $0 } }
}

/// The replacement of the lines `old` of one text by the lines `new` of another.
struct LineEdit: Hashable, Sendable {
  var old: Range<Int>
  var new: Range<Int>
}

/// The shortest list of edits from `old` to `new`, in ascending order, no two of them adjacent
/// (Myers, "An O(ND) Difference Algorithm and Its Variations", 1986, as the standard library has
/// it).
func lineEdits(from old: TextLines, to new: TextLines) -> [LineEdit] {
  let (a, b) = numbered(old.lines, new.lines)
  let prefix = zip(a, b).prefix { $0 == $1 }.count
  let suffix = zip(a[prefix...].reversed(), b[prefix...].reversed()).prefix { $0 == $1 }.count
  let middle = LineEdit(old: prefix..<(a.count - suffix), new: prefix..<(b.count - suffix))
  if middle.old.isEmpty && middle.new.isEmpty { return [] }
  // The algorithm's time and space grow with the square of the number of differences.
  if middle.old.count + middle.new.count > 20_000 { return [middle] }
  let difference = b[middle.new].difference(from: a[middle.old])
  var (removed, inserted): (Set<Int>, Set<Int>) = ([], [])
  for change in difference {
    switch change {
    case .remove(let offset, _, _): removed.insert(prefix + offset)
    case .insert(let offset, _, _): inserted.insert(prefix + offset)
    }
  }
  return edits(removed, inserted, in: middle)
}

/// The edits that remove and insert the given lines.
private func edits(
  _ removed: Set<Int>, _ inserted: Set<Int>, in range: LineEdit
) -> [LineEdit] {
  var edits: [LineEdit] = []
  var (i, j) = (range.old.lowerBound, range.new.lowerBound)
  while i < range.old.upperBound || j < range.new.upperBound {
    let (startOld, startNew) = (i, j)
    while removed.contains(i) { i += 1 }
    while inserted.contains(j) { j += 1 }
    if startOld < i || startNew < j {
      edits.append(LineEdit(old: startOld..<i, new: startNew..<j))
    } else {
      i += 1
      j += 1
    }
  }
  return edits
}

/// The lines of both texts as numbers, equal lines having equal numbers.
private func numbered(
  _ a: [ArraySlice<UInt8>], _ b: [ArraySlice<UInt8>]
) -> ([Int], [Int]) {
  var numbers: [ArraySlice<UInt8>: Int] = [:]
  func number(_ line: ArraySlice<UInt8>) -> Int {
    if let known = numbers[line] { return known }
    numbers[line] = numbers.count
    return numbers.count - 1
  }
  return (a.map(number), b.map(number))
}

extension [UInt8] {
  /// The pieces that end after each `separator`, and what follows the last one unless empty.
  fileprivate func split(after separator: UInt8) -> [ArraySlice<UInt8>] {
    var pieces: [ArraySlice<UInt8>] = []
    var start = startIndex
    for index in indices where self[index] == separator {
      pieces.append(self[start...index])
      start = index + 1
    }
    if start < endIndex { pieces.append(self[start...]) }
    return pieces
  }
}
