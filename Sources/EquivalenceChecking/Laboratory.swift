import CandidateExecution
import ExperimentRecords
import KernelModel

/// Why something could not be built or run; always `inconclusive`, except that a candidate that the
/// compiler rejects is not well formed.
enum LaboratoryError: Error {
  case compile(CompileError)
  case harness(HarnessError)
  case noCompiler

  var description: String {
    switch self {
    case .compile(let error): error.description
    case .harness(let error): error.description
    case .noCompiler: "there is no clang, whose instrumentation is needed"
    }
  }
}

/// Builds programs and calls them; remembers what the original did on every point.
actor Laboratory {
  /// Text that stands for the original or a candidate.
  struct Program: Hashable, Sendable {
    var bytes: [UInt8]
    var isOriginal: Bool
  }

  private let kernel: Kernel
  private let plan: BuildPlan
  private let trampoline: Trampoline
  private let harness: Harness
  private let callLimit: Duration
  private let seed: UInt64
  private var remembered: [BuildChoice: [CallInput.Identity: CallOutcome]] = [:]
  private var rememberedBytes = 0
  /// Where the image of each point stands. Pointers are values that a program may store and hash, so
  /// a point has the same addresses in every call, whatever else is examined with it.
  private var sites: [CallInput.Identity: MemoryImage.Site] = [:]
  private var nextSite = 0
  /// Builds that failed; one that was ended for its time is not begun again.
  private var failures: [BuildChoice: [Program: CompileError]] = [:]
  private(set) var compileSeconds = 0.0
  private(set) var compiles = 0

  init(kernel: Kernel, plan: BuildPlan, seed: UInt64) throws(CompileError) {
    self.kernel = kernel
    self.plan = plan
    self.seed = seed
    trampoline = try Trampoline(kernel.function)
    harness = plan.environment.harness
    callLimit = plan.environment.callLimit
  }

  /// The program as `choice` builds it.
  func build(_ program: Program, _ choice: BuildChoice) async throws(LaboratoryError)
    -> LoadableObject
  {
    guard let driver = plan.driver(of: choice) else { throw .noCompiler }
    if let failure = failures[choice]?[program] { throw .compile(failure) }
    let unit = CompilationUnit(
      bytes: program.bytes, sourcePath: kernel.source.path, build: kernel.build,
      trampoline: trampoline)
    do throws(CompileError) {
      let object = try await driver.build(unit, as: choice.flavour, extra: choice.extra)
      compileSeconds += object.cpuSeconds
      if object.cpuSeconds > 0 { compiles += 1 }
      return object
    } catch {
      failures[choice, default: [:]][program] = error
      throw .compile(error)
    }
  }

  /// Builds every choice of both programs, two at a time; none is begun after one has failed.
  func prepare(_ programs: [Program], _ choices: [BuildChoice]) async {
    let builds = programs.flatMap { program in choices.map { (program, $0) } }
    await withTaskGroup(of: Bool.self) { group in
      for (index, build) in builds.enumerated() {
        if index >= 2, await group.next() == false { break }
        group.addTask {
          do {
            _ = try await self.build(build.0, build.1)
            return true
          } catch {
            // The same build is asked for again where its result is needed, and fails there.
            return false
          }
        }
      }
    }
  }

  /// What the program does on each input.
  func call(
    _ program: Program, on inputs: [CallInput], _ choice: BuildChoice, twice: Bool = false
  ) async throws(LaboratoryError) -> [CallOutcome] {
    guard program.isOriginal else { return try await run(program, inputs, choice, twice: twice) }
    if rememberedBytes > Self.mostRemembered || nextSite > Self.furthestSite {
      (remembered, sites) = ([:], [:])
      (rememberedBytes, nextSite) = (0, 0)
    }
    let known = remembered[choice] ?? [:]
    let missing = inputs.filter { known[$0.identity] == nil }
    let outcomes = try await run(program, missing, choice, twice: false)
    for (input, outcome) in zip(missing, outcomes) {
      remembered[choice, default: [:]][input.identity] = outcome
      rememberedBytes += input.image.byteCount
    }
    let all = remembered[choice] ?? [:]
    return inputs.map { all[$0.identity] ?? .outOfTime }
  }

  private static let mostRemembered = 512 << 20
  /// Sites end far below the eight tebibytes that the runner's arena may span.
  private static let furthestSite = 1 << 41

  private func run(
    _ program: Program, _ inputs: [CallInput], _ choice: BuildChoice, twice: Bool
  ) async throws(LaboratoryError) -> [CallOutcome] {
    guard !inputs.isEmpty else { return [] }
    let object = try await build(program, choice)
    var options = ExaminationOptions(
      seed: seed, audits: choice.flavour == .audit, callsTwice: twice,
      callsInARow: choice.callsInARow > 1)
    // Inputs on which the original takes long are left out, so that a candidate that is slower in a
    // slower build is not taken for one that never ends.
    options.limits.threads = choice.threads
    options.limits.call = program.isOriginal ? callLimit : callLimit * 10
    do throws(HarnessError) {
      return try await harness.examine(object, images: placed(inputs), options: options)
    } catch {
      throw .harness(error)
    }
  }

  /// The images at the sites of their points, which are chosen when a point is first met.
  private func placed(_ inputs: [CallInput]) -> [MemoryImage] {
    var taken: Set<CallInput.Identity> = []
    return inputs.map { input in
      var image = input.image
      if taken.insert(input.identity).inserted, let site = sites[input.identity] {
        image.site = site
      } else {
        let site = MemoryImage.Site(start: nextSite, byteCount: image.reach)
        nextSite += site.byteCount
        if sites[input.identity] == nil { sites[input.identity] = site }
        image.site = site
      }
      return image
    }
  }

  /// One command line per build, without files.
  func commandLines(_ choices: [BuildChoice]) async -> [String] {
    var lines: [String] = []
    for choice in choices where choice.callsInARow == 1 {
      guard let compiler = plan.compiler(of: choice) else { continue }
      do {
        let object = try await build(
          Program(bytes: kernel.source.bytes, isOriginal: true), choice)
        let family = "\(compiler.name) \(compiler.version)"
        lines.append(([family] + object.arguments).joined(separator: " "))
      } catch {
        lines.append("\(compiler.name) \(compiler.version): \(error.description)")
      }
    }
    return lines
  }
}
