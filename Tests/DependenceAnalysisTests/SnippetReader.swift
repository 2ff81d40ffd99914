import KernelModel

/// Reads small C functions into trees, so that these tests stand on their own: enough of C for loop
/// nests, with struct definitions before the function.
struct SnippetReader {
  private var tokens: [String]
  private var next = 0
  private var function: Function
  private var scopes: [[String: VariableID]] = [[:]]
  private var labelCounts: [String: Int] = [:]
  private var originCount = 0

  static func function(_ text: String) -> Function {
    var reader = SnippetReader(text)
    return reader.unit()
  }

  private init(_ text: String) {
    tokens = Self.tokenize(text)
    function = Function(
      name: "", result: .void, parameters: [], isStatic: false, isInline: false,
      body: .empty, symbols: [:], records: [:], origins: [:], range: 0..<0, bodyRange: 0..<0,
      reservedNames: [])
  }

  // MARK: Tokens

  private static func tokenize(_ text: String) -> [String] {
    let operators = [
      "<<=", ">>=", "->", "++", "--", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "+=", "-=",
      "*=", "/=", "%=", "&=", "|=", "^=",
    ]
    var tokens: [String] = []
    var rest = Substring(text)
    while let first = rest.first {
      if first.isWhitespace {
        rest.removeFirst()
      } else if first.isLetter || first == "_" || first.isNumber {
        let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
        let isNumber = first.isNumber
        let token = isNumber ? word : word.prefix { $0 != "." }
        tokens.append(String(token))
        rest.removeFirst(token.count)
      } else if let op = operators.first(where: { rest.hasPrefix($0) }) {
        tokens.append(op)
        rest.removeFirst(op.count)
      } else {
        tokens.append(String(first))
        rest.removeFirst()
      }
    }
    return tokens
  }

  private var token: String { next < tokens.count ? tokens[next] : "" }
  private mutating func advance() -> String {
    defer { next += 1 }
    return token
  }
  private mutating func accept(_ text: String) -> Bool {
    guard token == text else { return false }
    next += 1
    return true
  }
  private mutating func expect(_ text: String) {
    precondition(accept(text), "expected '\(text)' before '\(token)' at token \(next)")
  }

  // MARK: Types

  private static let words: [String: CType] = [
    "void": .void, "int": .int, "unsigned": .unsignedInt, "long": .long, "size_t": .unsignedLong,
    "float": .float, "double": .double,
    "char": .integer(IntegerType(.char, width: 8, isSigned: true)),
    "uint8_t": .integer(IntegerType(.unsignedChar, width: 8, isSigned: false)),
    "uint32_t": .unsignedInt, "int32_t": .int,
    "short": .integer(IntegerType(.short, width: 16, isSigned: true)),
  ]

  private var startsType: Bool {
    Self.words[token] != nil || token == "const" || token == "struct" || token == "static"
  }

  private mutating func baseType() -> CType {
    var qualifiers: Qualifiers = []
    while token == "const" || token == "static" {
      if advance() == "const" { qualifiers.insert(.const) }
    }
    let type: CType
    if accept("struct") {
      type = .record(RecordReference(tag: advance()))
    } else {
      type = Self.words[advance()] ?? .int
    }
    if accept("const") { qualifiers.insert(.const) }
    return qualifiers.isEmpty ? type : .qualified(qualifiers, type)
  }

  private mutating func declarator(_ base: CType) -> (name: String, type: CType) {
    var type = base
    while accept("*") {
      var qualifiers: Qualifiers = []
      while token == "restrict" || token == "const" {
        qualifiers.insert(advance() == "restrict" ? .restrict : .const)
      }
      type = .pointer(PointerType(to: type, qualifiers: qualifiers))
    }
    if accept("(") {
      expect("*")
      let isRestrict = accept("restrict")
      let name = advance()
      expect(")")
      return (
        name,
        .pointer(PointerType(to: arraySuffix(type), qualifiers: isRestrict ? .restrict : []))
      )
    }
    let name = advance()
    return (name, arraySuffix(type))
  }

  private mutating func arraySuffix(_ element: CType) -> CType {
    guard accept("[") else { return element }
    let bound: ArrayType.Bound
    if accept("]") {
      return .array(ArrayType(of: arraySuffix(element), .unspecified))
    }
    let length = expression()
    bound = length.constantValue.map { .constant($0) } ?? .variable(length)
    expect("]")
    return .array(ArrayType(of: arraySuffix(element), bound))
  }

  // MARK: Declarations

