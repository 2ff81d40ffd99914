import CandidateExecution
import Diagnostics
import ExperimentRecords
import Foundation
import KernelParsing
import OptimizationAgent
import Sandboxing

/// What `doctor` found.
struct Checkup: Encodable {
  /// A program that is needed or useful.
  struct Tool: Encodable {
    var name: String
    var path: String?
    var version: String?
    var purpose: String
    var isRequired: Bool
    var problem: String?
  }

  /// A layer of the sandbox.
  struct Layer: Encodable {
    var name: String
    var isActive: Bool
    var purpose: String
    var otherwise: String
  }

  var schema = "ratchet.doctor/1"
  var machine: Machine
  var tools: [Tool]
  /// The library that C is parsed with.
  var parser = ParserLibrary.version
  var sandbox: [Layer]
  /// What the sandbox is for, and what it is not.
  var sandboxPromise = SandboxReport.promise
  /// The core that candidates are timed on; -1 when any may be.
  var measuredCore: Int?
  var noise: NoiseCheck?
  /// Why there is no measurement of noise.
  var noiseProblem: String?
  /// What one core does at most.
  var limits: PeakMeasurement?
  /// What `optimize` cannot do without, each with a remedy.
  var missing: [String]

  /// Looks at everything; what cannot be found out is told as such.
  static func make(compiler: String?, measuresNoise: Bool) async -> Checkup {
    var checkup = Checkup(
      machine: MachineProbe.current(), tools: [], sandbox: [], missing: [])
    let runner: Runner
    do throws(RunnerError) {
      runner = try Runner()
      let report = try await runner.doctor()
      checkup.sandbox = report.rows.map {
        Layer(name: $0.name, isActive: $0.isActive, purpose: $0.purpose, otherwise: $0.otherwise)
      }
      checkup.measuredCore = report.childCore
      if !report.layers.contains(.seccomp), !Limits.environmentAllowsNoSeccomp {
        checkup.missing.append(
          "seccomp: candidates are refused without it; use a kernel that has it, or set "
            + "\(SandboxReport.withoutSeccomp)=allow to rely on the other layers")
      }
    } catch {
      checkup.missing.append("the runner: \(error); build it with 'make build'")
      return checkup
    }
    let found = await checkup.lookForTools(runner, compiler)
    if let found {
      checkup.limits = await PeakMeasurement.make(
        checkup.machine, compiler: found, runner: runner, measures: measuresNoise)
    }
    guard measuresNoise else { return checkup }
    guard let found else {
      checkup.noiseProblem = "no C compiler works"
      return checkup
    }
    do {
      checkup.noise = try await NoiseCheck.measure(compiler: found, runner: runner)
    } catch {
      checkup.noiseProblem = (error as? InputError)?.diagnostic.message ?? "\(error)"
    }
    return checkup
  }

  /// Fills in the tools and returns the compiler to measure with.
  private mutating func lookForTools(_ runner: Runner, _ name: String?) async -> Compiler? {
    var working: [Compiler] = []
    let probe = CompilerProbe(runner: runner)
    var names = ["clang", "gcc"]
    if let name, !names.contains(name) { names.insert(name, at: 0) }
    for candidate in names {
      var tool = Tool(
        name: candidate, path: CompilerProbe.find(candidate), purpose: Self.purpose(candidate),
        isRequired: candidate == name)
      do throws(CompileError) {
        let compiler = try await probe.resolve(candidate)
        tool.version = compiler.description
        if candidate == name { working.insert(compiler, at: 0) } else { working.append(compiler) }
      } catch {
        tool.problem = tool.path == nil ? "not found" : error.description
        if candidate == name { missing.append("\(candidate): \(error)") }
      }
      tools.append(tool)
    }
    if !working.contains(where: { $0.name == "clang" }) {
      missing.append("clang: C is preprocessed and faults are found with it; install 'clang'")
    }
    for (program, purpose) in [("git", "applies patches"), ("patch", "applies patches")] {
      let path = CompilerProbe.find(program)
      tools.append(
        Tool(
          name: program, path: path, purpose: purpose, isRequired: false,
          problem: path == nil ? "not found" : nil))
    }
    machine.compilers = working
    return working.first
  }

  private static func purpose(_ compiler: String) -> String {
    switch compiler {
    case "clang": "reads C, finds faults, and is the default baseline"
    case "gcc": "second compiler that results are compared with"
    default: "other baseline"
    }
  }
}

extension Checkup {
  /// The checkup for people.
  func text(in style: TerminalStyle) -> String {
    var text = style.bold("machine") + "\n"
    text += "  \(printable(machine.cpu)), \(machine.cores) cores, \(memory)\n"
    text += "  \(printable(machine.operatingSystem)), \(printable(machine.kernel))"
    text += machine.virtualization.map { ", \($0)" } ?? ""
    text += machine.governor.map { ", governor \($0)" } ?? ""
    text += "\n\n" + style.bold("tools") + "\n"
    for tool in tools {
      let state = tool.problem ?? tool.version ?? "found"
      let mark = tool.problem == nil ? style.green("ok     ") : style.yellow("missing")
      text += "  \(mark) \(padded(tool.name, to: 8)) \(printable(state))"
      text += tool.path.map { " (\(printable($0)))" } ?? ""
      text += "; \(tool.purpose)\n"
    }
    text += "  \(style.green("ok     ")) libclang \(printable(parser)); parses C\n"
    text += "\n" + style.bold("sandbox") + "\n"
    for layer in sandbox {
      let mark = layer.isActive ? style.green("on ") : style.yellow("off")
      text += "  \(mark) \(padded(layer.name, to: 23)) "
      text += layer.isActive ? "\(layer.purpose)\n" : "missing: \(layer.otherwise)\n"
    }
    if !sandbox.isEmpty { text += "  \(sandboxPromise)\n" }
    if let measuredCore {
      text +=
        measuredCore >= 0
        ? "  candidates are timed on core \(measuredCore)\n"
        : "  candidates are timed on any core: the machine has none to spare\n"
    }
    text += "\n" + style.bold("noise") + "\n"
    if let noise {
      text += "  with \(Figures.seconds(noise.seconds)) per candidate, "
      text += "\(Figures.percent(noise.smallestResolvableEffect)) can be resolved\n"
      text += "  two copies of one object: \(Figures.interval(noise.ratio)); "
      text += "19 of 20 loads within \(Figures.percent(noise.floor)) (\(noise.loads) loads)\n"
    } else {
      text += "  \(noiseProblem.map { "not measured: \(printable($0))" } ?? "not measured")\n"
    }
    if let limits { text += limits.text(in: style) }
    for problem in missing { text += "\n" + style.red("missing: ") + printable(problem) + "\n" }
    return text + (missing.isEmpty ? "\neverything that 'optimize' needs is there\n" : "")
  }

  private var memory: String {
    machine.memoryBytes.map { "\($0 >> 30) GiB" } ?? "memory unknown"
  }
}
