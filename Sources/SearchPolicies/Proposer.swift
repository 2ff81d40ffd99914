public import ExperimentRecords

/// Where recipes are tried on the kernel without compiling it.
public protocol RecipeSpace {
  /// The shape after the recipe; throws the refusal of the step that does not apply.
  func shape(after recipe: Recipe) throws(Refusal) -> KernelShape

  /// Whether the recipe applies; records the refusal where it does not.
  func accepts(_ recipe: Recipe) -> Bool

  /// Orders of its statements that a scheduler proposes for the kernel after the recipe.
  func schedules(after recipe: Recipe) -> [ScheduleShape]
}

extension RecipeSpace {
  public func accepts(_ recipe: Recipe) -> Bool { legalShape(after: recipe) != nil }

  public func schedules(after recipe: Recipe) -> [ScheduleShape] { [] }

  /// The shape after the recipe, or nil when a step is refused. The space keeps the record of
  /// refusals, so a proposer that only asks "does it apply" loses nothing.
  func legalShape(after recipe: Recipe) -> KernelShape? {
    do throws(Refusal) {
      return try shape(after: recipe)
    } catch {
      return nil
    }
  }
}

/// A recipe to evaluate and why it is proposed.
public struct ProposedRecipe: Hashable, Sendable {
  public var recipe: Recipe
  /// The recipe that it was derived from.
  public var parent: Recipe
  /// The plan or mutation that made it.
  public var origin: String
  public init(_ recipe: Recipe, parent: Recipe, origin: String) {
    self.recipe = recipe
    self.parent = parent
    self.origin = origin
  }
}

/// What became of a proposed recipe.
public enum Observation: Hashable, Sendable {
  /// Emitted bytes seen before, not compiled.
  case duplicate
  /// Did not compile, was found wrong, or could not be judged.
  case rejected
  /// Time of the original over its own, by the workload on which it does worst.
  case measured(speedup: Double)
}

/// Chooses what to try next; deterministic in its seed and the observations.
public protocol Proposer: Sendable {
  /// The name written to the log.
  var name: String { get }

  /// Up to `count` recipes, best first, none proposed before; empty when nothing is left to try.
  mutating func propose(_ count: Int, in space: some RecipeSpace) -> [ProposedRecipe]

  /// Takes note of an evaluation.
  mutating func observe(_ proposal: ProposedRecipe, _ observation: Observation)
}
