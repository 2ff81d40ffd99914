import ExperimentRecords
import Foundation
import KernelModel
import KernelParsing
import Sandboxing

@testable import CandidateExecution

/// A compiler, a runner and a scratch directory for one test.
struct Workbench {
  let runner: Runner
  let scratch: ScratchDirectory
  let compiler: Compiler
  let harness: Harness

  init(_ compilerName: String = "clang") async throws {
    runner = try Runner()
    scratch = try ScratchDirectory()
    compiler = try await CompilerProbe(runner: runner).resolve(compilerName)
    harness = Harness(runner: runner)
  }

  var driver: CompilerDriver {
    CompilerDriver(compiler: compiler, runner: runner, scratch: scratch)
  }

  func build(flags: [String]) -> BuildFlags {
    BuildFlags(
      compiler: nil, arguments: flags, directory: NSTemporaryDirectory(), database: nil)
  }

  /// The first kernel of a text. `extents` gives the elements behind each pointer as a product,
  /// `"m->rows * m->cols"`; integer inputs that occur there are not negative.
  func kernel(
    _ text: String, flags: [String] = ["-O2", "-std=gnu11"], extents: [String: String] = [:]
  ) throws -> Kernel {
    let file = try KernelParser().parseText(
      text, at: NSTemporaryDirectory() + "/snippet.c", build: build(flags: flags))
    guard var kernel = file.kernels.first else {
      throw NoKernel(reasons: file.skipped.map(\.reason))
    }
    kernel.contract = try contract(kernel.function, extents)
    return kernel
  }

  private func contract(_ function: Function, _ extents: [String: String]) throws -> Contract {
    var contract = Contract(source: .acsl)
    for (name, product) in extents.sorted(by: { $0.key < $1.key }) {
      let factors = try product.split(separator: "*").map { factor -> SizeExpr in
        let word = factor.trimmingCharacters(in: .whitespaces)
        if let number = Int(word) { return .constant(number) }
        guard let path = function.path(named: word) else { throw NoKernel(reasons: [word]) }
        contract.requirements.append(.compare(.input(path), .greaterOrEqual, .constant(0)))
        return .input(path)
      }
      guard let path = function.path(named: name), let first = factors.first else {
        throw NoKernel(reasons: [name])
      }
      contract.extents[path] = Extent(
        lower: .constant(0), upper: factors.dropFirst().reduce(first) { .multiply($0, $1) },
        source: .acsl, isProven: true)
    }
    return contract
  }

  /// An object whose function takes nothing, for bodies that no parser should be troubled with.
  func hostile(_ body: String, before: String = "") async throws -> LoadableObject {
    let function = Function(
      name: "hostile", result: .int, parameters: [], isStatic: false, isInline: false,
      body: .block([]), symbols: [:], records: [:], origins: [:], range: 0..<0, bodyRange: 0..<0,
      reservedNames: [])
    let text = "\(before)\nint hostile(void) {\n\(body)\n  return 0;\n}\n"
    return try await driver.build(
      CompilationUnit(
        bytes: Array(text.utf8), sourcePath: "/hostile.c",
        build: build(flags: ["-O1", "-w", "-D_GNU_SOURCE"]), trampoline: try Trampoline(function)))
  }

  /// What becomes of one call of `object` without arguments.
  func outcome(
    of object: LoadableObject, call: Duration = .milliseconds(400), memory: Int = 1 << 30,
    processor: Duration? = nil, threads: Int = 1
  ) async throws -> CallOutcome {
    let wall = max(.seconds(10), call + .seconds(5))
    let options = ExaminationOptions(
      limits: Limits(
        wall: wall, call: call, memory: memory, processor: processor, threads: threads))
    let outcomes = try await harness.examine(
      object, images: [MemoryImage(resultSize: 4)], options: options)
    return outcomes[0]
  }
}

struct NoKernel: Error {
  let reasons: [String]
}

extension CallOutcome {
  /// What a call that returned left behind.
  var returned: CallReturn? {
    if case .returned(let value) = self { value } else { nil }
  }
}

/// The values of a region as doubles.
func doubles(_ bytes: [UInt8]) -> [Double] {
  bytes.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
}

/// The bytes of numbers as they lie in memory.
func bytes<T: BitwiseCopyable>(_ values: [T]) -> [UInt8] {
  values.withUnsafeBytes { Array($0) }
}

/// One scalar argument's bytes.
func bytes(_ value: Int32) -> [UInt8] { bytes([value]) }
