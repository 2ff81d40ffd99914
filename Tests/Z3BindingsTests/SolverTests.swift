import Testing
import Z3Bindings

@Suite struct SolverTests {
  private func ask(_ text: String, effort: UInt32 = 20_000_000) throws -> Satisfiability {
    let context = try Context()
    let solver = try Solver(context, logic: "QF_UFBV")
    try solver.assert(parsing: text)
    return try solver.check(effort: effort)
  }

  @Test func anIdentityHasNoCounterexample() throws {
    let answer = try ask(
      """
      (declare-const x (_ BitVec 32))
      (declare-const y (_ BitVec 32))
      (assert (distinct (bvadd x y) (bvadd (bvor x y) (bvand x y))))
      """)
    #expect(answer == .unsatisfiable)
  }

  @Test func aCounterexampleHasItsValues() throws {
    let answer = try ask(
      """
      (declare-const x (_ BitVec 8))
      (declare-const y (_ BitVec 64))
      (assert (and (= (bvadd x #x01) #x00) (= y #xffffffffffffff01)))
      """)
    #expect(answer == .satisfiable(["x": 255, "y": 0xffff_ffff_ffff_ff01]))
  }

  /// Of a function nothing is known but that equal arguments have equal values.
  @Test func functionsAreCongruent() throws {
    let head = """
      (declare-fun f ((_ BitVec 32)) (_ BitVec 32))
      (declare-const x (_ BitVec 32))

      """
    let same = try ask(head + "(assert (distinct (f (bvxor x x)) (f #x00000000)))")
    #expect(same == .unsatisfiable)
    guard case .satisfiable = try ask(head + "(assert (distinct (f x) (f #x00000000)))") else {
      Issue.record("two arguments can have two values")
      return
    }
  }

  /// Two factors of a number of 64 bits, which Z3 does not find so soon.
  static let hard = """
    (declare-const x (_ BitVec 64))
    (declare-const y (_ BitVec 64))
    (assert (= (bvmul ((_ zero_extend 64) x) ((_ zero_extend 64) y))
      #x00000000000000007fffffffffffffe7))
    (assert (bvugt x #x0000000000000001))
    (assert (bvugt y #x0000000000000001))
    """

  @Test func theLimitIsNoAnswer() throws {
    guard case .unknown = try ask(Self.hard, effort: 300_000) else {
      Issue.record("an answer came in time")
      return
    }
  }

  @Test func whatIsNoQuestionThrows() throws {
    #expect(throws: Z3Error.self) { try ask("(assert (= x #x00))") }
    let context = try Context()
    let solver = try Solver(context, logic: "QF_UFBV")
    #expect(throws: Z3Error.self) { try solver.assert(parsing: "(assert") }
  }
}
