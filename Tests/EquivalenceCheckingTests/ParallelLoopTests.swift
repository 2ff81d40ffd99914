import ExperimentRecords
import Foundation
import KernelModel
import KernelParsing
import Testing

@testable import EquivalenceChecking

/// Parallel loops whose iterations do not meet are accepted; what must be refused stands among the
/// exploits.
@Suite struct ParallelLoopTests {
  @Test func independentIterationsAreAccepted() async throws {
    let cases = try CorpusCase.all(in: "parallel")
    #expect(cases.count >= 8 || ProcessInfo.processInfo.environment["CORPUS_CASE"] != nil)
    let answers = await JudgeFixture.concurrently(cases) { test in
      do {
        let result = try await JudgeFixture.verifier(test).verify(test.candidate)
        let proof = result.levels.first { $0.method == IterationIndependence.method }
        return (result.isAccepted && proof?.result == .passed, "\(test.name): \(result.levels)")
      } catch {
        return (false, "\(test.name): \(error)")
      }
    }
    for (isAccepted, text) in answers { #expect(isAccepted, "\(text)") }
  }

  @Test(arguments: [
    "#pragma omp parallel for schedule(static)",
    "#pragma omp parallel for schedule(static) if (n >= 64)",
    "#pragma omp parallel for schedule(static) if (n - k >= 2147483647)",
  ]) func bothFormsAreRead(_ text: String) throws {
    let bytes = Array(text.utf8)
    let token = try #require(CLexer.tokens(of: bytes).first)
    #expect(ParallelPragma(token, in: bytes) != nil)
  }

  @Test(arguments: [
    "#pragma omp parallel for", "#pragma omp parallel for schedule(static) ",
    "#pragma  omp parallel for schedule(static)", "# pragma omp parallel for schedule(static)",
    "#pragma omp parallel for schedule(static) nowait",
    "#pragma omp parallel for schedule(static, 1)",
    "#pragma omp parallel for simd schedule(static)",
    "#pragma omp parallel for schedule(static) /* */",
    "#pragma omp parallel for schedule(static) // x",
    "#pragma omp parallel for schedule(static) if (n >= 64) nowait",
    "#pragma omp parallel for schedule(static) if (n >= 64) // )",
    "#pragma omp parallel for schedule(static) if (n > 64)",
    "#pragma omp parallel for schedule(static) if (n >= m)",
    "#pragma omp parallel for schedule(static) if (n >= 9999999999)",
    "#pragma omp parallel for schedule(static) if (>= 64)",
    "#pragma omp parallel for\\\n schedule(static)", "#pragma omp simd",
    "#pragma omp parallel", "#pragma omp for schedule(static)",
  ]) func otherFormsAreNot(_ text: String) throws {
    let bytes = Array(text.utf8)
    let token = try #require(CLexer.tokens(of: bytes).first)
    #expect(ParallelPragma(token, in: bytes) == nil)
  }
}
