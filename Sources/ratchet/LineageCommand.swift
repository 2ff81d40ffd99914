import ArgumentParser

/// `ratchet lineage …`: the record of everything that was tried.
struct LineageCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lineage",
    abstract: "Inspects the append-only record of everything that was tried.",
    subcommands: [
      LineageLogCommand.self, LineageShowCommand.self, LineageDiffCommand.self,
      LineageTreeCommand.self, LineageBlameCommand.self, LineageVerifyCommand.self,
      LineageBisectCommand.self, LineageRejudgeCommand.self,
      LineageCheckpointCommand.self, LineageReplayCommand.self, LineageExportCommand.self,
    ])
}
