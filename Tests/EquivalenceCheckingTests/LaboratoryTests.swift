import CandidateExecution
import KernelModel
import Testing

@testable import EquivalenceChecking

/// What the laboratory remembers of the original.
@Suite struct LaboratoryTests {
  /// The original's results on a point are not those on the same point with contents that a solver
  /// chose.
  @Test func chosenContentsAreAnotherInput() async throws {
    let kernel = try BoundedFixture.kernel(
      "void f(int n, int a[restrict n]) { for (int i = 0; i < n; i++) a[i] += 1; }", "f")
    let environment = try await JudgeFixture.environment()
    let laboratory = try Laboratory(
      kernel: kernel, plan: BuildPlan(environment: environment, build: kernel.build), seed: 1)
    let point = CallPoint(
      sizes: [ObjectPath(kernel.function.parameters[0]): 1], valueClass: .zeros,
      placement: .flushEnd, seed: 1)
    let input = try #require(ImageBuilder.input(point, of: try InputShape(kernel)))
    let chosen = input.holding(
      Contents(cells: [.init(object: 0, offset: 0, bytes: 4, bits: 41)]))
    let original = Laboratory.Program(bytes: kernel.source.bytes, isOriginal: true)
    for (input, expected) in [(input, UInt8(1)), (chosen, 42), (input, 1)] {
      let outcomes = try await laboratory.call(original, on: [input], BuildPlan.shipping)
      guard case .returned(let returned) = outcomes.first else {
        Issue.record("\(outcomes)")
        return
      }
      #expect(returned.regions.first == [expected, 0, 0, 0])
    }
  }
}
