import ExperimentRecords

/// Grows recipes by steps that enable others and by plans, and remembers which steps were refused
/// where, so that none is tried again behind steps that cannot change the answer.
struct RecipeGrowth {
  /// Steps that were refused, by the recipe that they were tried behind.
  private var refused: [Recipe: Set<Step>] = [:]

  /// A recipe and the shape that it leads to.
  struct Base {
    var recipe: Recipe
    var shape: KernelShape
  }

  /// The prefix itself; with run-time checks around the nests that lack facts; and in normal form.
  mutating func bases(
    of prefix: Recipe, _ shape: KernelShape, in space: some RecipeSpace
  ) -> [Base] {
    var result = [Base(recipe: prefix, shape: shape)]
    var last = result[0]
    for root in shape.roots where shape.mayLackFacts(root.label) {
      guard let next = appending(.multiversion(root.label), to: last.recipe, in: space),
        next.shape.isAsFree(as: last.shape)
      else { continue }
      last = next
    }
    if last.recipe != prefix { result.append(last) }
    if !prefix.steps.contains(where: { $0.pass == "normalize" }), !shape.loops.isEmpty,
      let normal = appending(Step("normalize", []), to: last.recipe, in: space)
    {
      result.append(normal)
    }
    return result
  }

  private mutating func appending(_ step: Step, to recipe: Recipe, in space: some RecipeSpace)
    -> Base?
  {
    guard !isKnownRefused(step, after: recipe) else { return nil }
    let longer = recipe.appending(step)
    guard let shape = space.legalShape(after: longer) else {
      refused[recipe, default: []].insert(step)
      return nil
    }
    return Base(recipe: longer, shape: shape)
  }

  /// Whether the step was refused behind a prefix of the recipe, and nothing since could change that.
  private func isKnownRefused(_ step: Step, after recipe: Recipe) -> Bool {
    var prefix = recipe
    while true {
      if refused[prefix]?.contains(step) == true { return true }
      guard let last = prefix.steps.last, !Self.enabling.contains(last.pass) else { return false }
      prefix.steps.removeLast()
    }
  }

  /// Passes behind which a step may apply that did not before.
  private static let enabling: Set<String> = [
    "multiversion", "normalize", "distribute", "interchange", "unswitch", "fuse", "scalar_replace",
  ]

  /// The recipe that the plan makes of a prefix; nil when a required step has no place or is refused,
  /// or when nothing was added.
  mutating func extend(_ prefix: Recipe, by plan: Plan, in space: some RecipeSpace) -> Base? {
    guard let shape = space.legalShape(after: prefix) else { return nil }
    var base = Base(recipe: prefix, shape: shape)
    for part in plan.parts {
      let step = part.choice(base.shape)
      if let longer = step.flatMap({ appending($0, to: base.recipe, in: space) }) {
        base = longer
      } else if part.isRequired {
        return nil
      }
    }
    return base.recipe == prefix ? nil : base
  }
}
