import JudgeKernels

/// A register of a program that is being built. Its place is known when all are counted.
struct Register: Hashable {
  enum Kind { case constant, variable, temporary }
  var kind: Kind
  var index: Int
}

/// A place in the code that jumps lead to.
struct Label: Hashable { var index: Int }

/// Something whose number is known when the machine's objects are there.
enum Constant: Hashable {
  case bits(UInt64)
  /// The address of a local object, and the number that `RK_BEGIN` takes.
  case localAddress(Int)
  case localIndex(Int)
  /// The address of a file-scope object that belongs to the inputs.
  case globalAddress(Int)
}

/// Collects instructions, registers and labels, and lays them out.
struct BytecodeBuffer {
  struct Instruction {
    var op: rk_opcode
    var type: UInt8 = 0
    var aux: UInt8 = 0
    var d: Register?
    var a: Register?
    var b: Register?
    var c: Register?
    /// Labels in place of b and c; an immediate in place of c.
    var target: Label?
    var end: Label?
    var immediate: Int32 = 0
    var count: UInt32?
    var offset: Int = -1
  }

  var main: [Instruction] = []
  /// What runs before the body: contents of constant tables.
  private(set) var prologue: [Instruction] = []
  var isInPrologue = false
  private(set) var constants: [Constant] = []
  private var constantIndex: [Constant: Int] = [:]
  private(set) var variableTypes: [MachineType] = []
  private var temporaries = 0
  private var mostTemporaries = 0
  var places: [Int?] = []
  /// Where one condition of the source stands twice in the code, each from a label to another.
  var twins: [(first: (Label, Label), second: (Label, Label))] = []
  /// Byte of the source that the instructions to come stand for.
  var offset = -1

  mutating func emit(_ instruction: Instruction) {
    var instruction = instruction
    instruction.offset = offset
    if isInPrologue { prologue.append(instruction) } else { main.append(instruction) }
  }

  mutating func constant(_ constant: Constant) -> Register {
    if let known = constantIndex[constant] { return Register(kind: .constant, index: known) }
    constantIndex[constant] = constants.count
    constants.append(constant)
    return Register(kind: .constant, index: constants.count - 1)
  }

  mutating func variable(_ type: MachineType) -> Register {
    variableTypes.append(type)
    return Register(kind: .variable, index: variableTypes.count - 1)
  }

  /// A variable that nothing stores to.
  private var unsetRegister: Register?
  var unset: Register {
    mutating get {
      if let unsetRegister { return unsetRegister }
      let made = variable(.long)
      unsetRegister = made
      return made
    }
  }

  mutating func temporary() -> Register {
    defer { temporaries += 1 }
    mostTemporaries = max(mostTemporaries, temporaries + 1)
    return Register(kind: .temporary, index: temporaries)
  }

  /// Temporaries made from here on are free again after `release`.
  func mark() -> Int { temporaries }
  mutating func release(_ mark: Int) { temporaries = mark }

  mutating func label() -> Label {
    places.append(nil)
    return Label(index: places.count - 1)
  }

  mutating func place(_ label: Label) {
    // Labels of the prologue are negative until both parts have their places.
    places[label.index] = isInPrologue ? -1 - prologue.count : main.count
  }

  var count: Int { main.count + prologue.count }

  /// The code, and the source byte of each instruction.
  func laidOut() -> (
    code: [rk_instruction], offsets: [Int], registers: Int, twins: [BytecodeProgram.Twins]
  ) {
    let firstVariable = constants.count
    let firstTemporary = firstVariable + variableTypes.count
    func number(_ register: Register?) -> UInt32 {
      guard let register else { return 0 }
      switch register.kind {
      case .constant: return UInt32(register.index)
      case .variable: return UInt32(firstVariable + register.index)
      case .temporary: return UInt32(firstTemporary + register.index)
      }
    }
    func number(_ label: Label) -> UInt32 {
      let place = places[label.index] ?? 0
      return UInt32(place < 0 ? -1 - place : prologue.count + place)
    }
    let all = prologue + main + [Instruction(op: RK_HALT)]
    let code = all.map { instruction in
      rk_instruction(
        op: UInt16(truncatingIfNeeded: instruction.op.rawValue), type: instruction.type,
        aux: instruction.aux, d: number(instruction.d), a: number(instruction.a),
        b: instruction.target.map(number) ?? instruction.count ?? number(instruction.b),
        c: instruction.end.map(number)
          ?? (instruction.c == nil
            ? UInt32(bitPattern: instruction.immediate) : number(instruction.c)))
    }
    func range(_ labels: (Label, Label)) -> Range<Int> {
      Int(number(labels.0))..<Int(number(labels.1))
    }
    let twins = twins.map { BytecodeProgram.Twins(range($0.first), range($0.second)) }
    return (code, all.map(\.offset), firstTemporary + mostTemporaries, twins)
  }

  func number(of register: Register) -> UInt32 {
    register.kind == .constant
      ? UInt32(register.index) : UInt32(constants.count + register.index)
  }
}
