import CandidateExecution
import KernelModel

/// L0 on the level of the parsed tree, after macros: rules 6 to 11 and 13.
///
struct TreeRules {
  private let original: Function
  private let helpers: Set<String>
  private let objects: Set<String>
  private let facts: TreeFacts

  init(original: Function, helpers: Set<String>, objects: Set<String>) {
    self.original = original
    self.helpers = helpers
    self.objects = objects
    facts = TreeFacts(of: original)
  }

  /// What `function`, the candidate or one of its helpers, has that the original has not.
  func check(_ function: Function) throws(FormViolation) {
    let found = TreeFacts(of: function)
    for name in found.calls.subtracting(facts.calls) where !isAllowedCall(name) {
      throw FormViolation(.calls, "a call of '\(name)'")
    }
    for name in found.functionValues.subtracting(facts.functionValues) {
      throw FormViolation(.functionValues, "'\(name)' is used as a value")
    }
    if found.indirectCalls > facts.indirectCalls {
      throw FormViolation(.calls, "a call through a pointer")
    }
    for name in found.globals.subtracting(facts.globals).subtracting(objects) {
      throw FormViolation(
        .names, "the file-scope object '\(name)', which the original does not use")
    }
    for name in found.mutableStatics.subtracting(facts.mutableStatics) {
      throw FormViolation(.staticState, "'\(name)' is static and not const")
    }
    if found.volatileAccesses != facts.volatileAccesses, !helpers.contains(function.name) {
      throw FormViolation(.volatileAccesses, "the volatile accesses are not the original's")
    }
    if found.pointerCasts > facts.pointerCasts {
      throw FormViolation(.pointerCasts, "an integer becomes a pointer")
    }
    try checkStack(found)
  }

  /// Text in `function` that the parser keeps verbatim and that the original does not have: its
  /// effects cannot be seen, unless it is one call of a listed builtin.
  func unmodelled(in function: Function) -> String? {
    TreeFacts(of: function).opaqueTexts.subtracting(facts.opaqueTexts).sorted().first { text in
      let name = text.prefix { $0 != " " }
      return !(name.hasPrefix("__builtin_") && Vocabulary.pureFunctions.contains(String(name)))
    }
  }

  private func isAllowedCall(_ name: String) -> Bool {
    helpers.contains(name) || Vocabulary.pureFunctions.contains(name)
      || Vocabulary.allocation.contains(name)
  }

  private func checkStack(_ found: TreeFacts) throws(FormViolation) {
    if found.variableArrays > facts.variableArrays {
      throw FormViolation(.stack, "an automatic array of variable length")
    }
    if found.automaticBytes > max(1 << 20, facts.automaticBytes) {
      throw FormViolation(.stack, "\(found.automaticBytes) bytes of automatic arrays")
    }
  }
}

/// What rules on the tree ask about a function.
struct TreeFacts {
  var calls: Set<String> = []
  var functionValues: Set<String> = []
  var indirectCalls = 0
  /// Names of the file-scope objects that the function mentions.
  var globals: Set<String> = []
  var mutableStatics: Set<String> = []
  /// The volatile lvalues in the order of the text.
  var volatileAccesses: [VolatileAccess] = []
  var pointerCasts = 0
  var opaqueTexts: Set<String> = []
  var variableArrays = 0
  var automaticBytes = 0

  init(of function: Function) {
    function.body.walkExpressions { expr in
      switch expr.kind {
      case .call(let name, _, _): calls.insert(name)
      case .function(let name): functionValues.insert(name)
      case .indirectCall: indirectCalls += 1
      case .variable(let variable) where function[variable].storage == .global:
        globals.insert(function[variable].name)
      case .cast(let operand)
      where expr.type.isPointer && operand.type.isInteger && operand.constantValue != 0:
        pointerCasts += 1
      // The name of a type as an argument has no text.
      case .opaque(let text, _) where !text.isEmpty: opaqueTexts.insert(Self.normalised(text))
      default: break
      }
    }
    volatileAccesses = VolatileAccess.all(in: function)
    function.body.walk { statement in
      switch statement.kind {
      case .opaque(let opaque): opaqueTexts.insert(Self.normalised(opaque.text))
      case .declaration(let declarators):
        for declarator in declarators { declare(function[declarator.variable], in: function) }
      default: break
      }
    }
  }

  private mutating func declare(_ symbol: Symbol, in function: Function) {
    if symbol.storage == .staticLocal, !Self.isConstant(symbol.type) {
      mutableStatics.insert(symbol.name)
    }
    guard symbol.storage != .staticLocal, case .array = symbol.type.canonical else { return }
    if let bytes = TypeLayout(records: function.records).size(symbol.type) {
      automaticBytes += bytes
    } else {
      variableArrays += 1
    }
  }

  /// Whether nothing that the object holds may be stored to.
  static func isConstant(_ type: CType) -> Bool {
    if type.qualifiers.contains(.const) { return !type.qualifiers.contains(.volatile) }
    if case .array(let array) = type.canonical { return isConstant(array.element) }
    return false
  }

  private static func normalised(_ text: String) -> String {
    CLexer.tokens(of: text).map(\.text).joined(separator: " ")
  }
}
