import ArgumentParser
import Diagnostics
import ExperimentRecords
import Foundation
import LineageLog
import OptimizationAgent
import SystemPackage

/// `ratchet approve ID`: a person's word on a winner (level L2), on an envelope, or on a pause of the agent.
struct ApproveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve",
    abstract: "Shows a winner's evidence, the weakest first, and records a person's word on it.",
    discussion: """
      It asks on a terminal and takes no answer for granted. Where 'approvers' are configured the word is \
      signed by the private key of one of them; elsewhere than on a terminal it has to be, and the answer is \
      given with --answer. 'apply' writes the source.
      """)

  @Argument(help: "The winner's id, or its first digits.")
  var id: String

  @Option(help: "What to record with the word.")
  var note: String?

  @Option(
    help: ArgumentHelp("The private Ed25519 key to sign with (PEM).", valueName: "file"))
  var key: String?

  @Option(help: "With --key: yes or no, in place of being asked.")
  var answer: Answer?

  @OptionGroup var state: ExistingState

  /// A word.
  enum Answer: String, ExpressibleByArgument, CaseIterable {
    case yes, no
  }

  func validate() throws {
    guard answer == nil || key != nil else {
      throw ValidationError("--answer needs --key: without one a person is asked")
    }
  }

  func run() async throws {
    try await withEndings {
      let (lineage, directory) = try state.lineage()
      let stored = try lineage.entry(idPrefix: id)
      try refuseQuarantined(stored, directory)
      let subject = try ApprovalSubject(stored, lineage, ObjectStore(directory))
      let place = lineage.likelyRoot(of: directory).appending(subject.file ?? "")
      let policy = try AutonomyPolicy.applying(to: [place.string])
      let signing = try key.map { (path) throws(LineageError) in
        try SigningKey(file: FilePath(path))
      }
      if let kernel = stored.entry.kernel {
        try lineage.standings.checkRetraction(of: stored.id, kernel)
      }
      if let obstacle = try obstacle(signing, policy) {
        try refuse(subject.id, stored.entry.kernel, policy, directory, obstacle)
      }
      say(subject.text)
      let granted = try answer.map { $0 == .yes } ?? ask(subject.question)
      let name = try record(granted, subject.id, signing, policy, directory)
      say(
        granted
          ? "approved by \(printable(name)); \(subject.consequence)\n"
          : "declined by \(printable(name))\n")
      if !granted { throw Ending.refused }
    }
  }

  private var isOnTerminal: Bool { isatty(0) != 0 && isatty(1) != 0 }

  /// Why whoever runs this cannot approve here: the reason, and what would settle it.
  private func obstacle(
    _ signing: SigningKey?, _ policy: AutonomyPolicy
  ) throws -> (reason: String, remedy: String)? {
    if let approvers = policy.approvers {
      guard let signing else {
        return (
          "keys are configured, and the word is not signed",
          "give the key of one of 'approvers' with --key"
        )
      }
      guard approvers[try signing.publicKey] != nil else {
        return ("the key is none of those that are configured", "add it to 'approvers'")
      }
      return nil
    }
    guard !isOnTerminal else { return nil }
    return signing == nil
      ? (
        "an approval needs a person at a terminal, or a key",
        "run 'ratchet approve \(id)' in a terminal, without pipes, or give --key"
      )
      : ("no keys are configured, so that a signature says nothing", "list it in 'approvers'")
  }

  private func refuse(
    _ subject: Digest, _ kernel: KernelName?, _ policy: AutonomyPolicy,
    _ directory: StateDirectory, _ obstacle: (reason: String, remedy: String)
  ) throws {
    let refused = ActionRefused(
      action: "approve '\(subject.short)'", subject: subject, kernel: kernel, origin: policy.origin,
      reason: obstacle.reason, by: accountName())
    throw InputError(
      try LineageWriter(directory, command: "ratchet approve")
        .refuse(refused, remedy: obstacle.remedy))
  }

  /// What is quarantined does not become a winner by anybody's word.
  private func refuseQuarantined(_ stored: StoredEntry, _ directory: StateDirectory) throws {
    guard case .quarantined(let held) = stored.entry.content else { return }
    let refused = ActionRefused(
      action: "approve quarantined '\(stored.id.short)'", subject: stored.id, kernel: held.kernel,
      origin: "the quarantine", reason: held.reason, by: accountName())
    throw LineageError.refused(
      try LineageWriter(directory, command: "ratchet approve").refuse(
        refused, remedy: "measure the machine and the kernel again; no word makes it a winner"))
  }

  /// Adds the word to the log and, where the account's own register stands for a key, to that; returns who
  /// said it.
  private func record(
    _ granted: Bool, _ subject: Digest, _ signing: SigningKey?, _ policy: AutonomyPolicy,
    _ directory: StateDirectory
  ) throws -> String {
    let writer = try LineageWriter(directory, command: "ratchet approve")
    var name = accountName()
    if let signing, let approver = policy.approvers?[try signing.publicKey] {
      name = "\(approver) (\(name))"
    }
    var approval = Approval(subject: subject, granted: granted, by: name, note: note)
    if let signing { approval = try signing.sign(approval, after: writer.lineage.head) }
    let stored = try writer.append(.approval(approval))
    if granted, policy.approvers == nil { try ApprovalRegister().add(stored.id) }
    return name
  }

  /// Asks until the answer is `yes` or `no`; the end of input is no answer.
  private func ask(_ question: String) throws -> Bool {
    guard isOnTerminal else {
      throw InputError("no answer is given", remedy: "say --answer yes or --answer no")
    }
    while true {
      say("\(question) Type yes or no: ")
      guard let line = readLine() else {
        say("\n")
        throw InputError("no answer, so nothing is recorded", remedy: "type yes or no")
      }
      switch line.trimmingCharacters(in: .whitespaces).lowercased() {
      case "yes": return true
      case "no": return false
      default: continue
      }
    }
  }
}
