import JudgeKernels
public import KernelModel
public import KernelParsing

/// How fast the interpreter runs an original and a candidate on one call, for benchmarks.
public struct InterpreterThroughput {
  /// What values are.
  public enum Domain: String, Codable, Sendable, CaseIterable {
    /// Operations of a graph, compared node by node (L3).
    case symbolic
    /// Numbers (L1).
    case concrete
    /// Elements of Z_p (L4).
    case field
  }

  /// What one comparison took.
  public struct Figures: Codable, Sendable {
    /// Instructions of both programs.
    public var steps: Int
    /// Operations that the graph was asked for; 0 outside the symbolic domain.
    public var operations: Int
    /// CPU seconds, the call's memory included.
    public var seconds: Double
  }

  /// Why there are no figures.
  public struct Failure: Error, CustomStringConvertible {
    public var description: String
  }

  private let shape: InputShape
  private let original: BytecodeProgram
  private let candidate: BytecodeProgram
  private let callees = CalleeNumbers()

  /// - Parameter candidate: the whole file.
  /// - Throws: `Failure` for what is not interpreted.
  public init(original kernel: Kernel, candidate: [UInt8], parser: KernelParser = KernelParser())
    throws(Failure)
  {
    do {
      shape = try InputShape(kernel)
      let reader = BytecodeReader(
        kernel: kernel, shape: shape, parser: parser, contraction: kernel.build.contraction ?? .on)
      original = try reader.program(kernel.source.bytes, callees, "original")
      self.candidate = try reader.program(candidate, callees, "candidate")
    } catch {
      throw Failure(description: "\(error)")
    }
  }

  /// Runs both programs with these sizes.
  ///
  /// - Throws: `Failure` where a run does not end, or both do not leave the same.
  public func measure(_ domain: Domain, sizes: [String: Int]) throws(Failure) -> Figures {
    let values = shape.scalars.compactMap { scalar in
      sizes[scalar.name].map { (scalar.path, $0) }
    }
    let point = CallPoint(
      sizes: Dictionary(values, uniquingKeysWith: { first, _ in first }), valueClass: .ordinary,
      placement: .flushEnd, seed: 1)
    guard let input = ImageBuilder.input(point, of: shape) else {
      throw Failure(description: "the contract has no such call")
    }
    let meter = CostMeter()
    var figures =
      switch domain {
      case .symbolic: try symbolic(input)
      case .concrete: try concrete(input)
      case .field: try field(input)
      }
    figures.seconds = meter.cpuSeconds
    return figures
  }

  private func symbolic(_ input: CallInput) throws(Failure) -> Figures {
    let limits = SymbolicComparison.Limits(
      steps: 1_000_000_000, nodes: 8_000_000, words: 64_000_000, memory: 1 << 30)
    let comparison = SymbolicComparison(
      shape: shape, original: original, candidate: candidate, callees: callees, wraps: false,
      solver: SymbolicSolver(), limits: limits)
    var work = SymbolicComparison.Work()
    let answer = comparison.compare(on: input, &work)
    guard case .same = answer else { throw Failure(description: "\(answer)") }
    return Figures(steps: work.steps, operations: work.operations, seconds: 0)
  }

  private func concrete(_ input: CallInput) throws(Failure) -> Figures {
    var figures = Figures(steps: 0, operations: 0, seconds: 0)
    for program in [original, candidate] {
      guard let graph = SymbolicGraph(nodes: 0, words: 0),
        let machine = ReferenceMachine(
          program, on: input, of: shape, graph: graph, memoryLimit: 1 << 30, wraps: false,
          domain: .concrete(functions: []))
      else { throw Failure(description: "there is no memory for the call") }
      let status = machine.run(steps: 1_000_000_000)
      guard status == RK_FINISHED else { throw Failure(description: status.text) }
      figures.steps += machine.steps
    }
    return figures
  }

  private func field(_ input: CallInput) throws(Failure) -> Figures {
    let limits = PolynomialIdentity.Limits(steps: 1_000_000_000, memory: 1 << 30)
    let comparison = FieldComparison(
      shape: shape, original: original, candidate: candidate, wraps: false, limits: limits)
    guard case .same(let trial) = comparison.compare(on: input, key: 1) else {
      throw Failure(description: "the programs are not the same function")
    }
    return Figures(steps: trial.allSteps, operations: 0, seconds: 0)
  }
}
