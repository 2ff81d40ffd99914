import CandidateExecution
import DependenceAnalysis
import Diagnostics
import EquivalenceChecking
import ExperimentRecords
import KernelModel
import KernelParsing
import LineageLog
import Sandboxing
import SearchPolicies

/// What all kernels of a campaign share: machine, compiler, runner, scratch space.
public struct Workbench: Sendable {
  let options: CampaignOptions
  let survey: Survey
  let runner: Runner
  let scratch: ScratchDirectory
  /// The compiler of the baseline.
  let compiler: Compiler
  /// Every compiler that results are compared with.
  let compilers: [Compiler]
  let machine: Machine
  /// What the machine does at most; nil when that cannot be measured here.
  let peaks: MachinePeaks?
  /// Widths of the vector registers that the baseline's compiler has, by the project's flags.
  private let vectorWidths: [BuildFlags: CompilerProbe.VectorWidths]
  let parser = KernelParser()

  /// Throws: `InputError` when the runner or the compiler is missing, crashes or hangs.
  init(options: CampaignOptions, survey: Survey) async throws {
    self.options = options
    self.survey = survey
    runner = try Self.runner()
    scratch = try ScratchDirectory()
    let named = options.compiler ?? survey.kernels.first?.kernel.build.compiler ?? "clang"
    let probe = CompilerProbe(runner: runner)
    compiler = try await Self.resolve(named, probe)
    var found = [compiler]
    for other in ["clang", "gcc"] where other != compiler.name {
      if CompilerProbe.find(other) != nil { found.append(try await Self.resolve(other, probe)) }
    }
    compilers = found
    machine = MachineProbe.current(compilers: found)
    peaks = await Self.peaks(machine, compiler, runner)
    var widths: [BuildFlags: CompilerProbe.VectorWidths] = [:]
    for flags in Set(survey.kernels.map(\.kernel.build)) {
      // Flags that the compiler does not take are reported where the kernel is built.
      widths[flags] = try? await probe.vectorWidths(of: compiler, under: flags)
    }
    vectorWidths = widths
  }

  /// A kernel with its built original and its workloads.
  struct Prepared: Sendable {
    var surveyed: SurveyedKernel
    var original: LoadableObject
    var trampoline: Trampoline
    var workloads: [PreparedWorkload]
    var baseline: Baseline
  }

  /// Builds the original and fixes what it is measured with.
  ///
  /// Throws: `Unsearchable` when the function cannot be called or its memory cannot be made.
  func prepare(_ surveyed: SurveyedKernel) async throws -> Prepared {
    let kernel = surveyed.kernel
    var meter = CostMeter(surveyed.reading)
    let trampoline: Trampoline
    let original: LoadableObject
    do {
      trampoline = try Trampoline(kernel.function)
      original = try await meter.measure(.compile) {
        try await driver.build(unit(kernel, trampoline)(kernel.source.bytes))
      }
    } catch let error as CompileError {
      throw Unsearchable(reason: error.description)
    }
    meter.add(compiles: original.cpuSeconds > 0 ? 1 : 0)
    let planning = WorkloadPlanning(kernel: kernel, trampoline: trampoline)
    var workloads = try await meter.measure(.measure) {
      try await self.workloads(planning, original)
    }
    let standIns = StandIns(
      source: Harness(runner: runner), cacheBytes: dataCaches.map(\.bytes))
    for index in workloads.indices where workloads[index].workload.origin != .chosen {
      let given = workloads[index]
      workloads[index].contents = await meter.measure(.measure) {
        await contents(given, kernel, trampoline)
      }
      let workload = workloads[index]
      workloads[index].standIn = await meter.measure(.measure) {
        await standIns.standIn(for: workload, of: original)
      }
    }
    guard !workloads.isEmpty else {
      throw Unsearchable(reason: "no sizes were found at which a call can be measured")
    }
    let limits = meter.measureNow(.parse) { self.limits(kernel, Self.measured(workloads), peaks) }
    let baseline = Baseline(
      kernel: surveyed.name, line: surveyed.line,
      source: ObjectStore.digest(of: kernel.source.bytes),
      contract: surveyed.clauses.joined(separator: "\n"), contractOrigin: surveyed.contractOrigin,
      workloads: workloads.map(\.workload), compiler: compiler, flags: kernel.build.arguments,
      cost: meter.total, limits: limits.isEmpty ? nil : limits)
    return Prepared(
      surveyed: surveyed, original: original, trampoline: trampoline, workloads: workloads,
      baseline: baseline)
  }

  /// Contents on which the original is defined at small sizes: whole numbers that a kernel adds along paths
  /// overflow soon where some are negative, and then no two builds need agree.
  private func contents(
    _ workload: PreparedWorkload, _ kernel: Kernel, _ trampoline: Trampoline
  ) async -> InputPlan.Values {
    var small = workload
    small.workload.sizes = workload.workload.sizes.mapValues { min($0, Self.smallSize) }
    guard
      let object = try? await driver.build(
        unit(kernel, trampoline)(kernel.source.bytes), as: .undefinedBehaviour)
    else { return .ordinary }
    for contents in [InputPlan.Values.ordinary, .smallIntegers] {
      small.contents = contents
      guard let image = try? small.image(1),
        let outcome = try? await Harness(runner: runner).examine(object, images: [image]).first
      else { return .ordinary }
      if case .returned = outcome { return contents }
    }
    return .ordinary
  }

