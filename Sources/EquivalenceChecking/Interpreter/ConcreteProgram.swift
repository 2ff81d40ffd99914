import JudgeKernels
import KernelModel
import KernelParsing

/// A text compiled for runs on the contents of a call, with the functions that it calls.
struct ConcreteProgram {
  let program: BytecodeProgram
  private let functions: [UInt16]
  private let shape: InputShape
  private let wraps: Bool

  /// - Parameters:
  ///   - contraction: how products that feed sums are fused; where only ways are of interest, not values,
  ///     it matters little.
  ///   - name: what the text is called in messages.
  /// - Throws: what is not interpreted, with its place.
  init(
    _ text: [UInt8], of kernel: Kernel, _ shape: InputShape, parser: KernelParser,
    contraction: BuildFlags.Contraction = .off, name: String
  ) throws(Uninterpreted) {
    let callees = CalleeNumbers()
    program = try BytecodeReader(
      kernel: kernel, shape: shape, parser: parser, contraction: contraction
    ).program(text, callees, name)
    functions = callees.names.map { rk_function($0) }
    self.shape = shape
    wraps = kernel.build.wrapsSignedOverflow
  }

  /// A machine that stands before the call; nil where there is no memory for it.
  ///
  /// - Parameters:
  ///   - graph: one for all machines whose memories are compared; concrete runs add nothing to it.
  ///   - memoryLimit: bytes that the call may take.
  func machine(
    on input: CallInput, _ graph: SymbolicGraph? = SymbolicGraph(nodes: 0, words: 0),
    memoryLimit: Int = 1 << 28
  ) -> ReferenceMachine? {
    graph.flatMap {
      ReferenceMachine(
        program, on: input, of: shape, graph: $0, memoryLimit: memoryLimit, wraps: wraps,
        domain: .concrete(functions: functions))
    }
  }
}
