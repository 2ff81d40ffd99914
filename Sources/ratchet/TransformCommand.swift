import ArgumentParser
import Diagnostics
import ExperimentRecords
import Foundation
import OptimizationAgent
import Passes

/// `ratchet transform FILE --function F --recipe "…"`: applies a recipe and prints the C.
struct TransformCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transform",
    abstract: "Applies a recipe to one function and prints the whole file.")

  @Argument(help: "A C file.")
  var file: String

  @Option(help: "The function.")
  var function: String

  @Option(help: "The recipe, such as \"tile(loop: i, by: 64)\"; empty gives back every byte.")
  var recipe = ""

  @Option(help: "The C compiler.")
  var cc: String?

  @Option(parsing: .unconditional, help: "Compiler flags.")
  var cflags: String?

  func run() async throws {
    try await withEndings {
      let recipe = try Recipe(parsing: recipe)
      try check(recipe)
      var options = CampaignOptions(paths: [file])
      options.functions = [function]
      options.compiler = cc
      options.flags = cflags
      let survey = try Survey(options: options, configuration: Configuration())
      guard let surveyed = survey.kernels.first ?? survey.unresolved.first else {
        throw survey.missing(function, in: file)
      }
      let result = try RecipeRunner().apply(recipe, to: surveyed.kernel)
      say(result.emitFinished())
    }
  }

  /// A pass that does not exist is a mistake of the user's, and no refusal.
  private func check(_ recipe: Recipe) throws {
    let names = Set(PassCatalog.all.map(\.name))
    for step in recipe.steps where !names.contains(step.pass) {
      throw InputError("there is no pass '\(step.pass)'", remedy: "'ratchet passes' lists them")
    }
  }
}
