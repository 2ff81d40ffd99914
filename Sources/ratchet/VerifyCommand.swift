import ArgumentParser
import EquivalenceChecking
import ExperimentRecords
import Foundation
import KernelModel
import OptimizationAgent

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

  @Option(
    help: """
      The verdict that is needed: tested, bounded or proved. By default bounded where the original's \
      control is static, tested elsewhere.
      """)
  var require: RequiredVerdict?

  @Option(help: "The C compiler.")
  var cc: String?

  @Option(parsing: .unconditional, help: "Compiler flags instead of compile_commands.json's.")
  var cflags: String?

  @Option(help: "The seed of the inputs.")
  var seed: UInt64 = 1

  @Option(help: "Where to write a C program that shows a counterexample.")
  var reproducer: String?

  @Flag(
    help: """
      Plant defects into the candidate, one at a time, and tell how many of them each level finds.
      """)
  var calibrate = false

  @Option(help: "With --calibrate: the file that outcomes are added to, and not asked for again.")
  var outcomes: String?

  @Option(help: "With --calibrate: begin no mutant after so many seconds.")
  var seconds: Double?

  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  func validate() throws {
    guard calibrate || (outcomes == nil && seconds == nil) else {
      throw ValidationError("--outcomes and --seconds need --calibrate")
    }
  }

  func run() async throws {
    try await withEndings {
      if calibrate { return try await calibration() }
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
    let (kernel, environment) = try await subject()
    let verifier = Verifier(
      original: kernel, environment: environment, floatingPoint: mode, seed: seed)
    return await verifier.verify(try candidateBytes(), requirement: require?.verdict)
  }

  private func calibration() async throws {
    let (kernel, environment) = try await subject()
    let run = CalibrationRun(
      calibration: Calibration(
        original: kernel, environment: environment, floatingPoint: mode, seed: seed,
        sample: CalibrationSample(every: 1)),
      subject: "\(candidate):\(function)", outcomes: outcomes, seconds: seconds)
    let table = KillTable(try await run.outcomes(of: try candidateBytes()))
    switch format {
    case .text: say(CalibrationText(table).text)
    case .json: try sayJSON(table)
    }
  }

  private var mode: EquivalenceChecking.FloatingPointMode {
    EquivalenceChecking.FloatingPointMode(rawValue: fp.rawValue) ?? .exact
  }

  private func candidateBytes() throws -> [UInt8] {
    try PlainFiles.read(candidate, remedy: "name the rewritten C file")
  }

  /// The original with its contract, and what the judge works with.
  private func subject() async throws -> (Kernel, JudgeEnvironment) {
    let kernel = try JudgedFunction.kernel(function, in: original, compiler: cc, flags: cflags)
    return (kernel, try await JudgedFunction.environment(cc ?? kernel.build.compiler))
  }
}
