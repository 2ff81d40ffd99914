import ExperimentRecords
import Foundation
import KernelModel
import KernelParsing
import Passes
import Testing

/// Random nests under random recipes: every recipe that the passes accept must keep what the function
/// computes.
struct RandomNestTests {
  @Test func acceptedRecipesAgreeOnExecution() throws {
    let first = UInt64(ProcessInfo.processInfo.environment["RATCHET_SEED"] ?? "") ?? 1
    let batches = Int(ProcessInfo.processInfo.environment["RATCHET_BATCHES"] ?? "") ?? 1
    for batch in 0..<batches {
      let outcome = try RandomNests(seed: first + UInt64(batch) * 1000, count: 24).run()
      for failure in outcome.failures { Issue.record("\(failure)") }
      #expect(outcome.accepted > 0)
      if batches > 1 {
        print("batch \(batch): \(outcome.accepted) recipes, \(outcome.steps) steps")
      }
    }
  }
}

extension RandomNestTests {
  /// Loops that threads may share give the same results when they do.
  @Test func parallelLoopsAgreeOnExecution() throws {
    let outcome = try ParallelNests(seed: 1, count: 24).run()
    for failure in outcome.failures { Issue.record("\(failure)") }
    #expect(outcome.accepted == 24)
  }
}

/// One program of random functions, each with one parallel loop.
struct ParallelNests {
  let seed: UInt64
  let count: Int
  private let flags = ["-std=gnu11", "-fopenmp"]

  init(seed: UInt64, count: Int) {
    self.seed = seed
    self.count = count
  }

  func run() throws -> RandomNests.Outcome {
    var outcome = RandomNests.Outcome()
    var cases: [ExecutionOracle.Comparison] = []
    var number = seed
    while cases.count < count, number < seed + 2000 {
      number += 1
      if let made = try makeCase(number, name: "f\(cases.count)") { cases.append(made) }
    }
    outcome.accepted = cases.count
    var oracle = ExecutionOracle(flags: flags, compiler: "gcc")
    oracle.rounds = 14
    for (index, difference) in try oracle.differences(cases) {
      outcome.failures.append(
        "\(difference)\n\(cases[index].before)\nbecame\n\(cases[index].after)")
    }
    return outcome
  }

  /// A function with its first loop that may be parallel, from the outermost inwards; nil when none may.
  private func makeCase(_ seed: UInt64, name: String) throws -> ExecutionOracle.Comparison? {
    var generator = KernelGenerator(seed: seed, name: name)
    let text = generator.text()
    let build = BuildFlags(compiler: nil, arguments: flags, directory: "/tmp", database: nil)
    let parsed = try KernelParser().parseText(text, at: "/tmp/\(name).c", build: build)
    guard let kernel = parsed.kernel(named: name) else { return nil }
    for label in kernel.function.body.loopLabels {
      let step = Step("parallelize", [Argument("loop", .label(label.text))])
      do {
        let parallel = try Stepwise.apply(Recipe([step]), to: kernel)
        return .init(function: kernel.function, before: text, after: parallel.finishedText())
      } catch is Refusal {
        continue
      }
    }
    return nil
  }
}

/// One program of random functions, each rewritten by a random recipe.
struct RandomNests {
  let seed: UInt64
  let count: Int

  struct Outcome {
    /// Recipes that were run.
    var accepted = 0
    var steps = 0
    /// Seed, difference, recipe and text of each disagreement.
    var failures: [String] = []
  }

  private struct Case {
    let seed: UInt64
    let recipe: Recipe
    let comparison: ExecutionOracle.Comparison
  }

