import CandidateExecution
import JudgeKernels
import KernelModel

/// Compiles a function of the judge's own reading into bytecode; callees of the file are compiled in
/// place. Whatever is not modelled is thrown as `Uninterpreted`.
///
/// Spread over extensions: values, lvalues, operators, fused products, calls, initialisers,
/// statements and branches.
struct BytecodeCompiler {
  /// A value of an expression.
  enum Operand {
    case scalar(Register, MachineType)
    case vector([Register], MachineType)
    /// A record, by its address.
    case record(Register, CType)
    case none
  }

  /// Where a variable lives.
  enum Storage {
    case register(Register, MachineType)
    case vector([Register], MachineType)
    case memory(Register)
  }

  /// A function that is being compiled: the kernel, or a callee in its place.
  struct Scope {
    var function: Function
    var layout: TypeLayout
    var storage: [VariableID: Storage] = [:]
    /// Variables that need an address.
    var inMemory: Set<VariableID>
    var result: [Register]
    var resultType: MachineType?
    var end: Label
    /// Sizes in bytes of types with variable lengths, which are the same throughout the call.
    var rowSizes: [CType: Register] = [:]
    var breaks: [Label] = []
    var continues: [Label] = []
  }

  let unit: InterpretedUnit
  /// Products that feed a sum within one expression are fused.
  let fuses: Bool
  /// The order of file-scope objects among the inputs.
  let globals: [String: Int]
  let callees: CalleeNumbers
  var buffer = BytecodeBuffer()
  var objects: [BytecodeProgram.Object] = []
  var tables: [String: Int] = [:]
  var scopes: [Scope] = []
  var scope: Scope {
    get { scopes[scopes.count - 1] }
    set { scopes[scopes.count - 1] = newValue }
  }

  static func compile(
    _ name: String, of unit: InterpretedUnit, fuses: Bool, globals: [String: Int],
    callees: CalleeNumbers
  ) throws(Uninterpreted) -> BytecodeProgram {
    var compiler = BytecodeCompiler(
      unit: unit, fuses: fuses, globals: globals, callees: callees)
    return try compiler.run(name)
  }

  private init(
    unit: InterpretedUnit, fuses: Bool, globals: [String: Int], callees: CalleeNumbers
  ) {
    self.unit = unit
    self.fuses = fuses
    self.globals = globals
    self.callees = callees
  }

  private mutating func run(_ name: String) throws(Uninterpreted) -> BytecodeProgram {
    guard let function = unit.function(name) else {
      throw Uninterpreted("'\(name)' cannot be read")
    }
    var parameters: [MachineType] = []
    var incoming: [Register] = []
    for parameter in function.parameters {
      guard let type = MachineType(function[parameter].type) else {
        throw Uninterpreted(
          "parameter '\(function[parameter].name)' is no scalar", at: function.range.lowerBound)
      }
      parameters.append(type)
      incoming.append(buffer.variable(type))
    }
    try enter(function)
    let result = scope.result.first
    let resultType = scope.resultType
    if function.result.canonical != .void, result == nil {
      throw Uninterpreted("the result is no scalar")
    }
    for (parameter, register) in zip(function.parameters, incoming) {
      let type = function[parameter].type
      try declare(parameter)
      try store(
        .scalar(register, MachineType(type) ?? .int), to: try place(of: parameter))
    }
    for parameter in function.parameters { try checkLengths(function[parameter].type) }
    try keepRowSizes()
    try body()
    buffer.simplify()
    let laidOut = buffer.laidOut()
    return BytecodeProgram(
      code: laidOut.code, offsets: laidOut.offsets, registerCount: laidOut.registers,
      constants: buffer.constants, variableTypes: buffer.variableTypes.map(\.raw),
      objects: objects, parameters: parameters, result: result.map(buffer.number),
      resultType: resultType, twins: laidOut.twins, unit: unit)
  }

  /// Opens the scope of a function; its parameters are not declared yet.
  mutating func enter(_ function: Function) throws(Uninterpreted) {
    guard scopes.count < 12, !scopes.contains(where: { $0.function.name == function.name }) else {
      throw unsupported("recursion")
    }
    var result: [Register] = []
    var type: MachineType?
    switch function.result.canonical {
    case .void: break
    case .vector(let element, let lanes):
      type = MachineType(element)
      if let type { for _ in 0..<lanes { result.append(buffer.variable(type)) } }
    default:
      type = MachineType(function.result)
      if let type { result = [buffer.variable(type)] }
    }
    scopes.append(
      Scope(
        function: function, layout: TypeLayout(records: function.records),
        inMemory: Self.addressed(function), result: result, resultType: type,
        end: buffer.label()))
  }

  mutating func body() throws(Uninterpreted) {
    try statement(scope.function.body, [.returns])
    buffer.place(scope.end)
  }

  /// Variables that cannot live in registers: what `&` is applied to, and vectors of which a lane
  /// is named by something that is no constant.
  private static func addressed(_ function: Function) -> Set<VariableID> {
    var found: Set<VariableID> = []
    function.body.walkExpressions { expr in
      switch expr.kind {
      case .unary(.addressOf, let target): if let v = target.rootVariable { found.insert(v) }
      case .subscriptOf(let base, let index) where base.type.isVector:
        guard index.constantValue == nil, case .variable(let v) = base.kind else { return }
        found.insert(v)
      default: break
      }
    }
    return found
  }

  func unsupported(_ what: String) -> Uninterpreted {
    Uninterpreted("\(what) is not interpreted", at: buffer.offset >= 0 ? buffer.offset : nil)
  }

  // MARK: instructions

  mutating func emit(
    _ op: rk_opcode, _ type: MachineType, _ a: Register, _ b: Register? = nil,
    aux: UInt8 = 0
  ) -> Register {
    let d = buffer.temporary()
    buffer.emit(.init(op: op, type: type.raw, aux: aux, d: d, a: a, b: b))
    return d
  }

  mutating func move(_ a: Register, to d: Register, _ type: MachineType) {
    buffer.emit(.init(op: RK_MOV, type: type.raw, d: d, a: a))
  }

  mutating func constant(_ value: Int) -> Register {
    buffer.constant(.bits(UInt64(bitPattern: Int64(value))))
  }

  /// A fresh object of the program.
  mutating func object(_ size: Int, _ name: String) -> Int {
    objects.append(.init(size: size, name: name))
    return objects.count - 1
  }

  func size(_ type: CType) throws(Uninterpreted) -> Int {
    guard let size = scope.layout.size(type) else { throw unsupported("a type of unknown size") }
    return size
  }

  func machineType(_ type: CType) throws(Uninterpreted) -> MachineType {
    guard let found = MachineType(type) else { throw unsupported("the type \(type.shortName)") }
    return found
  }
}

/// Numbers of the functions that are not looked into, the same for both programs.
final class CalleeNumbers {
  private var numbers: [String: UInt32] = [:]
  private(set) var names: [String] = []

  func number(_ name: String) -> UInt32 {
    if let known = numbers[name] { return known }
    numbers[name] = UInt32(names.count)
    names.append(name)
    return UInt32(names.count - 1)
  }
}

extension CType {
  fileprivate var shortName: String {
    switch canonical {
    case .floating(let type): "'\(type.rawValue)'"
    case .integer(let type): "'\(type.kind.rawValue)'"
    case .record(let record): "'\(record.isUnion ? "union" : "struct") \(record.tag)'"
    case .unsupported(let text): "'\(text)'"
    default: "of this expression"
    }
  }
}
