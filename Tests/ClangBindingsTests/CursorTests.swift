import ClangBindings
import Testing

/// Parses a text under a name that exists nowhere on disk.
func parse(_ text: String, _ arguments: [String] = ["-std=gnu11"]) throws -> TranslationUnit {
  try Index().parse(path: "unsaved.i", unsavedText: text, arguments: arguments)
}

/// The first cursor below `root` that satisfies a condition, in preorder.
func first(_ root: Cursor, where matches: (Cursor) -> Bool) -> Cursor? {
  for child in root.children {
    if matches(child) { return child }
    if let found = first(child, where: matches) { return found }
  }
  return nil
}

@Suite struct CursorTests {
  @Test func unsavedTextIsParsedAndExtentsAreByteOffsets() throws {
    let text = "int é = 1;\nint f(int n) { return n + 2; }\n"
    let unit = try parse(text)
    let function = try #require(first(unit.cursor) { $0.kind == .functionDecl })
    #expect(function.spelling == "f")
    let bytes = Array(text.utf8)
    #expect(
      String(decoding: bytes[function.range], as: UTF8.self) == "int f(int n) { return n + 2; }")
    #expect(function.arguments.map(\.spelling) == ["n"])
    #expect(unit.diagnostics.isEmpty)
  }

  @Test func theHeadersOfTheLinkedLibraryAreFound() throws {
    let directory = try #require(Index.resourceDirectory)
    let unit = try Index().parse(
      path: "unsaved.c", unsavedText: "#include <stddef.h>\nsize_t x;",
      arguments: ["-resource-dir", directory])
    #expect(unit.diagnostics.isEmpty)
    #expect(Index.version.contains("clang version"))
  }

  @Test func childrenOutliveTheVariablesThatMadeThem() throws {
    var cursors: [Cursor] = []
    do { cursors = try parse("int a; int b[3];").cursor.children }
    #expect(cursors.map(\.spelling) == ["a", "b"])
    #expect(cursors[1].type.elementCount == 3)
  }

  @Test func lineMarkersGivePresumedPlaces() throws {
    let unit = try parse("# 40 \"dir/given.c\"\nint a;\n\nint b = missing;\n")
    let b = try #require(first(unit.cursor) { $0.spelling == "b" })
    #expect(b.presumedLocation.file == "dir/given.c")
    #expect(b.presumedLocation.line == 42)
    let diagnostic = try #require(unit.diagnostics.first)
    #expect(diagnostic.severity == .error)
    #expect(diagnostic.message == "use of undeclared identifier 'missing'")
    #expect(diagnostic.location.line == 42)
    #expect(diagnostic.location.column == 9)
  }

  @Test func systemHeaderFlagOfALineMarkerIsSeen() throws {
    let unit = try parse("# 1 \"/usr/include/x.h\" 1 3\nint a;\n# 2 \"m.c\" 2\nint b;\n")
    #expect(unit.cursor.children.map(\.isInSystemHeader) == [true, false])
  }

  @Test func referencesResolveToDeclarations() throws {
    let unit = try parse("int g; int f(int n) { { int n = 2; g = n; } return n; }")
    let assignment = try #require(first(unit.cursor) { $0.kind == .binaryOperator })
    let right = try #require(
      first(assignment) { $0.kind == .declRefExpr && $0.spelling == "n" })
    let returned = try #require(first(unit.cursor) { $0.kind == .returnStmt })
    let outer = try #require(first(returned) { $0.kind == .declRefExpr })
    #expect(right.referenced?.kind == .varDecl)
    #expect(outer.referenced?.kind == .parameterDecl)
    #expect(right.referenced != outer.referenced)
  }

  @Test func tokensHaveKindsAndRanges() throws {
    let unit = try parse("int a = 12; // end\n")
    let tokens = unit.tokens(in: 0..<18)
    #expect(tokens.map(\.spelling) == ["int", "a", "=", "12", ";", "// end"])
    #expect(
      tokens.map(\.kind) == [
        .keyword, .identifier, .punctuation, .literal, .punctuation, .comment,
      ])
    #expect(tokens[3].range == 8..<10)
  }

  @Test func constantsAreEvaluated() throws {
    let unit = try parse(
      "int a = 3 * sizeof(double); double d = 1.5 + 1; unsigned long u = -1ul; int n;")
    let values = unit.cursor.children.map { $0.initializer?.constantValue }
    #expect(values == [.integer(24), .floating(2.5), .unsigned(.max), nil])
  }

  @Test func storageAndLinkage() throws {
    let unit = try parse(
      "static int s; extern int e; _Thread_local int t; static inline void f(void) {}")
    let declarations = unit.cursor.children
    #expect(declarations.map(\.storageClass) == [.static, .extern, .none, .static])
    #expect(declarations.map(\.linkage) == [.internal, .external, .external, .internal])
    #expect(declarations[2].isThreadLocal)
    #expect(declarations[3].isInlineFunction)
    #expect(declarations[3].isDefinition)
  }

  @Test func unknownKindsAreNamedNotTrapped() throws {
    let unit = try parse(
      "void f(void) { __attribute__((address_space(1))) int *p = 0; _Static_assert(1, \"\"); }")
    #expect(first(unit.cursor) { $0.kind == .staticAssert } != nil)
    let cpp = try Index().parse(
      path: "unsaved.cpp", unsavedText: "namespace n { int a; }", arguments: ["-x", "c++"])
    #expect(cpp.cursor.children.map(\.kind) == [.unsupported("Namespace")])
  }
}
