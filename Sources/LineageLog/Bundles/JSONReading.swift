extension JSONValue {
  /// Why a text is not taken.
  struct Fault: Error, Hashable {
    var reason: String
    /// Where, in bytes from 0.
    var offset: Int
  }

  /// Reads the one value that `bytes` spell (RFC 8259).
  ///
  /// A name that occurs twice in an object is refused: two readers could see two things. So are depths
  /// beyond 64 and texts that are no UTF-8.
  init(parsing bytes: some Sequence<UInt8>) throws(Fault) {
    var reader = JSONReader(Array(bytes))
    self = try reader.document()
  }
}

private struct JSONReader {
  private let bytes: [UInt8]
  private var position = 0
  private static let deepest = 64

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONValue.Fault) -> JSONValue {
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw fault("something follows the value") }
    return value
  }

  private mutating func value(depth: Int) throws(JSONValue.Fault) -> JSONValue {
    guard depth < Self.deepest else { throw fault("it is nested too deeply") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth)
    case UInt8(ascii: "["): return try array(depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func object(_ depth: Int) throws(JSONValue.Fault) -> JSONValue {
    var members: [String: JSONValue] = [:]
    position += 1
    skipSpace()
    if take("}") { return .object(members) }
    while true {
      skipSpace()
      let key = try string()
      skipSpace()
      guard take(":") else { throw fault("a colon is missing") }
      let value = try value(depth: depth + 1)
      guard members.updateValue(value, forKey: key) == nil else {
        throw fault("a name occurs twice in an object")
      }
      skipSpace()
      if take("}") { return .object(members) }
      guard take(",") else { throw fault("a comma is missing") }
    }
  }

  private mutating func array(_ depth: Int) throws(JSONValue.Fault) -> JSONValue {
    var elements: [JSONValue] = []
    position += 1
    skipSpace()
    if take("]") { return .array(elements) }
    while true {
      elements.append(try value(depth: depth + 1))
      skipSpace()
      if take("]") { return .array(elements) }
      guard take(",") else { throw fault("a comma is missing") }
    }
  }

  private mutating func word(
    _ text: String, _ value: JSONValue
  ) throws(JSONValue.Fault) -> JSONValue {
    guard bytes[position...].starts(with: text.utf8) else { throw fault("no value is here") }
    position += text.utf8.count
    return value
  }

  private mutating func number() throws(JSONValue.Fault) -> String {
    let start = position
    _ = take("-")
    let leading = next
    guard digits() > 0, leading != UInt8(ascii: "0") || position == start + length(of: start) else {
      throw fault("no value is here")
    }
    if take(".") { guard digits() > 0 else { throw fault("a fraction lacks its digits") } }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      guard digits() > 0 else { throw fault("an exponent lacks its digits") }
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// How long a number that begins at `start` is when its whole part is a zero.
  private func length(of start: Int) -> Int { bytes[start] == UInt8(ascii: "-") ? 2 : 1 }

  private mutating func digits() -> Int {
    let start = position
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    return position - start
  }

  private mutating func string() throws(JSONValue.Fault) -> String {
    guard take("\"") else { throw fault("a text is missing") }
    var text: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        let string = String(decoding: text, as: UTF8.self)
        // What is no UTF-8 was replaced.
        guard string.utf8.elementsEqual(text) else { throw fault("a text is no UTF-8") }
        return string
      case UInt8(ascii: "\\"): text += try escaped()
      case 0..<0x20: throw fault("a control character stands in a text")
      default: text.append(byte)
      }
    }
    throw fault("a text does not end")
  }

  private mutating func escaped() throws(JSONValue.Fault) -> [UInt8] {
    guard let byte = next else { throw fault("a text does not end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return try scalar()
    default: throw fault("there is no such escape")
    }
  }

  private mutating func scalar() throws(JSONValue.Fault) -> [UInt8] {
    var value = try unit()
    if (0xD800..<0xDC00).contains(value) {
      guard take("\\"), take("u") else { throw fault("half a surrogate pair") }
      let low = try unit()
      guard (0xDC00..<0xE000).contains(low) else { throw fault("half a surrogate pair") }
      value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(value) else { throw fault("half a surrogate pair") }
    return Array(String(scalar).utf8)
  }

  private mutating func unit() throws(JSONValue.Fault) -> UInt32 {
    guard bytes.count - position >= 4 else { throw fault("a text does not end") }
    let digits = bytes[position..<(position + 4)]
    guard digits.allSatisfy({ UInt8(ascii: "+") != $0 && UInt8(ascii: "-") != $0 }),
      let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw fault("there is no such escape") }
    position += 4
    return value
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  private func fault(_ reason: String) -> JSONValue.Fault {
    JSONValue.Fault(reason: reason, offset: position)
  }
}
