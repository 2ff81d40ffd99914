import CandidateExecution
import IslBindings
import KernelModel

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

/// Reads a function as affine statements, by the judge's own parse and without anything that the
/// optimizer knows: loops become domains, integers and pointers that inputs and counters determine
/// become functions of them, and every other store becomes a statement.
///
/// Spread over extensions: expressions, operators, places, statements, loops, branches, calls.
final class ProgramReader {
  /// What is known of a variable at a place of the text.
  struct Binding {
    var index: SymbolicIndex?
    var pointer: SymbolicPointer?
    var isNull = false
    /// The statement of this or an enclosing iteration that has set the variable last.
    var definition: Int?
  }

  /// A variable of a function that is being read.
  struct Variable {
    enum Kind {
      case scalar(MemoryObject)
      case lanes(MemoryObject, Int)
      case array(MemoryBase)
      case pointer
    }
    var kind: Kind
    var type: CType
    var name: String
    /// How many conditions of data stood around its declaration.
    var guardDepth: Int
  }

  /// A function that is being read: the kernel, or a callee in its place.
  struct Frame {
    var function: Function
    var slots: [VariableID: Int] = [:]
    var result: Int?
    /// The first variable that belongs to this frame.
    var firstSlot: Int
    /// Loops around the call.
    var depth = 0
  }

  let unit: InterpretedUnit
  let space: ParameterSpace
  let isOriginal: Bool
  let contraction: BuildFlags.Contraction
  let wraps: Bool
  /// What names of statements, counters and local objects start with.
  let prefix: String
  var memory: MemoryMap

  var program = AffineProgram()
  var variables: [Variable] = []
  var bindings: [Int: Binding] = [:]
  var frames: [Frame] = []
  /// Inputs and counters for which the place is reached.
  var domain: IntegerSet
  var counters: [String] = []
  var positions = [0]
  var guards: [(OperationNode, Bool)] = []
  /// Whether a value is looked at ahead of its time: nothing is stored and nothing is checked.
  var isProbing = false
  /// Stores that an operand beside the one in work may see.
  var effects = 0
  var names = 0
  /// Whether floating-point products, and sums, occur.
  var hasProduct = false
  var hasSum = false
  /// Bytes of allocations whose type is not known yet.
  var pendingSizes: [ObjectIdentifier: SymbolicIndex] = [:]
  /// Allocations given back, with where that is.
  var released: [(MemoryBase, IntegerSet)] = []

  init(
    unit: InterpretedUnit, space: ParameterSpace, memory: MemoryMap, isOriginal: Bool,
    contraction: BuildFlags.Contraction, wraps: Bool
  ) throws {
    self.unit = unit
    self.space = space
    self.memory = memory
    self.isOriginal = isOriginal
    self.contraction = contraction
    self.wraps = wraps
    prefix = isOriginal ? "o" : "c"
    domain = try space.universe()
  }

  var frame: Frame {
    get { frames[frames.count - 1] }
    set { frames[frames.count - 1] = newValue }
  }

  var function: Function { frame.function }
  var layout: TypeLayout { TypeLayout(records: function.records) }

  /// The whole function as statements.
  func read(_ name: String) throws -> AffineProgram {
    guard let function = unit.function(name) else { throw Unproved("'\(name)' cannot be read") }
    frames.append(Frame(function: function, firstSlot: 0))
    try declareParameters(function)
    if let type = CellType(function.result) {
      let object = MemoryObject("r_result", title: "the result", type, .external)
      program.result = object
      frame.result = newVariable(.scalar(object), function.result, "result")
    } else if function.result.canonical != .void {
      throw Unproved("the result is no scalar")
    }
    try statement(function.body, isTail: true)
    if contraction == .fast, hasProduct, hasSum {
      throw Unproved(
        "a product may feed a sum, and contraction 'fast' fuses as it likes; -ffp-contract=off or on "
          + "would lift the cap")
    }
    for pointer in memory.pointers.values { register(pointer.base) }
    for base in memory.globals.values { register(base) }
    if let result = program.result { program.external[result.name] = result }
    return program
  }

  private func register(_ base: MemoryBase) {
    for object in base.objects.values { program.external[object.name] = object }
  }

  private func declareParameters(_ function: Function) throws {
    for (position, parameter) in function.parameters.enumerated() {
      let symbol = function[parameter]
      try refuseVolatile(symbol.type)
      if let pointer = memory.pointers[position] {
        let slot = newVariable(.pointer, symbol.type, symbol.name)
        frame.slots[parameter] = slot
        bindings[slot] = Binding(pointer: pointer)
        try requireLengths(symbol.type)
      } else if let type = CellType(symbol.type) {
        let slot = newScalar(type, symbol.type, symbol.name)
        frame.slots[parameter] = slot
        try store(try incoming(symbol, type), to: slot)
      } else {
        throw Unproved("parameter '\(symbol.name)' is no scalar")
      }
    }
  }

