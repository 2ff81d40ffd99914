import KernelModel
import KernelParsing

/// Compiles texts of one function to bytecode, by the judge's own parse.
struct BytecodeReader {
  let kernel: Kernel
  let shape: InputShape
  let parser: KernelParser
  let contraction: BuildFlags.Contraction

  /// - Parameter name: what the text is called in messages, `candidate`.
  /// - Throws: what is not interpreted, with its place.
  func program(_ bytes: [UInt8], _ callees: CalleeNumbers, _ name: String) throws(Uninterpreted)
    -> BytecodeProgram
  {
    do throws(Uninterpreted) {
      return try BytecodeProgram(
        bytes, of: kernel, shape, parser: parser, fuses: contraction == .on, callees: callees)
    } catch {
      throw Uninterpreted("in the \(name) \(error.reason)")
    }
  }
}
