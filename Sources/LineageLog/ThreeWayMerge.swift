/// The change from `base` to `theirs` made in `ours`; `nil` when `ours` differs from `base` in the
/// same lines, or so near to them that the order of the two changes would be a guess.
///
/// A change that both made in the same way is made once.
public func merged(base: [UInt8], ours: [UInt8], theirs: [UInt8]) -> [UInt8]? {
  if base == ours { return theirs }
  let (origin, left, right) = (TextLines(base), TextLines(ours), TextLines(theirs))
  var result: [UInt8] = []
  var position = 0
  var leftEdits = lineEdits(from: origin, to: left)[...]
  var rightEdits = lineEdits(from: origin, to: right)[...]
  func keep(upTo end: Int) {
    result += origin.text(position..<end)
    position = end
  }
  while true {
    switch (leftEdits.first, rightEdits.first) {
    case (nil, nil):
      keep(upTo: origin.lines.count)
      return result
    case (let a?, let b?) where !a.old.isApart(from: b.old):
      guard a.old == b.old, left.text(a.new) == right.text(b.new) else { return nil }
      keep(upTo: a.old.lowerBound)
      result += left.text(a.new)
      position = a.old.upperBound
      leftEdits.removeFirst()
      rightEdits.removeFirst()
    case (let a?, let b) where b.map { a.old.lowerBound < $0.old.lowerBound } ?? true:
      keep(upTo: a.old.lowerBound)
      result += left.text(a.new)
      position = a.old.upperBound
      leftEdits.removeFirst()
    case (_, let b):
      guard let b else { return nil }
      keep(upTo: b.old.lowerBound)
      result += right.text(b.new)
      position = b.old.upperBound
      rightEdits.removeFirst()
    }
  }
}

extension Range<Int> {
  /// Whether the ranges share no line, and neither is an insertion at the other's edge.
  fileprivate func isApart(from other: Range<Int>) -> Bool {
    if isEmpty || other.isEmpty {
      return upperBound < other.lowerBound || other.upperBound < lowerBound
    }
    return upperBound <= other.lowerBound || other.upperBound <= lowerBound
  }
}
