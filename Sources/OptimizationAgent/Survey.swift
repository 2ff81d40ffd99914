import DependenceAnalysis
public import Diagnostics
public import ExperimentRecords
import Foundation
public import KernelModel
import KernelParsing

/// A function with a loop, ready to be searched.
public struct SurveyedKernel: Sendable {
  public var name: KernelName
  public var kernel: Kernel
  /// Line of the function's first token.
  public var line: Int
  public var loops: Int
  public var depth: Int
  /// The contract as ACSL clauses.
  public var clauses: [String]
  /// Where the contract comes from, strongest first, joined by `+`.
  public var contractOrigin: String
  /// What reading it took: its share of its file, and the inference of its contract.
  public var reading = Cost()
}

/// A function with a loop that is not searched, and why.
public struct SkippedKernel: Hashable, Sendable {
  public var name: KernelName
  public var line: Int
  public var reason: String
  /// The one line of ACSL that would settle it, when there is one.
  public var remedy: String?
}

/// Everything that the paths hold.
public struct Survey: Sendable {
  /// Kernels with a contract, by file and line.
  public private(set) var kernels: [SurveyedKernel] = []
  /// Kernels that were parsed and whose contract is not complete; they can be transformed.
  public private(set) var unresolved: [SurveyedKernel] = []
  public private(set) var skipped: [SkippedKernel] = []
  /// What a person should know, such as flags that are assumed.
  public private(set) var notes: [String] = []
  /// What reading everything took.
  public private(set) var reading = Cost()
  /// The directory that file names are relative to.
  public let root: String
  /// The flags of the first kernel's file.
  public var flags: [String] { kernels.first?.kernel.build.arguments ?? [] }
  let configuration: Configuration

  /// Parses every C file of the paths and infers what contracts do not declare.
  ///
  /// Throws: `InputError` when a path does not exist, holds no C, or holds C that does not parse, or
  /// when a function that was asked for is not there.
  public init(options: CampaignOptions, configuration: Configuration) throws(InputError) {
    self.configuration = configuration
    root = Self.root(of: options.paths)
    let files = try SourceDiscovery().files(in: options.paths)
    let flags = options.flags.map(ShellWords.split)
    let parser = KernelParser(.init(compiler: options.compiler, flags: flags))
    var failures: [InputError] = []
    for file in files {
      var meter = CostMeter()
      let first = kernels.count
      defer { share(meter.total, from: first) }
      let parsed: ParsedFile
      do throws(InputError) {
        parsed = try meter.measureNow(.parse) { () throws(InputError) in
          try parser.parse(file.file, root: file.root)
        }
      } catch {
        failures.append(error)
        continue
      }
      note(parsed, isChosen: flags != nil)
      for skipped in parsed.skipped where options.includes(skipped.name) {
        self.skipped.append(
          SkippedKernel(
            name: name(file.file, skipped.name), line: skipped.line, reason: skipped.reason))
      }
      for kernel in parsed.kernels where options.includes(kernel.function.name) {
        meter.measureNow(.parse) { add(kernel) }
      }
    }
    // One file that does not parse must not hide the others; when nothing is left it is the answer.
    if let first = failures.first, kernels.isEmpty, skipped.isEmpty { throw first }
    notes += failures.map { "\($0.description); the file is left out" }
    try check(options)
  }

  /// A survey of one kernel that is at hand, whose files lie under `root`.
  public init(of kernel: Kernel, root: String, configuration: Configuration) {
    self.configuration = configuration
    self.root = root
    add(kernel)
  }

  /// Books what a file took, in equal parts, on the kernels that it gave.
  private mutating func share(_ cost: Cost, from first: Int) {
    reading += cost
    let count = Double(kernels.count - first)
    for index in first..<kernels.count { kernels[index].reading = cost.scaled(by: 1 / count) }
  }

  private mutating func note(_ parsed: ParsedFile, isChosen: Bool) {
    for diagnostic in parsed.diagnostics where diagnostic.severity == .warning {
      let line = DiagnosticRenderer().render(diagnostic)
      if !notes.contains(line) { notes.append(line) }
    }
    guard parsed.build.database == nil, !isChosen else { return }
    let flags = parsed.build.arguments.joined(separator: " ")
    let line = "no compile_commands.json found; assuming \(flags)"
    if !notes.contains(line) { notes.append(line) }
  }

  private mutating func add(_ parsed: Kernel) {
    var kernel = parsed
    kernel.contract = ContractInference.infer(for: kernel)
    let function = kernel.function
    let surveyed = SurveyedKernel(
      name: name(kernel.source.path, function.name), kernel: kernel,
      line: kernel.source.position(of: function.range.lowerBound).line,
      loops: function.body.loopLabels.count, depth: function.body.loopDepth,
      clauses: function.acsl(kernel.contract), contractOrigin: Self.origin(of: kernel.contract))
    guard let obstacle = kernel.contract.unresolved.first else {
      kernels.append(surveyed)
      return
    }
    unresolved.append(surveyed)
    skipped.append(
      SkippedKernel(
        name: surveyed.name, line: surveyed.line, reason: obstacle.reason, remedy: obstacle.remedy))
  }

  private func name(_ file: String, _ function: String) -> KernelName {
    let prefix = root.hasSuffix("/") ? root : root + "/"
    let relative = file.hasPrefix(prefix) ? String(file.dropFirst(prefix.count)) : file
    return KernelName(file: relative, function: function)
  }

  private func check(_ options: CampaignOptions) throws(InputError) {
    for function in options.functions {
      let isKnown =
        kernels.contains { $0.name.function == function }
        || skipped.contains { $0.name.function == function }
      if !isKnown { throw missing(function, in: options.paths.joined(separator: " ")) }
    }
    if kernels.isEmpty, skipped.isEmpty {
      throw InputError(
        "no function with a loop in \(options.paths.joined(separator: " "))",
        remedy: "name a file or directory that holds hot loops")
    }
  }

  /// The error for a function that is not there, or that was skipped.
  public func missing(_ function: String, in place: String) -> InputError {
    if let skipped = skipped.first(where: { $0.name.function == function }) {
      return InputError(
        "'\(function)' is skipped: \(skipped.reason)",
        at: SourceLocation(file: skipped.name.file, line: skipped.line), remedy: skipped.remedy)
    }
    return InputError(
      "no function '\(function)' with a loop in \(place)",
      remedy: "'ratchet kernels' lists what is there")
  }

  /// Where the lineage lives: `--state`, else `.ratchet` under the first path.
  public static func stateDirectory(_ options: CampaignOptions) -> String {
    options.stateDirectory ?? root(of: options.paths) + "/.ratchet"
  }

  private static func origin(of contract: Contract) -> String {
    var sources = Set(contract.extents.values.map(\.source))
    if let source = contract.source { sources.insert(source) }
    let order: [ContractSource] = [.acsl, .declared, .inferred]
    let names = order.filter(sources.contains).map(\.rawValue)
    return names.isEmpty ? "none needed" : names.joined(separator: "+")
  }

  /// The first path, or the directory of it when it is a file.
  static func root(of paths: [String]) -> String {
    let first = URL(fileURLWithPath: paths.first ?? ".").standardizedFileURL
    var isDirectory: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: first.path, isDirectory: &isDirectory)
    return exists && isDirectory.boolValue ? first.path : first.deletingLastPathComponent().path
  }
}

extension CampaignOptions {
  func includes(_ function: String) -> Bool { functions.isEmpty || functions.contains(function) }
}
