import CandidateExecution
import Diagnostics
import ExperimentRecords
import KernelModel

/// Turns configured or calibrated workloads into memory images.
struct WorkloadPlanning {
  let kernel: Kernel
  let trampoline: Trampoline

  /// The configured workloads of the function; empty when none is configured.
  ///
  /// Throws: `InputError` when a workload names an input that the function does not have.
  func configured(_ configuration: Configuration) throws -> [PreparedWorkload] {
    let configured = configuration.workloads[kernel.function.name] ?? []
    var result: [PreparedWorkload] = []
    for workload in configured {
      let contract = try contract(for: workload, configuration.path)
      let generator = try InputGenerator(
        function: kernel.function, contract: contract, trampoline: trampoline)
      result.append(
        prepared(
          Workload(name: workload.name, sizes: workload.sizes, origin: .declared), generator))
    }
    return result
  }

  /// The sizes that the file itself passes, where it holds calls that give them all.
  func called() throws -> [PreparedWorkload] {
    let generator = try InputGenerator(
      function: kernel.function, contract: kernel.contract, trampoline: trampoline)
    let inputs = generator.sizeInputs
    guard !inputs.isEmpty else { return [] }
    var result: [PreparedWorkload] = []
    for call in kernel.calls where result.count < Self.mostCalls {
      let sizes = call.arguments
      guard inputs.allSatisfy({ (sizes[$0] ?? 0) > 0 }),
        (try? generator.byteCount(sizes: sizes)) != nil,
        !result.contains(where: { $0.workload.sizes == sizes })
      else { continue }
      result.append(
        prepared(Workload(name: "line-\(call.line)", sizes: sizes, origin: .called), generator))
    }
    return result
  }

  /// Calls of the file that are measured.
  static let mostCalls = 3

  /// Workloads whose sizes are chosen so that the baseline takes a fraction of a millisecond to a few.
  func calibrated(
    _ object: LoadableObject, source: any MeasurementSource, machine: Machine
  ) async throws -> [PreparedWorkload] {
    let generator = try InputGenerator(
      function: kernel.function, contract: kernel.contract, trampoline: trampoline)
    let calibration = WorkloadCalibration(
      source: source, generator: generator, goal: .init(machine: machine))
    return try await calibration.workloads(for: object).map { prepared($0, generator) }
  }

  /// A workload of the kernel's own contract.
  func prepared(_ workload: Workload) throws -> PreparedWorkload {
    prepared(
      workload,
      try InputGenerator(
        function: kernel.function, contract: kernel.contract, trampoline: trampoline))
  }

  private func prepared(_ workload: Workload, _ generator: InputGenerator) -> PreparedWorkload {
    PreparedWorkload(
      workload: workload, generator: generator,
      shrinkable: Set(generator.sizeInputs).union(loopInputs))
  }

  /// Parameters that headers of loops mention.
  private var loopInputs: [String] {
    var mentioned: Set<VariableID> = []
    kernel.function.body.walk { statement in
      guard let header = statement.asLoop?.counted else { return }
      mentioned.formUnion(header.bound.mentionedVariables)
      mentioned.formUnion(header.lower?.mentionedVariables ?? [])
    }
    return kernel.function.parameters.filter(mentioned.contains).map { kernel.function[$0].name }
  }

  /// The contract with the workload's values and content ranges.
  private func contract(for workload: Configuration.Workload, _ file: String?) throws(InputError)
    -> Contract
  {
    var contract = kernel.contract
    for name in workload.sizes.keys { _ = try path(name, workload, file) }
    for (name, value) in workload.values {
      contract.requirements.append(
        .floatRange(try path(name, workload, file), lower: value, upper: value))
    }
    for (name, range) in workload.ranges {
      let path = try path(name, workload, file)
      contract.requirements.append(requirement(path, range, contract))
    }
    return contract
  }

  private func requirement(
    _ path: ObjectPath, _ range: ClosedRange<Double>, _ contract: Contract
  ) -> Requirement {
    let element = kernel.function.type(of: path)?.element?.scalarElement
    guard element?.isInteger == true, let extent = contract.extents[path] else {
      return .floatRange(path, lower: range.lowerBound, upper: range.upperBound)
    }
    return .elements(
      path, range: SizeRange(extent.lower, extent.upper),
      values: SizeRange(
        .constant(Int(range.lowerBound)), .constant(Int(range.upperBound) + 1)))
  }

  private func path(
    _ name: String, _ workload: Configuration.Workload, _ file: String?
  ) throws(InputError) -> ObjectPath {
    if let path = kernel.function.path(named: name) { return path }
    throw InputError(
      "workload '\(workload.name)' of '\(kernel.function.name)' names '\(name)', which it does not have",
      at: file.map { SourceLocation(file: $0) }, remedy: "use the names of its inputs")
  }
}
