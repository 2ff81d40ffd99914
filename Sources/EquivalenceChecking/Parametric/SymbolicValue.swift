import IslBindings

/// A value of a C expression at one place of the text.
enum SymbolicValue {
  case scalar(ScalarValue)
  /// A vector: its value as a function of the lane, and how many lanes there are.
  case lanes(ScalarValue, Int)
  case pointer(SymbolicPointer)
  case null
  case none
}

/// A scalar: as a function of inputs and counters where it is one, else as an operation.
struct ScalarValue {
  var type: CellType
  var index: SymbolicIndex?
  var node: OperationNode?

  init(_ type: CellType, _ index: SymbolicIndex) {
    self.type = type
    self.index = index
  }

  init(_ node: OperationNode) {
    type = node.type
    self.node = node
  }

  /// The value as a node of the graph.
  func asNode() throws -> OperationNode {
    if let node { return node }
    guard let index else { throw Unproved("a value is missing") }
    var range: ClosedRange<Int>?
    if let value = try index.constantValue() { range = value...value }
    return OperationNode(.integer(index), type, range: range)
  }
}
