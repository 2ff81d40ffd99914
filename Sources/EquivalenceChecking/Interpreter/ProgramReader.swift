import KernelModel
import KernelParsing

/// Compiles texts of one function to bytecode, by the judge's own parse.
struct ProgramReader {
  let kernel: Kernel
  let shape: InputShape
  let parser: KernelParser
  let contraction: BuildFlags.Contraction

  /// - Parameter name: what the text is called in messages, `candidate`.
  /// - Throws: what is not interpreted, with its place.
  func program(_ bytes: [UInt8], _ callees: CalleeNumbers, _ name: String) throws(Uninterpreted)
    -> BytecodeProgram
  {
    let unit = try InterpretedUnit(bytes, like: kernel, parser: parser)
    let globals = Dictionary(
      shape.globals.enumerated().map { ($0.element.name, $0.offset) },
      uniquingKeysWith: { first, _ in first })
    do throws(Uninterpreted) {
      return try BytecodeCompiler.compile(
        kernel.function.name, of: unit, fuses: contraction == .on, globals: globals,
        callees: callees)
    } catch {
      let place = error.offset.map { " at \(unit.position($0))" } ?? ""
      throw Uninterpreted("in the \(name) \(error.reason)\(place)")
    }
  }
}
