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
      VerifyCommand.self, BenchCommand.self,
      ReportCommand.self, LineageCommand.self, ApplyCommand.self, RevertCommand.self,
      ApproveCommand.self, AuditCommand.self,
      StopCommand.self, DoctorCommand.self, NoiseTableCommand.self, CalibrateCommand.self,
    ])

  static func main() async {
    // A reader that goes away (`ratchet report | head`) ends the program quietly.
    signal(SIGPIPE, SIG_DFL)
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      end(with: error)
    }
  }
}
