import ArgumentParser
import Diagnostics
import Foundation

extension RatchetCommand {
  /// Ends the program as `error` asks: help and versions on standard output, a wrong command line as
  /// one line on standard error with code 64, and everything else with its own code.
  static func end(with error: any Error) -> Never {
    guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
    complain(.error(oneLine(message(for: error)), remedy: "'\(helpCommand)' shows the usage"))
    Foundation.exit(ExitCode.validationFailure.rawValue)
  }

  /// A message of the argument parser in the grammar of this program's diagnostics.
  private static func oneLine(_ message: String) -> String {
    let lines = message.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    var text = lines.joined(separator: " ").trimmingCharacters(in: .whitespaces)
    while text.hasSuffix(".") && !text.hasSuffix("…") { text.removeLast() }
    guard let first = text.first, first.isUppercase else { return text }
    return first.lowercased() + text.dropFirst()
  }

  /// The help of the subcommand that was typed, if there is one of that name.
  private static var helpCommand: String {
    var command: any ParsableCommand.Type = RatchetCommand.self
    var words = ["ratchet", "help"]
    for word in CommandLine.arguments.dropFirst() {
      let next = command.configuration.subcommands.first { $0.configuration.commandName == word }
      guard let next else { break }
      words.append(word)
      command = next
    }
    return words.joined(separator: " ")
  }
}
