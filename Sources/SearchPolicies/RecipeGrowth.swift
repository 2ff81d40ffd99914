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

  /// The prefix itself; with run-time checks around the nests that lack facts; with sums in memory and
  /// loops parted where that shows a contraction; and in normal form.
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
    result += contractions(in: last, space)
    if !prefix.steps.contains(where: { $0.pass == "normalize" }), !shape.loops.isEmpty,
      let normal = appending(Step("normalize", []), to: last.recipe, in: space)
    {
      result.append(normal)
    }
    return result
  }

  /// What `base` becomes where that shows a contraction, or one of whole rows.
  private mutating func contractions(in base: Base, _ space: some RecipeSpace) -> [Base] {
    let parted = ContractionPlans.areFound(in: base.shape) ? nil : contraction(in: base, space)
    return [parted, rectangle(in: parted ?? base, space), triangle(in: base, space)]
      .compactMap(\.self)
  }

  /// Puts sums over columns that end at the row into memory, where loops around them can be parted; nil
  /// where there are none.
  private mutating func triangle(in base: Base, _ space: some RecipeSpace) -> Base? {
    var current = base
    for loop in base.shape.innermost {
      let chain = base.shape.chain(to: loop.label)
      guard chain.contains(where: { !$0.followed.isEmpty }) else { continue }
      current = appending(.onLoop("demote", loop.label), to: current.recipe, in: space) ?? current
    }
    return current.recipe == base.recipe ? nil : current
  }

  /// Makes a perfect nest of loops whose sum is kept in a scalar, or beside which other statements
  /// stand; nil where that gives no contraction.
  private mutating func contraction(in base: Base, _ space: some RecipeSpace) -> Base? {
    var current = base
    for inner in base.shape.innermost where base.shape.chain(to: inner.label).count > 2 {
      if let next = appending(.onLoop("demote", inner.label), to: current.recipe, in: space) {
        current = next
      }
      current = parting(around: inner.label, upTo: nil, current, space)
    }
    return ContractionPlans.areFound(in: current.shape) ? current : nil
  }

  /// Cuts a contraction over a triangle into blocks of rows, and each of these into the rectangle left of
  /// its rows' diagonal and the triangle that remains; nil where there is none.
  ///
  /// Source: Goto & van de Geijn, "High-Performance Implementation of the Level-3 BLAS", ACM TOMS 35(1),
  /// 2008.
  private mutating func rectangle(in base: Base, _ space: some RecipeSpace) -> Base? {
    guard let roles = ContractionPlans.triangles(in: base.shape).first,
      let tiled = appending(
        .tile(roles.row, by: Self.rowsOfBlock), to: base.recipe, in: space),
      let iterator = tiled.shape.loop("\(roles.row).tile")?.iterator,
      let split = appending(.split(roles.column, at: iterator), to: tiled.recipe, in: space)
    else { return nil }
    let parted = parting(around: roles.column, upTo: "\(roles.row).tile", split, space)
    return parted.recipe == split.recipe ? nil : parted
  }

  static let rowsOfBlock = 64

  /// Distributes the loops around one, innermost first, until they are a perfect nest or one refuses.
  private mutating func parting(
    around inner: String, upTo end: String?, _ base: Base, _ space: some RecipeSpace
  ) -> Base {
    var current = base
    while let parent = current.shape.chain(to: inner).dropLast().last(where: { !$0.isPerfect }),
      parent.label != end,
      let next = appending(.onLoop("distribute", parent.label), to: current.recipe, in: space)
    {
      current = next
    }
    return current
  }

  /// The base with the schedules for it; one that parts loops is asked for again, the loops parted, since
  /// passes then have names for them.
  mutating func scheduled(
    _ base: Base, in space: some RecipeSpace
  ) -> [(base: Base, schedule: ScheduleShape)] {
    space.schedules(after: base.recipe).map { schedule in
      var parted = base
      for label in ScheduleTranslation(schedule).partings {
        parted = appending(.onLoop("distribute", label), to: parted.recipe, in: space) ?? parted
      }
      guard parted.recipe != base.recipe,
        let again = space.schedules(after: parted.recipe).first(where: {
          $0.isFused == schedule.isFused
        })
      else { return (base, schedule) }
      return (parted, again)
    }
  }

  private mutating func appending(_ step: Step, to recipe: Recipe, in space: some RecipeSpace)
    -> Base?
  {
    guard let longer = lengthening(recipe, by: step, in: space),
      let shape = space.legalShape(after: longer)
    else { return nil }
    return Base(recipe: longer, shape: shape)
  }

  /// The recipe with the step, where it applies.
  private mutating func lengthening(_ recipe: Recipe, by step: Step, in space: some RecipeSpace)
    -> Recipe?
  {
    guard !isKnownRefused(step, after: recipe) else { return nil }
    let longer = recipe.appending(step)
    guard space.accepts(longer) else {
      refused[recipe, default: []].insert(step)
      return nil
    }
    return longer
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
    "multiversion", "normalize", "distribute", "demote", "interchange", "unswitch", "fuse",
    "scalar_replace", "specialize", "embed", "narrow",
  ]

  /// The recipe that the plan makes of a prefix; nil when a required step has no place or is refused,
  /// or when nothing was added.
  mutating func extend(_ prefix: Recipe, by plan: Plan, in space: some RecipeSpace) -> Base? {
    var recipe = prefix
    for part in plan.parts {
      switch part {
      case .step(let step):
        guard let longer = lengthening(recipe, by: step, in: space) else { return nil }
        recipe = longer
      case .optionalStep(let step): recipe = lengthening(recipe, by: step, in: space) ?? recipe
      case .required(let choose):
        guard let step = space.legalShape(after: recipe).flatMap(choose),
          let longer = lengthening(recipe, by: step, in: space)
        else { return nil }
        recipe = longer
      case .optional(let choose):
        let step = space.legalShape(after: recipe).flatMap(choose)
        recipe = step.flatMap { lengthening(recipe, by: $0, in: space) } ?? recipe
      }
    }
    guard recipe != prefix, let shape = space.legalShape(after: recipe) else { return nil }
    return Base(recipe: recipe, shape: shape)
  }
}
