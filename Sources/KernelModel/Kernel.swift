/// A C function with a loop, in its file, with what is known of its use.
public struct Kernel: Sendable {
  public var source: SourceFile
  public var function: Function
  public var build: BuildFlags
  public var contract: Contract
  /// Functions of system headers that the file declares by its includes.
  public var libraryFunctions: Set<String>
  /// What the file itself passes to the function.
  public var calls: [KnownCall]

  public init(
    source: SourceFile, function: Function, build: BuildFlags, contract: Contract,
    libraryFunctions: Set<String> = [], calls: [KnownCall] = []
  ) {
    self.calls = calls
    self.source = source
    self.function = function
    self.build = build
    self.contract = contract
    self.libraryFunctions = libraryFunctions
  }
}

/// A call of a function whose integer arguments are known.
public struct KnownCall: Hashable, Sendable {
  /// Counted from 1.
  public var line: Int
  /// Values of integer parameters by name; those that are not known are left out.
  public var arguments: [String: Int]
  public init(line: Int, arguments: [String: Int]) {
    self.line = line
    self.arguments = arguments
  }
}

/// One C file as it stands on disk.
public struct SourceFile: Hashable, Sendable {
  /// Absolute path.
  public var path: String
  /// Bytes as read; the project keeps them as UTF-8 code units without interpreting them.
  public var bytes: [UInt8]
  public init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }

  /// The text of a byte range; bytes that are not UTF-8 are repaired, so this is for show and for
  /// printing of statements whose bytes are known to be UTF-8.
  public func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// Line and column (1-based, columns in bytes) of a byte offset.
  public func position(of offset: Int) -> (line: Int, column: Int) {
    var line = 1
    var start = 0
    for index in 0..<min(offset, bytes.count) where bytes[index] == UInt8(ascii: "\n") {
      line += 1
      start = index + 1
    }
    return (line, offset - start + 1)
  }
}

/// How the project compiles a file.
public struct BuildFlags: Hashable, Sendable {
  /// The compiler as the project names it; nil when assumed.
  public var compiler: String?
  /// Arguments without compiler, input, `-c` and `-o`.
  public var arguments: [String]
  /// Absolute working directory of the compile command.
  public var directory: String
  /// The compilation database that the flags came from; nil when they are assumed.
  public var database: String?
  /// Why no function of the file can be optimized with these flags, where they are a project's and may run
  /// or write what it chooses.
  public var obstacle: String?
  public init(
    compiler: String?, arguments: [String], directory: String, database: String?,
    obstacle: String? = nil
  ) {
    self.obstacle = obstacle
    self.compiler = compiler
    self.arguments = arguments
    self.directory = directory
    self.database = database
  }

  /// How products that feed sums may be fused (`-ffp-contract`), by the flags alone.
  public enum Contraction: String, Hashable, Sendable, Codable { case off, on, fast }

  /// The last `-ffp-contract=` given; nil when the compiler's default applies.
  public var contraction: Contraction? {
    var last: Contraction?
    for argument in arguments where argument.hasPrefix("-ffp-contract=") {
      switch argument.dropFirst("-ffp-contract=".count) {
      case "off": last = .off
      case "on": last = .on
      case "fast", "fast-honor-pragmas": last = .fast
      default: break
      }
    }
    return last
  }

  /// Whether the last of `flag` and its negation that is given switches it on.
  public func enables(_ name: String, byDefault: Bool = false) -> Bool {
    var state = byDefault
    for argument in arguments {
      if argument == "-f\(name)" { state = true }
      if argument == "-fno-\(name)" { state = false }
    }
    return state
  }

  public var wrapsSignedOverflow: Bool { enables("wrapv") }
  /// Whether OpenMP's pragmas start threads.
  public var usesOpenMP: Bool { enables("openmp") }
  public var assumesStrictAliasing: Bool { enables("strict-aliasing", byDefault: true) }
  public var isFastMath: Bool {
    enables("fast-math") || arguments.contains("-Ofast") || enables("associative-math")
      || enables("unsafe-math-optimizations") || enables("finite-math-only")
  }
}

