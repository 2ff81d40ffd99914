import ExperimentRecords
import SearchPolicies
import Synchronization

/// A recipe space without a compiler: a two-deep nest that accepts a fixed set of passes and never
/// changes its shape.
struct ScriptedSpace: RecipeSpace {
  var refusedPasses: Set<String> = []
  /// Whether the inner loop lacks facts until checks stand around the nest.
  var lacksFacts = false
  var payingPass = "interchange"
  /// Every recipe that was asked for.
  let asked = Asked()

  /// What was asked of a space, in order.
  final class Asked: Sendable {
    private let recipes = Mutex<[Recipe]>([])
    func note(_ recipe: Recipe) { recipes.withLock { $0.append(recipe) } }
    var all: [Recipe] { recipes.withLock { $0 } }
  }

  static let shape = KernelShape(
    loops: [
      LoopShape(
        label: "i", parent: nil, tripCount: 100, isCounted: true, isParallel: true,
        isPerfect: true, hasInvariantBranch: false,
        hasScalarAccumulation: false, lacksFacts: false),
      LoopShape(
        label: "j", parent: "i", tripCount: 100, isCounted: true, isParallel: false,
        isPerfect: false, hasInvariantBranch: false,
        hasScalarAccumulation: false, lacksFacts: false),
    ],
    accesses: [
      AccessShape(object: 0, isWrite: false, elementBytes: 8, strides: ["i": .unit, "j": .row])
    ],
    adjacentLoops: [])

  func shape(after recipe: Recipe) throws(Refusal) -> KernelShape {
    asked.note(recipe)
    if let step = recipe.steps.last, refusedPasses.contains(step.pass) {
      throw Refusal(step: step, reason: "refused by the script")
    }
    var shape = Self.shape
    let isVersioned = recipe.steps.contains { $0.pass == "multiversion" }
    if lacksFacts && !isVersioned {
      shape.loops[0].isParallel = false
      shape.loops[0].lacksFacts = true
    }
    return shape
  }

  /// Deterministic pretend timings: one pass pays, everything else does not.
  func speedup(of recipe: Recipe) -> Double {
    recipe.steps.contains { $0.pass == payingPass } ? 2 : 0.9
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
