import ClangBindings
import KernelModel

/// Expressions. Structure and types come from libclang, operators and spellings from tokens.
extension FunctionReader {
  /// An expression; implicit conversions and parentheses leave no trace in the tree.
  func expression(_ cursor: Cursor) throws(ReadFailure) -> Expr {
    var expr = try form(cursor)
    if expr.spelling == nil, expr.isConstantForm {
      expr.spelling = constantName(of: expr, cursor)
    }
    return expr
  }

  /// The object-like macro that spells a constant, when the expansion keeps its meaning wherever
  /// the name is put.
  private func constantName(of expr: Expr, _ cursor: Cursor) -> String? {
    let run = join.indices(in: cursor.range)
    guard !run.isEmpty, let name = join.constantName(run) else { return nil }
    switch expr.kind {
    case .binary, .conditional: return cursor.kind == .parenExpr ? name : nil
    default: return name
    }
  }

  private func form(_ cursor: Cursor) throws(ReadFailure) -> Expr {
    let children = cursor.children
    switch cursor.kind {
    case .parenExpr:
      guard let inner = children.first else { throw unmodelled(cursor) }
      return try expression(inner)
    case .unexposedExpr: return try unexposed(cursor, children)
    case .declRefExpr: return try mention(cursor)
    case .integerLiteral, .characterLiteral, .boolLiteral: return try integer(cursor)
    case .floatingLiteral:
      return Expr(.floating(text: expansion(cursor)), type: try type(cursor.type))
    case .stringLiteral:
      return Expr(.string(text: expansion(cursor)), type: try type(cursor.type))
    case .unaryOperator: return try unary(cursor, children)
    case .binaryOperator: return try binary(cursor, children)
    case .compoundAssignOperator: return try compoundAssignment(cursor, children)
    case .conditionalOperator:
      guard children.count == 3 else { throw unmodelled(cursor) }
      let arms = (try expression(children[1]), try expression(children[2]))
      return Expr(
        .conditional(try expression(children[0]), arms.0, arms.1),
        type: try value(cursor, orElse: arms.0.type))
    case .arraySubscriptExpr: return try subscripted(cursor, children)
    case .memberRefExpr: return try member(cursor, children)
    case .callExpr: return try call(cursor, children)
    case .cStyleCastExpr: return try cast(cursor, children)
    case .compoundLiteralExpr: return try compoundLiteral(cursor, children)
    case .initListExpr:
      return Expr(.initializer(try elements(cursor)), type: try value(cursor, orElse: .void))
    case .sizeOfOrAlignOfExpr: return try sizeOf(cursor)
    case .genericSelectionExpr, .nullPointerLiteral: return try verbatim(cursor)
    case .imaginaryLiteral: throw .function("uses complex numbers")
    case .addressOfLabelExpr: throw .function("takes the address of a label")
    case .blockExpr: throw .function("uses a block")
    default: throw unmodelled(cursor)
    }
  }

  private func unmodelled(_ cursor: Cursor) -> ReadFailure {
    switch cursor.kind {
    case .statementExpr: .statement("a statement expression is not modelled")
    case .unsupported(let name): .statement("'\(name)' is not modelled")
    default: .statement("'\(expansion(cursor).prefix(40))' is not modelled")
    }
  }

  /// The tokens of a cursor after preprocessing.
  func expansion(_ cursor: Cursor) -> String { join.text(join.indices(in: cursor.range)) }

  /// The type of an expression's value, taken from its parts when a variable length hides it.
  private func value(_ cursor: Cursor, orElse other: CType) throws(ReadFailure) -> CType {
    try expressionType(cursor) ?? other
  }

  private func unexposed(_ cursor: Cursor, _ children: [Cursor]) throws(ReadFailure) -> Expr {
    if children.count == 1, children[0].range == cursor.range {
      return try expression(children[0])
    }
    switch unit.token(at: cursor.range.lowerBound) {
    case "__builtin_offsetof": return try sizeOf(cursor)
    case "__builtin_shufflevector":
      return Expr(
        .call("__builtin_shufflevector", try expressions(children), purity: .const),
        type: try type(cursor.type))
    case "__builtin_convertvector": return try vectorConversion(cursor, children)
    default: return try verbatim(cursor)
    }
  }

  /// `__builtin_convertvector(value, type)`: the type's name is an argument without a value.
  private func vectorConversion(_ cursor: Cursor, _ children: [Cursor]) throws(ReadFailure)
    -> Expr
  {
    let run = join.indices(in: cursor.range)
    guard run.count > 4, let value = children.first(where: { $0.kind != .typeRef }),
      let comma = topLevel(",", in: (run.lowerBound + 2)..<(run.upperBound - 1))
    else { return try verbatim(cursor) }
    let target = try type(cursor.type)
    let name = Expr(
      .opaque(text: "", mentions: []), type: target,
      spelling: join.text((comma + 1)..<(run.upperBound - 1)))
    return Expr(
      .call("__builtin_convertvector", [try expression(value), name], purity: .const),
      type: target)
  }

