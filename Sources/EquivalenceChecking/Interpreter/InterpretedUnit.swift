import CandidateExecution
import Diagnostics
import KernelModel
import KernelParsing

/// Why the interpreter cannot say anything about a program.
struct Uninterpreted: Error, Hashable {
  var reason: String
  /// Byte offset in the text that was read.
  var offset: Int?

  init(_ reason: String, at offset: Int? = nil) {
    self.reason = reason
    self.offset = offset
  }
}

/// A translation unit as the interpreter reads it: every function that the parser can read, with a
/// loop given to those without one (`HelperLoops`), and the constant tables at file scope.
///
/// The parser's tree holds no initialisers of file-scope objects. A constant object is read by
/// appending its definition once more, as a static local of a function that exists in this text
/// alone.
struct InterpretedUnit {
  private let source: SourceFile
  private let bodies: [ArraySlice<CToken>]
  let functions: [String: Function]
  private let tables: [String: Table]
  /// Whether the original gives hints itself: these need not point into objects.
  let originalPrefetches: Bool

  /// A constant object: its type, and its initialiser in the symbol table of `function`.
  struct Table {
    var type: CType
    var initializer: Expr
    var function: Function
  }

  init(_ bytes: [UInt8], like kernel: Kernel, parser: KernelParser) throws(Uninterpreted) {
    let items = FileItem.all(in: bytes)
    let bodies = items.filter { $0.kind == .function }.map(\.body)
    let looped = HelperLoops.added(to: bytes, bodies)
    var file = try Self.parse(looped, kernel, parser)
    var text = looped
    let objects = items.filter { $0.kind == .constant && Self.isMentioned($0.name, file) }
    if !objects.isEmpty {
      text += Self.probes(objects, bytes)
      file = try Self.parse(text, kernel, parser)
    }
    source = SourceFile(path: kernel.source.path, bytes: bytes)
    self.bodies = bodies
    var functions: [String: Function] = [:]
    for kernel in file.kernels { functions[kernel.function.name] = kernel.function }
    var tables: [String: Table] = [:]
    for (index, object) in objects.enumerated() {
      if let probe = functions[Self.probeName(index)], let table = Self.table(object.name, probe) {
        tables[object.name] = table
      }
    }
    self.functions = functions
    self.tables = tables
    originalPrefetches =
      CLexer.tokens(of: kernel.source.bytes).contains { $0.text == Self.prefetch }
      || kernel.function.body.containsCall(of: Self.prefetch)
  }

  private static let prefetch = "__builtin_prefetch"

  func function(_ name: String) -> Function? { functions[name] }
  func table(_ name: String) -> Table? { tables[name] }

  /// The byte of the text as given at a byte of the text as read.
  func place(_ offset: Int) -> Int { HelperLoops.byteWithoutLoops(offset, bodies) }

  /// `line:column` in the text as given of a byte of the text as read.
  func position(_ offset: Int) -> String {
    let (line, column) = source.position(of: place(offset))
    return "\(line):\(column)"
  }

  private static func parse(_ bytes: [UInt8], _ kernel: Kernel, _ parser: KernelParser)
    throws(Uninterpreted) -> ParsedFile
  {
    do throws(InputError) {
      return try parser.parseText(bytes, at: kernel.source.path, build: kernel.build)
    } catch {
      throw Uninterpreted("the text cannot be read: \(error.diagnostic.message)")
    }
  }

  private static func isMentioned(_ name: String, _ file: ParsedFile) -> Bool {
    file.kernels.contains { kernel in
      kernel.function.symbols.values.contains { $0.storage == .global && $0.name == name }
    }
  }

  private static func probeName(_ index: Int) -> String { "ratchet_table_\(index)" }

  private static func probes(_ objects: [FileItem], _ bytes: [UInt8]) -> [UInt8] {
    var text: [UInt8] = []
    for (index, object) in objects.enumerated() {
      text += Array("\nvoid \(probeName(index))(void) {\n".utf8)
      if !object.isStatic { text += Array("static ".utf8) }
      text += bytes[object.range] + Array("\ndo { } while (0);\n}\n".utf8)
    }
    return text
  }

  private static func table(_ name: String, _ probe: Function) -> Table? {
    var found: Table?
    probe.body.walk { statement in
      guard case .declaration(let declarators) = statement.kind else { return }
      for declarator in declarators where probe[declarator.variable].name == name {
        guard let initializer = declarator.initializer else { continue }
        found = Table(
          type: probe[declarator.variable].type, initializer: initializer, function: probe)
      }
    }
    return found
  }
}

extension Stmt {
  fileprivate func containsCall(of name: String) -> Bool {
    var found = false
    walkExpressions { node in
      if case .call(name, _, _) = node.kind { found = true }
    }
    return found
  }
}
