import KernelModel

/// Arithmetic over inputs.
extension AcslParser {
  mutating func size() throws(AcslError) -> SizeExpr {
    let start = tokens.first?.offset ?? end
    guard case .size(let size) = try value() else {
      throw AcslError(message: "expected an integer expression in ACSL", offset: start)
    }
    return size
  }

  mutating func value() throws(AcslError) -> Value {
    var left = try term()
    while let op = tokens.first, op.text == "+" || op.text == "-" {
      // `a + (lo .. hi)` is a location, read elsewhere.
      _ = try take()
      let right = try term()
      guard case .size(let a) = left, case .size(let b) = right else {
        throw AcslError(message: "ACSL arithmetic is read on integers only", offset: op.offset)
      }
      left = .size(op.text == "+" ? .add(a, b) : .subtract(a, b))
    }
    return left
  }

  private mutating func term() throws(AcslError) -> Value {
    var left = try factor()
    while let op = tokens.first, op.text == "*" || op.text == "/" {
      _ = try take()
      let right = try factor()
      guard case .size(let a) = left, case .size(let b) = right else {
        throw AcslError(message: "ACSL arithmetic is read on integers only", offset: op.offset)
      }
      if op.text == "*" {
        left = .size(.multiply(a, b))
      } else if case .constant(let divisor) = b.simplified, divisor > 0 {
        left = .size(.floorDivide(a, divisor))
      } else {
        throw AcslError(message: "ACSL division is read by constants only", offset: op.offset)
      }
    }
    return left
  }

  private mutating func factor() throws(AcslError) -> Value {
    if let next = tokens.first, next.text != bound,
      next.text.utf8.first.map(CLexer.startsIdentifier) == true
    {
      return try input()
    }
    let token = try take()
    switch token.text {
    case "-":
      switch try factor() {
      case .size(let size): return .size(SizeExpr.subtract(.constant(0), size).simplified.folded)
      case .number(let number): return .number(-number)
      default: throw AcslError(message: "'-' is read on numbers only", offset: token.offset)
      }
    case "(":
      let inner = try value()
      try expect(")")
      return inner
    case "\\null": return .null
    case "\\min", "\\max":
      try expect("(")
      let a = try size()
      try expect(",")
      let b = try size()
      try expect(")")
      return .size(token.text == "\\min" ? .minimum(a, b) : .maximum(a, b))
    case let text where text.utf8.first.map(CLexer.isDigit) == true: return try number(token)
    case let text where text == bound: return .size(Self.quantified)
    default:
      throw AcslError(message: "'\(token.text)' is not read in ACSL", offset: token.offset)
    }
  }

  private func number(_ token: AcslToken) throws(AcslError) -> Value {
    let digits = token.text.reversed().drop { "uUlL".contains($0) }.reversed()
    if let integer = objects.integer(String(digits)) { return .size(.constant(integer)) }
    let plain = token.text.reversed().drop { "fFlLd".contains($0) }.reversed()
    if let number = Double(String(plain)) { return .number(number) }
    throw AcslError(message: "'\(token.text)' is no number", offset: token.offset)
  }

  private mutating func input() throws(AcslError) -> Value {
    if let name = tokens.first?.text, let constant = objects.constant(name) {
      _ = try take()
      return .size(.constant(constant))
    }
    let start = tokens.first?.offset ?? end
    let path = try objectPath()
    if tokens.first?.text == "[" {
      _ = try take()
      let index = try size()
      try expect("]")
      return .element(path, index: index)
    }
    guard let type = objects.type(of: path) else {
      throw AcslError(message: "this object has no such member", offset: start)
    }
    if type.isInteger { return .size(.input(path)) }
    return type.isFloating ? .floating(path) : .pointer(path)
  }

  /// `a`, `a->b`, `a.b`.
  mutating func objectPath() throws(AcslError) -> ObjectPath {
    let name = try take()
    guard let base = objects.variable(name.text) else {
      throw AcslError(
        message: "'\(name.text)' is no parameter and no global that the function uses",
        offset: name.offset)
    }
    var path = ObjectPath(base)
    while let op = tokens.first?.text, op == "->" || op == "." {
      _ = try take()
      let field = try take()
      path.fields.append(field.text)
      guard objects.type(of: path) != nil else {
        throw AcslError(message: "there is no member '\(field.text)'", offset: field.offset)
      }
    }
    return path
  }

  func path(of value: Value) throws(AcslError) -> ObjectPath {
    switch value {
    case .floating(let path), .pointer(let path), .element(let path, _): return path
    default:
      throw AcslError(
        message: "expected a floating input in ACSL", offset: tokens.first?.offset ?? end)
    }
  }
}

extension SizeExpr {
  /// `0 - c` as a constant.
  fileprivate var folded: SizeExpr {
    if case .subtract(.constant(0), .constant(let c)) = self, c != .min { return .constant(-c) }
    return self
  }
}
