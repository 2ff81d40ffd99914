/// Names a statement of the parsed function in its `OriginTable`.
public struct OriginID: Hashable, Sendable {
  public var index: Int
  public init(_ index: Int) { self.index = index }
}

/// A C statement. A statement that came from the source remembers its origin; while its tree
/// equals the parsed one it is printed with its original bytes.
public struct Stmt: Hashable, Sendable {
  public indirect enum Kind: Hashable, Sendable {
    case expression(Expr)
    case declaration([Declarator])
    /// A block-scope `typedef` that a pass introduces, with attributes after the name.
    case typeAlias(String, CType, attributes: String)
    case block([Stmt])
    case branch(Expr, then: Stmt, otherwise: Stmt?)
    case loop(Loop)
    case whileLoop(label: LoopLabel, Expr, body: Stmt)
    case doLoop(label: LoopLabel, body: Stmt, Expr)
    case switchOn(Expr, body: Stmt)
    case caseLabel(Expr, Stmt)
    case defaultLabel(Stmt)
    case breakLoop
    case continueLoop
    case returnValue(Expr?)
    /// Two versions of the same statement chosen by run-time checks; in `fast` the facts hold.
    case versioned(Versioned)
    case empty
    /// Source kept verbatim, with the effects that it may have.
    case opaque(OpaqueStatement)
  }
  public var kind: Kind
  public var origin: OriginID?
  /// Comment lines (with their delimiters) that are printed before the statement when it is not
  /// printed with its original bytes.
  public var comments: [String]

  public init(_ kind: Kind, origin: OriginID? = nil, comments: [String] = []) {
    self.kind = kind
    self.origin = origin
    self.comments = comments
  }

  public static let empty = Stmt(.empty)
  public static func expression(_ expr: Expr) -> Stmt { Stmt(.expression(expr)) }
  public static func block(_ statements: [Stmt]) -> Stmt { Stmt(.block(statements)) }
  public static func loop(_ loop: Loop) -> Stmt { Stmt(.loop(loop)) }
  /// `T name = value;`
  public static func declare(_ variable: VariableID, _ value: Expr?) -> Stmt {
    Stmt(.declaration([Declarator(variable: variable, initializer: value)]))
  }
  public static func branch(_ condition: Expr, _ then: Stmt, else otherwise: Stmt? = nil) -> Stmt {
    Stmt(.branch(condition, then: then, otherwise: otherwise))
  }

  /// The statements of a block, or the statement alone; an empty statement gives none.
  public var statements: [Stmt] {
    switch kind {
    case .block(let statements): statements
    case .empty where comments.isEmpty: []
    default: [self]
    }
  }
}

/// One declared local object; its type and storage stand in the symbol table.
public struct Declarator: Hashable, Sendable {
  public var variable: VariableID
  public var initializer: Expr?
  public init(variable: VariableID, initializer: Expr? = nil) {
    self.variable = variable
    self.initializer = initializer
  }
}

/// Verbatim source with conservative effects.
public struct OpaqueStatement: Hashable, Sendable {
  public var text: String
  public var reads: [VariableID]
  public var writes: [VariableID]
  /// Whether it may read or write any memory reachable from outside.
  public var touchesMemory: Bool
  /// Whether it may leave the statement by a jump or return.
  public var mayJump: Bool
  /// Why it is not modelled.
  public var reason: String
  public init(
    text: String, reads: [VariableID], writes: [VariableID], touchesMemory: Bool, mayJump: Bool,
    reason: String
  ) {
    self.text = text
    self.reads = reads
    self.writes = writes
    self.touchesMemory = touchesMemory
    self.mayJump = mayJump
    self.reason = reason
  }
}

/// A run-time check and the two versions that it chooses between.
public struct Versioned: Hashable, Sendable {
  /// Checked left to right, joined by `&&`; each is true only if its fact holds.
  public var checks: [RuntimeCheck]
  public var fast: Stmt
  public var fallback: Stmt
  public init(checks: [RuntimeCheck], fast: Stmt, fallback: Stmt) {
    self.checks = checks
    self.fast = fast
    self.fallback = fallback
  }
}

/// A condition that the program can evaluate and the fact that it establishes.
public struct RuntimeCheck: Hashable, Sendable {
  public var condition: Expr
  public var fact: Fact
  public init(condition: Expr, fact: Fact) {
    self.condition = condition
    self.fact = fact
  }
}

/// Something that analysis may rely on inside a region.
public enum Fact: Hashable, Sendable {
  /// The memory that the region reaches through the two objects does not overlap.
  case disjoint(ObjectPath, ObjectPath)
  /// A comparison over integer parameters that is true on entry (`width <= stride`).
  case holds(Expr)
}

/// Where an object is found from: a variable, then member names
/// (`src`, `src->data`, `g.table`).
public struct ObjectPath: Hashable, Sendable {
  public var base: VariableID
  public var fields: [String]
  public init(_ base: VariableID, fields: [String] = []) {
    self.base = base
    self.fields = fields
  }
}
