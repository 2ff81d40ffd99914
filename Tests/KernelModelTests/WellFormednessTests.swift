import KernelModel
import Testing

/// Each invariant is broken once and named by its number.
@Suite struct WellFormednessTests {
  private func violation(_ builder: TreeBuilder, _ body: Stmt) -> Int? {
    var function = builder.function
    function.body = body
    do throws(WellFormednessViolation) {
      try function.checkWellFormed()
      return nil
    } catch {
      return error.invariant
    }
  }

  @Test func aSoundLoopPasses() {
    var builder = TreeBuilder()
    let n = builder.parameter("n", .int)
    let i = builder.local("i")
    #expect(violation(builder, .block([builder.loop(i, to: n, [])])) == nil)
  }

  @Test func unknownVariables() {
    let builder = TreeBuilder()
    let ghost = Expr(.variable(VariableID(99)), type: .int)
    #expect(violation(builder, .block([.expression(ghost)])) == 1)
  }

  @Test func useOutsideTheScope() {
    var builder = TreeBuilder()
    let n = builder.parameter("n", .int)
    let i = builder.local("i")
    let use = Stmt.expression(.assign(n, builder.function.reference(i)))
    #expect(violation(builder, .block([builder.loop(i, to: n, []), use])) == 2)
  }

  @Test func captureByAnInnerDeclaration() {
    var builder = TreeBuilder()
    let n = builder.parameter("n", .int)
    let inner = builder.local("n")
    let use = Stmt.expression(.assign(n, .int(1)))
    #expect(violation(builder, .block([.declare(inner, .int(0)), use])) == 3)
  }

  @Test func declarationTwiceInOneBlock() {
    var builder = TreeBuilder()
    let x = builder.local("x")
    #expect(violation(builder, .block([.declare(x, nil), .declare(x, nil)])) == 4)
    #expect(violation(builder, .block([.block([.declare(x, nil)]), .declare(x, nil)])) == nil)
  }

  @Test func labelsAreUnique() {
    var builder = TreeBuilder()
    let n = builder.parameter("n", .int)
    let i = builder.local("i")
    let loop = builder.loop(i, to: n, [])
    #expect(violation(builder, .block([loop, loop])) == 5)
  }

  @Test func countedLoopsKeepTheirPromise() {
    var builder = TreeBuilder()
    let n = builder.parameter("n", .int)
    let i = builder.local("i")
    let store = Stmt.expression(.assign(builder.function.reference(i), .int(0)))
    #expect(violation(builder, .block([builder.loop(i, to: n, [store])])) == 6)
    let header = CountedHeader(
      variable: i, declares: true, lower: .int(0), relation: .less, bound: n, step: -1)
    let wrong = Stmt.loop(Loop(label: "i", header: .counted(header), body: .block([])))
    #expect(violation(builder, .block([wrong])) == 6)
  }

  @Test func storesNeedLvaluesAndJumpsNeedLoops() {
    var builder = TreeBuilder()
    let n = builder.parameter("n", .int)
    let bad = Expr(.assign(nil, .binary(.add, n, n), n), type: .int)
    #expect(violation(builder, .block([.expression(bad)])) == 7)
    #expect(violation(builder, .block([Stmt(.breakLoop)])) == 8)
    #expect(violation(builder, .block([Stmt(.continueLoop)])) == 8)
    #expect(violation(builder, Stmt.empty) == 10)
  }

  @Test func versionsNeedChecks() {
    let builder = TreeBuilder()
    let versioned = Versioned(checks: [], fast: .block([]), fallback: .block([]))
    #expect(violation(builder, .block([Stmt(.versioned(versioned))])) == 9)
  }
}
