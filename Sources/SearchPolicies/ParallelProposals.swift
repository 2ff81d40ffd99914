public import ExperimentRecords

/// Proposes to share the iterations of loops among threads: of every nest the outermost loop that lets
/// itself be shared, on top of the best recipe for one core, and alone.
///
/// Of each form there are two: threads always, and threads only where the loop's bound is not small.
public struct ParallelProposals: Proposer {
  public let name = "parallel"
  private let bases: [Recipe]
  private var queue: [ProposedRecipe]?
  private var growth = RecipeGrowth()

  /// The bound from which threads are started in the second form: below it no loop that is worth
  /// measuring holds enough work for more than one.
  static let fewIterations = 128

  /// Loops below a root that are asked in its place where it refuses: those of a time loop, say.
  private static let depth = 2

  /// - Parameter best: what is best on one core.
  public init(onTopOf best: Recipe?) {
    bases = [best, .empty].compactMap(\.self).reduce(into: []) {
      if !$0.contains($1) { $0.append($1) }
    }
  }

  public mutating func propose(_ count: Int, in space: some RecipeSpace) -> [ProposedRecipe] {
    var waiting = queue ?? proposals(in: space)
    let chosen = Array(waiting.prefix(count))
    waiting.removeFirst(chosen.count)
    queue = waiting
    return chosen
  }

  public mutating func observe(_ proposal: ProposedRecipe, _ observation: Observation) {}

  private mutating func proposals(in space: some RecipeSpace) -> [ProposedRecipe] {
    let plain = form(of: .empty, in: space)
    var forms: [Form] = []
    for base in bases where !base.isEmpty {
      if let form = form(of: base, in: space) {
        forms.append(form)
      } else if var before = plain {
        // Where nothing can be shared behind the recipe, it may change what is inside a shared loop.
        (before.parent, before.inside) = (base, base.steps)
        if space.accepts(before.recipe(atLeast: nil)) { forms.append(before) }
      }
    }
    forms += [plain].compactMap(\.self)
    let always = forms.map { ($0.parent, $0.recipe(atLeast: nil)) }
    let often = forms.map { ($0.parent, $0.recipe(atLeast: Self.fewIterations)) }
    return (always + often.filter { space.accepts($0.1) }).map {
      ProposedRecipe($1, parent: $0, origin: name)
    }
  }

  /// A recipe, the loops that are shared behind it, and the steps that change what is inside them.
  private struct Form {
    var parent: Recipe
    var prefix: Recipe
    var loops: [String]
    var inside: [Step] = []

    func recipe(atLeast: Int?) -> Recipe {
      Recipe(prefix.steps + loops.map { .parallelize($0, atLeast: atLeast) } + inside)
    }
  }

  /// Loops shared behind `base`; with run-time checks or in normal form only where it does not go
  /// without.
  private mutating func form(of base: Recipe, in space: some RecipeSpace) -> Form? {
    guard let shape = space.legalShape(after: base) else { return nil }
    for form in growth.bases(of: base, shape, in: space) {
      let loops = form.shape.roots.flatMap { shared($0, Self.depth, form, space) }
      if !loops.isEmpty { return Form(parent: base, prefix: form.recipe, loops: loops) }
    }
    return nil
  }

  /// The outermost loops from `loop` inwards that may be shared. What the dependence analysis says no to
  /// is not asked again; around vectors it was not asked yet.
  private func shared(
    _ loop: LoopShape, _ depth: Int, _ form: RecipeGrowth.Base, _ space: some RecipeSpace
  ) -> [String] {
    if loop.isParallel || loop.isVectorized,
      space.accepts(Recipe(form.recipe.steps + [.parallelize(loop.label, atLeast: nil)]))
    {
      return [loop.label]
    }
    guard depth > 0 else { return [] }
    return form.shape.children(of: loop.label).flatMap { shared($0, depth - 1, form, space) }
  }
}

extension Step {
  fileprivate static func parallelize(_ loop: String, atLeast: Int?) -> Step {
    let bound = atLeast.map { [Argument("atLeast", .integer($0))] } ?? []
    return Step("parallelize", [Argument("loop", .label(loop))] + bound)
  }
}

extension Recipe {
  /// Whether a step of it shares a loop among threads.
  public var startsThreads: Bool { steps.contains { $0.pass == "parallelize" } }
}