  func expressions(_ cursors: some Sequence<Cursor>) throws(ReadFailure) -> [Expr] {
    var result: [Expr] = []
    for cursor in cursors { result.append(try expression(cursor)) }
    return result
  }

  /// An expression without effects that is kept as written.
  private func verbatim(_ cursor: Cursor) throws(ReadFailure) -> Expr {
    var hasEffects = false
    cursor.walk { node in
      switch node.kind {
      case .callExpr, .compoundAssignOperator, .statementExpr, .blockExpr: hasEffects = true
      case .binaryOperator:
        if let left = node.children.first, self.unit.binaryOperator(left) == "=" {
          hasEffects = true
        }
      case .unaryOperator:
        if let operand = node.children.first,
          self.unit.unaryOperator(node, operand: operand).hasSuffix("++")
            || self.unit.unaryOperator(node, operand: operand).hasSuffix("--")
        {
          hasEffects = true
        }
      default: break
      }
    }
    if hasEffects || cursor.kind == .statementExpr { throw unmodelled(cursor) }
    return try opaque(cursor)
  }

  /// An expression that is kept as written, whatever it does.
  func opaque(_ cursor: Cursor) throws(ReadFailure) -> Expr {
    Expr(
      .opaque(
        text: text(join.indices(in: cursor.range)), mentions: try mentions(in: cursor)),
      type: try value(cursor, orElse: .unsupported(cursor.type.spelling)))
  }

  private func mention(_ cursor: Cursor) throws(ReadFailure) -> Expr {
    guard let target = cursor.referenced else { throw unmodelled(cursor) }
    switch target.kind {
    case .varDecl, .parameterDecl:
      let variable = try variable(target)
      let type = symbols[variable]?.type ?? .void
      return Expr(.variable(variable), type: type.mentioned)
    case .enumConstantDecl:
      let value = Int(truncatingIfNeeded: target.enumConstantValue)
      return Expr(.integer(value, text: cursor.spelling), type: try type(cursor.type))
    case .functionDecl:
      let functionType = target.type
      return Expr(.function(cursor.spelling), type: try type(functionType))
    default: throw unmodelled(cursor)
    }
  }

  private func integer(_ cursor: Cursor) throws(ReadFailure) -> Expr {
    let bits: Int
    switch cursor.constantValue {
    case .integer(let value): bits = Int(truncatingIfNeeded: value)
    case .unsigned(let value): bits = Int(truncatingIfNeeded: value)
    default: throw unmodelled(cursor)
    }
    return Expr(.integer(bits, text: expansion(cursor)), type: try type(cursor.type))
  }

  private func unary(_ cursor: Cursor, _ children: [Cursor]) throws(ReadFailure) -> Expr {
    guard let child = children.first else { throw unmodelled(cursor) }
    let spelled = unit.unaryOperator(cursor, operand: child)
    if spelled == "__extension__" { return try expression(child) }
    guard let op = UnaryOperator(rawValue: spelled) else { return try verbatim(cursor) }
    let operand = try expression(child)
    let type: CType
    switch op {
    case .dereference:
      type = try value(cursor, orElse: operand.type.element ?? .unsupported("element"))
    case .addressOf:
      type = try value(cursor, orElse: .pointer(PointerType(to: operand.type)))
    default: type = try value(cursor, orElse: operand.type.unqualified)
    }
    return Expr(.unary(op, operand), type: type)
  }

  private func binary(_ cursor: Cursor, _ children: [Cursor]) throws(ReadFailure) -> Expr {
    guard children.count == 2 else { throw unmodelled(cursor) }
    let spelled = unit.binaryOperator(children[0])
    let left = try expression(children[0])
    let right = try expression(children[1])
    if spelled == "=" {
      return Expr(
        .assign(nil, left, right), type: try value(cursor, orElse: left.type.unqualified))
    }
    if spelled == "," {
      return Expr(.comma(left, right), type: try value(cursor, orElse: right.type))
    }
    guard let op = BinaryOperator(rawValue: spelled) else { throw unmodelled(cursor) }
    let derived = Expr.binary(op, left.decayed, right.decayed).type
    return Expr(.binary(op, left, right), type: try value(cursor, orElse: derived))
  }

  private func compoundAssignment(_ cursor: Cursor, _ children: [Cursor]) throws(ReadFailure)
    -> Expr
  {
    guard children.count == 2 else { throw unmodelled(cursor) }
    let spelled = unit.binaryOperator(children[0])
    guard spelled.hasSuffix("="), let op = BinaryOperator(rawValue: String(spelled.dropLast()))
    else { throw unmodelled(cursor) }
    let target = try expression(children[0])
    return Expr(
      .assign(op, target, try expression(children[1])),
      type: try value(cursor, orElse: target.type.unqualified))
  }

