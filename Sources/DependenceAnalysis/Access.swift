import KernelModel

/// One read or write of one statement, over all its instances.
struct Access: Hashable {
  var location: Location
  var isWrite: Bool
  /// Whether some instances may not perform it.
  var isConditional: Bool
  /// The type of the lvalue.
  var type: CType
  /// Facts that would have made an unknown index known.
  var missingFacts: [Fact] = []
  /// Loops inside the statement over which the access ranges, and what holds in them.
  var innerLoops: [Int] = []
  var innerConditions: [Condition] = []
}

/// A `for` loop with known bounds, met while the function is walked.
struct LoopInstance {
  let id: Int
  let label: LoopLabel
  let variable: VariableID
  let origin: OriginID?
  let step: Int
  /// The iterator's value in terms of the loop's position, which grows by 1 per iteration.
  let value: Polynomial
  /// Bounds of the position.
  let conditions: [Condition]
  /// The position of the first iteration.
  let start: Polynomial
  /// One past the position of the last iteration when the loop runs at all; nil when it is no
  /// polynomial of the bound.
  let end: Polynomial?
  /// Whether the iterator is declared outside the loop and mentioned outside such loops.
  let isIteratorLive: Bool

  var position: Polynomial { Polynomial(.iterator(id)) }
}

/// A statement of the region with the instances it runs for.
struct PolyhedralStatement {
  let index: Int
  let source: Stmt
  /// Loops of the region around it, outermost first.
  let loops: [Int]
  /// Bounds of those loops and the guards around the statement.
  let conditions: [Condition]
  /// Textual positions: one before each loop and one inside the innermost.
  let positions: [Int]
  var accesses: [Access]
  /// Why the statement is taken as one, when it holds control flow.
  let opaqueReason: String?
  var reduction: ReductionUpdate?
}

/// An update `x = x op e` found in the tree.
struct ReductionUpdate {
  let target: Location
  let reduction: Reduction
}
