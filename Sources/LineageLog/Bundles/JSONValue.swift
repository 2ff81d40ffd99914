/// A JSON text as a tree that keeps numbers as they are spelled.
///
/// Documents of a bundle are cut out of entries of the log with it, so that fields which only later versions
/// know pass through unread.
enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  /// As it is spelled.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// What stands under `key`; `nil` where this is no object or has no such key.
  subscript(key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  /// The text, when this is one.
  var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The elements, when this is a list.
  var array: [JSONValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The number, when this is one that an `Int` holds.
  var integer: Int? {
    if case .number(let digits) = self { Int(digits) } else { nil }
  }

  /// The number, when this is one.
  var double: Double? {
    if case .number(let digits) = self { Double(digits) } else { nil }
  }
}

extension JSONValue {
  /// The one text that every equal value has: keys in the order of their bytes, nothing escaped that need
  /// not be. Indented by two spaces for each level and ended by a newline, or without any white space.
  func bytes(isIndented: Bool) -> [UInt8] {
    var printer = JSONPrinter(isIndented: isIndented)
    printer.print(self, level: 0)
    if isIndented { printer.bytes.append(UInt8(ascii: "\n")) }
    return printer.bytes
  }
}

private struct JSONPrinter {
  var bytes: [UInt8] = []
  let isIndented: Bool

  init(isIndented: Bool) { self.isIndented = isIndented }

  mutating func print(_ value: JSONValue, level: Int) {
    switch value {
    case .null: write("null")
    case .bool(let isTrue): write(isTrue ? "true" : "false")
    case .number(let digits): write(digits)
    case .string(let text): print(text)
    case .array(let elements):
      list("[", elements, "]", level) { printer, element in
        printer.print(element, level: level + 1)
      }
    case .object(let members):
      let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      list("{", sorted, "}", level) { printer, member in
        printer.print(member.key)
        printer.write(printer.isIndented ? ": " : ":")
        printer.print(member.value, level: level + 1)
      }
    }
  }

  private mutating func list<Element>(
    _ opening: String, _ elements: [Element], _ closing: String, _ level: Int,
    _ print: (inout JSONPrinter, Element) -> Void
  ) {
    write(opening)
    for (index, element) in elements.enumerated() {
      if index > 0 { write(",") }
      breakLine(level + 1)
      print(&self, element)
    }
    if !elements.isEmpty { breakLine(level) }
    write(closing)
  }

  private mutating func breakLine(_ level: Int) {
    guard isIndented else { return }
    bytes.append(UInt8(ascii: "\n"))
    bytes += [UInt8](repeating: UInt8(ascii: " "), count: 2 * level)
  }

  private mutating func print(_ text: String) {
    write("\"")
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 0..<0x20: write("\\u00" + hexadecimal([byte]))
      default: bytes.append(byte)
      }
    }
    write("\"")
  }

  mutating func write(_ text: String) { bytes += text.utf8 }
}
