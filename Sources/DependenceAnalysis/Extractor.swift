import KernelModel

/// Walks a function as far as a region of interest, keeping symbolic values of its integers and
/// pointers, and takes the region apart into statements with instances and accesses.
///
/// Outside the region the walk only follows values: assignments that stand alone are seen through;
/// what a loop or branch stores is unknown after it. Inside, every leaf statement becomes a
/// `PolyhedralStatement`; whatever is not static control becomes one statement with accesses that
/// may or may not happen.
final class Extractor {
  let function: Function
  let aliasing: TypeAliasing
  let wrapsSignedOverflow: Bool
  let shared: Set<VariableID>
  let prover: Prover

  /// Symbolic values; a variable that is absent holds its value on entry.
  var values: [VariableID: Value] = [:]
  /// What may be stored to while the present values are in use.
  var stores: StoreSummary
  /// The values of variable array lengths where their types are declared.
  var arrayLengths: [Expr: Polynomial] = [:]
  var loops: [LoopInstance] = []
  /// Enclosing loops in the region and, before them, around it.
  var activeLoops: [Int] = []
  /// What holds where the walk stands.
  var activeConditions: [Condition] = []
  var nextUnknown = 0
  /// Atoms that are never negative because their type is unsigned.
  var unsignedAtoms: Set<Atom> = []
  /// What `typeConditions` made of them last.
  var nonNegativeAtoms: [Condition] = []
  /// How conversions to unsigned types relate to the values converted.
  var conversionConditions: [Condition] = []

  // State inside the region.
  var isInside = false
  var firstLoopOfRegion = 0
  var firstUnknownOfRegion = 0
  var valuesAtRegion: [VariableID: Value] = [:]
  var contextConditions: [Condition] = []
  var disjointObjects: [(MemoryObject, MemoryObject)] = []
  var statements: [PolyhedralStatement] = []
  var declaredUnder: [VariableID: [Int]] = [:]
  var positionStack: [Int] = [0]
  var preconditions: [Fact] = []

  // State inside one statement.
  var sink: [Access] = []
  var guardAccesses: [Access] = []
  var conditionalDepth = 0
  /// Loops and conditions inside a statement taken as one; nil outside such statements.
  var innerLoops: [Int] = []
  var innerConditions: [Condition] = []
  var isAbsorbing = false
  /// Variables declared inside the statement being taken as one: nothing outside sees them.
  var declaredWhileAbsorbing: Set<VariableID> = []
  var storedInSwitch: Set<VariableID> = []
  /// Iterators of the counted loops that are being walked: part of the loops, not memory.
  var structuralIterators: Set<VariableID> = []

  init(_ function: Function, build: BuildFlags, contract: Contract, prover: Prover) {
    self.function = function
    self.prover = prover
    aliasing = TypeAliasing(isStrict: build.assumesStrictAliasing)
    wrapsSignedOverflow = build.wrapsSignedOverflow
    shared = function.sharedVariables
    stores = StoreSummary(function.body, in: function, shared: shared)
    adopt(contract)
    // The outermost length of a parameter is only a wish; inner ones are part of its type.
    for parameter in function.parameters { noteLengths(of: function[parameter].type.element) }
  }

  func fresh() -> Polynomial {
    defer { nextUnknown += 1 }
    return Polynomial(.unknown(nextUnknown))
  }

  func freshValue(of type: CType, from variable: VariableID? = nil) -> Value {
    if type.isInteger { return .integer(fresh()) }
    guard type.isPointer else { return .other }
    defer { nextUnknown += 1 }
    return .pointer(
      Location(object: .unknown(nextUnknown), components: [.index(Polynomial(), extent: nil)]))
  }

  /// The most atoms that a variable's value may be made from. A chain of updates such as
  /// `x = x >> 8 ^ t[x & 255]` doubles its value with every copy that unrolling makes.
  fileprivate static let largestValue = 24

