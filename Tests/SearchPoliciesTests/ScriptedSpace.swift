import ExperimentRecords
import SearchPolicies

/// A recipe space without a compiler: a two-deep nest that accepts a fixed set of passes and never
/// changes its shape.
struct ScriptedSpace: RecipeSpace {
  var refusedPasses: Set<String> = []

  static let shape = KernelShape(
    loops: [
      LoopShape(
        label: "i", parent: nil, tripCount: 100, isCounted: true, isParallel: true,
        isParallelUnderFacts: true, isPerfect: true, hasInvariantBranch: false,
        hasScalarAccumulation: false, lacksFacts: false),
      LoopShape(
        label: "j", parent: "i", tripCount: 100, isCounted: true, isParallel: false,
        isParallelUnderFacts: false, isPerfect: false, hasInvariantBranch: false,
        hasScalarAccumulation: false, lacksFacts: false),
    ],
    accesses: [
      AccessShape(object: 0, isWrite: false, elementBytes: 8, strides: ["i": .unit, "j": .row])
    ],
    adjacentLoops: [])

  func shape(after recipe: Recipe) throws(Refusal) -> KernelShape {
    if let step = recipe.steps.last, refusedPasses.contains(step.pass) {
      throw Refusal(step: step, reason: "refused by the script")
    }
    return Self.shape
  }

  /// Deterministic pretend timings: interchange pays, everything else does not.
  func speedup(of recipe: Recipe) -> Double {
    recipe.steps.contains { $0.pass == "interchange" } ? 2 : 0.9
  }
}

extension Proposer {
  /// Runs the proposer against the space for a number of evaluations and returns what it tried.
  mutating func run(_ evaluations: Int, in space: ScriptedSpace) -> [Recipe] {
    var tried: [Recipe] = []
    while tried.count < evaluations {
      let proposals = propose(min(4, evaluations - tried.count), in: space)
      if proposals.isEmpty { break }
      for proposal in proposals {
        tried.append(proposal.recipe)
        observe(proposal, .measured(speedup: space.speedup(of: proposal.recipe)))
      }
    }
    return tried
  }
}
