import ExperimentRecords
import Testing

@testable import SearchPolicies

@Suite struct ProposerTests {
  private func beam(_ seed: UInt64) -> BeamSearch {
    BeamSearch(seed: seed, vectorBytes: 32, cacheBytes: [32_768, 1_048_576])
  }

  @Test func sameSeedSameDecisions() {
    var (a, b) = (beam(7), beam(7))
    #expect(a.run(60, in: ScriptedSpace()) == b.run(60, in: ScriptedSpace()))
    var c = RandomSearch(seed: 7, vectorBytes: 32, cacheBytes: [32_768])
    var d = RandomSearch(seed: 7, vectorBytes: 32, cacheBytes: [32_768])
    #expect(c.run(30, in: ScriptedSpace()) == d.run(30, in: ScriptedSpace()))
  }

  @Test func nothingIsProposedTwiceAndTheEmptyRecipeNever() {
    var search = beam(1)
    let tried = search.run(80, in: ScriptedSpace())
    #expect(Set(tried).count == tried.count)
    #expect(!tried.contains(.empty))
    #expect(tried.count > 20)
  }

  @Test func refusedStepsAreNeverProposed() {
    var search = beam(1)
    let space = ScriptedSpace(refusedPasses: ["vectorize", "tile"])
    let passes = Set(search.run(80, in: space).flatMap(\.steps).map(\.pass))
    #expect(passes.isDisjoint(with: ["vectorize", "tile"]))
  }

  @Test func aStrideThatShrinksIsTriedEarly() {
    var search = beam(1)
    let first = search.run(4, in: ScriptedSpace())
    #expect(first.contains { $0.steps.contains { $0.pass == "interchange" } })
  }

  @Test func whatPaysIsExtended() {
    var search = beam(1)
    let tried = search.run(60, in: ScriptedSpace())
    #expect(tried.contains { $0.steps.count > 1 && $0.steps[0].pass == "interchange" })
  }

  @Test func whatLacksFactsIsPlannedBehindChecks() {
    var search = beam(1)
    let tried = search.run(40, in: ScriptedSpace(lacksFacts: true))
    let jams = tried.filter {
      $0.steps.contains { $0.pass == "unroll_jam" && "\($0)".contains("i") }
    }
    #expect(!jams.isEmpty)
    #expect(jams.allSatisfy { $0.steps[0].pass == "multiversion" })
  }

  @Test func whatWasRefusedIsNotAskedAgainBehindStepsThatEnableNothing() {
    var search = beam(1)
    let space = ScriptedSpace(refusedPasses: ["hoist"], payingPass: "vectorize")
    _ = search.run(400, in: space)
    let hoists = space.asked.all.filter { $0.steps.last?.pass == "hoist" }
    #expect(hoists.count > 3)
    let enabling: Set = ["normalize", "interchange", "scalar_replace", "distribute", "fuse"]
    for (index, first) in hoists.enumerated() {
      let prefix = first.steps.dropLast()
      for second in hoists[(index + 1)...] where second.steps.last == first.steps.last {
        let behind = second.steps.dropLast()
        guard behind.count > prefix.count, behind.starts(with: prefix) else { continue }
        #expect(behind.dropFirst(prefix.count).contains { enabling.contains($0.pass) })
      }
    }
  }

  @Test func anExhaustedSpaceEnds() {
    var search = beam(1)
    let everything: Set = [
      "normalize", "interchange", "tile", "vectorize", "unroll", "unroll_jam", "scalar_replace",
      "hoist", "strength_reduce", "distribute", "unswitch", "fuse", "multiversion",
    ]
    #expect(search.run(10, in: ScriptedSpace(refusedPasses: everything)).isEmpty)
  }

  @Test func rankingIsStableAndFallsWithTheScore() {
    let rows = [0.1, 0.9, 0.9, 0.5].map { prior in
      RecipeFeatures(
        recipe: .empty, shape: KernelShape(loops: [], accesses: [], adjacentLoops: []),
        prior: prior, parentGain: 0)
    }
    #expect(RecipeFeatures.ranking(of: rows) == [1, 2, 3, 0])
  }

  @Test func permutationsAreAllAndDistinct() {
    let all = permutations(of: [1, 2, 3, 4])
    #expect(all.count == 24)
    #expect(Set(all).count == 24)
  }
}
