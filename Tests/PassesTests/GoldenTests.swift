import ExperimentRecords
import Foundation
import KernelModel
import Passes
import Testing

struct GoldenTests {
  @Test(arguments: try GoldenCase.discover())
  func holds(_ golden: GoldenCase) throws {
    let kernel = try golden.kernel(in: golden.text)
    let result: Kernel
    do {
      result = try Stepwise.apply(golden.recipe, to: kernel)
    } catch let refusal as Refusal {
      let expected = try #require(golden.refusal, "\(refusal)")
      #expect(refusal.reason.contains(expected))
      return
    }
    #expect(golden.refusal == nil, "expected a refusal")
    try assertGolden(golden, kernel, result)
  }

  /// The text, well-formedness (checked after every step), that the output parses again and compiles
  /// without warnings, that it agrees with the input, and that a second run gives the same bytes.
  private func assertGolden(_ golden: GoldenCase, _ kernel: Kernel, _ result: Kernel) throws {
    let output = result.emittedText()
    compareText(golden, output)
    let again = try Stepwise.apply(golden.recipe, to: kernel)
    #expect(again.emittedText() == output, "a second run gives other bytes")
    let parsed = try golden.kernel(in: output, isOutput: true)
    #expect(parsed.function.name == kernel.function.name)
    try CCompiler(flags: golden.flags).requireNoWarnings(output, near: golden.file)
    var oracle = ExecutionOracle(
      flags: golden.flags, folder: golden.file.deletingLastPathComponent())
    // GCC brings its OpenMP runtime along; clang's is a package of its own.
    if golden.usesOpenMP { oracle.compiler = "gcc" }
    let comparison = ExecutionOracle.Comparison(
      function: kernel.function, before: golden.text, after: output)
    for (_, difference) in try oracle.differences([comparison]) {
      Issue.record("\(difference)\n\(output)")
    }
  }

  private func compareText(_ golden: GoldenCase, _ output: String) {
    let expected = try? String(contentsOf: golden.expectedFile, encoding: .utf8)
    try? FileManager.default.removeItem(at: golden.observedFile)
    guard output != expected else { return }
    let target = TestFiles.updatesExpectations ? golden.expectedFile : golden.observedFile
    #expect(throws: Never.self) {
      try output.write(to: target, atomically: true, encoding: .utf8)
    }
    Issue.record("the text differs from \(golden.expectedFile.lastPathComponent)\n\(output)")
  }
}

/// Applies recipes with a check of the tree after every step.
enum Stepwise {
  static func apply(_ recipe: Recipe, to kernel: Kernel) throws -> Kernel {
    let runner = RecipeRunner(checksWellFormedness: false)
    var result = kernel
    for step in recipe.steps {
      result = try runner.apply(step, to: result)
      do {
        try result.function.checkWellFormed()
      } catch {
        throw GoldenError("'\(step)' broke the tree: \(error)\n\(result.emittedText())")
      }
    }
    return result
  }
}
