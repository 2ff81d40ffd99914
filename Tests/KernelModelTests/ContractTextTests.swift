import KernelModel
import Testing

@Suite struct ContractTextTests {
  @Test func extentsReadAsACSL() {
    var builder = TreeBuilder()
    _ = builder.parameter("n", .int)
    _ = builder.parameter("a", .pointer(PointerType(to: .double)))
    let n = SizeExpr.input(ObjectPath(VariableID(0)))
    let upper = SizeExpr.add(.multiply(.subtract(n, .constant(1)), n), .add(n, .constant(0)))
    let contract = Contract(
      extents: [
        ObjectPath(VariableID(1)): Extent(
          lower: .constant(0), upper: upper, source: .inferred, isProven: true)
      ],
      requirements: [.compare(n, .greaterOrEqual, .constant(0))])
    #expect(
      builder.function.acsl(contract) == [
        #"requires \valid(a + (0 .. (n - 1) * n + n - 1));"#, "requires n >= 0;",
      ])
  }

  @Test func pathsRoundTripThroughRecords() {
    var builder = TreeBuilder()
    let image = RecordReference(tag: "image")
    builder.function.records[image] = RecordDefinition(
      reference: image, fields: [.init(name: "width", type: .int, offset: 0)], size: 8, alignment: 8
    )
    _ = builder.parameter("src", .pointer(PointerType(to: .record(image))))
    let path = ObjectPath(VariableID(0), fields: ["width"])
    #expect(builder.function.text(of: path) == "src->width")
    #expect(builder.function.path(named: "src->width") == path)
    #expect(builder.function.type(of: path) == .int)
    #expect(builder.function.path(named: "nobody") == nil)
  }

  @Test func simplificationKeepsTheValue() {
    let n = SizeExpr.input(ObjectPath(VariableID(0)))
    let sizes: [SizeExpr] = [
      .add(.constant(2), .subtract(n, .constant(5))), .multiply(.constant(1), .add(n, n)),
      .subtract(n, n), .maximum(.constant(3), .constant(4)), .multiply(n, .constant(0)),
      .floorDivide(.add(n, .constant(0)), 1),
    ]
    for size in sizes {
      for value in [-3, 0, 7] {
        #expect(size.simplified.evaluate { _ in value } == size.evaluate { _ in value })
      }
    }
  }
}
