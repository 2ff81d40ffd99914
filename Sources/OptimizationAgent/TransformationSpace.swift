import DependenceAnalysis
import ExperimentRecords
import KernelModel
import LineageLog
import Passes
import SearchPolicies

/// Applies recipes to one kernel without compiling, remembers the results, and logs every refusal
/// once.
final class TransformationSpace: RecipeSpace {
  /// Describes a kernel for the policies.
  typealias Describe = (Kernel) -> KernelShape

  let kernel: Kernel
  private let describe: Describe
  private let onRefusal: (Recipe, Refusal, Cost) -> Void
  private var kernels: [Recipe: Result<Kernel, Refusal>] = [:]
  private var shapes: [Recipe: KernelShape] = [:]
  private var orders: [Recipe: [ScheduleShape]] = [:]
  private let analyses = LegalityCache()

  /// `onRefusal` is called once for each refused recipe, the shortest prefix that is refused, with
  /// what finding out has taken.
  init(
    _ kernel: Kernel, describe: @escaping Describe,
    onRefusal: @escaping (Recipe, Refusal, Cost) -> Void
  ) {
    self.kernel = kernel
    self.describe = describe
    self.onRefusal = onRefusal
    kernels[.empty] = .success(kernel)
  }

  func shape(after recipe: Recipe) throws(Refusal) -> KernelShape {
    if let shape = shapes[recipe] { return shape }
    let kernel = try transformed(by: recipe)
    let shape = LegalityCache.$current.withValue(analyses) { describe(kernel) }
    shapes[recipe] = shape
    return shape
  }

  func accepts(_ recipe: Recipe) -> Bool {
    do throws(Refusal) {
      _ = try transformed(by: recipe)
      return true
    } catch {
      return false
    }
  }

  func schedules(after recipe: Recipe) -> [ScheduleShape] {
    if let known = orders[recipe] { return known }
    let found: [ScheduleShape]
    do throws(Refusal) {
      let kernel = try transformed(by: recipe)
      found = LegalityCache.$current.withValue(analyses) {
        ScheduleExtraction.schedules(of: kernel)
      }
    } catch {
      found = []  // logged already
    }
    orders[recipe] = found
    return found
  }

  /// The kernel after the recipe; prefixes are computed once.
  func transformed(by recipe: Recipe) throws(Refusal) -> Kernel {
    if let known = kernels[recipe] { return try known.get() }
    let prefix = Recipe(Array(recipe.steps.dropLast()))
    let before = try transformed(by: prefix)
    var meter = CostMeter()
    do throws(Refusal) {
      let after = try meter.measureNow(.propose) { () throws(Refusal) in
        try apply(recipe.steps[recipe.steps.count - 1], to: before)
      }
      kernels[recipe] = .success(after)
      return after
    } catch {
      kernels[recipe] = .failure(error)
      onRefusal(recipe, error, meter.total)
      throw error
    }
  }

  private func apply(_ step: Step, to kernel: Kernel) throws(Refusal) -> Kernel {
    try LegalityCache.$current.withValue(analyses) {
      Result { () throws(Refusal) in try RecipeRunner().apply(step, to: kernel) }
    }.get()
  }
}
