import Foundation
import Sandboxing

/// Z3 in a child, asked one question at a time within the budget of one pair of programs.
///
/// What it may do is counted in Z3's own units, of which there are two to four million in a second, so
/// that a verdict does not depend on what else the machine is doing; a child that does not answer all the
/// same is killed. What was not answered, and what is asked once the budget is spent, is `open`. Equal
/// questions are asked once. One thread at a time.
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
    /// For one answer, in Z3's units.
    var effort = 3_000_000
    /// For all answers together.
    var allEffort = 15_000_000
    /// The time after which a child is taken for hung, and nothing more is asked: some of what Z3 does
    /// hardly counts.
    var wall: Duration = .seconds(15)
    var questions = 4000
    /// Bytes of all questions, those among them that were asked before.
    var text = 24 << 20
    var memory = 1 << 30
  }

  let limits: Limits
  private let runner: Runner?
  private var session: GuardedSession?
  private var answers: [String: Answer] = [:]
  /// How many questions the child was asked, and what they took in Z3's units.
  private(set) var questions = 0
  private(set) var spent = 0
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
    answers[text] = answer
    return answer
  }

  /// Whether nothing new can be asked.
  var isSpent: Bool {
    spent >= limits.allEffort || questions >= limits.questions || written >= limits.text
  }

  private func askChild(_ text: String) -> Answer {
    if isSpent { return .open("the solver's budget is spent") }
    questions += 1
    let effort = min(limits.effort, limits.allEffort - spent)
    do throws(RunnerError) {
      let session = try running()
      let bytes = try session.ask(Array("\(effort)\n\(text)".utf8), wall: limits.wall)
      let answer = String(decoding: bytes, as: UTF8.self)
      let end = answer.firstIndex(of: "\n") ?? answer.endIndex
      spent += Int(answer[..<end]) ?? effort
      return Self.answer(answer[end...].drop { $0 == "\n" })
    } catch {
      session = nil
      if error == .timedOut { spent = limits.allEffort }
      return .open(error == .timedOut ? "the solver did not answer in time" : "\(error)")
    }
  }

  private func running() throws(RunnerError) -> GuardedSession {
    if let session { return session }
    let runner = if let own = self.runner { own } else { try Runner() }
    let made = try GuardedSession(
      try RunnerLocation.findSolver(), with: runner, wall: Self.longestLife,
      memory: limits.memory)
    session = made
    return made
  }

  /// Of a child, whatever it is asked.
  private static let longestLife: Duration = .seconds(900)

  private static func answer(_ text: Substring) -> Answer {
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