  private func subscripted(_ cursor: Cursor, _ children: [Cursor]) throws(ReadFailure) -> Expr {
    guard children.count == 2 else { throw unmodelled(cursor) }
    var base = try expression(children[0])
    var index = try expression(children[1])
    if base.type.isInteger { swap(&base, &index) }  // `2[a]`
    return Expr(
      .subscriptOf(base, index),
      type: try value(cursor, orElse: base.type.element ?? .unsupported("element")))
  }

  private func member(_ cursor: Cursor, _ children: [Cursor]) throws(ReadFailure) -> Expr {
    guard let child = children.first else { throw unmodelled(cursor) }
    // A member of an unnamed record hides a step without a name.
    if cursor.spelling.isEmpty { return try expression(child) }
    let accessor = unit.token(at: child.range.upperBound)
    guard accessor == "." || accessor == "->" else { throw unmodelled(cursor) }
    return Expr(
      .member(try expression(child), field: cursor.spelling, isArrow: accessor == "->"),
      type: try value(cursor, orElse: .unsupported("member")))
  }

  private func call(_ cursor: Cursor, _ children: [Cursor]) throws(ReadFailure) -> Expr {
    guard let callee = children.first else { throw unmodelled(cursor) }
    let arguments = try expressions(children.dropFirst())
    let type = try value(cursor, orElse: .unsupported("call"))
    let target = callee.stripped
    if target.kind == .declRefExpr, let function = target.referenced,
      function.kind == .functionDecl
    {
      return Expr(
        .call(target.spelling, arguments, purity: unit.purity(of: function)), type: type)
    }
    return Expr(.indirectCall(try expression(callee), arguments), type: type)
  }

  private func cast(_ cursor: Cursor, _ children: [Cursor]) throws(ReadFailure) -> Expr {
    guard let operand = children.last else { throw unmodelled(cursor) }
    var lengths = try bounds(of: cursor, excluding: operand)[...]
    let target = try type(cursor.type, &lengths)
    return Expr(.cast(try expression(operand)), type: target)
  }

  private func compoundLiteral(_ cursor: Cursor, _ children: [Cursor]) throws(ReadFailure) -> Expr {
    guard let list = children.last, list.kind == .initListExpr else { throw unmodelled(cursor) }
    var type = try type(cursor.type)
    if isUnsized(cursor), case .array(var array) = type {
      array.bound = .unspecified
      type = .array(array)
    }
    return Expr(.compoundLiteral(try elements(list)), type: type)
  }

  /// Whether the type name of a compound literal leaves the length to its list.
  private func isUnsized(_ cursor: Cursor) -> Bool {
    let run = join.indices(in: cursor.range)
    return run.dropLast().contains { join.text($0) == "[" && join.text($0 + 1) == "]" }
  }

  /// `sizeof` and the like: the value when it is constant.
  private func sizeOf(_ cursor: Cursor) throws(ReadFailure) -> Expr {
    let bits: Int
    switch cursor.constantValue {
    case .integer(let value): bits = Int(truncatingIfNeeded: value)
    case .unsigned(let value): bits = Int(truncatingIfNeeded: value)
    default: return try verbatim(cursor)
    }
    return Expr(
      .sizeOf(bits, text: text(join.indices(in: cursor.range))), type: try type(cursor.type))
  }
}

extension Expr {
  /// Whether the form is built of constants only.
  var isConstantForm: Bool {
    switch kind {
    case .integer, .floating, .sizeOf: true
    case .unary(let op, let operand):
      [.plus, .minus, .not, .complement].contains(op) && operand.isConstantForm
    case .binary(_, let left, let right): left.isConstantForm && right.isConstantForm
    case .conditional(let condition, let then, let otherwise):
      condition.isConstantForm && then.isConstantForm && otherwise.isConstantForm
    case .cast(let operand): type.isArithmetic && operand.isConstantForm
    case .call(let name, let arguments, .const):
      name.hasPrefix("__builtin_") && type.isFloating
        && arguments.allSatisfy { $0.isConstantForm || $0.isString }
    default: false
    }
  }

  private var isString: Bool { if case .string = kind { true } else { false } }

  /// The expression with array type turned into a pointer to its first element.
  var decayed: Expr {
    guard case .array(let array) = type.canonical else { return self }
    var copy = self
    copy.type = .pointer(PointerType(to: array.element))
    return copy
  }
}

extension CType {
  /// The type of an expression that names an object of this type: `volatile` stays, because every
  /// such mention is an effect.
  var mentioned: CType {
    let kept = qualifiers.intersection([.volatile, .atomic])
    return kept.isEmpty ? unqualified : .qualified(kept, unqualified)
  }
}
