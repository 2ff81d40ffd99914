import ClangBindings
import KernelModel

/// Types as the model has them.
extension FunctionReader {
  /// The type of an expression; nil when it holds a variable length, whose expression libclang does
  /// not give for types.
  func expressionType(_ cursor: Cursor) throws(ReadFailure) -> CType? {
    let type = cursor.type
    if Self.hasVariableLength(type) { return nil }
    return try self.type(type)
  }

  /// The type of a declaration, variable lengths included.
  func declaredType(_ declaration: Cursor) throws(ReadFailure) -> CType {
    var bounds = try bounds(of: declaration)[...]
    return try type(declaration.type, &bounds)
  }

  /// The type of a parameter after adjustment of arrays to pointers (§6.7.6.3 ¶7).
  func parameterType(_ declaration: Cursor) throws(ReadFailure) -> CType {
    let type = try declaredType(declaration)
    switch type.canonical {
    case .array(let array):
      return .pointer(
        PointerType(to: array.element, qualifiers: outermostQualifiers(declaration)))
    case .function: return .pointer(PointerType(to: type))
    default: return type
    }
  }

  /// Qualifiers between the first brackets of an array parameter (`a[restrict static n]`).
  private func outermostQualifiers(_ declaration: Cursor) -> Qualifiers {
    var result: Qualifiers = []
    for word in firstBrackets(declaration).map(join.text) {
      switch word {
      case "restrict", "__restrict", "__restrict__": result.insert(.restrict)
      case "const": result.insert(.const)
      case "volatile": result.insert(.volatile)
      default: break
      }
    }
    return result
  }

  /// The tokens between the first brackets behind a parameter's name.
  func firstBrackets(_ declaration: Cursor) -> [Int] {
    let run = join.indices(in: declaration.range)
    guard let open = run.first(where: { join.text($0) == "[" }) else { return [] }
    var depth = 0
    var result: [Int] = []
    for index in open..<run.upperBound {
      switch join.text(index) {
      case "[": depth += 1
      case "]": depth -= 1
      default: break
      }
      if depth == 0 { break }
      if index > open { result.append(index) }
    }
    return result
  }

  /// The lengths that the declarator or type name below a cursor gives, in source order, one for
  /// each array level from outside in; empty when none of them varies.
  func bounds(of cursor: Cursor, excluding operand: Cursor? = nil) throws(ReadFailure)
    -> [Expr]
  {
    guard Self.hasVariableLength(cursor.type) else { return [] }
    let initializer = cursor.kind == .varDecl ? cursor.initializer : operand
    let lengths = cursor.children
      .filter { !$0.kind.isReference && !$0.kind.isAttribute && $0 != initializer }
      .sorted { $0.range.lowerBound < $1.range.lowerBound }
    let levels = Self.arrayLevels(cursor.type)
    guard levels == lengths.count else {
      throw .function("declares '\(cursor.spelling)' with a variable length that is not modelled")
    }
    var result: [Expr] = []
    for length in lengths { result.append(try expression(length)) }
    return result
  }

  static func hasVariableLength(_ type: ClangType) -> Bool {
    switch type.kind {
    case .variableArray: true
    case .constantArray, .incompleteArray: hasVariableLength(type.arrayElement)
    case .pointer: hasVariableLength(type.pointee)
    case .elaborated, .attributed: hasVariableLength(type.desugaredOnce)
    case .typedef, .unexposed, .auto:
      type.canonical.kind != type.kind && hasVariableLength(type.canonical)
    default: false
    }
  }

  /// Array levels that have a length, from outside in, up to the first typedef.
  private static func arrayLevels(_ type: ClangType) -> Int {
    switch type.kind {
    case .variableArray, .constantArray: 1 + arrayLevels(type.arrayElement)
    case .incompleteArray: arrayLevels(type.arrayElement)
    case .pointer: arrayLevels(type.pointee)
    case .elaborated, .attributed:
      type.desugaredOnce.kind == type.kind ? 0 : arrayLevels(type.desugaredOnce)
    default: 0
    }
  }

  /// A type without variable lengths.
  func type(_ type: ClangType) throws(ReadFailure) -> CType {
    var none: ArraySlice<Expr> = []
    return try self.type(type, &none)
  }

  func type(_ type: ClangType, _ bounds: inout ArraySlice<Expr>) throws(ReadFailure) -> CType {
    var qualifiers: Qualifiers = []
    if type.isConst { qualifiers.insert(.const) }
    if type.isVolatile { qualifiers.insert(.volatile) }
    if type.isRestrict { qualifiers.insert(.restrict) }
    let plain = try unqualifiedType(type, &bounds)
    if qualifiers.isEmpty { return plain }
    switch plain {
    case .pointer(var pointer):
      pointer.qualifiers.formUnion(qualifiers)
      return .pointer(pointer)
    case .array: return plain  // The elements carry the qualifiers.
    case .qualified(let more, let inner): return .qualified(more.union(qualifiers), inner)
    default: return .qualified(qualifiers, plain)
    }
  }

