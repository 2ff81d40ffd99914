/// A recursive-descent parser of the grammar at the head of `RecipeText.swift`.
struct RecipeParser {
  /// How deep lists may nest, so that hostile text cannot exhaust the stack.
  private static let deepestList = 16

  private let bytes: [UInt8]
  private var position = 0

  init(_ text: String) {
    bytes = Array(text.utf8)
  }

  mutating func recipe() throws(RecipeSyntaxError) -> Recipe {
    var steps: [Step] = []
    while peek() != nil {
      steps.append(try step())
      guard peek() != nil else { break }
      try expect(";", orElse: "expected ';' between steps")
    }
    return Recipe(steps)
  }

  private mutating func step() throws(RecipeSyntaxError) -> Step {
    let pass = try name("the name of a pass")
    guard take("(") else { return Step(pass) }
    var arguments: [Argument] = []
    if take(")") { return Step(pass) }
    repeat {
      let column = columnOfNext()
      let argument = try argument()
      guard !arguments.contains(where: { $0.key == argument.key }) else {
        throw RecipeSyntaxError("'\(argument.key)' is given twice", column: column)
      }
      arguments.append(argument)
    } while take(",")
    try expect(")", orElse: "expected ',' or ')' after an argument")
    return Step(pass, arguments)
  }

  private mutating func argument() throws(RecipeSyntaxError) -> Argument {
    let key = try name("the name of an argument")
    try expect(":", orElse: "expected ':' after '\(key)'")
    return Argument(key, try value(depth: 0))
  }

  private mutating func value(depth: Int) throws(RecipeSyntaxError) -> Argument.Value {
    guard let next = peek() else { throw failure("expected a value") }
    if next == UInt8(ascii: "[") { return .list(try list(depth: depth)) }
    if next == UInt8(ascii: "-") || isDigit(next) { return .integer(try integer()) }
    return .label(try label())
  }

  private mutating func list(depth: Int) throws(RecipeSyntaxError) -> [Argument.Value] {
    guard depth < Self.deepestList else { throw failure("lists nest too deeply") }
    try expect("[", orElse: "expected '['")
    var values: [Argument.Value] = []
    if take("]") { return values }
    repeat { values.append(try value(depth: depth + 1)) } while take(",")
    try expect("]", orElse: "expected ',' or ']' in a list")
    return values
  }

  private mutating func integer() throws(RecipeSyntaxError) -> Int {
    let start = position
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    let digits = digits()
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard !digits.isEmpty, let value = Int(text) else {
      throw RecipeSyntaxError("'\(text)' is no integer of 64 bits", column: start + 1)
    }
    if position < bytes.count, isNameStart(bytes[position]) {
      throw failure("expected ',' or ')' after '\(text)'")
    }
    return value
  }

  private mutating func label() throws(RecipeSyntaxError) -> String {
    var label = try name("a value")
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: ".") {
        position += 1
        guard position < bytes.count, isNameStart(bytes[position]) else {
          throw failure("expected a name after '\(label).'")
        }
        label += "." + (try name("a suffix"))
      } else if bytes[position] == UInt8(ascii: "#") {
        position += 1
        let digits = digits()
        guard !digits.isEmpty else { throw failure("expected a number after '\(label)#'") }
        label += "#" + digits
      } else {
        break
      }
    }
    return label
  }

  private mutating func name(_ expected: String) throws(RecipeSyntaxError) -> String {
    guard let first = peek(), isNameStart(first) else { throw failure("expected \(expected)") }
    let start = position
    while position < bytes.count, isNameStart(bytes[position]) || isDigit(bytes[position]) {
      position += 1
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func digits() -> String {
    let start = position
    while position < bytes.count, isDigit(bytes[position]) { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// The next byte that is no white space, to which the position moves.
  private mutating func peek() -> UInt8? {
    while position < bytes.count, [9, 10, 13, 32].contains(bytes[position]) { position += 1 }
    return position < bytes.count ? bytes[position] : nil
  }

  private mutating func columnOfNext() -> Int {
    _ = peek()
    return position + 1
  }

  private mutating func take(_ token: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: token) else { return false }
    position += 1
    return true
  }

  private mutating func expect(
    _ token: Unicode.Scalar, orElse message: String
  ) throws(RecipeSyntaxError) {
    guard take(token) else { throw failure(message) }
  }

  /// The error at the current position, naming what stands there.
  private func failure(_ message: String) -> RecipeSyntaxError {
    let rest = String(decoding: bytes[position...], as: UTF8.self)
    let found = rest.first.map { "'\($0)'" } ?? "the end"
    return RecipeSyntaxError("\(message), found \(found)", column: position + 1)
  }
}

private func isDigit(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}

/// Whether `byte` may start a C identifier, `$` and extended characters included, as C compilers
/// accept them.
private func isNameStart(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || byte == UInt8(ascii: "_")
    || byte == UInt8(ascii: "$") || byte >= 0x80
}
