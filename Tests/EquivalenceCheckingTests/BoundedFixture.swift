import CandidateExecution
import ExperimentRecords
import KernelModel
import KernelParsing

@testable import EquivalenceChecking

/// L3 alone, as tests ask it.
enum BoundedFixture {
  static func examine(
    _ kernel: Kernel, _ candidate: [UInt8], contraction: BuildFlags.Contraction? = nil
  ) throws -> Evidence {
    let kernel = CalleeReach(kernel, parser: JudgeFixture.parser).kernel
    let bounded = BoundedEquivalence(
      kernel: kernel, shape: try InputShape(kernel), parser: JudgeFixture.parser,
      contraction: contraction ?? kernel.build.contraction ?? .on, seed: 42)
    let place = FunctionPlace(
      start: kernel.function.range.lowerBound, body: kernel.function.bodyRange)
    let text: CandidateText?
    do {
      text = try CandidateText(candidate, replacing: place, in: kernel.source.bytes)
    } catch {
      // A text that L0 refuses has no factors of its own.
      text = nil
    }
    return bounded.examine(candidate, text).evidence
  }

  static func kernel(_ text: String, _ name: String, flags: [String] = []) throws -> Kernel {
    let build = BuildFlags(
      compiler: nil, arguments: ["-O2", "-std=gnu11"] + flags, directory: "/", database: nil)
    let file = try JudgeFixture.parser.parseText(text, at: "/bounded.c", build: build)
    guard let kernel = file.kernel(named: name) else {
      throw CorpusError(message: "'\(name)' cannot be read: \(file.skipped.first?.reason ?? "")")
    }
    return kernel.withInferredContract
  }

  /// Two bodies of one signature.
  static func examine(
    signature: String, _ original: String, _ candidate: String, flags: [String] = [],
    contraction: BuildFlags.Contraction? = nil
  ) throws -> Evidence {
    let head = "#include <stdint.h>\n#include <math.h>\n"
    let kernel = try kernel("\(head)\(signature) { \(original) }\n", "f", flags: flags)
    return try examine(
      kernel, Array("\(head)\(signature) { \(candidate) }\n".utf8), contraction: contraction)
  }
}
