/// A stable name for a loop: the iterator's name, `#2` for the second loop over the same name in
/// source order, and suffixes that passes add (`i.tile`, `i.point`, `i.rest`).
public struct LoopLabel: Hashable, Sendable, Comparable, CustomStringConvertible,
  ExpressibleByStringLiteral
{
  public var text: String
  public init(_ text: String) { self.text = text }
  public init(stringLiteral value: String) { text = value }
  public func suffixed(_ suffix: String) -> LoopLabel { LoopLabel("\(text).\(suffix)") }
  public var description: String { text }
  public static func < (a: LoopLabel, b: LoopLabel) -> Bool { a.text < b.text }
}

/// A `for` statement.
public struct Loop: Hashable, Sendable {
  public var label: LoopLabel
  public var header: Header
  public var body: Stmt
  public var execution = Execution.inOrder

  /// How the iterations are executed.
  public enum Execution: Hashable, Sendable {
    /// One after the other.
    case inOrder
    /// By the threads of OpenMP, each of which has a run of them; by one thread where the bound is
    /// below `atLeast`.
    case parallel(atLeast: Int?)
  }

  public enum Header: Hashable, Sendable {
    /// `for (v = lower; v REL bound; v += step)`, see `CountedHeader`.
    case counted(CountedHeader)
    /// Any other `for`: each part as written, nil when absent; `initial` is an expression or
    /// declaration statement.
    case general(initial: Stmt?, condition: Expr?, increment: Expr?)
  }

  public init(label: LoopLabel, header: Header, body: Stmt) {
    self.label = label
    self.header = header
    self.body = body
  }

  public var isParallel: Bool { execution != .inOrder }

  public var counted: CountedHeader? {
    if case .counted(let header) = header { header } else { nil }
  }
}

/// A loop whose trip count is known on entry.
///
/// The parser chooses this form iff: the iterator is a non-volatile integer local (or parameter)
/// whose address is never taken and which the body does not modify; the step is a non-zero integer
/// constant; the relation fits the step's sign (`<`, `<=` with a positive, `>`, `>=` with a
/// negative one; `!=` only with step 1 or -1); `lower` is evaluated once; and `bound` mentions only
/// constants, variables that the body does not modify, and members and elements reached from such
/// that nothing in the body may store to (`j < start[i + 1]`; memory is told apart by type as
/// strict aliasing allows). Jumps out of the body do not matter here (see `Stmt.mayExitEarly`).
public struct CountedHeader: Hashable, Sendable {
  public var variable: VariableID
  /// Whether the header declares the iterator (`for (int i = …`).
  public var declares: Bool
  /// Initial value. Nil when the init part is empty and the iterator keeps its value.
  public var lower: Expr?
  public var relation: BinaryOperator
  public var bound: Expr
  /// Added after each iteration; negative for downward loops.
  public var step: Int

  public init(
    variable: VariableID, declares: Bool, lower: Expr?, relation: BinaryOperator, bound: Expr,
    step: Int
  ) {
    self.variable = variable
    self.declares = declares
    self.lower = lower
    self.relation = relation
    self.bound = bound
    self.step = step
  }
}
