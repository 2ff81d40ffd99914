public import ExperimentRecords
public import KernelModel

/// Applies recipes step by step.
public struct RecipeRunner: Sendable {
  /// Whether the tree's invariants are checked after every step; a violation is a bug of the pass,
  /// which the message names, and traps.
  public var checksWellFormedness: Bool

  /// Creates a runner that checks in debug builds.
  public init() {
    #if DEBUG
      checksWellFormedness = true
    #else
      checksWellFormedness = false
    #endif
  }

  /// Creates a runner that checks as told.
  public init(checksWellFormedness: Bool) { self.checksWellFormedness = checksWellFormedness }

  /// The kernel after all steps.
  ///
  /// Throws: the refusal of the first step that does not apply; nothing is half-applied.
  public func apply(_ recipe: Recipe, to kernel: Kernel) throws(Refusal) -> Kernel {
    var result = kernel
    for step in recipe.steps { result = try apply(step, to: result) }
    return result
  }

  /// The kernel after one step.
  public func apply(_ step: Step, to kernel: Kernel) throws(Refusal) -> Kernel {
    guard let entry = PassCatalog.entry(named: step.pass) else {
      throw Refusal(step: step, reason: "there is no pass '\(step.pass)'")
    }
    let pass = try entry.make(step)
    if !(pass is Parallelize), kernel.function.body.holdsParallelLoop,
      !isInside(step, entry, kernel)
    {
      throw Refusal(
        step: step, reason: "a loop is parallel; behind that only loops inside it may change")
    }
    let result = try pass.apply(to: kernel)
    if checksWellFormedness { check(result, after: step) }
    return result
  }

  /// Whether the step is about a loop, and all loops that it names stand in parallel ones.
  private func isInside(_ step: Step, _ entry: CatalogEntry, _ kernel: Kernel) -> Bool {
    let body = kernel.function.body
    let loops = entry.parameters.filter { [.loop, .loops].contains($0.kind) }
    let named = loops.compactMap { step[$0.name] }
    let labels = named.compactMap(\.label) + named.flatMap { $0.labels ?? [] }
    return step["loop"] != nil
      && labels.allSatisfy { label in
        let around = body.enclosingLoops(of: LoopLabel(label)) ?? []
        return around.contains { body.loop($0)?.isParallel == true }
      }
  }

  private func check(_ kernel: Kernel, after step: Step) {
    do throws(WellFormednessViolation) {
      try kernel.function.checkWellFormed()
    } catch {
      preconditionFailure("'\(step)' broke the tree of '\(kernel.function.name)': \(error)")
    }
  }
}
