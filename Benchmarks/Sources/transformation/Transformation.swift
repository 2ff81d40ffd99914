import ArgumentParser
import Campaigns
import DependenceAnalysis
import ExperimentRecords
import Foundation
import KernelModel
import KernelParsing
import Passes

/// Measures what proposing rests on: legality questions and passes a second of one core, over the kernels
/// of a folder, and the analysis of one deep nest.
@main
struct Transformation: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transformation",
    abstract: "Legality questions and passes a second, and the time to analyse a deep nest.")

  @Option(help: "C files whose kernels are transformed.")
  var folder = "../fixtures/kernels/loops"

  @Option(help: "Analyses of the deep nest.")
  var runs = 5

  @Option(help: "Where the JSON goes; default: results/transformation-<date>.json.")
  var output: String?

  func run() throws {
    let kernels = try kernels()
    let document = Document(
      date: Date.now.formatted(.iso8601), kernels: kernels.count,
      questions: Rate.measured { tally in for kernel in kernels { ask(kernel, &tally) } },
      passes: Rate.measured { tally in for kernel in kernels { apply(kernel, &tally) } },
      deepNest: try (0..<runs).map { _ in try DeepNest.milliseconds() }.sorted())
    print("legality: \(document.questions.text("questions"))")
    print("passes:   \(document.passes.text("applications"))")
    print(
      "a nest of \(DeepNest.depth) loops with \(DeepNest.statements) statements: every loop asked in "
        + String(
          format: "%.0f ms [%.0f, %.0f]", document.deepNest[document.deepNest.count / 2],
          document.deepNest.first ?? 0, document.deepNest.last ?? 0))
    try ResultFile.write(
      document, to: output ?? "results/transformation-\(document.date.prefix(10)).json")
  }

  private func kernels() throws -> [Kernel] {
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".c") }.sorted()
    return try files.flatMap { try KernelParser().parse("\(folder)/\($0)").kernels }
  }

  /// Every loop: may it run in parallel, in reverse, in vectors?
  private func ask(_ kernel: Kernel, _ tally: inout Tally) {
    let legality = Legality(kernel)
    for label in kernel.function.body.loopLabels {
      tally.count { () throws(Obstacle) in try legality.parallelize(label) }
      tally.count { () throws(Obstacle) in try legality.reverse(label) }
      tally.count { () throws(Obstacle) in try legality.vectorize(label, width: 8) }
      tally.count { () throws(Obstacle) in try legality.unrollJam(label, by: 4) }
    }
  }

  /// Every loop by several passes, each on the kernel as it was read.
  private func apply(_ kernel: Kernel, _ tally: inout Tally) {
    let runner = RecipeRunner(checksWellFormedness: false)
    for label in kernel.function.body.loopLabels {
      let loop = Argument("loop", .label(label.text))
      let steps = [
        Step("tile", [loop, Argument("by", .integer(32))]),
        Step("unroll", [loop, Argument("by", .integer(4))]),
        Step("unroll_jam", [loop, Argument("by", .integer(4))]),
        Step("vectorize", [loop, Argument("width", .integer(8))]),
        Step("distribute", [loop]), Step("hoist", [loop]), Step("scalar_replace", [loop]),
      ]
      for step in steps {
        tally.count { () throws(Refusal) in _ = try runner.apply(step, to: kernel) }
      }
    }
  }
}

/// How often the answer was yes and no.
struct Tally {
  var granted = 0
  var refused = 0

  mutating func count<E: Error>(_ question: () throws(E) -> Void) {
    do throws(E) {
      try question()
      granted += 1
    } catch {
      refused += 1
    }
  }
}

struct Rate: Codable {
  var granted: Int
  var refused: Int
  var seconds: Double

  static func measured(_ work: (inout Tally) -> Void) -> Rate {
    var tally = Tally()
    let start = ContinuousClock.now
    work(&tally)
    let elapsed = start.duration(to: .now).components
    return Rate(
      granted: tally.granted, refused: tally.refused,
      seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18)
  }

  func text(_ what: String) -> String {
    String(
      format: "%.0f \(what) a second (%d granted, %d refused, %.2f s)",
      Double(granted + refused) / max(seconds, 1e-9), granted, refused, seconds)
  }
}

struct Document: Codable {
  var date: String
  var kernels: Int
  var questions: Rate
  var passes: Rate
  /// Milliseconds, sorted.
  var deepNest: [Double]
}
