import ClangBindings
import Diagnostics
import KernelModel

/// Turns one function definition of a parsed unit into a kernel.
struct KernelReader {
  let unit: UnitReader
  let source: SourceFile
  let original: OriginalTokens
  let build: BuildFlags
  let usesOpenMP: Bool

  /// Reads a definition whose macros are known.
  func read(_ definition: Cursor, line: Int, macros: MacroTable) throws(ReadFailure)
    -> (kernel: Kernel, join: TokenJoin, diagnostics: [Diagnostic])
  {
    let join = try TokenJoin(
      function: definition.range, startLine: line, in: unit.text, original: original,
      macros: macros)
    guard let range = join.originalRange(0..<join.tokens.count),
      let body = definition.children.last, body.kind == .compoundStmt,
      let bodyRange = join.originalRange(join.indices(in: body.range)),
      source.bytes[bodyRange.lowerBound] == UInt8(ascii: "{"),
      source.bytes[bodyRange.upperBound - 1] == UInt8(ascii: "}")
    else { throw .function("it is made by a macro") }
    try checkText(range)
    let pragmas = try PragmaReading(
      original, in: bodyRange, wholeFunction: range, usesOpenMP: usesOpenMP)

    let reader = FunctionReader(unit: unit, join: join, definition: definition)
    var parameters: [VariableID] = []
    for parameter in definition.arguments { parameters.append(try reader.variable(parameter)) }
    let raw = try reader.statement(body)
    pragmas.extend(&reader.ranges, raw)
    var function = Function(
      name: definition.spelling, result: try reader.type(definition.type.result),
      parameters: parameters, isStatic: definition.storageClass == .static,
      isInline: definition.isInlineFunction, body: raw, symbols: reader.symbols,
      records: reader.records, origins: [:], range: range, bodyRange: bodyRange,
      reservedNames: reservedNames(join, macros))
    finish(&function, pragmas.notes(original, in: bodyRange), reader.ranges)
    try checkTypes(function)
    try checkLoops(function)
    let read = try ContractReading(
      function: function, reader: reader, original: original, path: source.path,
      constant: { macros.integer($0, in: unit.text.bytes) ?? unit.enumerators[$0] }
    ).read()
    let kernel = Kernel(
      source: source, function: function, build: build, contract: read.contract,
      libraryFunctions: unit.libraryFunctions,
      calls: KnownCalls(unit: unit).calls(of: definition))
    return (kernel, join, read.diagnostics)
  }

  /// Labels loops, attaches comments and remembers where each statement stood.
  private func finish(
    _ function: inout Function, _ notes: [CommentAttachment.Note],
    _ ranges: [OriginID: Range<Int>]
  ) {
    var forms = LoopForms(
      symbols: function.symbols, body: function.body,
      strictAliasing: build.assumesStrictAliasing)
    let labelled = forms.label(function.body)
    let comments = CommentAttachment(
      notes: notes, body: labelled, ranges: ranges, bytes: source.bytes)
    function.body = comments.annotated(labelled)
    var origins: [OriginID: Origin] = [:]
    function.body.walk { statement in
      guard let id = statement.origin, let range = ranges[id] else { return }
      origins[id] = Origin(
        statement: statement, range: range, leading: comments.leading[id],
        trailing: comments.trailing[id])
    }
    function.origins = origins
  }

  private func checkText(_ range: Range<Int>) throws(ReadFailure) {
    let bytes = source.bytes[range]
    guard bytes.contains(where: { $0 >= 0x80 }) else { return }
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw .function("it holds bytes that are not UTF-8")
    }
  }

  private func checkTypes(_ function: Function) throws(ReadFailure) {
    var found: String?
    func check(_ type: CType) {
      switch type.canonical {
      case .unsupported(let spelling): found = found ?? spelling
      case .array(let array): check(array.element)
      default: break
      }
    }
    for symbol in function.symbols.values where symbol.storage != .global { check(symbol.type) }
    function.body.walkExpressions { check($0.type) }
    if let found { throw .function("uses the type '\(found)', which is not modelled") }
  }

  private func checkLoops(_ function: Function) throws(ReadFailure) {
    guard function.body.loopLabels.isEmpty else { return }
    var reason: String?
    function.body.walk { statement in
      if case .opaque(let opaque) = statement.kind { reason = reason ?? opaque.reason }
    }
    throw .function("its loops are not modelled: \(reason ?? "they stand in no statement")")
  }

  /// Identifiers of the function, before and after preprocessing, and the names that it could
  /// clash with: macros, file-scope names and keywords.
  private func reservedNames(_ join: TokenJoin, _ macros: MacroTable) -> Set<String> {
    var names = Self.keywords.union(unit.fileScopeNames)
    for index in join.tokens.indices where join.tokens[index].kind == .identifier {
      names.insert(join.text(index))
    }
    for position in join.originalTokens where original.tokens[position].kind == .identifier {
      names.insert(original.text(original.tokens[position]))
    }
    for name in macros.names where !name.hasPrefix("_") { names.insert(name) }
    return names
  }

  private static let keywords: Set<String> = [
    "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else",
    "enum", "extern", "float", "for", "goto", "if", "inline", "int", "long", "register",
    "restrict", "return", "short", "signed", "sizeof", "static", "struct", "switch", "typedef",
    "union", "unsigned", "void", "volatile", "while", "asm", "typeof", "bool", "true", "false",
    "alignas", "alignof", "nullptr", "constexpr", "thread_local", "static_assert",
  ]
}
