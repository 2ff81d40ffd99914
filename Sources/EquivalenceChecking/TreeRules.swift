import CandidateExecution
import KernelModel

/// L0 on the level of the parsed tree, after macros: rules 6 to 11 and 13.
struct TreeRules {
  private let original: Function
  private let helpers: Set<String>
  private let objects: Set<String>
  private let facts: TreeFacts
  /// Functions that the file itself defines.
  private let ownFunctions: Set<String>
  private let gate: FormGate

  init(
    original: Function, helpers: Set<String>, objects: Set<String>,
    ownFunctions: Set<String> = [], gate: FormGate = FormGate()
  ) {
    self.original = original
    self.helpers = helpers
    self.objects = objects
    self.ownFunctions = ownFunctions
    self.gate = gate
    facts = TreeFacts(of: original)
  }

  /// What `function`, the candidate or one of its helpers, has that the original has not.
  func check(_ function: Function) throws(FormViolation) {
    let found = TreeFacts(of: function)
    for name in found.calls.subtracting(facts.calls) where !isAllowedCall(name) {
      try refuse(.calls, "a call of '\(name)'")
    }
    for name in found.functionValues.subtracting(facts.functionValues) {
      try refuse(.functionValues, "'\(name)' is used as a value")
    }
    if found.indirectCalls > facts.indirectCalls {
      try refuse(.calls, "a call through a pointer")
    }
    for name in found.globals.subtracting(facts.globals).subtracting(objects) {
      try refuse(.names, "the file-scope object '\(name)', which the original does not use")
    }
    for name in found.mutableStatics.subtracting(facts.mutableStatics) {
      try refuse(.staticState, "'\(name)' is static and not const")
    }
    if found.volatileAccesses != facts.volatileAccesses, !helpers.contains(function.name) {
      try refuse(.volatileAccesses, "the volatile accesses are not the original's")
    }
    if found.pointerCasts > facts.pointerCasts {
      try refuse(.pointerCasts, "an integer becomes a pointer")
    }
    if found.variableArrays > facts.variableArrays {
      try refuse(.stack, "an automatic array of variable length")
    }
  }

  /// Helpers may call each other: what counts is what all of them keep on the stack together.
  func checkStack(_ functions: [Function]) throws(FormViolation) {
    let bytes = functions.reduce(0) { $0 + TreeFacts(of: $1).automaticBytes }
    if bytes > max(1 << 20, facts.automaticBytes) {
      try refuse(.stack, "\(bytes) bytes of automatic objects")
    }
  }

  private func refuse(_ rule: FormRule, _ message: String) throws(FormViolation) {
    try gate.refuse(FormViolation(rule, message))
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
    if helpers.contains(name) { return true }
    let isListed = Vocabulary.pureFunctions.contains(name) || Vocabulary.allocation.contains(name)
    return isListed && !ownFunctions.contains(name)
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
      case .compoundLiteral: reserve(expr.type, in: function)
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
    if symbol.storage != .staticLocal { reserve(symbol.type, in: function) }
  }

  private mutating func reserve(_ type: CType, in function: Function) {
    if let bytes = TypeLayout(records: function.records).size(type) {
      automaticBytes += bytes
    } else if case .array = type.canonical {
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
