import Diagnostics
import KernelModel
import KernelParsing

/// What the original's own callees reach: file-scope objects that belong to what a call leaves
/// behind, and effects that no run of the judge sees.
struct CalleeReach {
  /// The kernel with the callees' file-scope objects in its symbol table.
  private(set) var kernel: Kernel
  /// Why what the original does cannot be observed; nil when it can.
  private(set) var obstacle: String?

  private var definitions: [String: ArraySlice<CToken>] = [:]

  /// Functions that store nowhere but where they are told to, that allocate, or that do not return:
  /// the harness sees what they do.
  private static let observed: Set<String> = {
    var names: Set<String> = [
      "malloc", "calloc", "realloc", "aligned_alloc", "free", "posix_memalign", "abort", "exit",
      "__assert_fail", "__assert_fail_base", "__assert", "strcpy", "strncpy", "strcat", "strncat",
      "bcopy", "bzero", "mempcpy", "__builtin_unreachable", "__builtin_trap", "__builtin_abort",
      "__builtin_assume", "__builtin_object_size", "__builtin_va_start", "__builtin_va_end",
      "__builtin_alloca", "alloca",
    ]
    for stem in ["frexp", "modf", "sincos", "remquo"] {
      names.formUnion(["", "f", "l"].flatMap { [stem + $0, "__builtin_\(stem)\($0)"] })
    }
    return names
  }()

  init(_ kernel: Kernel, parser: KernelParser) {
    self.kernel = kernel
    follow(parser)
  }

  private mutating func follow(_ parser: KernelParser) {
    var pending = check(kernel.function).filter { $0 != kernel.function.name }
    guard !pending.isEmpty, obstacle == nil else { return }
    let file: ParsedFile
    do throws(InputError) {
      file = try parser.parseText(
        HelperLoops.added(to: kernel.source.bytes, Array(definitions.values)),
        at: kernel.source.path, build: kernel.build)
    } catch {
      obstacle = "what the function calls cannot be read: \(error.diagnostic.message)"
      return
    }
    var seen = Set(pending)
    while let name = pending.popLast(), obstacle == nil {
      guard let callee = file.kernel(named: name)?.function else {
        let reason = file.skipped.first { $0.name == name }?.reason ?? "it is not found"
        obstacle = "the function calls '\(name)', which cannot be read: \(reason)"
        return
      }
      addObjects(of: callee)
      for next in check(callee) where seen.insert(next).inserted { pending.append(next) }
    }
  }

  /// The functions of the file that `function` calls; notes an obstacle where it calls others whose
  /// effects are not seen.
  private mutating func check(_ function: Function) -> [String] {
    var calls: [String: Purity] = [:]
    function.body.walkExpressions { expr in
      switch expr.kind {
      case .call(let name, _, let purity) where purity != .const: calls[name] = purity
      case .function(let name): calls[name] = .effects
      default: break
      }
    }
    if !calls.isEmpty, definitions.isEmpty {
      definitions = Self.definitions(CLexer.tokens(of: kernel.source.bytes))
    }
    var own: [String] = []
    for (name, purity) in calls.sorted(by: { $0.key < $1.key }) {
      if definitions[name] != nil {
        own.append(name)
      } else if purity == .effects, !Self.observed.contains(name),
        !Vocabulary.pureFunctions.contains(name)
      {
        obstacle = "the function calls '\(name)', whose effects cannot be observed"
      }
    }
    return own
  }

  private mutating func addObjects(of callee: Function) {
    let known = Set(
      kernel.function.symbols.values.filter { $0.storage == .global }.map(\.name))
    var next = (kernel.function.symbols.keys.max()?.index ?? 0) + 1
    for (_, symbol) in callee.symbols.sorted(by: { $0.key < $1.key }) {
      if symbol.storage == .staticLocal, !TreeFacts.isConstant(symbol.type) {
        obstacle = "'\(callee.name)' keeps '\(symbol.name)' between calls"
      }
      guard symbol.storage == .global, !known.contains(symbol.name),
        !TreeFacts.isConstant(symbol.type)
      else { continue }
      kernel.function.symbols[VariableID(next)] = symbol
      next += 1
    }
    kernel.function.records.merge(callee.records) { first, _ in first }
  }

  /// The bodies of the functions that the file defines, braces included, by name.
  static func definitions(_ tokens: [CToken]) -> [String: ArraySlice<CToken>] {
    var found: [String: ArraySlice<CToken>] = [:]
    var depth = 0
    var parentheses = 0
    var name: String?
    var open: Int?
    for (index, token) in tokens.enumerated() where token.kind == .punctuator {
      switch token.text {
      case "{":
        if depth == 0, index > 0, tokens[index - 1].text == ")", name != nil { open = index }
        depth += 1
      case "}":
        depth -= 1
        if depth == 0 {
          if let open, let name { found[name] = tokens[open...index] }
          (open, name) = (nil, nil)
        }
      case "(" where depth == 0:
        if parentheses == 0, index > 0, tokens[index - 1].kind == .identifier,
          !Vocabulary.isKeyword(tokens[index - 1].text)
        {
          name = tokens[index - 1].text
        }
        parentheses += 1
      case ")" where depth == 0: parentheses -= 1
      case ";" where depth == 0: name = nil
      default: break
      }
    }
    return found
  }
}
