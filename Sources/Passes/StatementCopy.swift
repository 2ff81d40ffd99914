import KernelModel

/// Hands out loop labels that occur nowhere else.
struct LabelSupply {
  private var used: Set<LoopLabel>

  init(_ body: Stmt) { used = Set(body.loopLabels) }

  /// The wanted label, or the first of `wanted#2`, `wanted#3`, … that is free.
  mutating func unique(_ wanted: LoopLabel) -> LoopLabel {
    var label = wanted
    var count = 2
    while !used.insert(label).inserted {
      label = LoopLabel("\(wanted.text)#\(count)")
      count += 1
    }
    return label
  }
}

/// Copies statements so that every copy declares variables of its own and has labels of its own.
struct StatementCopier {
  var function: Function
  var labels: LabelSupply

  init(_ function: Function) {
    self.function = function
    labels = LabelSupply(function.body)
  }

  /// The copy, or nil when opaque text names a variable that would have to be renamed, or when the
  /// statement declares an object that all its executions share.
  ///
  /// Variables among `sharing` are declared in a scope that the copy shares with the original and
  /// get new names; the others keep theirs. Labels get the suffix; comments and original bytes stay
  /// with the original unless `keepsComments`.
  mutating func copy(
    _ statement: Stmt, sharing: Set<VariableID> = [], suffix: String, keepsComments: Bool = false
  ) -> Stmt? {
    guard statement.opaqueMentions.isDisjoint(with: sharing),
      !statement.declaredVariables.contains(where: { function[$0].storage == .staticLocal })
    else { return nil }
    var renamed: [VariableID: VariableID] = [:]
    for variable in statement.declaredVariables.union(sharing).sorted() {
      renamed[variable] = declareAgain(variable, hasNewName: sharing.contains(variable))
    }
    for (old, new) in renamed.sorted(by: { $0.key < $1.key }) {
      guard let type = function[old].type.renaming(renamed) else { return nil }
      function.symbols[new]?.type = type
    }
    guard let copy = statement.renaming(renamed) else { return nil }
    let result = copy.rewritten { relabelled($0, suffix) }
    return keepsComments ? result : result.withoutOrigins
  }

  private mutating func declareAgain(_ variable: VariableID, hasNewName: Bool) -> VariableID {
    var symbol = function[variable]
    if symbol.storage == .local { symbol.storage = .introduced }
    if hasNewName {
      let copy = function.introduce(
        symbol.stem, type: symbol.type, alignment: symbol.alignment)
      function.symbols[copy]?.attributes = symbol.attributes
      return copy
    }
    let copy = VariableID((function.symbols.keys.max()?.index ?? -1) + 1)
    function.symbols[copy] = symbol
    return copy
  }

  private mutating func relabelled(_ statement: Stmt, _ suffix: String) -> Stmt {
    var copy = statement
    switch statement.kind {
    case .loop(var loop):
      loop.label = labels.unique(loop.label.suffixed(suffix))
      copy.kind = .loop(loop)
    case .whileLoop(let label, let condition, let body):
      copy.kind = .whileLoop(
        label: labels.unique(label.suffixed(suffix)), condition, body: body)
    case .doLoop(let label, let body, let condition):
      copy.kind = .doLoop(label: labels.unique(label.suffixed(suffix)), body: body, condition)
    default: break
    }
    return copy
  }
}

extension Symbol {
  /// The name without the number that an earlier copy gave it.
  fileprivate var stem: String {
    guard storage == .introduced, let match = name.wholeMatch(of: /(.*[A-Za-z])_[0-9]+/) else {
      return name
    }
    return String(match.1)
  }
}

extension Stmt {
  /// The statement cut loose from the source: no original bytes, no comments.
  var withoutOrigins: Stmt {
    rewritten { statement in
      var copy = statement
      copy.origin = nil
      copy.comments = []
      return copy
    }
  }

  /// Variables that opaque statements or expressions name.
  var opaqueMentions: Set<VariableID> {
    var result: Set<VariableID> = []
    walk {
      if case .opaque(let opaque) = $0.kind { result.formUnion(opaque.reads + opaque.writes) }
    }
    walkExpressions { if case .opaque(_, let mentions) = $0.kind { result.formUnion(mentions) } }
    return result
  }

