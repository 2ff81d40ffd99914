import Diagnostics
import Testing

@Suite struct DiagnosticRendererTests {
  let renderer = DiagnosticRenderer()

  @Test func rendersPlaceSeverityMessageAndRemedyOnOneLine() {
    let diagnostic = Diagnostic.error(
      "cannot find header 'blur.h'", at: SourceLocation(file: "src/blur.c", line: 3, column: 10),
      remedy: "name its folder with --cflags '-I DIR'")
    #expect(
      renderer.render(diagnostic)
        == "src/blur.c:3:10: error: cannot find header 'blur.h'; "
        + "name its folder with --cflags '-I DIR'")
  }

  @Test func speaksForTheProgramWithoutAPlace() {
    #expect(renderer.render(.warning("no compiler found")) == "ratchet: warning: no compiler found")
  }

  @Test func writesAWholeFileWithoutLine() {
    let location = SourceLocation(file: "missing")
    #expect(
      renderer.render(.error("no such directory", at: location))
        == "missing: error: no such directory")
    #expect(SourceLocation(file: "a.c", line: 7).description == "a.c:7")
  }

  @Test func putsEveryNoteOnItsOwnLine() {
    let diagnostic = Diagnostic.error(
      "state directory is locked", notes: [.note("by process 7"), .note("since noon")])
    #expect(
      renderer.render(diagnostic) == """
        ratchet: error: state directory is locked
        ratchet: note: by process 7
        ratchet: note: since noon
        """)
  }

  @Test func escapesWhatWouldMoveTheCursorOrHideText() {
    let name = "a\u{1B}[2J\nb\u{202E}c"
    let line = renderer.render(.error("cannot read '\(name)'"))
    #expect(line == "ratchet: error: cannot read 'a\\u{1B}[2J\\nb\\u{202E}c'")
  }

  @Test func describesAnInputErrorByItsDiagnostic() {
    #expect(InputError("no kernels in 'src'").description == "ratchet: error: no kernels in 'src'")
  }
}
