import ExperimentRecords

/// The control: recipes drawn blindly from the same plans, one to three plans long.
public struct RandomSearch: Proposer {
  public let name = "random"
  private let library: PlanLibrary
  private var generator: SplitMix
  private var seen: Set<Recipe> = [.empty]
  private var growth = RecipeGrowth()

  public init(seed: UInt64, vectorBytes: Int, cacheBytes: [Int]) {
    library = PlanLibrary(vectorBytes: vectorBytes, cacheBytes: cacheBytes)
    generator = SplitMix(seed: seed)
  }

  public mutating func propose(_ count: Int, in space: some RecipeSpace) -> [ProposedRecipe] {
    var proposals: [ProposedRecipe] = []
    // Ends because the number of draws is bounded, also when everything has been seen.
    for _ in 0..<(count * 20) where proposals.count < count {
      let recipe = draw(in: space)
      guard seen.insert(recipe).inserted else { continue }
      proposals.append(ProposedRecipe(recipe, parent: .empty, origin: "random"))
    }
    return proposals
  }

  public mutating func observe(_ proposal: ProposedRecipe, _ observation: Observation) {}

  private mutating func draw(in space: some RecipeSpace) -> Recipe {
    var recipe = Recipe.empty
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      guard let shape = space.legalShape(after: recipe),
        let base = growth.bases(of: recipe, shape, in: space).randomElement(using: &generator)
      else { continue }
      recipe = base.recipe
      if let plan = library.plans(for: base.shape).randomElement(using: &generator),
        let grown = growth.extend(base.recipe, by: plan, in: space)
      {
        recipe = grown.recipe
      }
    }
    return recipe
  }
}
