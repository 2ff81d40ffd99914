import ExperimentRecords
import KernelModel
import KernelParsing

@testable import EquivalenceChecking

/// L7 alone, as tests ask it.
enum ParametricFixture {
  static func examine(
    _ kernel: Kernel, _ candidate: [UInt8], contraction: BuildFlags.Contraction? = nil,
    operationLimit: Int? = nil
  ) -> Evidence {
    let kernel = CalleeReach(kernel, parser: JudgeFixture.parser).kernel
    var proof = ParametricEquivalence(
      kernel: kernel, parser: JudgeFixture.parser,
      contraction: contraction ?? kernel.build.contraction ?? .on)
    if let operationLimit { proof.operationLimit = operationLimit }
    return proof.examine(candidate)
  }

  /// Two bodies of one signature.
  static func examine(
    signature: String, _ original: String, _ candidate: String, flags: [String] = [],
    contraction: BuildFlags.Contraction? = nil, operationLimit: Int? = nil
  ) throws -> Evidence {
    let head = "#include <stdint.h>\n#include <math.h>\n"
    let kernel = try BoundedFixture.kernel(
      "\(head)\(signature) { \(original) }\n", "f", flags: flags)
    return examine(
      kernel, Array("\(head)\(signature) { \(candidate) }\n".utf8), contraction: contraction,
      operationLimit: operationLimit)
  }
}
