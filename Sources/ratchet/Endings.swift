import ArgumentParser
import Diagnostics
import ExperimentRecords
import Foundation
import LineageLog

/// The exit codes of the design.
enum Ending {
  /// Done, also when no gain was found.
  static let done = ExitCode(0)
  /// A gate said no.
  static let refused = ExitCode(1)
  /// Bad input, configuration, or an internal error.
  static let badInput = ExitCode(2)
  /// Stopped by a person or a ceiling; inconclusive or weaker than required.
  static let stopped = ExitCode(3)
  /// The log failed verification.
  static let damagedLog = ExitCode(4)
}

/// Runs a command's work; every error becomes one line on standard error and the exit code that the
/// design gives it.
func withEndings(_ work: () async throws -> Void) async throws {
  do {
    try await work()
  } catch let code as ExitCode {
    throw code
  } catch let error as InputError {
    complain(error.description)
    throw Ending.badInput
  } catch let error as LineageError {
    complain(error.description)
    throw ExitCode(error.exitCode)
  } catch let refusal as Refusal {
    complain(DiagnosticRenderer().render(.error(refusal.description)))
    throw Ending.refused
  } catch let error as RecipeSyntaxError {
    complain(DiagnosticRenderer().render(.error("\(error)")))
    throw Ending.badInput
  } catch {
    complain(DiagnosticRenderer().render(.error("\(error)")))
    throw Ending.badInput
  }
}

/// Writes a line to standard error.
func complain(_ line: String) {
  FileHandle.standardError.write(Data((line + "\n").utf8))
}

/// Writes bytes to standard output.
func say(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }

/// How a result is printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
}

/// Encodes a document as the one JSON text on standard output.
func sayJSON(_ document: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  FileHandle.standardOutput.write(try encoder.encode(document) + Data("\n".utf8))
}