/// One entry of a function's symbol table.
public struct Symbol: Hashable, Sendable {
  public enum Storage: Hashable, Sendable {
    case parameter
    case local
    case staticLocal
    /// File-scope object, `static` or extern.
    case global
    /// Introduced by a pass.
    case introduced
  }
  public var name: String
  public var type: CType
  public var storage: Storage
  /// Alignment in bytes asked for by the declaration; nil for the type's own.
  public var alignment: Int?
  /// Text between type and name or after the name that the type does not tell, such as
  /// `__attribute__((aligned(32)))`.
  public var attributes: String
  public init(
    name: String, type: CType, storage: Storage, alignment: Int? = nil, attributes: String = ""
  ) {
    self.name = name
    self.type = type
    self.storage = storage
    self.alignment = alignment
    self.attributes = attributes
  }
}

/// A parsed statement and the bytes it came from.
public struct Origin: Hashable, Sendable {
  public var statement: Stmt
  /// Byte range in the original file from the statement's first to its last token, with comments on
  /// the lines directly above and behind it on the same line in `leading` and `trailing`.
  public var range: Range<Int>
  /// Byte range of the comments before the statement (may be empty).
  public var leading: Range<Int>?
  /// Byte range of a comment that follows on the same line.
  public var trailing: Range<Int>?
  public init(
    statement: Stmt, range: Range<Int>, leading: Range<Int>? = nil, trailing: Range<Int>? = nil
  ) {
    self.statement = statement
    self.range = range
    self.leading = leading
    self.trailing = trailing
  }
}

/// A function definition.
public struct Function: Hashable, Sendable {
  public var name: String
  public var result: CType
  public var parameters: [VariableID]
  public var isStatic: Bool
  public var isInline: Bool
  /// A block.
  public var body: Stmt
  public var symbols: [VariableID: Symbol]
  /// Records that the function's types reach, by tag.
  public var records: [RecordReference: RecordDefinition]
  public var origins: [OriginID: Origin]
  /// Bytes of the whole definition, from its first token to the closing brace.
  public var range: Range<Int>
  /// Bytes of the body, braces included.
  public var bodyRange: Range<Int>
  /// Local names that a new declaration must avoid: every identifier token of the function, macros
  /// and file-scope names that it mentions.
  public var reservedNames: Set<String>

  public init(
    name: String, result: CType, parameters: [VariableID], isStatic: Bool, isInline: Bool,
    body: Stmt, symbols: [VariableID: Symbol], records: [RecordReference: RecordDefinition],
    origins: [OriginID: Origin], range: Range<Int>, bodyRange: Range<Int>,
    reservedNames: Set<String>
  ) {
    self.name = name
    self.result = result
    self.parameters = parameters
    self.isStatic = isStatic
    self.isInline = isInline
    self.body = body
    self.symbols = symbols
    self.records = records
    self.origins = origins
    self.range = range
    self.bodyRange = bodyRange
    self.reservedNames = reservedNames
  }

  public subscript(_ variable: VariableID) -> Symbol {
    guard let symbol = symbols[variable] else {
      preconditionFailure("variable \(variable.index) is not in the symbol table")
    }
    return symbol
  }

  /// A reference to a variable, with its type.
  public func reference(_ variable: VariableID) -> Expr {
    Expr(.variable(variable), type: self[variable].type.decayedForUse)
  }

  /// Adds a local variable whose name starts with `stem` and clashes with nothing.
  public mutating func introduce(_ stem: String, type: CType, alignment: Int? = nil) -> VariableID {
    var name = stem
    var count = 2
    while reservedNames.contains(name) {
      name = "\(stem)_\(count)"
      count += 1
    }
    reservedNames.insert(name)
    let variable = VariableID((symbols.keys.max()?.index ?? -1) + 1)
    symbols[variable] = Symbol(name: name, type: type, storage: .introduced, alignment: alignment)
    return variable
  }

  /// Whether an lvalue is a member of less than its type's bits, or one of a record that is not known.
  public func isBitField(_ lvalue: Expr) -> Bool {
    guard case .member(let base, let field, let isArrow) = lvalue.kind else { return false }
    guard case .record(let reference)? = (isArrow ? base.type.element : base.type)?.canonical,
      let definition = records[reference]?.fields.first(where: { $0.name == field })
    else { return true }
    return definition.bitWidth != nil
  }

  /// The variable with this name, when exactly one has it.
  public func variable(named name: String) -> VariableID? {
    let matches = symbols.filter { $0.value.name == name }
    return matches.count == 1 ? matches.first?.key : nil
  }
}

extension CType {
  /// The type that a mention of an object has as an expression: top-level `const` stays off.
  var decayedForUse: CType { unqualified }
}
