/// Goes through the members of a JSON object without making values of them.
///
/// It takes the form that the log's writer uses, without white space between tokens and with plain keys, and gives up
/// on any other; who asks then decodes the whole. It skips over values and does not check them.
struct JSONMembers {
  /// A member: where the key lies without its quotes, and where the value lies.
  struct Member {
    var key: Range<Int>
    var value: Range<Int>
  }

  private let bytes: UnsafeRawBufferPointer
  private var position: Int
  private var isFirst = true
  /// Whether the object ended as it must. Until `next` has returned `nil` it has not.
  private(set) var isWhole = false

  /// Begins with the object that opens at `start`; `nil` where none does.
  init?(_ bytes: UnsafeRawBufferPointer, at start: Int = 0) {
    guard start < bytes.count, bytes[start] == UInt8(ascii: "{") else { return nil }
    self.bytes = bytes
    position = start + 1
  }

  /// Where reading stands: behind the object when it `isWhole`.
  var end: Int { position }

  /// The next member; `nil` behind the last one, and where the form is another.
  mutating func next() -> Member? {
    if take(UInt8(ascii: "}")) {
      isWhole = true
      return nil
    }
    guard isFirst || take(UInt8(ascii: ",")) else { return nil }
    isFirst = false
    let start = position
    guard skipString() else { return nil }
    let key = (start + 1)..<(position - 1)
    guard !bytes[key].contains(UInt8(ascii: "\\")), take(UInt8(ascii: ":")) else { return nil }
    let first = position
    guard skipValue() else { return nil }
    return Member(key: key, value: first..<position)
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipString() -> Bool {
    guard take(UInt8(ascii: "\"")) else { return false }
    while position < bytes.count {
      let byte = bytes[position]
      position += byte == UInt8(ascii: "\\") ? 2 : 1
      if byte == UInt8(ascii: "\"") { return true }
    }
    return false
  }

  private mutating func skipValue() -> Bool {
    var depth = 0
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        guard skipString() else { return false }
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        position += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        // The end of the object around a number or a word.
        if depth == 0 { return true }
        depth -= 1
        position += 1
      case UInt8(ascii: ",") where depth == 0: return true
      default:
        position += 1
        continue
      }
      if depth == 0 { return true }
    }
    return false
  }
}

extension UnsafeRawBufferPointer {
  /// The text that the JSON string in `range` spells; `nil` for another value, and where anything is escaped.
  func plainText(_ range: Range<Int>) -> String? {
    guard range.count >= 2, self[range.lowerBound] == UInt8(ascii: "\"") else { return nil }
    let content = self[(range.lowerBound + 1)..<(range.upperBound - 1)]
    guard !content.contains(UInt8(ascii: "\\")) else { return nil }
    return String(decoding: content, as: UTF8.self)
  }

  /// The bytes in `range` as text.
  func text(_ range: Range<Int>) -> String { String(decoding: self[range], as: UTF8.self) }
}
