import KernelModel
import Testing

@testable import EquivalenceChecking

/// Sizes that pass guards which planned calls do not pass.
@Suite struct GuardedCallsTests {
  private func sizes(
    restrict: String = "", beyond inputs: (InputShape) -> [CallInput] = { _ in [] }
  ) throws -> (answer: GuardedCalls.Answer, shape: InputShape) {
    let text = """
      void f(int width, int height, int stride, int radius, const char *\(restrict) in,
             char *\(restrict) out) {
        if (2 * radius >= height || width < 16 || width > stride) return;
        for (int y = radius; y < height - radius; y++)
          for (int x = 0; x < width; x++) out[y * stride + x] = in[y * stride + x];
      }
      """
    let kernel = try BoundedFixture.kernel(text, "f")
    let shape = try InputShape(kernel)
    let calls = GuardedCalls(kernel: kernel, shape: shape, parser: JudgeFixture.parser, seed: 1)
    return (
      calls.sizes(of: Array(text.utf8), factors: [16], beyond: inputs(shape)), shape
    )
  }

  private func named(_ sizes: SizePlan.Assignment, _ shape: InputShape) -> [String: Int] {
    Dictionary(
      uniqueKeysWithValues: shape.scalars.compactMap { scalar in
        sizes[scalar.path].map { (scalar.name, $0) }
      })
  }

  @Test func sizesPassWhatGuardsAskTogether() throws {
    let (answer, shape) = try sizes()
    let all = (answer.small + answer.drawn).map { named($0, shape) }
    let passing = all.filter {
      2 * $0["radius"]! < $0["height"]! && $0["width"]! >= 16 && $0["width"]! <= $0["stride"]!
    }
    #expect(passing.count > 4)
    // As small as the guard allows.
    #expect(
      passing.contains {
        $0["width"] == 16 && $0["stride"]! <= 17 && $0["height"]! <= 3
      })
    #expect(Set(answer.small).count == answer.small.count)
  }

  @Test func nothingIsDrawnWhereCallsReachEverything() throws {
    let (first, shape) = try sizes(restrict: "restrict")
    let (rest, _) = try sizes(restrict: "restrict") { shape in
      let plan = PointPlan(shape, effort: .full, seed: 1)
      let points = plan.guarded(first) + plan.guardedOverlaps(first)
      return points.compactMap { ImageBuilder.input($0, of: shape) }
    }
    #expect(!first.small.isEmpty && shape.scalars.count > 3)
    #expect(rest.small.isEmpty && rest.drawn.isEmpty)
  }

  @Test func smallSizesHaveEveryOverlap() throws {
    let (answer, shape) = try sizes()
    let points = PointPlan(shape, effort: .full, seed: 1).guardedOverlaps(answer)
    let smallest = try #require(
      points.filter { !$0.overlaps.isEmpty && named($0.sizes, shape)["width"] == 16 }
        .min { $0.sizes.values.reduce(0, +) < $1.sizes.values.reduce(0, +) })
    let shifts = Set(points.filter { $0.sizes == smallest.sizes }.flatMap(\.overlaps).map(\.shift))
    #expect(shifts.isSuperset(of: Array(-15...15)))
  }

  @Test func anEndThatIsOneElementEarlyIsFound() async throws {
    let test = try CorpusCase.named("overlap-check-left-out-behind-guards", in: "exploits")
    let result = try await JudgeFixture.verifier(test).verify(test.candidate)
    #expect(result.verdict == .refuted)
    let bare = try await JudgeFixture.verifier(test, switchedOff: [.guardedSizes])
    let without = await bare.verify(test.candidate, requirement: .tested)
    #expect(without.verdict == .tested, "\(without.reason ?? "")")
  }
}