  func run() throws -> Outcome {
    var outcome = Outcome()
    var cases: [Case] = []
    var number = seed
    while cases.count < count {
      number += 1
      if let made = try makeCase(number, name: "f\(cases.count)") { cases.append(made) }
    }
    outcome.accepted = cases.count
    outcome.steps = cases.map(\.recipe.steps.count).reduce(0, +)
    var oracle = ExecutionOracle(flags: ["-std=gnu11"])
    oracle.compiler = seed % 2000 < 1000 ? "clang" : "gcc"
    oracle.rounds = 14
    oracle.seed = seed
    for (index, difference) in try oracle.differences(cases.map(\.comparison)) {
      let own = cases[index]
      outcome.failures.append(
        "seed \(own.seed): \(difference)\n//! recipe: \(own.recipe)\n\(own.comparison.before)\n"
          + "became\n\(own.comparison.after)")
    }
    return outcome
  }

  /// A function and a recipe that applies to it; nil when none of a few was accepted.
  private func makeCase(_ seed: UInt64, name: String) throws -> Case? {
    var generator = KernelGenerator(seed: seed, name: name)
    let text = generator.text()
    let build = BuildFlags(
      compiler: nil, arguments: ["-std=gnu11"], directory: "/tmp", database: nil)
    let parsed = try KernelParser().parseText(text, at: "/tmp/\(name).c", build: build)
    guard let kernel = parsed.kernel(named: name) else {
      throw GoldenError("\(parsed.skipped.map(\.reason))\n\(text)")
    }
    var random = SplitMix(seed: seed &* 7919)
    var recipe = Recipe()
    var current = kernel
    for _ in 0..<12 where recipe.steps.count < 3 {
      let labels = current.function.body.loopLabels
      guard !labels.isEmpty, labels.count < 24 else { break }
      let step = RandomStep.step(for: current, &random)
      do {
        current = try Stepwise.apply(Recipe([step]), to: current)
        recipe = recipe.appending(step)
      } catch is Refusal {
        continue
      } catch {
        throw GoldenError("seed \(seed), \(recipe.appending(step)): \(error)\n\(text)")
      }
    }
    guard !recipe.isEmpty else { return nil }
    try CCompiler(flags: ["-std=gnu11"]).requireNoNewWarnings(text, current.finishedText())
    return Case(
      seed: seed, recipe: recipe,
      comparison: .init(
        function: kernel.function, before: text, after: current.finishedText()))
  }
}

/// Draws steps over the loops of a kernel.
enum RandomStep {
  /// Arguments of `fuse` for a second loop that runs later, or none.
  private static func shift(_ random: inout SplitMix) -> [Argument] {
    guard random.once(in: 2) else { return [] }
    let distance = Argument("shift", .integer(random.pick([1, 2])))
    return random.once(in: 2) ? [distance] : [distance, Argument("ends", "guarded")]
  }

