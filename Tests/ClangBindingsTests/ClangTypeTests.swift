import ClangBindings
import Testing

@Suite struct ClangTypeTests {
  /// The type of the only variable in a text.
  func type(_ declaration: String, of name: String = "x") throws -> ClangType {
    let unit = try parse(declaration)
    return try #require(first(unit.cursor) { $0.spelling == name }).type
  }

  @Test(arguments: [
    ("_Bool x;", ClangType.Kind.bool, 1), ("char x;", .plainCharSigned, 1),
    ("signed char x;", .signedChar, 1), ("unsigned char x;", .unsignedChar, 1),
    ("short x;", .short, 2), ("unsigned x;", .unsignedInt, 4), ("long x;", .long, 8),
    ("unsigned long long x;", .unsignedLongLong, 8), ("__int128 x;", .int128, 16),
    ("float x;", .float, 4), ("double x;", .double, 8), ("long double x;", .longDouble, 16),
    ("_Float16 x;", .float16, 2), ("__float128 x;", .float128, 16),
    ("_Complex double x;", .complex, 16), ("int *x;", .pointer, 8),
    ("_Atomic int x;", .atomic, 4),
  ])
  func scalarKindsAndSizes(_ text: String, _ kind: ClangType.Kind, _ size: Int) throws {
    let type = try type(text)
    #expect(type.kind == kind)
    #expect(type.size == size)
  }

  @Test func unsignedPlainCharFollowsTheFlag() throws {
    let unit = try parse("char x;", ["-funsigned-char"])
    #expect(unit.cursor.children[0].type.kind == .plainCharUnsigned)
  }

  @Test func qualifiersBelongToTheirLevel() throws {
    let type = try type("const volatile float *restrict x;")
    #expect(type.isRestrict && !type.isConst)
    #expect(type.pointee.isConst && type.pointee.isVolatile)
  }

  @Test func arraysKeepTheirShape() throws {
    let fixed = try type("double x[3][4];")
    #expect(fixed.kind == .constantArray)
    #expect(fixed.elementCount == 3)
    #expect(fixed.arrayElement.elementCount == 4)
    let variable = try type("void f(int n, float x[][n]) {}")
    #expect(variable.kind == .incompleteArray)
    #expect(variable.arrayElement.kind == .variableArray)
    #expect(variable.size == nil)
  }

  @Test func typedefsKeepTheirNamesAndCanonicalTypes() throws {
    let type = try type("typedef unsigned long size; typedef size count; count x;")
    let sugar = type.desugaredOnce
    #expect(sugar.kind == .typedef)
    #expect(sugar.spelling == "count")
    #expect(sugar.declaration?.typedefUnderlyingType.desugaredOnce.spelling == "size")
    #expect(type.canonical.kind == .unsignedLong)
  }

  @Test func recordsGiveFieldsOffsetsAndBitFields() throws {
    let type = try type("struct p { char c; double d; unsigned a : 3, b : 5; } x;")
    let fields = type.canonical.fields
    #expect(fields.map(\.spelling) == ["c", "d", "a", "b"])
    #expect(fields.map(\.fieldOffsetInBits) == [0, 64, 128, 131])
    #expect(fields.map(\.bitFieldWidth) == [nil, nil, 3, 5])
    #expect(type.size == 24 && type.alignment == 8)
  }

  @Test func enumerationsGiveTheirIntegerTypeAndValues() throws {
    let declaration = try #require(
      type("enum e { A = -2, B, C = 7 } x;").canonical.declaration)
    #expect(declaration.enumIntegerType.kind == .int)
    #expect(declaration.children.map(\.enumConstantValue) == [-2, -1, 7])
  }

  @Test func functionTypesGiveResultAndParameters() throws {
    let type = try type("double x(int n, const float *p, ...);")
    #expect(type.kind == .function)
    #expect(type.result.kind == .double)
    #expect(type.parameters.map(\.kind) == [.int, .pointer])
    #expect(type.isVariadic)
  }

  @Test func vectorTypesGiveElementAndCount() throws {
    let type = try type("typedef float v8 __attribute__((vector_size(32))); v8 x;").canonical
    #expect(type.kind == .vector)
    #expect(type.element.kind == .float)
    #expect(type.elementCount == 8)
  }
}