  /// The value to keep for a variable: one that has grown beyond all use is not modelled further.
  func kept(_ value: Value, of type: CType) -> Value {
    switch value {
    case .integer(let polynomial) where polynomial.isLarger(than: Self.largestValue):
      return freshValue(of: type)
    case .pointer(let location) where location.components.contains(where: \.isLarge):
      return freshValue(of: type)
    default: return value
    }
  }

  /// Forgets what the variables hold.
  func forget(_ variables: Set<VariableID>) {
    for variable in variables.sorted() {
      values[variable] = freshValue(of: function[variable].type, from: variable)
    }
  }

  /// Whether the position of the loop varies inside the region.
  func varies(_ atom: Atom) -> Bool {
    switch atom {
    case .iterator(let loop): loop >= firstLoopOfRegion
    case .unknown(let number): number >= firstUnknownOfRegion
    default: false
    }
  }

  /// Whether the value is the same for all instances in the region.
  func isParameter(_ polynomial: Polynomial) -> Bool {
    !isInside || !polynomial.contains(where: varies)
  }

  // MARK: Contract

  private func adopt(_ contract: Contract) {
    for requirement in contract.requirements {
      switch requirement {
      case .compare(let left, let op, let right):
        guard let a = polynomial(left), let b = polynomial(right),
          let condition = Self.comparison(op, a, b)
        else { continue }
        activeConditions.append(condition)
      case .separated(let a, let b):
        disjointObjects.append((entryObject(a), entryObject(b)))
      default: break
      }
    }
  }

  func entryObject(_ path: ObjectPath) -> MemoryObject {
    let type = function.type(of: path)
    return type?.isPointer == true ? .pointee(path) : .variable(path.base)
  }

  private func polynomial(_ size: SizeExpr) -> Polynomial? {
    switch size {
    case .constant(let value): return Polynomial(value)
    case .input(let path):
      guard let type = function.type(of: path), type.isInteger else { return nil }
      let atom: Atom = path.fields.isEmpty ? .input(path.base) : .field(path)
      if type.integer?.isSigned == false { unsignedAtoms.insert(atom) }
      return Polynomial(atom)
    case .add(let a, let b): return combine(a, b, +)
    case .subtract(let a, let b): return combine(a, b, -)
    case .multiply(let a, let b): return combine(a, b, *)
    case .minimum(let a, let b): return combine(a, b) { Polynomial(.minimum($0, $1)) }
    case .maximum(let a, let b): return combine(a, b) { Polynomial(.maximum($0, $1)) }
    case .floorDivide: return nil
    }
  }

  private func combine(
    _ a: SizeExpr, _ b: SizeExpr, _ op: (Polynomial, Polynomial) -> Polynomial
  ) -> Polynomial? {
    guard let x = polynomial(a), let y = polynomial(b) else { return nil }
    return op(x, y)
  }

  static func comparison(_ op: BinaryOperator, _ a: Polynomial, _ b: Polynomial) -> Condition? {
    switch op {
    case .less: .less(a, b)
    case .lessOrEqual: .lessOrEqual(a, b)
    case .greater: .less(b, a)
    case .greaterOrEqual: .lessOrEqual(b, a)
    case .equal: .zero(a - b)
    case .notEqual: Condition.zero(a - b).negated
    default: nil
    }
  }
}

extension Function {
  /// The type of the object that a path names.
  func type(of path: ObjectPath) -> CType? {
    guard var type = symbols[path.base]?.type else { return nil }
    for field in path.fields {
      while let element = type.element { type = element }
      guard case .record(let reference) = type.canonical,
        let member = records[reference]?.fields.first(where: { $0.name == field })
      else { return nil }
      type = member.type
    }
    return type
  }
}

extension Location.Component {
  fileprivate var isLarge: Bool {
    if case .index(let index?, _) = self {
      index.isLarger(than: Extractor.largestValue)
    } else {
      false
    }
  }
}