  private mutating func unit() -> Function {
    while token == "struct", tokens[next + 2] == "{" { record() }
    while tokens[next...].prefix(while: { $0 != ";" && $0 != "(" }).count < tokens.count - next,
      tokens[next...].first(where: { $0 == ";" || $0 == "(" }) == ";"
    {
      let (name, type) = declarator(baseType())
      declare(name, type, .global)
      expect(";")
    }
    function.result = baseType()
    while accept("*") { function.result = .pointer(PointerType(to: function.result)) }
    function.name = advance()
    expect("(")
    while !accept(")") {
      if token == "void", tokens[next + 1] == ")" {
        next += 1
        continue
      }
      let (name, type) = declarator(baseType())
      let adjusted: CType =
        if case .array(let array) = type.canonical {
          .pointer(PointerType(to: array.element))
        } else { type }
      function.parameters.append(declare(name, adjusted, .parameter))
      _ = accept(",")
    }
    function.body = statement()
    return function
  }

  private mutating func record() {
    expect("struct")
    let reference = RecordReference(tag: advance())
    expect("{")
    var fields: [RecordDefinition.Field] = []
    while !accept("}") {
      let (name, type) = declarator(baseType())
      expect(";")
      fields.append(.init(name: name, type: type, offset: 8 * fields.count))
    }
    expect(";")
    function.records[reference] = RecordDefinition(
      reference: reference, fields: fields, size: 8 * fields.count, alignment: 8)
  }

  @discardableResult
  private mutating func declare(
    _ name: String, _ type: CType, _ storage: Symbol.Storage
  ) -> VariableID {
    let variable = VariableID(function.symbols.count)
    function.symbols[variable] = Symbol(name: name, type: type, storage: storage)
    function.reservedNames.insert(name)
    scopes[scopes.count - 1][name] = variable
    return variable
  }

  private func lookUp(_ name: String) -> VariableID? {
    scopes.reversed().lazy.compactMap { $0[name] }.first
  }

  // MARK: Statements

  private mutating func statement() -> Stmt {
    let kind = statementKind()
    let origin = OriginID(originCount)
    originCount += 1
    return Stmt(kind, origin: origin)
  }

  private mutating func statementKind() -> Stmt.Kind {
    switch token {
    case "{":
      next += 1
      scopes.append([:])
      defer { scopes.removeLast() }
      var statements: [Stmt] = []
      while !accept("}") { statements.append(statement()) }
      return .block(statements)
    case ";":
      next += 1
      return .empty
    case "if":
      next += 1
      expect("(")
      let condition = expression()
      expect(")")
      let then = statement()
      return .branch(condition, then: then, otherwise: accept("else") ? statement() : nil)
    case "while":
      next += 1
      expect("(")
      let condition = expression()
      expect(")")
      return .whileLoop(label: label("while"), condition, body: statement())
    case "for": return forLoop()
    case "break", "continue":
      let kind: Stmt.Kind = advance() == "break" ? .breakLoop : .continueLoop
      expect(";")
      return kind
    case "return":
      next += 1
      if accept(";") { return .returnValue(nil) }
      let value = expression()
      expect(";")
      return .returnValue(value)
    default:
      if startsType { return declaration() }
      let expr = expression()
      expect(";")
      return .expression(expr)
    }
  }

  private mutating func declaration() -> Stmt.Kind {
    let base = baseType()
    var declarators: [Declarator] = []
    repeat {
      let (name, type) = declarator(base)
      let value = accept("=") ? assignment() : nil
      declarators.append(Declarator(variable: declare(name, type, .local), initializer: value))
    } while accept(",")
    expect(";")
    return .declaration(declarators)
  }

  private mutating func label(_ name: String) -> LoopLabel {
    labelCounts[name, default: 0] += 1
    let count = labelCounts[name] ?? 1
    return LoopLabel(count == 1 ? name : "\(name)#\(count)")
  }

  /// `for (i = a; i REL b; i += s)` in the forms that count.
  private mutating func forLoop() -> Stmt.Kind {
    expect("for")
    expect("(")
    scopes.append([:])
    defer { scopes.removeLast() }
    let declares = startsType
    var variable: VariableID
    var lower: Expr?
    if declares {
      let (name, type) = declarator(baseType())
      expect("=")
      lower = assignment()
      variable = declare(name, type, .local)
    } else if token == ";" {
      variable = VariableID(-1)
    } else {
      variable = lookUp(advance()) ?? VariableID(-1)
      expect("=")
      lower = assignment()
    }
    expect(";")
    let test = expression()
    expect(";")
    let increment = expression()
    expect(")")
    guard case .binary(let relation, let left, let bound) = test.kind,
      case .variable(let tested) = left.kind
    else { return generalLoop(variable, lower, test, increment) }
    if variable.index < 0 { variable = tested }
    let step: Int =
      switch increment.kind {
      case .unary(.postIncrement, _), .unary(.preIncrement, _): 1
      case .unary(.postDecrement, _), .unary(.preDecrement, _): -1
      case .assign(.add?, _, let amount): amount.constantValue ?? 1
      case .assign(.subtract?, _, let amount): -(amount.constantValue ?? 1)
      default: preconditionFailure("not a counted loop")
      }
    let label = label(function[variable].name)
    let header = CountedHeader(
      variable: variable, declares: declares, lower: lower, relation: relation, bound: bound,
      step: step)
    return .loop(Loop(label: label, header: .counted(header), body: statement()))
  }

