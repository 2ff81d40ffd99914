import ExperimentRecords
import Foundation
import KernelModel
import KernelParsing
import Testing

@testable import OptimizationAgent
@testable import SearchPolicies

/// Random nests under the recipes that follow their schedules: each is refused, or keeps what the function
/// computes.
struct ScheduledNestTests {
  @Test func recipesOfSchedulesAgreeOnExecution() throws {
    let environment = ProcessInfo.processInfo.environment
    let first = UInt64(environment["RATCHET_SEED"] ?? "") ?? 1
    let batches = Int(environment["RATCHET_BATCHES"] ?? "") ?? 1
    for batch in 0..<batches {
      let nests = ScheduledNests(seed: first + UInt64(batch) * 1000, count: 24)
      let outcome = try nests.run()
      for failure in outcome.failures { Issue.record("\(failure)") }
      #expect(outcome.accepted == 24)
    }
  }
}

/// One program of random functions, each rewritten by a recipe of a schedule.
private struct ScheduledNests {
  let seed: UInt64
  let count: Int
  private let flags = ["-std=gnu11"]

  init(seed: UInt64, count: Int) {
    self.seed = seed
    self.count = count
  }

  func run() throws -> RandomNests.Outcome {
    var outcome = RandomNests.Outcome()
    var cases: [ExecutionOracle.Comparison] = []
    var recipes: [String] = []
    for number in seed..<(seed + 1000) where cases.count < count {
      for (recipe, comparison) in try self.cases(number, from: cases.count) {
        cases.append(comparison)
        recipes.append("seed \(number): \(recipe)")
      }
    }
    cases = Array(cases.prefix(count))
    outcome.accepted = cases.count
    var oracle = ExecutionOracle(flags: flags)
    oracle.rounds = 14
    oracle.seed = seed
    for (index, difference) in try oracle.differences(cases) {
      outcome.failures.append(
        "\(recipes[index]): \(difference)\n\(cases[index].before)\nbecame\n\(cases[index].after)")
    }
    return outcome
  }

  /// A function under each recipe of its schedules that applies, under names of its own.
  private func cases(
    _ seed: UInt64, from number: Int
  ) throws -> [(recipe: Recipe, comparison: ExecutionOracle.Comparison)] {
    let build = BuildFlags(compiler: nil, arguments: flags, directory: "/tmp", database: nil)
    var result: [(recipe: Recipe, comparison: ExecutionOracle.Comparison)] = []
    for recipe in try recipes(seed, build) {
      let name = "f\(number + result.count)"
      var generator = KernelGenerator(seed: seed, name: name)
      let text = generator.text()
      guard
        let kernel = try KernelParser().parseText(text, at: "/tmp/f.c", build: build)
          .kernel(named: name)
      else { continue }
      let after = try Stepwise.apply(recipe, to: kernel)
      result.append(
        (recipe, .init(function: kernel.function, before: text, after: after.finishedText())))
    }
    return result
  }

  /// The first two recipes of the function's schedules that apply.
  private func recipes(_ seed: UInt64, _ build: BuildFlags) throws -> [Recipe] {
    var generator = KernelGenerator(seed: seed, name: "f")
    guard
      let kernel = try KernelParser().parseText(generator.text(), at: "/tmp/f.c", build: build)
        .kernel(named: "f")
    else { return [] }
    let space = TransformationSpace(kernel, describe: ShapeExtraction.shape(of:)) { _, _, _ in }
    let library = PlanLibrary(vectorBytes: 32, cacheBytes: [4 << 10])
    var growth = RecipeGrowth()
    let base = RecipeGrowth.Base(recipe: .empty, shape: try space.shape(after: .empty))
    var plans = growth.scheduled(base, in: space).flatMap { start, schedule in
      library.plans(for: schedule, in: start.shape).map { (start.recipe, $0) }
    }
    // All of them come up with one seed or another.
    if seed % 2 == 0 { plans.reverse() }
    var found: [Recipe] = []
    for (start, plan) in plans where found.count < 2 {
      guard let recipe = growth.extend(start, by: plan, in: space)?.recipe,
        !found.contains(recipe)
      else { continue }
      found.append(recipe)
    }
    return found
  }
}
