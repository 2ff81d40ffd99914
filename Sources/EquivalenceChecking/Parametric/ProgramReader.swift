import CandidateExecution
import IslBindings
import KernelModel

/// Reads a function as affine statements, by the judge's own parse and without anything that the
/// optimizer knows: loops become domains, integers and pointers that inputs and counters determine
/// become functions of them, and every other store becomes a statement.
///
/// Spread over extensions, one for each part of the language.
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
    /// Whether it outlives its block.
    var isStatic = false
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
  let build: BuildFlags
  let attributes: TypeAttributes
  var wraps: Bool { build.wrapsSignedOverflow }
  /// What names of statements, counters and local objects start with.
  let prefix: String
  var memory: MemoryMap

  /// Where loops begin whose iterations threads share, in the text as given.
  var parallelLoops: Set<Int> = []

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
  /// Variables with a lower number may not be stored to: an operand is read that C evaluates under a
  /// condition (`?:`, `&&`, `||`).
  var firstStorable = 0
  var names = 0
  /// Whether floating-point products, and sums, occur.
  var hasProduct = false
  var hasSum = false
  /// Bytes of allocations whose type is not known yet.
  var pendingSizes: [ObjectIdentifier: SymbolicIndex] = [:]
  /// Allocations given back, with where that is.
  var released: [(MemoryBase, IntegerSet)] = []
  /// Objects whose block has ended.
  var ended: Set<ObjectIdentifier> = []

  init(
    unit: InterpretedUnit, space: ParameterSpace, memory: MemoryMap, isOriginal: Bool,
    contraction: BuildFlags.Contraction, build: BuildFlags, attributes: TypeAttributes
  ) throws {
    self.unit = unit
    self.space = space
    self.memory = memory
    self.isOriginal = isOriginal
    self.contraction = contraction
    self.build = build
    self.attributes = attributes
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
}
