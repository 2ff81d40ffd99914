import ExperimentRecords
import Testing

@testable import SearchPolicies

@Suite struct ParallelProposalsTests {
  private func proposed(_ best: String?, in space: ScriptedSpace = ScriptedSpace()) throws
    -> [String]
  {
    var proposals = ParallelProposals(onTopOf: try best.map { try Recipe(parsing: $0) })
    return proposals.run(20, in: space).map(\.description)
  }

  @Test func theOutermostLoopIsSharedAloneAndOnTopOfTheBestRecipe() throws {
    let guarded = "parallelize(loop: i, atLeast: \(ParallelProposals.fewIterations))"
    #expect(
      try proposed("interchange(outer: i)") == [
        "interchange(outer: i); parallelize(loop: i)", "parallelize(loop: i)",
        "interchange(outer: i); \(guarded)", guarded,
      ])
    #expect(try proposed(nil) == ["parallelize(loop: i)", guarded])
  }

  @Test func whatLacksFactsIsSharedBehindChecks() throws {
    let recipes = try proposed(nil, in: ScriptedSpace(lacksFacts: true))
    #expect(recipes.count == 2)
    #expect(recipes.allSatisfy { $0.hasPrefix("multiversion(") })
  }

  @Test func whatIsRefusedIsNotProposed() throws {
    #expect(try proposed(nil, in: ScriptedSpace(refusedPasses: ["parallelize"])).isEmpty)
  }
}
