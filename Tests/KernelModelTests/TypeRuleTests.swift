import KernelModel
import Testing

/// C's conversion rules on the tree's types (ISO/IEC 9899:2011 §6.3.1).
@Suite struct TypeRuleTests {
  static let short = CType.integer(IntegerType(.short, width: 16, isSigned: true))
  static let byte = CType.integer(IntegerType(.unsignedChar, width: 8, isSigned: false))
  static let longLong = CType.integer(IntegerType(.longLong, width: 64, isSigned: true))

  @Test(arguments: [
    (short, byte, CType.int),
    (CType.int, .unsignedInt, .unsignedInt),
    (CType.unsignedInt, .long, .long),
    (CType.long, .unsignedLong, .unsignedLong),
    (
      CType.unsignedLong, longLong,
      .integer(IntegerType(.unsignedLongLong, width: 64, isSigned: false))
    ),
    (CType.float, .int, .float),
    (CType.float, .double, .double),
    (CType.unsignedLong, .float, .float),
  ])
  func usualArithmeticConversions(left: CType, right: CType, expected: CType) {
    #expect(CType.usualArithmeticConversion(left, right) == expected)
    #expect(CType.usualArithmeticConversion(right, left) == expected)
  }

  @Test func typedefsAndQualifiersDoNotChangeConversions() {
    let index = CType.named("index_t", underlying: .qualified(.const, .unsignedLong))
    #expect(CType.usualArithmeticConversion(index, .int) == .unsignedLong)
    #expect(index.qualifiers == .const)
    #expect(index.unqualified == .unsignedLong)
  }

  @Test func constantsFoldOnlyWhereCDoesNotOverflow() {
    let big = Expr.int(Int(Int32.max))
    #expect(Expr.binary(.add, big, .int(1)).constantValue == nil)
    #expect(Expr.binary(.subtract, big, .int(1)).constantValue == Int(Int32.max) - 1)
    #expect(Expr.binary(.divide, .int(7), .int(0)).constantValue == nil)
    #expect(Expr.binary(.divide, .negate(.int(7)), .int(2)).constantValue == -3)
    #expect(Expr.binary(.shiftLeft, .int(1), .int(31)).constantValue == nil)
  }

  @Test func sizesEvaluateWithFloorAndSaturation() {
    let n = SizeExpr.input(ObjectPath(VariableID(0)))
    #expect(SizeExpr.floorDivide(n, 4).evaluate { _ in -5 } == -2)
    #expect(SizeExpr.floorDivide(n, 4).evaluate { _ in 7 } == 1)
    #expect(SizeExpr.multiply(n, n).evaluate { _ in .max } == .max)
    #expect(SizeExpr.multiply(n, .constant(-1)).evaluate { _ in nil } == nil)
  }
}