  /// What the caller passes.
  private func incoming(_ symbol: Symbol, _ type: CellType) throws -> ScalarValue {
    let name = ParameterSpace.parameter(symbol.name)
    if type.isInteger {
      let limits = type.limits
      try space.require(
        IntegerSet(
          space.context,
          parsing: "[\(name)] -> { : \(limits.least) <= \(name) <= \(limits.greatest) }"),
        boundsByType: true)
      return ScalarValue(type, SymbolicIndex(try space.input(name)))
    }
    let object = MemoryObject("a_\(name)", title: symbol.name, type, .external)
    object.isReadOnly = true
    object.isArgument = true
    let zero = SymbolicIndex(try space.constant(0))
    return ScalarValue(
      OperationNode(
        .read(CellAccess(object: object, index: zero, domain: domain, isGuarded: false)), type))
  }

  /// Variable lengths of what a parameter points to are above zero (§6.7.6.2 ¶5).
  private func requireLengths(_ type: CType) throws {
    guard var element = type.element else { return }
    while case .array(let array) = element.canonical {
      if case .variable(let bound) = array.bound, case .scalar(let value) = try value(bound),
        let length = value.index?.affine
      {
        try space.require(try space.constant(0).isLess(than: length))
      }
      element = array.element
    }
  }

  // MARK: variables

  func newVariable(_ kind: Variable.Kind, _ type: CType, _ name: String) -> Int {
    variables.append(
      Variable(kind: kind, type: type, name: name, guardDepth: guards.count))
    return variables.count - 1
  }

  func newScalar(_ type: CellType, _ cType: CType, _ name: String) -> Int {
    newVariable(.scalar(newObject(name, type)), cType, name)
  }

  /// A fresh object of the text's own.
  func newObject(_ name: String, _ type: CellType, _ lifetime: MemoryObject.Lifetime = .automatic)
    -> MemoryObject
  {
    names += 1
    let object = MemoryObject("\(prefix)v\(names)", title: name, type, lifetime)
    object.guardDepth = guards.count
    return object
  }

  func slot(_ variable: VariableID) throws -> Int {
    if let slot = frame.slots[variable] { return slot }
    throw Unproved("'\(function[variable].name)' is no variable that is read")
  }

  func refuseVolatile(_ type: CType) throws {
    if type.qualifiers.contains(.volatile) || type.qualifiers.contains(.atomic) {
      throw Unproved("a volatile access")
    }
  }

  // MARK: statements of the model

  /// Adds the statement that stores `value`, and gives its number.
  @discardableResult
  func emit(_ target: CellAccess, _ value: OperationNode, isGuarded: Bool = false) throws -> Int {
    guard !isProbing else { return -1 }
    guard program.statements.count < 1500 else { throw Unproved("more than 1500 statements") }
    if target.object.isReadOnly {
      throw Unproved("a store to '\(target.object.title)', which is taken for constant")
    }
    let number = program.statements.count
    program.statements.append(
      AffineStatement(
        number: number, name: "\(prefix)s\(number)", counters: counters, domain: domain,
        positions: positions, target: target, value: value, isGuarded: isGuarded))
    positions[positions.count - 1] += 1
    return number
  }

  /// The counter of the lanes of every vector.
  var lane: String { "\(prefix)lane" }
  /// Counters of all loops and of lanes.
  var allCounters: [String] { counters.contains(lane) ? counters : counters + [lane] }

  /// Runs `body` with the lane between zero and `count`.
  func withLanes<Answer>(_ count: Int, _ body: () throws -> Answer) throws -> Answer {
    let whole = domain
    defer { domain = whole }
    domain = try whole.intersection(
      IntegerSet(space.context, parsing: "[\(lane)] -> { : 0 <= \(lane) < \(count) }"))
    return try body()
  }

  /// Runs `body` for every lane, one after the other.
  func overLanes<Answer>(_ count: Int, _ body: (SymbolicIndex) throws -> Answer) throws -> Answer {
    guard !counters.contains(lane) else { throw Unproved("lanes within lanes") }
    counters.append(lane)
    positions.append(0)
    defer {
      counters.removeLast()
      positions.removeLast()
      positions[positions.count - 1] += 1
    }
    return try withLanes(count) { try body(SymbolicIndex(space.input(lane))) }
  }

  /// Runs `body` within one more loop, whose counter it is given.
  func nested(_ body: (String) throws -> Void) throws {
    names += 1
    let counter = "\(prefix)k\(names)"
    counters.append(counter)
    positions.append(0)
    try body(counter)
    counters.removeLast()
    positions.removeLast()
    positions[positions.count - 1] += 1
  }
}
