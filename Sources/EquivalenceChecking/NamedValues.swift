/// Constants of a candidate's new text: what it tests for, it is given.
///
/// A branch on a value that random contents never hold is one that no test enters; fuzzers call the
/// constants of the text their dictionary.
struct NamedValues {
  /// A constant as contents or as a scalar.
  enum Value: Hashable, Sendable {
    case integer(Int)
    case floating(Double)

    /// A multiple, as a floating value.
    func scaled(by factor: Double) -> Value {
      switch self {
      case .integer(let value): .floating(Double(value) * factor)
      case .floating(let value): .floating(value * factor)
      }
    }
  }

  /// Constants that the original's function does not have, with their neighbours; between floating
  /// ones also what lies in the middle.
  private(set) var values: [Value] = []
  /// Constants, and values of constant expressions, too large to be block factors.
  private(set) var far: [Int] = []

  private static let mostValues = 288
  private static let mostFar = 3

  init(_ candidate: CandidateText, beyond original: [CToken]) {
    let known = Set(original.map(\.text))
    let functions = candidate.items.filter { $0.kind == .function }.flatMap { Array($0.tokens) }
    let code = candidate.bodyTokens + functions
    let tables = candidate.items.filter { $0.kind != .function }.flatMap { Array($0.tokens) }
    var all: [Value] = []
    // What code compares with comes before what tables hold.
    for tokens in [code, tables] {
      all += Self.values(tokens.filter { !known.contains($0.text) })
    }
    values = Array(all.prefix(Self.mostValues))
    let folded = code.indices.compactMap { ConstantFolder.value(in: code, at: $0) }
    let large = Set(folded).subtracting(original.compactMap { BlockFactors.value($0.text) })
      .filter { $0 > BlockFactors.largest && $0 < 1 << 26 }
    far = Array(large.sorted().prefix(Self.mostFar))
  }

  private static func values(_ tokens: [CToken]) -> [Value] {
    var integers: Set<Int> = []
    var floatings: Set<Double> = []
    for token in tokens {
      switch value(token) {
      case .integer(let value)?: integers.formUnion([value, value &+ 1, value &- 1])
      case .floating(let value)?: floatings.insert(value)
      case nil: break
      }
    }
    return Self.around(floatings.sorted()).map(Value.floating)
      + integers.subtracting([0, 1, -1]).sorted().map(Value.integer)
  }

  /// Numbers, the middle of each two that follow each other, and what is next to each in both
  /// precisions.
  private static func around(_ numbers: [Double]) -> [Double] {
    let middles = zip(numbers, numbers.dropFirst()).map { $0 / 2 + $1 / 2 }
    let beside = numbers.flatMap { number -> [Double] in
      let single = Float(number)
      return [
        number.nextUp, number.nextDown, Double(single.nextUp), Double(single.nextDown),
      ]
    }
    var seen: Set<Double> = []
    return (numbers + middles + beside).filter { $0.isFinite && seen.insert($0).inserted }
  }

  private static func value(_ token: CToken) -> Value? {
    switch token.kind {
    case .number:
      if let integer = BlockFactors.value(token.text) { return .integer(integer) }
      let text = token.text.lowercased()
      let digits = text.hasPrefix("0x") ? text : String(text.prefix { $0 != "f" && $0 != "l" })
      return Double(digits).map(Value.floating)
    case .literal:
      let bytes = Array(token.text.utf8)
      return bytes.count == 3 && bytes[0] == UInt8(ascii: "'") ? .integer(Int(bytes[1])) : nil
    default: return nil
    }
  }
}

/// Values of integer constant expressions that stand in text: `1 << 20`, `(64 + 1) * 1024`.
struct ConstantFolder {
  private let tokens: [CToken]
  private var at: Int
  private var depth = 0

  /// The value of the longest expression that begins at `index`; nil where none does.
  static func value(in tokens: [CToken], at index: Int) -> Int? {
    guard tokens[index].kind == .number || tokens[index].text == "(" else { return nil }
    var folder = ConstantFolder(tokens: tokens, at: index)
    return folder.operation(0)
  }

  private init(tokens: [CToken], at: Int) {
    self.tokens = tokens
    self.at = at
  }

  private static let operators: [Set<String>] = [["<<"], ["+", "-"], ["*"]]

  private mutating func operation(_ level: Int) -> Int? {
    guard level < Self.operators.count else { return primary() }
    guard var value = operation(level + 1) else { return nil }
    while at < tokens.count, Self.operators[level].contains(tokens[at].text) {
      let (name, start) = (tokens[at].text, at)
      at += 1
      guard let right = operation(level + 1), let next = Self.apply(name, value, right) else {
        at = start
        return value
      }
      value = next
    }
    return value
  }

  private mutating func primary() -> Int? {
    guard at < tokens.count, depth < 16 else { return nil }
    if tokens[at].kind == .number {
      defer { at += 1 }
      return BlockFactors.value(tokens[at].text)
    }
    guard tokens[at].text == "(" else { return nil }
    at += 1
    depth += 1
    defer { depth -= 1 }
    guard let value = operation(0), at < tokens.count, tokens[at].text == ")" else { return nil }
    at += 1
    return value
  }

  private static func apply(_ name: String, _ left: Int, _ right: Int) -> Int? {
    if name == "<<" {
      return (0..<40).contains(right) && (0..<(1 << 22)).contains(left) ? left << right : nil
    }
    let result: (partialValue: Int, overflow: Bool)
    switch name {
    case "+": result = left.addingReportingOverflow(right)
    case "-": result = left.subtractingReportingOverflow(right)
    default: result = left.multipliedReportingOverflow(by: right)
    }
    return result.overflow ? nil : result.partialValue
  }
}
