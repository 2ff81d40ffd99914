import ArgumentParser
import Foundation
import OptimizationAgent

/// The command line; one file per subcommand.
@main
struct RatchetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ratchet",
    abstract: "Makes C kernels faster by rewriting them, and shows why each rewrite is safe.",
    version: ratchetVersion,
    subcommands: [
      OptimizeCommand.self, KernelsCommand.self, PassesCommand.self, TransformCommand.self,
    ])

  static func main() async {
    // A reader that goes away (`ratchet report | head`) ends the program quietly.
    signal(SIGPIPE, SIG_DFL)
    await main(nil)
  }
}
