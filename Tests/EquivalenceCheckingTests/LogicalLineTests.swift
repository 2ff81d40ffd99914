import KernelModel
import Testing

@testable import EquivalenceChecking

/// The lexer reads what compilers read: spliced lines, also with blanks behind the backslash.
@Suite struct LogicalLineTests {
  private func texts(_ text: String) -> [String] { CLexer.tokens(of: text).map(\.text) }

  @Test func splicesJoinEverything() {
    #expect(texts("a /* b *\\\n/ c") == ["a", "c"])
    #expect(texts("a /\\\n* b */ c") == ["a", "c"])
    #expect(texts("a /\\\n/ b\nc") == ["a", "c"])
    #expect(texts("// a \\ \t\nb\nc") == ["c"])
    #expect(texts("// a \\\r\nb\nc") == ["c"])
    #expect(texts("a\\b") == ["a", "\\", "b"])
    #expect(texts("+\\\n= 1\\\n2") == ["+=", "12"])
  }

  @Test func rangesAreThoseOfTheText() {
    let tokens = CLexer.tokens(of: "x re\\\nturn y")
    #expect(tokens.map(\.range) == [0..<1, 2..<10, 11..<12])
    let part = CLexer.tokens(of: Array("x \\\ny z".utf8), in: 2..<6)
    #expect(part.map(\.range) == [4..<5])
  }
}