  static func step(for kernel: Kernel, _ random: inout SplitMix) -> Step {
    let labels = kernel.function.body.loopLabels
    let label = random.pick(labels)
    let nest = kernel.function.body.loop(label)?.perfectNest.map(\.label) ?? [label]
    func value(_ label: LoopLabel) -> Argument.Value { .label(label.text) }
    let loop = Argument("loop", value(label))
    let factor = Argument("by", .integer(random.pick([2, 3, 4, 5])))
    switch random.next() % 28 {
    case 0: return Step("interchange", [Argument("outer", value(label))])
    case 1:
      let order = nest.shuffled(using: &random)
      return Step("interchange", [Argument("order", .list(order.map(value)))])
    case 2: return Step("tile", [loop, factor])
    case 3:
      let sizes = nest.map { _ in Argument.Value.integer(random.pick([2, 3, 4, 8])) }
      return Step(
        "tile", [Argument("loops", .list(nest.map(value))), Argument("by", .list(sizes))])
    case 4: return Step("unroll", [loop, factor])
    case 5:
      let lag = Argument("lag", .integer(random.pick([1, 2])))
      return Step("unroll_jam", random.once(in: 2) ? [loop, factor, lag] : [loop, factor])
    case 6:
      let other = random.pick(labels)
      let pair = [Argument("first", value(label)), Argument("second", value(other))]
      return Step("fuse", pair + shift(&random))
    case 7: return Step("distribute", [loop])
    case 8: return Step("reverse", [loop])
    case 9:
      let side = random.pick(["first", "last"])
      return Step("peel", [loop, Argument(side, .integer(random.pick([1, 1, 2])))])
    case 10:
      let at = random.pick([Argument.Value.integer(random.pick([0, 1, 2, 4])), "n", "m"])
      return Step("split_index_set", [loop, Argument("at", at)])
    case 11, 12:
      let over = kernel.function.body.enclosingLoops(of: label)?.last ?? random.pick(labels)
      let by = Argument("by", .integer(random.pick([1, 1, 2])))
      return Step("skew", [loop, by, Argument("over", value(over))])
    case 13, 14: return pack(label, in: kernel, &random)
    case 15: return Step("reduction_tree", [loop, factor])
    case 16, 17:
      return Step(random.pick(["expand", "privatize"]), [loop, scalar(in: kernel, &random)])
    case 18: return Step("contract_array", [Argument("array", .label("w")), loop])
    case 19:
      let value = Argument("value", .label(random.pick(["n", "m"])))
      return Step(
        "specialize", [loop, value, Argument("is", .integer(random.pick([1, 2, 5, 8])))])
    case 22:
      let around = [label] + (kernel.function.body.enclosingLoops(of: label) ?? [])
      return Step("set_apart", [loop, Argument("nest", value(random.pick(around)))])
    case 20, 21:
      let array = Argument("array", .label(random.pick(["a", "b", "c"])))
      return Step("prefetch", [loop, array, Argument("ahead", .integer(random.pick([1, 2, 3])))])
    case 26:
      let pair = Argument("loops", .list(nest.suffix(2).map(value)))
      return Step("z_order", [pair, Argument("by", .integer(random.pick([2, 4, 8])))])
    case 25: return Step("narrow", [loop])
    case 23, 24: return embed(in: kernel, &random)
    default: return random.once(in: 3) ? Step("normalize") : Step("unroll_jam", [loop, factor])
    }
  }

  /// A loop into one beside it, where a block holds two in a row.
  private static func embed(in kernel: Kernel, _ random: inout SplitMix) -> Step {
    var pairs: [(LoopLabel, LoopLabel)] = []
    kernel.function.body.walk { statement in
      let labels = statement.statements.map(\.loopLabel)
      for case (let a?, let b?) in zip(labels, labels.dropFirst()) { pairs += [(a, b), (b, a)] }
    }
    let labels = kernel.function.body.loopLabels
    let (nest, loop) =
      pairs.isEmpty ? (random.pick(labels), random.pick(labels)) : random.pick(pairs)
    return Step(
      "embed", [Argument("loop", .label(nest.text)), Argument("into", .label(loop.text))])
  }

  /// One of the numbers that the function declares, if there are any.
  private static func scalar(in kernel: Kernel, _ random: inout SplitMix) -> Argument {
    let names = kernel.function.symbols.sorted { $0.key < $1.key }.map(\.value)
      .filter { $0.storage == .local && $0.type.isArithmetic }.map(\.name)
    return Argument("scalar", .word(names.isEmpty ? "t1" : random.pick(names)))
  }

  /// A copy before the loop, at times with its dimensions in another order.
  private static func pack(_ label: LoopLabel, in kernel: Kernel, _ random: inout SplitMix) -> Step
  {
    let step = Step(
      "pack",
      [
        Argument("loop", .label(label.text)),
        Argument("array", .label(random.pick(["a", "b", "c"]))),
      ])
    guard random.once(in: 2), let loop = kernel.function.body.loop(label) else {
      return step
    }
    let order = ([label] + loop.body.loopLabels).shuffled(using: &random)
    let names = order.prefix(2 + Int(random.next() % 2)).map { Argument.Value.label($0.text) }
    return Step("pack", step.arguments + [Argument("order", .list(names))])
  }
}
