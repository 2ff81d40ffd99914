import IslBindings
import KernelModel

/// An operator of the dependence graph. A relation `greater` is `less` with its sides exchanged.
enum GraphOperator: Hashable {
  case add, subtract, multiply, divide, remainder, shiftLeft, shiftRight
  case bitAnd, bitOr, bitXor, negate, complement
  case less, lessOrEqual, equal, notEqual
  /// `c ? a : b` over a condition of data, 0 or 1.
  case select
  /// −c of a truth value c: all bits set or none.
  case mask
  /// The truth value of a mask.
  case maskTruth
  case convert(from: CellType)
  /// The same bits under another type.
  case reinterpret(from: CellType)
  /// A product and a sum rounded once. A negation that later clangs alone look through is marked.
  case fused(negatesProduct: Bool, negatesAddend: Bool, isMarked: Bool)
  /// A call of `fma` where the target has no such instruction.
  case explicitFused
  case magnitude
  /// A function that depends on its arguments alone.
  case call(String)
  /// A store under a condition of data: `c ? new : old` where nothing is stored for `old`.
  case storeIf

  /// Whether the first two operands may be exchanged. Sums and products of floating values commute;
  /// NaN equals NaN, whatever its payload.
  var commutes: Bool {
    switch self {
    case .add, .multiply, .bitAnd, .bitOr, .bitXor, .equal, .notEqual, .fused, .explicitFused: true
    default: false
    }
  }
}

/// A cell of an object, or one cell per iteration.
struct CellAccess {
  var object: MemoryObject
  /// The distance from the object's origin in elements.
  var index: SymbolicIndex
  /// Inputs and counters for which it happens, within its statement's.
  var domain: IntegerSet
  /// Whether it happens under a condition of data only.
  var isGuarded: Bool
  /// Whether nothing is read: the cell keeps its value where a condition of data rejects the new one.
  var isKept = false
  /// The conditions of data under which a value is read, with the side that was taken.
  var guards: [(OperationNode, Bool)] = []
}

/// A value as the statement that holds the node computes it: the node's functions are over inputs
/// and the statement's counters.
final class OperationNode {
  enum Kind {
    /// An integer that inputs and counters determine.
    case integer(SymbolicIndex)
    /// The bits of a floating constant.
    case constant(UInt64)
    case read(CellAccess)
    /// What an earlier statement of the same iterations has stored.
    case definition(Int)
    case operation(GraphOperator, [OperationNode])
    /// The first where the affine condition holds, else the second.
    case choice(IntegerSet, OperationNode, OperationNode)
    /// What an object holds that nothing was stored to.
    case undefined
  }

  let kind: Kind
  let type: CellType
  /// Conditions of data under which the value is computed, with the side that was taken.
  let guards: [(OperationNode, Bool)]
  /// Whether the operation itself is undefined for some operands (overflow, division, shift).
  let isRisky: Bool
  /// Bounds of an integer value.
  let range: ClosedRange<Int>?

  init(
    _ kind: Kind, _ type: CellType, guards: [(OperationNode, Bool)] = [], isRisky: Bool = false,
    range: ClosedRange<Int>? = nil
  ) {
    self.kind = kind
    self.type = type
    self.guards = isRisky ? guards : []
    self.isRisky = isRisky
    self.range = range ?? type.smallRange
  }

  var identity: ObjectIdentifier { ObjectIdentifier(self) }

  var children: [OperationNode] {
    switch kind {
    case .operation(_, let operands): operands
    case .choice(_, let a, let b): [a, b]
    default: []
    }
  }

  /// This node and all below it, guards left out.
  func walk(_ visit: (OperationNode) throws -> Void) rethrows {
    try visit(self)
    for child in children { try child.walk(visit) }
  }

  /// Whether it or a node below may be undefined.
  var holdsRisk: Bool { isRisky || children.contains(where: \.holdsRisk) }

  /// Whether memory that outlives the statement is read.
  var readsCells: Bool {
    switch kind {
    case .read: true
    default: children.contains(where: \.readsCells)
    }
  }
}

/// Memory whose cells are compared one by one: what a pointer points to, one member of the records
/// that it points to, a local variable, array or vector.
final class MemoryObject {
  enum Lifetime { case external, automatic, allocated }
  /// The isl name of its cells.
  let name: String
  /// As a person writes it.
  let title: String
  let type: CellType
  let lifetime: Lifetime
  /// How many elements it has; nil where the contract alone bounds it.
  var extent: SymbolicIndex?
  /// Inputs whose products part it into rows, greatest first; empty for one dimension.
  var shape: [[String]] = []
  /// Whether no store may go there.
  var isReadOnly = false
  /// C types of what lies there, as type-based aliasing tells them apart; empty for character types
  /// and where nothing but its own variable reaches it.
  private(set) var aliasClasses: Set<String> = []
  /// Whether it is an argument and no memory: it may always be read.
  var isArgument = false
  /// How many conditions of data stood around its declaration: they do not concern its stores.
  var guardDepth = 0
  /// The counters of the loops around its declaration: in every iteration of these it is another one.
  var counters: [String] = []

  init(_ name: String, title: String, _ type: CellType, _ lifetime: Lifetime) {
    self.name = name
    self.title = title
    self.type = type
    self.lifetime = lifetime
  }

  var isExternal: Bool { lifetime == .external }

  /// Notes the C type of what lies there.
  func note(_ type: CType) {
    if let name = type.aliasClass { aliasClasses.insert(name) }
  }
}