  private static let smallSize = 48

  /// The workloads and what stands in for them.
  static func measured(_ workloads: [PreparedWorkload]) -> [Workload] {
    workloads.flatMap { $0.standIn == nil ? [$0.workload] : [$0.workload, $0.trial.workload] }
  }

  /// Builds the original with another compiler: the project's flags that say what the text means, then
  /// the given ones.
  func build(_ prepared: Prepared, with compiler: Compiler, flags: [String])
    async throws(CompileError)
    -> LoadableObject
  {
    let kernel = prepared.surveyed.kernel
    let driver = CompilerDriver(
      compiler: compiler, runner: runner, scratch: scratch,
      isForeign: compiler.name != self.compiler.name)
    return try await driver.build(
      unit(kernel, prepared.trampoline)(kernel.source.bytes), extra: flags)
  }

  /// The compiler of this name.
  func resolve(_ name: String) async throws(InputError) -> Compiler {
    try await Self.resolve(name, CompilerProbe(runner: runner))
  }

  /// A search of one kernel, ready to run.
  struct PreparedSearch {
    var search: KernelSearch
    var space: TransformationSpace
  }

  func search(
    _ prepared: Prepared, log: SearchLog, stop: StopSignal, errors: ErrorBudget,
    trust: MeasurementTrust, onProgress: @escaping (String, Int, Double, Double) -> Void
  ) -> PreparedSearch {
    let kernel = prepared.surveyed.kernel
    // Sizes that were only chosen to take a while are nobody's.
    let sizes = prepared.workloads.map(\.workload).filter { $0.origin != .chosen }.map(\.sizes)
    let describe: TransformationSpace.Describe = {
      ShapeExtraction.shape(of: $0, calledWith: sizes)
    }
    let space = TransformationSpace(kernel, describe: describe) {
      log.record(refusal: $1, of: $0, cost: $2)
    }
    let search = KernelSearch(
      name: prepared.surveyed.name, executor: limited(executor(prepared), prepared), log: log,
      stop: stop, onProgress: onProgress,
      originalBytes: kernel.source.bytes, proposer: proposer(for: prepared.surveyed),
      budget: SearchBudget(options.budget), meter: CostMeter(prepared.baseline.cost),
      errors: errors, trust: trust)
    return PreparedSearch(search: search, space: space)
  }

  /// Everything that happens to this kernel's candidates.
  func executor(_ prepared: Prepared, threads: Int = 1) -> LocalExecutor {
    let kernel = prepared.surveyed.kernel
    return LocalExecutor(
      unit: unit(kernel, prepared.trampoline), driver: driver,
      source: ShuffledMeasurements(Harness(runner: runner)),
      original: prepared.original, originalText: kernel.source.bytes, workloads: prepared.workloads,
      expectation: options.floatingPoint == .exact ? .original : .own,
      judge: judge(of: kernel),
      counter: threads > 1
        ? nil : InstructionCounter(driver: driver, harness: Harness(runner: runner)),
      threads: threads, seed: seed(for: prepared.surveyed.name))
  }

  /// The texts of a kernel's candidates as the compiler gets them.
  private func unit(_ kernel: Kernel, _ trampoline: Trampoline)
    -> @Sendable ([UInt8]) -> CompilationUnit
  {
    let (path, build) = (kernel.source.path, kernel.build)
    return { text in
      CompilationUnit(bytes: text, sourcePath: path, build: build, trampoline: trampoline)
    }
  }

  private var driver: CompilerDriver {
    CompilerDriver(compiler: compiler, runner: runner, scratch: scratch)
  }

  private func workloads(_ planning: WorkloadPlanning, _ original: LoadableObject) async throws
    -> [PreparedWorkload]
  {
    do {
      let configured = try planning.configured(survey.configuration)
      if !configured.isEmpty { return configured }
      let called = try planning.called()
      if !called.isEmpty { return called }
      return try await planning.calibrated(
        original, source: Harness(runner: runner), machine: machine)
    } catch let error as GenerationError {
      throw Unsearchable(reason: error.description)
    }
  }

  private func proposer(for surveyed: SurveyedKernel) -> any Proposer {
    let widths =
      vectorWidths[surveyed.kernel.build] ?? CompilerProbe.VectorWidths(filled: 16, register: 16)
    return BeamSearch(
      seed: seed(for: surveyed.name), vectorBytes: widths.filled, registerBytes: widths.register,
      cacheBytes: dataCaches.prefix(2).map(\.bytes),
      mayReorder: options.floatingPoint == .relaxed)
  }

  /// Smallest first.
  private var dataCaches: [Machine.Cache] {
    machine.caches.filter { $0.kind != "instruction" }.sorted { $0.level < $1.level }
  }

  /// A kernel's own seed, so that adding a kernel to a directory changes nothing for the others.
  private func seed(for name: KernelName) -> UInt64 {
    name.description.utf8.reduce(options.seed &+ 0xCBF2_9CE4_8422_2325) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01B3
    }
  }

  private static func runner() throws(InputError) -> Runner {
    do throws(RunnerError) { return try Runner() } catch {
      throw InputError(error.description, remedy: "build it with 'make build'")
    }
  }

  private static func resolve(_ name: String, _ probe: CompilerProbe) async throws(InputError)
    -> Compiler
  {
    do throws(CompileError) { return try await probe.resolve(name) } catch {
      throw InputError(error.description, remedy: "name a working C compiler with --cc")
    }
  }
}
