import ArgumentParser
import Diagnostics
import ExperimentRecords
import Foundation
import LineageLog
import OptimizationAgent
import Reporting

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
    complain(error.diagnostic)
    throw Ending.badInput
  } catch let error as LineageError {
    complain(error.diagnostic)
    throw ExitCode(error.exitCode)
  } catch let stop as OversightStop {
    complain(stop.diagnostic)
    throw Ending.stopped
  } catch let refusal as Refusal {
    complain(.error(refusal.description, at: refusal.location))
    throw Ending.refused
  } catch let error as RecipeSyntaxError {
    complain(.error("\(error)"))
    throw Ending.badInput
  } catch {
    complain(.error("\(error)"))
    throw Ending.badInput
  }
}

/// Writes a diagnostic to standard error, as one line: its notes follow in parentheses.
func complain(_ diagnostic: Diagnostic) {
  var line = diagnostic
  line.notes = []
  let notes = diagnostic.notes.map { note in
    note.message + (note.location.map { " at \($0)" } ?? "")
  }
  let context = notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))"
  complain(DiagnosticRenderer().render(line) + printable(context))
}

/// Writes a line to standard error.
func complain(_ line: String) {
  // Where standard error cannot be written there is nobody left to tell.
  try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
}

/// Writes text to standard output.
func say(_ text: String) { say(Array(text.utf8)) }

/// Writes bytes to standard output; ends the program when they cannot be written.
func say(_ bytes: [UInt8]) {
  do {
    try FileHandle.standardOutput.write(contentsOf: Data(bytes))
  } catch {
    complain(.error("cannot write to standard output: \(reason(of: error))"))
    exit(Ending.badInput.rawValue)
  }
}

/// What the system says of a failed file operation.
func reason(of error: any Error) -> String {
  let error = error as NSError
  let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
  guard cause.domain == NSPOSIXErrorDomain else { return error.localizedDescription }
  return String(cString: strerror(Int32(cause.code))).lowercased()
}

/// How a result is printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
}

/// Encodes a document as the one JSON text on standard output.
func sayJSON(_ document: some Encodable) throws { say(try jsonBytes(document)) }

/// The JSON text of a document, ended by a newline.
func jsonBytes(_ document: some Encodable) throws -> [UInt8] { Array(try jsonText(document).utf8) }
