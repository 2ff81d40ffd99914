import KernelModel
import KernelParsing
import Testing

@Suite struct SkipTests {
  static let loop = "for (int i = 0; i < n; i++) a[i] = 0;"

  @Test(arguments: [
    ("void f(int n, int *a) {\n#if 1\n\(loop)\n#endif\n}", "it holds a '#if' directive"),
    ("void f(int n, int *a) {\n#define X 1\n\(loop)\n}", "it holds a '#define' directive"),
    (
      "#define MAKE(name) void name(int n, int *a) { \(loop) }\nMAKE(f)\n",
      "it is made by a macro"
    ),
    (
      "#define BODY { int m = n;\nvoid f(int n, int *a) BODY \(loop) a[0] = m; }\n",
      "it is made by a macro"
    ),
    ("void f(int n, int *a) { again: \(loop) if (a[0]) goto again; }", "uses 'goto'"),
    (
      "void f(int n, int *a) { struct { int x; } s; \(loop) s.x = 1; }",
      "declares an unnamed type in its body"
    ),
    (
      "void f(int n, int *a) { struct local { int x; } s; \(loop) s.x = 1; }",
      "declares the type 'local' in its body"
    ),
    (
      "void f(int n, _Complex double *a) { \(loop) }",
      "uses the type '_Complex double', which is not modelled"
    ),
    (
      "void f(int n, int *a) { extern int g; \(loop) }",
      "declares the external object 'g' in its body"
    ),
    (
      "void f(int n, int *a) {\n#pragma STDC FP_CONTRACT ON\n\(loop) }",
      "it holds '#pragma STDC FP_CONTRACT ON'"
    ),
    (
      "#pragma GCC optimize (\"fast-math\")\nvoid f(int n, int *a) { \(loop) }",
      "the file holds '#pragma GCC optimize (' before it"
    ),
    ("void f(int n, int *a) { __asm__ goto (\"\" : : : : l); \(loop) l: ; }", "uses 'asm goto'"),
    (
      "void f(int n, int *a) { typedef int row[n]; row r; \(loop) a[0] = r[0]; }",
      "declares 'row', a type name with a variable length"
    ),
  ])
  func functionsAreSkippedWithTheReason(_ text: String, _ reason: String) throws {
    let file = try parse(text)
    #expect(file.kernels.isEmpty)
    #expect(file.skipped.map(\.reason) == [reason])
  }

  @Test func everyFunctionWithALoopIsListedAndNoOther() throws {
    let file = try parse(
      """
      int plain(int x) { return x; }
      void first(int n, int *a) { \(Self.loop) }

      void second(int n, int *a)
      {
      again:
        \(Self.loop)
        goto again;
      }
      void declared(int n, int *a);
      """)
    #expect(file.kernels.map(\.function.name) == ["first"])
    #expect(file.skipped == [SkippedFunction(name: "second", line: 4, reason: "uses 'goto'")])
  }

  @Test(arguments: [
    (["-m32"], "'-m32' makes code for another data model"),
    (["-ftrapv"], "'-ftrapv' changes the meaning of C in a way that is not modelled"),
    (["-std=c++17"], "'-std=c++17' is not C"),
    (["-fpack-struct"], "'-fpack-struct' changes the meaning of C in a way that is not modelled"),
    (["-x", "c++"], "the file is compiled as '-x c++'"),
  ])
  func flagsThatCannotBeHonouredSkipEveryFunction(_ flags: [String], _ reason: String) throws {
    #expect(try skipReason("void f(int n, int *a) { \(Self.loop) }", flags: flags) == reason)
  }

  @Test(arguments: [
    ["-fwrapv", "-fno-strict-aliasing"], ["-ffast-math"], ["-ffp-contract=off"],
    ["-std=c99", "-pedantic", "-Werror"], ["-O2", "-fno-such-thing", "-Wwhatever", "-flto"],
    ["-std=c11", "-fstack-protector-strong", "-g3", "-pipe"],
  ])
  func flagsThatAreHonouredOrHarmlessDoNot(_ flags: [String]) throws {
    #expect(try skipReason("void f(int n, int *a) { \(Self.loop) }", flags: flags) == nil)
  }

  @Test func unsignedCharIsHonoured() throws {
    let text =
      "int f(int n, char *a) { int s = 0; for (int i = 0; i < n; i++) s += a[i]; return s; }"
    let plain = try kernel(text).function
    let changed = try kernel(text, flags: ["-funsigned-char"]).function
    #expect(plain[plain.parameters[1]].type.element?.integer?.isSigned == true)
    #expect(changed[changed.parameters[1]].type.element?.integer?.isSigned == false)
  }

  @Test func pragmasWithoutMeaningAreKeptAndHintsStayWithTheirLoop() throws {
    let text = """
      void f(int n, int *a) {
      #pragma scop
        for (int i = 0; i < n; i++) {
      #pragma GCC ivdep
          for (int j = 0; j < n; j++) a[j] = i;
        }
      #pragma endscop
      }
      """
    let kernel = try kernel(text)
    #expect(kernel.emittedText() == text)
    #expect(RoundTrip.complaint(kernel, KernelParser()) == nil)
    let printed = try touched(kernel)
    #expect(printed.contains("#pragma scop\n"))
    #expect(printed.contains("#pragma GCC ivdep\n"))
    #expect(printed.contains("\n#pragma endscop\n"))
  }

  @Test func openMPPragmasCountOnlyWithTheFlag() throws {
    let text = "void f(int n, int *a) {\n#pragma omp parallel for\n\(Self.loop)\n}"
    #expect(try skipReason(text) == nil)
    #expect(
      try skipReason(text, flags: ["-fopenmp"]) == "it holds '#pragma omp parallel for'")
  }
}

/// The file after an empty statement has been put in front of the body: everything else must stand
/// with its own bytes.
func touched(_ kernel: Kernel) throws -> String {
  guard case .block(let statements) = kernel.function.body.kind else { return "" }
  var body = kernel.function.body
  body.kind = .block([.empty] + statements)
  return kernel.replacing(body: body).emittedText()
}
