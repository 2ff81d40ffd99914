import JudgeKernels
import KernelModel
import KernelParsing

/// A function as bytecode, with all that it calls.
struct BytecodeProgram {
  /// An object that belongs to the program: a local one or a constant table.
  struct Object: Hashable {
    var size: Int
    var name: String
  }

  var code: [rk_instruction]
  /// Source byte of each instruction, -1 when it has none.
  var offsets: [Int]
  var registerCount: Int
  var constants: [Constant]
  var variableTypes: [UInt8]
  var objects: [Object]
  /// The types of the parameters, which are the first variables.
  var parameters: [MachineType]
  /// Where the function leaves its result.
  var result: UInt32?
  var resultType: MachineType?
  var twins: [Twins]
  var unit: InterpretedUnit

  /// Two places of the code at which one condition of the source stands: in front of a loop's first turn
  /// and after every turn.
  struct Twins: Hashable {
    var first: Range<Int>
    var second: Range<Int>

    init(_ first: Range<Int>, _ second: Range<Int>) {
      self.first = first
      self.second = second
    }
  }

  /// Where in the source an instruction comes from.
  func place(_ index: Int) -> String {
    for at in stride(from: min(index, offsets.count - 1), through: 0, by: -1)
    where offsets[at] >= 0 {
      return unit.position(offsets[at])
    }
    return "its beginning"
  }
}

extension BytecodeProgram {
  /// The kernel's function in the text of a whole file. What is thrown tells the place.
  init(
    _ bytes: [UInt8], of kernel: Kernel, _ shape: InputShape, parser: KernelParser, fuses: Bool,
    callees: CalleeNumbers
  ) throws(Uninterpreted) {
    let unit = try InterpretedUnit(bytes, like: kernel, parser: parser)
    let globals = Dictionary(
      shape.globals.enumerated().map { ($0.element.name, $0.offset) },
      uniquingKeysWith: { first, _ in first })
    do throws(Uninterpreted) {
      self = try BytecodeCompiler.compile(
        kernel.function.name, of: unit, fuses: fuses, globals: globals, callees: callees)
    } catch {
      let place = error.offset.map { " at \(unit.position($0))" } ?? ""
      throw Uninterpreted(error.reason + place)
    }
  }
}
