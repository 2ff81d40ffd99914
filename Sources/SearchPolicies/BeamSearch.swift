import ExperimentRecords
import Foundation

/// A beam search over recipes: plans extend the best recipes known so far, then mutations vary them.
///
/// Each prefix in the beam is extended by every plan that its shape suggests; the extensions are
/// ranked by a linear model and proposed in turn. A recipe that gains becomes a prefix itself, so that
/// recipes grow by steps that pay, and kernels of several nests are improved nest by nest.
public struct BeamSearch: Proposer {
  public let name = "beam"
  /// How many prefixes are extended.
  public var width: Int
  private let library: PlanLibrary
  private var generator: SplitMix
  private var seen: Set<Recipe> = [.empty]
  private var gains: [Recipe: Double] = [.empty: 0]
  private var extended: Set<Recipe> = []
  private var mutated: Set<Recipe> = []
  /// Recipes that end with a plan that settles its nest.
  private var whole: Set<Recipe> = []
  private var queue: [Candidate] = []
  /// Plans that have not been tried on their prefix yet, in the order in which they will be.
  private var pending: [Pending] = []
  /// How many recipes are kept ready beyond those asked for; trying a plan costs legality tests.
  private static let lookahead = 3

  private var growth = RecipeGrowth()

  private struct Pending: Sendable {
    /// The recipe that gained.
    var parent: Recipe
    /// The parent, or what it becomes by steps that enable others.
    var prefix: Recipe
    var plan: Plan
    var worth: Double
  }

  private struct Candidate: Sendable {
    var proposal: ProposedRecipe
    var features: RecipeFeatures
  }

  /// - Parameters:
  ///   - vectorBytes: width of the vectors that the compiler makes by itself.
  ///   - registerBytes: width of a vector register.
  ///   - cacheBytes: capacities of the data caches to block for, smallest first.
  ///   - mayReorder: whether floating-point operations of a reduction may come in any order.
  public init(
    seed: UInt64, width: Int = 4, vectorBytes: Int, registerBytes: Int? = nil, cacheBytes: [Int],
    mayReorder: Bool = false
  ) {
    self.width = width
    library = PlanLibrary(
      vectorBytes: vectorBytes, registerBytes: registerBytes, cacheBytes: cacheBytes,
      mayReorder: mayReorder)
    generator = SplitMix(seed: seed)
  }

  public mutating func propose(_ count: Int, in space: some RecipeSpace) -> [ProposedRecipe] {
    for prefix in beam() where !extended.contains(prefix) {
      extended.insert(prefix)
      plan(prefix, in: space)
    }
    while queue.count < count + Self.lookahead, let next = takePending() {
      extend(next, in: space)
    }
    if queue.count < count { mutate(in: space) }
    guard !queue.isEmpty else { return [] }
    let chosen = RecipeFeatures.ranking(of: queue.map(\.features)).prefix(count)
    let proposals = chosen.map { queue[$0].proposal }
    for index in chosen.sorted(by: >) { queue.remove(at: index) }
    return proposals
  }

  public mutating func observe(_ proposal: ProposedRecipe, _ observation: Observation) {
    if case .measured(let speedup) = observation, speedup > 0 {
      gains[proposal.recipe] = log(speedup)
    }
  }

  /// The best recipes, the empty one always among them; ties keep the shorter recipe.
  private func beam() -> [Recipe] {
    let best = gains.filter { $0.value > 0.02 && $0.key != .empty }
      .sorted {
        ($0.value, -$0.key.steps.count, $1.key.description)
          > ($1.value, -$1.key.steps.count, $0.key.description)
      }
      .prefix(width).map(\.key)
    return best + [.empty]
  }

  /// Notes the plans for a prefix and for what enabling steps make of it; what it gained itself counts
  /// like a prior.
  private mutating func plan(_ prefix: Recipe, in space: some RecipeSpace) {
    guard let shape = space.legalShape(after: prefix) else { return }
    let gain = gains[prefix] ?? 0
    if whole.contains(prefix) {
      // Another nest may be settled likewise.
      pending += library.plans(for: shape).filter(\.isWhole).map {
        Pending(parent: prefix, prefix: prefix, plan: $0, worth: $0.prior + gain)
      }
      return
    }
    let bases = growth.bases(of: prefix, shape, in: space)
    for (rank, base) in bases.enumerated() {
      // Where checks free the loops, plans that do without them come later.
      let delay = rank == 0 && bases.count > 1 ? 0.15 : 0
      pending += library.plans(for: base.shape).map {
        Pending(parent: prefix, prefix: base.recipe, plan: $0, worth: $0.prior + gain - delay)
      }
      if prefix.isEmpty { follow(base, delay, in: space) }
      guard rank > 0 else { continue }
      let (name, prior) =
        switch base.recipe.steps.last?.pass {
        case "normalize": ("normal form", 0.75)
        case "multiversion": ("versioned", 0.5)
        default: ("sums in memory", 0.2)
        }
      enqueue(base.recipe, base.shape, parent: prefix, origin: name, prior: prior)
    }
  }

