import Testing

@testable import EquivalenceChecking

@Suite struct CLexerTests {
  private func texts(_ text: String) -> [String] { CLexer.tokens(of: text).map(\.text) }

  @Test func tokensOfEveryKind() {
    #expect(texts("a+=0x1p-3f;/* b */L'x'") == ["a", "+=", "0x1p-3f", ";", "L'x'"])
    #expect(texts("x->y...z") == ["x", "->", "y", "...", "z"])
    #expect(texts("// a\\\nb\nc") == ["c"])
    #expect(texts("re\\\nturn x") == ["return", "x"])
    #expect(texts("\"a\\\"b\" 'c'") == ["\"a\\\"b\"", "'c'"])
  }

  @Test func directivesAreOneToken() {
    let tokens = CLexer.tokens(of: "x\n  # pragma a \\\n b\ny # z")
    #expect(tokens.map(\.kind) == [.identifier, .directive, .identifier, .punctuator, .identifier])
  }

  @Test func whatIsNoTokenIsStray() {
    #expect(CLexer.tokens(of: "a @ \\u0041").map(\.kind).contains(.stray))
  }
}