  private mutating func generalLoop(
    _ variable: VariableID, _ lower: Expr?, _ test: Expr, _ increment: Expr
  ) -> Stmt.Kind {
    let label = label(function[variable].name)
    let initial = Stmt.declare(variable, lower)
    return .loop(
      Loop(
        label: label,
        header: .general(initial: initial, condition: test, increment: increment),
        body: statement()))
  }

  // MARK: Expressions

  private mutating func expression() -> Expr {
    var left = assignment()
    while accept(",") {
      let right = assignment()
      left = Expr(.comma(left, right), type: right.type)
    }
    return left
  }

  private mutating func assignment() -> Expr {
    let left = conditional()
    if accept("=") { return .assign(left, assignment()) }
    let compound: [String: BinaryOperator] = [
      "+=": .add, "-=": .subtract, "*=": .multiply, "/=": .divide, "&=": .bitAnd, "|=": .bitOr,
      "^=": .bitXor,
    ]
    if let op = compound[token] {
      next += 1
      return .compound(op, left, assignment())
    }
    return left
  }

  private mutating func conditional() -> Expr {
    let condition = binary(0)
    guard accept("?") else { return condition }
    let yes = expression()
    expect(":")
    let no = conditional()
    let type = CType.usualArithmeticConversion(yes.type, no.type) ?? yes.type
    return Expr(.conditional(condition, yes, no), type: type)
  }

  private static let levels: [[String]] = [
    ["||"], ["&&"], ["|"], ["^"], ["&"], ["==", "!="], ["<", ">", "<=", ">="], ["<<", ">>"],
    ["+", "-"], ["*", "/", "%"],
  ]

  private mutating func binary(_ level: Int) -> Expr {
    guard level < Self.levels.count else { return unary() }
    var left = binary(level + 1)
    while Self.levels[level].contains(token), let op = BinaryOperator(rawValue: token) {
      next += 1
      let right = binary(level + 1)
      left = .binary(op, left, right)
    }
    return left
  }

  private mutating func unary() -> Expr {
    switch token {
    case "-":
      next += 1
      return .negate(unary())
    case "!":
      next += 1
      return Expr(.unary(.not, unary()), type: .int)
    case "*":
      next += 1
      let pointer = unary()
      return Expr(.unary(.dereference, pointer), type: pointer.type.element ?? .int)
    case "&":
      next += 1
      let operand = unary()
      return Expr(.unary(.addressOf, operand), type: .pointer(PointerType(to: operand.type)))
    case "++", "--":
      let op: UnaryOperator = advance() == "++" ? .preIncrement : .preDecrement
      let operand = unary()
      return Expr(.unary(op, operand), type: operand.type)
    case "(":
      let saved = next
      next += 1
      if startsType {
        var type = baseType()
        while accept("*") { type = .pointer(PointerType(to: type)) }
        expect(")")
        return .cast(unary(), to: type)
      }
      next = saved
      return postfix()
    default: return postfix()
    }
  }

  private mutating func postfix() -> Expr {
    var expr = primary()
    while true {
      switch token {
      case "[":
        next += 1
        let index = expression()
        expect("]")
        expr = .element(expr, index)
      case ".", "->":
        let isArrow = advance() == "->"
        let field = advance()
        let record = isArrow ? expr.type.element : expr.type
        var type = CType.int
        if case .record(let reference)? = record?.canonical {
          type =
            function.records[reference]?.fields.first { $0.name == field }?.type ?? .int
        }
        expr = Expr(.member(expr, field: field, isArrow: isArrow), type: type)
      case "++", "--":
        let op: UnaryOperator = advance() == "++" ? .postIncrement : .postDecrement
        expr = Expr(.unary(op, expr), type: expr.type)
      default: return expr
      }
    }
  }

  private mutating func primary() -> Expr {
    if accept("(") {
      let inner = expression()
      expect(")")
      return inner
    }
    let word = advance()
    if let first = word.first, first.isNumber {
      if let value = Int(word) { return .int(value) }
      return Expr(.floating(text: word), type: word.hasSuffix("f") ? .float : .double)
    }
    if token == "(" {
      next += 1
      var arguments: [Expr] = []
      while !accept(")") {
        arguments.append(assignment())
        _ = accept(",")
      }
      let pure = ["sqrt", "fabs", "exp", "imin", "imax"].contains(word)
      return Expr(
        .call(word, arguments, purity: pure ? .const : .effects),
        type: word.hasPrefix("i") ? .int : word == "malloc" ? .pointer(.init(to: .void)) : .double)
    }
    guard let variable = lookUp(word) else { preconditionFailure("'\(word)' is not declared") }
    return Expr(.variable(variable), type: function[variable].type.unqualified)
  }
}
