import ExperimentRecords
import KernelModel
import KernelParsing

/// Which outcomes of a program's branches inputs reach, found by running it in the interpreter on
/// the contents of each input.
///
/// A condition has two outcomes, true and false; one that is a constant of the text is not counted, and one
/// that stands in a function called twice counts twice. What is run is bounded: the counts are
/// what was reached at least.
struct BranchCoverage {
  let kernel: Kernel
  let shape: InputShape
  let parser: KernelParser
  /// Instructions for each program.
  var steps = 6_000_000

  /// The outcomes that `inputs` reach; nil for what the interpreter does not read.
  func measure(_ text: [UInt8], on inputs: [CallInput]) -> BranchOutcomes? {
    guard var trace = BranchTrace(text, of: kernel, shape, parser: parser) else { return nil }
    trace.run(on: inputs, steps: steps)
    return trace.counts
  }
}
