import IslBindings

/// A scalar operation statement: for every vector of its counters in the domain it stores one value
/// to one cell.
struct AffineStatement {
  var number: Int
  /// The isl name of its instances.
  var name: String
  /// The counters of the loops around it, outermost first; each counts up from zero by one.
  var counters: [String]
  /// Inputs and counters for which it is executed.
  var domain: IntegerSet
  /// Places in the texts of the nested blocks, one more than there are counters.
  var positions: [Int]
  var target: CellAccess
  var value: OperationNode
  /// Whether the value that a condition of data rejects is read in order to keep it.
  var isGuarded: Bool
}

/// A function as statements, in the order in which they are executed.
struct AffineProgram {
  var statements: [AffineStatement] = []
  /// Names of external objects with the objects.
  var external: [String: MemoryObject] = [:]
  /// The cell that holds the result; nil for `void`.
  var result: MemoryObject?
  /// Integers that the program computes and that are no affine function, where their type could
  /// not be shown to hold them.
  var products: [IndexProduct] = []
  /// Loops whose iterations threads share.
  var parallelLoops: [ParallelLoop] = []

  /// The depth of the deepest nest.
  var depth: Int { statements.map(\.counters.count).max() ?? 0 }
}

/// A value that is no affine function, with the statements for which it is computed.
struct IndexProduct {
  var value: SymbolicIndex
  var type: CellType
  var domain: IntegerSet
  var counters: [String]
}

/// A loop whose iterations threads share, as it was read at one place.
struct ParallelLoop {
  /// The counter of its iterations, and those around it, outermost first.
  var counter: String
  var outer: [String]
  /// Each thread has one of its own.
  var iterator: MemoryObject
  /// The iterator's start and bound, its step, and how they are compared.
  var start: PiecewiseAffine
  var bound: PiecewiseAffine
  var step: Int
  var isStrict: Bool
  /// Inputs and outer counters for which it is reached.
  var domain: IntegerSet
  /// Byte offset in the text.
  var offset: Int
}