  /// Notes the plans that follow schedules of a base. A schedule is an order of everything, so that none
  /// is asked for what has gained already.
  private mutating func follow(
    _ base: RecipeGrowth.Base, _ delay: Double, in space: some RecipeSpace
  ) {
    for (start, schedule) in growth.scheduled(base, in: space) {
      pending += library.plans(for: schedule, in: start.shape).map {
        Pending(parent: .empty, prefix: start.recipe, plan: $0, worth: $0.prior - delay)
      }
      guard start.recipe != base.recipe else { continue }
      enqueue(
        start.recipe, start.shape, parent: .empty, origin: SchedulePlans.name, prior: 0.6 - delay)
    }
  }

  /// The most promising plan that has not been tried; the earliest of equals.
  private mutating func takePending() -> Pending? {
    guard let best = pending.indices.max(by: { (pending[$0].worth, $1) < (pending[$1].worth, $0) })
    else { return nil }
    return pending.remove(at: best)
  }

  private mutating func extend(_ next: Pending, in space: some RecipeSpace) {
    guard let grown = growth.extend(next.prefix, by: next.plan, in: space) else { return }
    if next.plan.isWhole { whole.insert(grown.recipe) }
    enqueue(
      grown.recipe, grown.shape, parent: next.parent, origin: next.plan.name,
      prior: next.plan.prior)
  }

  /// Varies one integer of each of the best recipes by a factor of two, and crosses pairs of them.
  private mutating func mutate(in space: some RecipeSpace) {
    let parents = beam().filter { !$0.isEmpty && !mutated.contains($0) }
    for parent in parents {
      mutated.insert(parent)
      for recipe in parent.neighbours {
        guard !seen.contains(recipe), let shape = space.legalShape(after: recipe) else { continue }
        if whole.contains(parent) { whole.insert(recipe) }
        let prior = 0.3 + Double.random(in: 0..<0.1, using: &generator)
        enqueue(recipe, shape, parent: parent, origin: "mutation", prior: prior)
      }
      for other in beam()
      where other != parent && !other.isEmpty && whole.isDisjoint(with: [parent, other]) {
        let child = Recipe(parent.steps + other.steps.filter { !parent.steps.contains($0) })
        guard !seen.contains(child), let shape = space.legalShape(after: child) else { continue }
        enqueue(child, shape, parent: parent, origin: "crossover", prior: 0.3)
      }
    }
  }

  private mutating func enqueue(
    _ recipe: Recipe, _ shape: KernelShape, parent: Recipe, origin: String, prior: Double
  ) {
    guard seen.insert(recipe).inserted else { return }
    let features = RecipeFeatures(
      recipe: recipe, shape: shape, prior: prior, parentGain: gains[parent] ?? 0)
    queue.append(
      Candidate(
        proposal: ProposedRecipe(recipe, parent: parent, origin: origin), features: features))
  }
}

extension Recipe {
  /// Recipes that differ in one integer argument by a factor of two.
  var neighbours: [Recipe] {
    var result: [Recipe] = []
    // Sizes of the user's are not for varying.
    for (stepIndex, step) in steps.enumerated() where step.pass != "specialize" {
      for (argumentIndex, argument) in step.arguments.enumerated() {
        for value in argument.value.neighbours {
          var copy = self
          copy.steps[stepIndex].arguments[argumentIndex].value = value
          result.append(copy)
        }
      }
    }
    return result
  }
}

extension Argument.Value {
  fileprivate var neighbours: [Argument.Value] {
    switch self {
    case .integer(let value): return [value * 2, value / 2].filter { $0 >= 2 }.map { .integer($0) }
    case .list(let values):
      return values.indices.flatMap { index in
        values[index].neighbours.map { neighbour in
          var copy = values
          copy[index] = neighbour
          return .list(copy)
        }
      }
    case .label: return []
    }
  }
}