  /// The statement with variables exchanged for others, which keep their names or occur in no
  /// opaque text.
  func renaming(_ renamed: [VariableID: VariableID]) -> Stmt? {
    guard !renamed.isEmpty else { return self }
    func new(_ variable: VariableID) -> VariableID { renamed[variable] ?? variable }
    let expressions = rewritingExpressions { $0.renamingNode(renamed) }
    return expressions.rewritten { statement in
      var copy = statement
      switch statement.kind {
      case .declaration(let declarators):
        copy.kind = .declaration(
          declarators.map { Declarator(variable: new($0.variable), initializer: $0.initializer) })
      case .loop(var loop):
        if case .counted(var header) = loop.header {
          header.variable = new(header.variable)
          loop.header = .counted(header)
        }
        copy.kind = .loop(loop)
      case .opaque(var opaque):
        opaque.reads = opaque.reads.map(new)
        opaque.writes = opaque.writes.map(new)
        copy.kind = .opaque(opaque)
      case .versioned(var versioned):
        for index in versioned.checks.indices {
          versioned.checks[index].fact = versioned.checks[index].fact.renaming(renamed)
        }
        copy.kind = .versioned(versioned)
      default: break
      }
      return copy
    }
  }

  /// The statement with every read of a variable replaced by a value; nil when opaque text names
  /// the variable, a type or a fact inside depends on it, or a name that the value mentions means
  /// something else inside.
  func replacing(_ variable: VariableID, with value: Expr, in function: Function) -> Stmt? {
    let name = function[variable].name
    let blocked =
      opaqueMentions.contains(variable) || hasSizeText(naming: name)
      || declaredVariables.contains { function[$0].type.mentions(variable) }
      || hidesName(of: value.mentionedVariables.subtracting([variable]), in: function)
      || contains {
        guard case .versioned(let versioned) = $0.kind else { return false }
        return versioned.checks.contains { $0.condition.mentionedVariables.contains(variable) }
      }
    guard !blocked else { return nil }
    return rewritten { statement in
      statement.mapExpressions { $0.substituting(variable, with: value) }
    }
  }
}

extension Stmt {
  /// Whether a declaration inside takes the name of one of these variables.
  private func hidesName(of variables: Set<VariableID>, in function: Function) -> Bool {
    let names = Set(variables.map { function[$0].name })
    return declaredVariables.contains { names.contains(function[$0].name) }
  }

  /// Whether the text of a `sizeof` names the variable.
  func hasSizeText(naming name: String) -> Bool {
    var found = false
    walkExpressions { node in
      guard case .sizeOf(_, let text) = node.kind else { return }
      let words = text.split { !($0.isLetter || $0.isNumber || $0 == "_") }
      found = found || words.contains { $0 == name }
    }
    return found
  }
}

extension Expr {
  func renaming(_ renamed: [VariableID: VariableID]) -> Expr {
    rewritten { $0.renamingNode(renamed) }
  }

  fileprivate func renamingNode(_ renamed: [VariableID: VariableID]) -> Expr {
    var copy = self
    switch kind {
    case .variable(let variable): copy.kind = .variable(renamed[variable] ?? variable)
    case .opaque(let text, let mentions):
      copy.kind = .opaque(text: text, mentions: mentions.map { renamed[$0] ?? $0 })
    default: break
    }
    return copy
  }
}

extension Fact {
  fileprivate func renaming(_ renamed: [VariableID: VariableID]) -> Fact {
    func new(_ path: ObjectPath) -> ObjectPath {
      ObjectPath(renamed[path.base] ?? path.base, fields: path.fields)
    }
    switch self {
    case .disjoint(let a, let b): return .disjoint(new(a), new(b))
    case .holds(let expr): return .holds(expr.renaming(renamed))
    }
  }
}

extension CType {
  /// Whether a variable array bound inside the type names the variable.
  func mentions(_ variable: VariableID) -> Bool {
    switch self {
    case .array(let array):
      if case .variable(let bound) = array.bound, bound.mentionedVariables.contains(variable) {
        return true
      }
      return array.element.mentions(variable)
    case .pointer(let pointer): return pointer.pointee.mentions(variable)
    case .named(_, let type), .qualified(_, let type): return type.mentions(variable)
    default: return false
    }
  }

  /// The type with variables in array bounds exchanged; nil where a typedef hides such a bound.
  fileprivate func renaming(_ renamed: [VariableID: VariableID]) -> CType? {
    switch self {
    case .array(var array):
      guard let element = array.element.renaming(renamed) else { return nil }
      array.element = element
      if case .variable(let bound) = array.bound {
        array.bound = .variable(bound.renaming(renamed))
      }
      return .array(array)
    case .pointer(var pointer):
      guard let pointee = pointer.pointee.renaming(renamed) else { return nil }
      pointer.pointee = pointee
      return .pointer(pointer)
    case .qualified(let qualifiers, let type):
      return type.renaming(renamed).map { .qualified(qualifiers, $0) }
    case .named: return renamed.keys.contains(where: mentions) ? nil : self
    default: return self
    }
  }
}
