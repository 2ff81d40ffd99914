internal import CClang

/// One parsed C file; retains the index it was made by.
public final class TranslationUnit {
  let handle: CXTranslationUnit
  private let index: Index

  /// The name that the main file was parsed under.
  public let path: String

  init(handle: CXTranslationUnit, index: Index, path: String) {
    self.handle = handle
    self.index = index
    self.path = path
  }

  deinit {
    clang_disposeTranslationUnit(handle)
  }

  /// The cursor over the whole unit; its children are the top-level declarations.
  public var cursor: Cursor { Cursor(clang_getTranslationUnitCursor(handle), unit: self) }

  /// The diagnostics of the parse, in the order they were found.
  public var diagnostics: [ClangDiagnostic] {
    (0..<clang_getNumDiagnostics(handle)).compactMap { number in
      guard let diagnostic = clang_getDiagnostic(handle, number) else { return nil }
      defer { clang_disposeDiagnostic(diagnostic) }
      return ClangDiagnostic(diagnostic)
    }
  }

  /// The tokens that touch a byte range of the main file.
  public func tokens(in range: Range<Int>) -> [Token] {
    guard let file = clang_getFile(handle, path) else { return [] }
    let start = clang_getLocationForOffset(handle, file, UInt32(range.lowerBound))
    let end = clang_getLocationForOffset(handle, file, UInt32(range.upperBound))
    var tokens: UnsafeMutablePointer<CXToken>?
    var count: UInt32 = 0
    clang_tokenize(handle, clang_getRange(start, end), &tokens, &count)
    guard let tokens else { return [] }
    defer { clang_disposeTokens(handle, tokens, count) }
    return (0..<Int(count)).map { Token(tokens[$0], unit: handle) }
  }
}

/// One token as libclang's lexer sees it.
public struct Token: Equatable, Sendable {
  /// The five classes that libclang tells apart.
  public enum Kind: Equatable, Sendable {
    case punctuation, keyword, identifier, literal, comment
    /// A class this version of the bindings does not know.
    case unsupported(Int)
  }

  /// The class of the token.
  public let kind: Kind
  /// The bytes of the token.
  public let spelling: String
  /// The byte range in the file.
  public let range: Range<Int>

  init(_ token: CXToken, unit: CXTranslationUnit) {
    switch clang_getTokenKind(token) {
    case CXToken_Punctuation: kind = .punctuation
    case CXToken_Keyword: kind = .keyword
    case CXToken_Identifier: kind = .identifier
    case CXToken_Literal: kind = .literal
    case CXToken_Comment: kind = .comment
    case let other: kind = .unsupported(Int(other.rawValue))
    }
    spelling = clang_getTokenSpelling(unit, token).consumed
    range = clang_getTokenExtent(unit, token).byteRange
  }
}
