import Foundation
import Testing

@testable import Sandboxing

/// A session with `ratchet-solver`, the program that sessions are for.
@Suite struct GuardedSessionTests {
  private func session(wall: Duration = .seconds(60), memory: Int = 1 << 30) throws
    -> GuardedSession
  {
    try GuardedSession(
      try RunnerLocation.findSolver(), with: try Runner(), wall: wall, memory: memory)
  }

  private func ask(_ session: GuardedSession, _ text: String, wall: Duration = .seconds(20)) throws
    -> String
  {
    let answer = String(decoding: try session.ask(Array(text.utf8), wall: wall), as: UTF8.self)
    // What it took stands in the first line.
    let lines = answer.split(separator: "\n", maxSplits: 1)
    #expect(Int(try #require(lines.first)) != nil)
    return String(try #require(lines.last))
  }

  /// Two factors of a prime of 62 bits: takes longer than any of these tests.
  private let endless = """
    (declare-const x (_ BitVec 64))
    (declare-const y (_ BitVec 64))
    (assert (= (bvmul ((_ zero_extend 64) x) ((_ zero_extend 64) y))
      #x00000000000000003fffffffffffffc7))
    (assert (bvugt x #x0000000000000001))
    (assert (bvugt y #x0000000000000001))
    """

  @Test func questionsAreAnsweredInTurn() throws {
    let session = try session()
    for _ in 0..<3 {
      #expect(
        try ask(session, "1000000\n(declare-const x (_ BitVec 8))(assert (= x #x2a))")
          == "sat\nx 42")
      #expect(try ask(session, "1000000\n(assert false)") == "unsat")
      #expect(try ask(session, "1000000\n(assert (= x #x00))").hasPrefix("error"))
      #expect(try ask(session, "soon\n(assert false)").hasPrefix("error"))
    }
  }

  @Test func anAnswerThatDoesNotComeEndsTheSession() throws {
    let session = try session()
    let start = ContinuousClock.now
    #expect(throws: RunnerError.timedOut) {
      try ask(session, "4000000000\n\(endless)", wall: .milliseconds(500))
    }
    #expect(ContinuousClock.now - start < .seconds(300))
    #expect(throws: RunnerError.self) { try ask(session, "1000000\n(assert false)") }
  }

  @Test func theSessionEndsAtItsOwnLimit() throws {
    let session = try session(wall: .milliseconds(700))
    #expect(throws: RunnerError.self) { try ask(session, "4000000000\n\(endless)") }
  }

  @Test func memoryIsLimited() throws {
    // So little is too little for the library and any question: the program cannot even answer.
    let session = try session(memory: 24 << 20)
    #expect(throws: RunnerError.self) {
      try ask(session, "1000000\n(declare-const x (_ BitVec 8))(assert (= x #x2a))")
    }
  }
}
