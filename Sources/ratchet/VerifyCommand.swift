import ArgumentParser
import CandidateExecution
import Diagnostics
import EquivalenceChecking
import ExperimentRecords
import Foundation
import OptimizationAgent
import Sandboxing

/// `ratchet verify ORIGINAL CANDIDATE --function F`: judges any rewrite of a function.
struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Judges whether a candidate file may stand in place of the original.",
    discussion: """
      Exit codes: 0 equivalent at the required level, 1 not equivalent, 3 inconclusive or weaker \
      than required, 2 bad input.
      """)

  @Argument(help: "The C file as it is.")
  var original: String

  @Argument(help: "The same file with one body changed.")
  var candidate: String

  @Option(help: "The function whose body differs.")
  var function: String

  @Option(help: "Floating point: exact (same bits) or relaxed.")
  var fp: OptimizationAgent.FloatingPointMode = .exact

  @Option(help: "The verdict that is needed: tested, bounded or proved.")
  var require: RequiredVerdict = .tested

  @Option(help: "The C compiler.")
  var cc: String?

  @Option(parsing: .unconditional, help: "Compiler flags instead of compile_commands.json's.")
  var cflags: String?

  @Option(help: "The seed of the inputs.")
  var seed: UInt64 = 1

  @Option(help: "Where to write a C program that shows a counterexample.")
  var reproducer: String?

  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  func run() async throws {
    try await withEndings {
      let result = try await judged()
      if let program = result.counterexample?.reproducer, let reproducer {
        try OutputFile(path: reproducer).write(Array(program.utf8))
      }
      switch format {
      case .text: say(VerificationText(result, function: function, reproducer: reproducer).text)
      case .json: try sayJSON(VerifyDocument(result))
      }
      if result.verdict == .refuted { throw Ending.refused }
      if !result.isAccepted { throw Ending.stopped }
    }
  }

  private func judged() async throws -> VerificationResult {
    var options = CampaignOptions(paths: [original])
    options.functions = [function]
    options.compiler = cc
    options.flags = cflags
    let survey = try Survey(options: options, configuration: Configuration())
    guard let surveyed = survey.kernels.first ?? survey.unresolved.first else {
      throw survey.missing(function, in: original)
    }
    let environment = try await environment(cc ?? surveyed.kernel.build.compiler)
    let mode = EquivalenceChecking.FloatingPointMode(rawValue: fp.rawValue) ?? .exact
    let verifier = Verifier(
      original: surveyed.kernel, environment: environment, floatingPoint: mode, seed: seed)
    return await verifier.verify(
      try PlainFiles.read(candidate, remedy: "name the rewritten C file"),
      requirement: require.verdict)
  }

  private func environment(_ compiler: String?) async throws -> JudgeEnvironment {
    do {
      return try await JudgeEnvironment.find(
        compiler: compiler, harness: Harness(runner: try Runner()), scratch: try ScratchDirectory())
    } catch let error as CompileError {
      throw InputError("\(error)", remedy: "name a working C compiler with --cc")
    } catch let error as RunnerError {
      throw InputError("\(error)", remedy: "build it with 'make build'")
    }
  }
}
