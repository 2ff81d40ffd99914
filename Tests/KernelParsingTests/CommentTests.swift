import KernelModel
import KernelParsing
import Testing

@Suite struct CommentTests {
  @Test func commentsStayNextToTheirStatements() throws {
    let text = """
      void f(int n, int *a) {
        // before the loop
        // second line
        for (int i = 0; i < n; i++) {  // behind the brace
          a[i] = 1;  /* behind */ // twice

          /* leads */
          a[i] += 2;
          // before the brace
        }
        a[0] = 3; // last
      }
      """
    let kernel = try kernel(text)
    #expect(kernel.emittedText() == text)
    #expect(
      try touched(kernel) == """
        void f(int n, int *a) {
          ;
          // before the loop
          // second line
          for (int i = 0; i < n; i++) {  // behind the brace
            a[i] = 1;  /* behind */ // twice

            /* leads */
            a[i] += 2;
            // before the brace
          }
          a[0] = 3;  // last
        }
        """)
  }

  @Test func commentsOfRewrittenStatementsSurvive() throws {
    let text = """
      void f(int n, int *a) {
        /* all */ for (int i = 0; /* bound */ i < n; i++) {
          // leads
          a[i] = /* inside */ 1;  // behind
          // dangling
        }
      }
      """
    let kernel = try kernel(text)
    guard case .block(let statements) = kernel.function.body.kind else { return }
    var changed = kernel.function.body
    changed.kind = .block([
      statements[0].rewritingExpressions { expr -> Expr in
        if case .integer(1, _) = expr.kind { return .int(2) }
        return expr
      }
    ])
    #expect(
      kernel.replacing(body: changed).emittedText() == """
        void f(int n, int *a) {
          /* all */
          /* bound */
          for (int i = 0; i < n; i++) {
            // leads
            /* inside */
            a[i] = 2;  // behind
            // dangling
          }
        }
        """)
  }

  @Test func bytesOfTheRestAreNotTouched() throws {
    let text =
      "// caf\u{e9} \u{1F600}\nint g = 1;\t\r\n"
      + "void f(int n,int*a){for(int i=0;i<n;i++)a[i]=0;}\n\n\n//"
    #expect(try kernel(text).emittedText() == text)
  }

  @Test func bytesThatAreNotUTF8OutsideTheFunctionAreKept() throws {
    let bytes =
      [0x2F, 0x2F, 0xE9, 0xFF, 0x0A]
      + Array("void f(int n, int *a) { for (int i = 0; i < n; i++) a[i] = 0; }\n".utf8)
    let build = BuildFlags(compiler: nil, arguments: [], directory: "/tmp", database: nil)
    let file = try KernelParser().parseText(bytes, at: "/tmp/no-such.c", build: build)
    #expect(file.kernels.first?.emit() == bytes)
  }
}