  private func unqualifiedType(_ type: ClangType, _ bounds: inout ArraySlice<Expr>)
    throws(ReadFailure) -> CType
  {
    if let scalar = Self.scalar(type) { return scalar }
    switch type.kind {
    case .void: return .void
    case .elaborated, .attributed:
      let inner = type.desugaredOnce
      return try self.type(inner == type ? type.canonical : inner, &bounds)
    case .typedef: return try typedefName(type)
    case .pointer: return .pointer(PointerType(to: try self.type(type.pointee, &bounds)))
    case .constantArray, .variableArray, .incompleteArray: return try array(type, &bounds)
    case .vector, .extVector:
      return .vector(element: try self.type(type.element), lanes: type.elementCount ?? 0)
    case .record: return try record(type)
    case .enum: return try enumeration(type)
    case .function, .functionWithoutPrototype:
      var parameters: [CType] = []
      for parameter in type.parameters { parameters.append(try self.type(parameter)) }
      return .function(
        FunctionType(
          result: try self.type(type.result), parameters: parameters,
          isVariadic: type.isVariadic || type.kind == .functionWithoutPrototype))
    case .atomic:
      return .qualified(.atomic, try self.type(type.atomicValue))
    case .unexposed, .auto:
      let canonical = type.canonical
      if canonical.kind == type.kind { return .unsupported(type.spelling) }
      return try self.type(canonical, &bounds)
    default: return .unsupported(type.spelling)
    }
  }

  private func typedefName(_ type: ClangType) throws(ReadFailure) -> CType {
    guard let declaration = type.declaration else { return .unsupported(type.spelling) }
    if Self.hasVariableLength(declaration.typedefUnderlyingType) {
      throw .function("uses '\(declaration.spelling)', a type name with a variable length")
    }
    return .named(
      declaration.spelling, underlying: try self.type(declaration.typedefUnderlyingType))
  }

  private func array(_ type: ClangType, _ bounds: inout ArraySlice<Expr>) throws(ReadFailure)
    -> CType
  {
    let bound: ArrayType.Bound
    switch type.kind {
    case .constantArray:
      _ = bounds.popFirst()
      bound = .constant(type.elementCount ?? 0)
    case .variableArray:
      guard let length = bounds.popFirst() else {
        throw .function("uses a variable length that is not modelled")
      }
      bound = .variable(length)
    default: bound = .unspecified
    }
    return .array(ArrayType(of: try self.type(type.arrayElement, &bounds), bound))
  }

  private func enumeration(_ type: ClangType) throws(ReadFailure) -> CType {
    guard let declaration = type.canonical.declaration,
      case .integer(let integer)? = Self.scalar(declaration.enumIntegerType.canonical)
    else { return .unsupported(type.spelling) }
    if UnitReader.isUntagged(declaration) { return .integer(integer) }
    return .enumeration(tag: declaration.spelling, underlying: integer)
  }

  private static func scalar(_ type: ClangType) -> CType? {
    func integer(_ kind: IntegerType.Kind, signed: Bool) -> CType {
      .integer(IntegerType(kind, width: (type.size ?? 0) * 8, isSigned: signed))
    }
    switch type.kind {
    case .bool: return integer(.bool, signed: false)
    case .plainCharSigned: return integer(.char, signed: true)
    case .plainCharUnsigned: return integer(.char, signed: false)
    case .signedChar: return integer(.signedChar, signed: true)
    case .unsignedChar: return integer(.unsignedChar, signed: false)
    case .short: return integer(.short, signed: true)
    case .unsignedShort: return integer(.unsignedShort, signed: false)
    case .int: return integer(.int, signed: true)
    case .unsignedInt: return integer(.unsignedInt, signed: false)
    case .long: return integer(.long, signed: true)
    case .unsignedLong: return integer(.unsignedLong, signed: false)
    case .longLong: return integer(.longLong, signed: true)
    case .unsignedLongLong: return integer(.unsignedLongLong, signed: false)
    case .int128: return integer(.int128, signed: true)
    case .unsignedInt128: return integer(.unsignedInt128, signed: false)
    case .float16, .half: return .floating(.half)
    case .float: return .floating(.float)
    case .double: return .floating(.double)
    case .longDouble: return .floating(.longDouble)
    default: return nil
    }
  }
}
