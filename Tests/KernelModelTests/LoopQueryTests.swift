import KernelModel
import Testing

@Suite struct LoopQueryTests {
  @Test(arguments: [
    (BinaryOperator.less, 0, 10, 3, 4), (.lessOrEqual, 0, 9, 3, 4), (.less, 5, 5, 1, 0),
    (.greater, 10, 0, -3, 4), (.greaterOrEqual, 9, 0, -1, 10), (.notEqual, 2, 7, 1, 5),
    (.less, 7, 2, 1, 0),
  ])
  func tripCounts(relation: BinaryOperator, lower: Int, bound: Int, step: Int, expected: Int) {
    var builder = TreeBuilder()
    let header = CountedHeader(
      variable: builder.local("i"), declares: true, lower: .int(lower), relation: relation,
      bound: .int(bound), step: step)
    let loop = Loop(label: "i", header: .counted(header), body: .block([]))
    #expect(loop.constantTripCount == expected)
  }

  @Test func nestsAreFoundByLabel() throws {
    var builder = TreeBuilder()
    let n = builder.parameter("n", .int)
    let (i, j) = (builder.local("i"), builder.local("j"))
    let nest = builder.loop(i, to: n, [builder.loop(j, to: n, [])])
    #expect(nest.loopLabels == ["i", "j"])
    #expect(nest.enclosingLoops(of: "j") == ["i"])
    #expect(nest.enclosingLoops(of: "k") == nil)
    #expect(try #require(nest.loop("i")).perfectNest.map(\.label) == ["i", "j"])
    #expect(nest.loopDepth == 2)
  }

  @Test func replacingALoopKeepsItsNeighbours() throws {
    var builder = TreeBuilder()
    let n = builder.parameter("n", .int)
    let i = builder.local("i")
    let store = Stmt.expression(.assign(n, .int(1)))
    let block = Stmt.block([store, builder.loop(i, to: n, []), store])
    let result = try #require(block.replacingLoop("i") { _, _ in [.empty, store] })
    #expect(result.statements.count == 4)
    #expect(block.replacingLoop("z") { _, _ in [] } == nil)
  }

  @Test func anIteratorReadAfterItsLoopIsLive() {
    var builder = TreeBuilder()
    let n = builder.parameter("n", .int)
    let i = builder.local("i")
    var header = CountedHeader(
      variable: i, declares: false, lower: .int(0), relation: .less, bound: n, step: 1)
    let loop = Stmt.loop(Loop(label: "i", header: .counted(header), body: .block([])))
    let again = Stmt.loop(Loop(label: "i#2", header: .counted(header), body: .block([])))
    builder.function.body = .block([.declare(i, nil), loop, again])
    #expect(!builder.function.isIteratorLive(outside: "i"))
    let read = Stmt.expression(.assign(n, builder.function.reference(i)))
    builder.function.body = .block([.declare(i, nil), loop, read])
    #expect(builder.function.isIteratorLive(outside: "i"))
    header.lower = builder.function.reference(i)
    let dependent = Stmt.loop(Loop(label: "i#2", header: .counted(header), body: .block([])))
    builder.function.body = .block([.declare(i, nil), loop, dependent])
    #expect(builder.function.isIteratorLive(outside: "i"))
  }

  @Test func exitsAreSeenThroughLoopsAndSwitches() {
    let leave = Stmt(.breakLoop)
    #expect(leave.mayExitEarly)
    #expect(!Stmt(.switchOn(.int(1), body: .block([leave]))).mayExitEarly)
    let loop = Stmt(
      .whileLoop(label: "while", .int(1), body: .block([leave, Stmt(.continueLoop)])))
    #expect(!loop.mayExitEarly)
    let returns = Stmt(.whileLoop(label: "while", .int(1), body: .block([Stmt(.returnValue(nil))])))
    #expect(returns.mayExitEarly)
  }
}
