import KernelModel
import Testing

@Suite struct CPrinterTests {
  @Test func parenthesesFollowPrecedence() {
    var builder = TreeBuilder()
    let a = builder.parameter("a", .int)
    let b = builder.parameter("b", .int)
    let c = builder.parameter("c", .int)
    #expect(builder.text(.binary(.multiply, .binary(.add, a, b), c)) == "(a + b) * c")
    #expect(builder.text(.binary(.subtract, a, .binary(.subtract, b, c))) == "a - (b - c)")
    #expect(builder.text(.binary(.subtract, .binary(.subtract, a, b), c)) == "a - b - c")
    #expect(builder.text(.binary(.divide, a, .binary(.multiply, b, c))) == "a / (b * c)")
    #expect(builder.text(.negate(.negate(a))) == "- -a")
    #expect(builder.text(.negate(.int(-3))) == "- -3")
    #expect(
      builder.text(.binary(.logicalOr, .binary(.logicalAnd, a, b), c)) == "(a && b) || c")
    #expect(builder.text(.binary(.shiftLeft, a, .binary(.add, b, c))) == "a << (b + c)")
    #expect(builder.text(.assign(a, .assign(b, c))) == "a = b = c")
  }

  @Test func conditionalsAndCommasAreKeptApart() {
    var builder = TreeBuilder()
    let a = builder.parameter("a", .int)
    let b = builder.parameter("b", .int)
    let choice = Expr(.conditional(a, b, a), type: .int)
    let comma = Expr(.comma(a, b), type: .int)
    #expect(builder.text(Expr(.conditional(choice, a, b), type: .int)) == "(a ? b : a) ? a : b")
    #expect(
      builder.text(Expr(.call("g", [comma, a], purity: .const), type: .int)) == "g((a, b), a)")
    #expect(builder.text(.binary(.add, choice, a)) == "(a ? b : a) + a")
  }

  @Test func declaratorsReadInsideOut() {
    let printer = TreeBuilder().printer()
    let row = CType.array(ArrayType(of: .double, .constant(8)))
    #expect(printer.declaration(.pointer(PointerType(to: row)), name: "p") == "double (*p)[8]")
    let constant = CType.pointer(
      PointerType(to: .qualified(.const, .float), qualifiers: [.restrict]))
    #expect(printer.declaration(constant, name: "x") == "const float *restrict x")
    let grid = CType.array(ArrayType(of: row, .constant(4)))
    #expect(printer.declaration(grid, name: "g") == "double g[4][8]")
    let callback = CType.pointer(
      PointerType(to: .function(FunctionType(result: .int, parameters: [.int]))))
    #expect(printer.declaration(callback, name: "f") == "int (*f)(int)")
  }

  @Test func loopsPrintAsCHabit() {
    var builder = TreeBuilder()
    let n = builder.parameter("n", .int)
    let i = builder.local("i")
    let statement = Stmt.expression(.compound(.add, n, builder.function.reference(i)))
    let text = builder.printer().text(builder.loop(i, to: n, [statement]))
    #expect(text == "for (int i = 0; i < n; i++) {\n  n += i;\n}\n")
  }

  @Test func constantsKeepTheirNames() {
    var builder = TreeBuilder()
    let a = builder.parameter("a", .int)
    var size = Expr.int(64)
    size.spelling = "BLOCK"
    #expect(builder.text(.binary(.multiply, a, size)) == "a * BLOCK")
  }
}
