import Foundation
import Sandboxing

/// Z3 in a child, asked one question at a time within the budget of one pair of programs.
///
/// The child answers within the limit of a question or is killed; what it did not answer, and what is
/// asked once the budget is spent, is `open`. Equal questions are asked once. One thread at a time.
final class SymbolicSolver {
  /// What is known of the conjunction of a question's assertions.
  enum Answer: Hashable {
    case unsatisfiable
    /// Values of the constants that matter, by name.
    case satisfiable([String: UInt64])
    /// Nothing, with the reason.
    case open(String)
  }

  struct Limits: Hashable {
    /// For one answer.
    var question: Duration = .seconds(5)
    /// For all answers together.
    var all: Duration = .seconds(30)
    var questions = 4000
    /// Bytes of all questions, those among them that were asked before.
    var text = 24 << 20
    var memory = 1 << 30
  }

  let limits: Limits
  private let runner: Runner?
  private var session: GuardedSession?
  private var answers: [String: Answer] = [:]
  /// How many questions the child was asked, and how long it took.
  private(set) var questions = 0
  private(set) var spent: Duration = .zero
  private var written = 0

  /// - Parameter runner: what starts the child; the one that `RunnerLocation` finds when `nil`.
  init(runner: Runner? = nil, limits: Limits = Limits()) {
    self.runner = runner
    self.limits = limits
  }

  deinit { session?.end() }

  /// Asks whether declarations and assertions in SMT-LIB 2 hold together.
  func ask(_ text: String) -> Answer {
    written += text.utf8.count
    if let known = answers[text] { return known }
    let answer = askChild(text)
    // What was left open for want of time may be asked again; there is no more time.
    answers[text] = answer
    return answer
  }

  /// Whether nothing new can be asked.
  var isSpent: Bool {
    spent >= limits.all || questions >= limits.questions || written >= limits.text
  }

  private func askChild(_ text: String) -> Answer {
    if isSpent { return .open("the solver's budget is spent") }
    let clock = ContinuousClock()
    let start = clock.now
    defer { spent += clock.now - start }
    questions += 1
    let milliseconds = Int(limits.question.seconds * 1000)
    do throws(RunnerError) {
      let session = try running()
      // The child's own limit comes first: killing it costs a start.
      let bytes = try session.ask(
        Array("\(milliseconds)\n\(text)".utf8), wall: limits.question + .milliseconds(500))
      return Self.answer(String(decoding: bytes, as: UTF8.self))
    } catch {
      session = nil
      return .open(error == .timedOut ? "the solver did not answer in time" : "\(error)")
    }
  }

  private func running() throws(RunnerError) -> GuardedSession {
    if let session { return session }
    let runner = if let own = self.runner { own } else { try Runner() }
    let made = try GuardedSession(
      try RunnerLocation.findSolver(), with: runner, wall: limits.all + .seconds(60),
      memory: limits.memory)
    session = made
    return made
  }

  private static func answer(_ text: String) -> Answer {
    let lines = text.split(separator: "\n")
    switch lines.first {
    case "unsat": return .unsatisfiable
    case "sat":
      var model: [String: UInt64] = [:]
      for line in lines.dropFirst() {
        let words = line.split(separator: " ")
        if words.count == 2, let bits = UInt64(words[1]) { model[String(words[0])] = bits }
      }
      return .satisfiable(model)
    default: return .open("the solver says '\(text.prefix(80))'")
    }
  }
}
