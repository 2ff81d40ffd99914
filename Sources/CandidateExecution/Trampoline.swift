public import KernelModel

/// The text that makes a function callable through one fixed signature.
///
///     void ratchet_entry(void *const *argv, void *result);
///
/// It stands behind the function's own text, in a header of its own that counts as a system's, so
/// that the project's warnings do not concern it. Static functions are reached because it is the
/// same translation unit; the call goes through a volatile pointer so that the function is
/// compiled as it stands and not into the trampoline. Beside it stands a table of the file-scope
/// objects that the function uses and that can change.
public struct Trampoline: Hashable, Sendable {
  /// A file-scope object of the table.
  public struct Global: Hashable, Sendable {
    public var variable: VariableID
    public var name: String
    public var size: Int
  }

  /// The header's text.
  public let text: String
  /// The table, in its order.
  public let globals: [Global]
  /// Bytes of each parameter's value.
  public let argumentSizes: [Int]
  /// Bytes of the result; 0 for `void`.
  public let resultSize: Int

  /// - Throws: `CompileError.unsupportedSignature` naming the parameter or object that stands in
  ///   the way.
  public init(_ function: Function) throws(CompileError) {
    let layout = TypeLayout(records: function.records)
    var spelling = Spelling()
    var sizes: [Int] = []
    var values: [String] = []
    for (index, parameter) in function.parameters.enumerated() {
      let symbol = function[parameter]
      guard let type = Self.passed(symbol.type), let size = layout.size(of: type)?.size,
        let value = spelling.value(type, "argv[\(index)]")
      else {
        throw .unsupportedSignature("parameter '\(symbol.name)' has a type that is not covered")
      }
      sizes.append(size)
      values.append(value)
    }
    let call = "ratchet_target(\(values.joined(separator: ", ")))"
    var statement = call + ";"
    var size = 0
    if function.result.canonical != .void {
      guard let bytes = layout.size(of: function.result)?.size,
        let store = spelling.store(function.result)
      else { throw .unsupportedSignature("the result has a type that is not covered") }
      size = bytes
      statement = "\(store) = \(call);"
    }
    argumentSizes = sizes
    resultSize = size
    globals = try Self.table(function, layout)
    text = Self.text(
      name: function.name, statement: statement, globals: globals.map(\.name),
      typedefs: spelling.typedefs)
  }

  /// Arrays are passed as pointers (§6.7.6.3 ¶7).
  private static func passed(_ type: CType) -> CType? {
    switch type.canonical {
    case .array(let array): .pointer(PointerType(to: array.element))
    case .function, .unsupported, .void: nil
    default: type
    }
  }

  private static func table(
    _ function: Function, _ layout: TypeLayout
  ) throws(CompileError) -> [Global] {
    var globals: [Global] = []
    for (variable, symbol) in function.symbols.sorted(by: { $0.key < $1.key }) {
      if symbol.storage == .staticLocal, !symbol.type.isImmutable {
        throw .unsupportedSignature("'\(symbol.name)' keeps its value between calls")
      }
      guard symbol.storage == .global, !symbol.type.isImmutable else { continue }
      if case .function = symbol.type.canonical { continue }
      guard let size = layout.size(of: symbol.type)?.size else {
        throw .unsupportedSignature("the size of '\(symbol.name)' is not known")
      }
      globals.append(Global(variable: variable, name: symbol.name, size: size))
    }
    return globals
  }

  private static func text(
    name: String, statement: String, globals: [String], typedefs: [String]
  ) -> String {
    let own = ["ratchet_entry", "ratchet_target", "ratchet_globals", "ratchet_global_count"]
    let entries = globals.map { "  {(void *)&(\($0)), sizeof(\($0))}," }
    return
      (own.map { "#undef \($0)" } + typedefs + [
        "#if defined(__GNUC__)",
        "#define RATCHET_EXPORTED __attribute__((visibility(\"default\"), used))",
        "#endif",
        "static __typeof__(&(\(name))) volatile ratchet_target = &(\(name));",
        "RATCHET_EXPORTED void ratchet_entry(void *const *argv, void *result);",
        "void ratchet_entry(void *const *argv, void *result) {",
        "  (void)argv, (void)result;",
        "  \(statement)",
        "}",
        "struct ratchet_global { void *address; unsigned long size; };",
        "RATCHET_EXPORTED const struct ratchet_global ratchet_globals[] = {",
      ] + entries + [
        "  {0, 0},",
        "};",
        "RATCHET_EXPORTED const unsigned long ratchet_global_count = \(globals.count);",
        "",
      ]).joined(separator: "\n")
  }
}

extension CType {
  /// Whether an object of this type is constant: stores to it are undefined.
  var isImmutable: Bool {
    if qualifiers.contains(.const) { return true }
    if case .array(let array) = canonical { return array.element.isImmutable }
    return false
  }
}

/// How types are written in the trampoline: by the language's own words where possible, so that no
/// macro or typedef of the project comes between.
private struct Spelling {
  private(set) var typedefs: [String] = []

  /// An expression that reads a value of `type` at `place`.
  mutating func value(_ type: CType, _ place: String) -> String? {
    if type.isPointer { return "*(void *const *)\(place)" }
    return name(type).map { "*(\($0) const *)\(place)" }
  }

  /// An expression that the result is assigned to.
  mutating func store(_ type: CType) -> String? {
    if type.isPointer { return "*(const void **)result" }
    return name(type).map { "*(\($0) *)result" }
  }

  private mutating func name(_ type: CType) -> String? {
    switch type {
    case .integer(let integer): return integer.kind.rawValue
    case .enumeration(_, let underlying): return underlying.kind.rawValue
    case .floating(let floating): return floating.rawValue
    case .qualified(_, let inner): return name(inner)
    case .record(let reference): return "\(reference.isUnion ? "union" : "struct") \(reference.tag)"
    case .named(let typedef, let underlying):
      if case .record = underlying.canonical { return typedef }
      if case .vector = underlying.canonical { return typedef }
      return name(underlying)
    case .vector(let element, let lanes):
      guard let word = name(element) else { return nil }
      let alias = "ratchet_vector_\(typedefs.count)"
      typedefs.append(
        "typedef \(word) \(alias) __attribute__((vector_size(\(lanes) * sizeof(\(word)))));")
      return alias
    default: return nil
    }
  }
}
