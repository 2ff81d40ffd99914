import ClangBindings
import KernelModel

/// One parsed translation unit: what several functions of it share.
final class UnitReader {
  let unit: TranslationUnit
  let text: PreprocessedText
  /// Typedef names of records without a tag, by the record's declaration.
  private(set) var aliases: [Cursor: String] = [:]
  /// Function definitions in order of appearance.
  private(set) var definitions: [Cursor] = []
  /// File-scope names of the whole unit.
  private(set) var fileScopeNames: Set<String> = []
  /// Functions declared by system headers.
  private(set) var libraryFunctions: Set<String> = []
  /// Values of enumerators declared at file scope outside system headers.
  private(set) var enumerators: [String: Int] = [:]
  var purities: [Cursor: Purity] = [:]

  init(unit: TranslationUnit, text: PreprocessedText) {
    self.unit = unit
    self.text = text
    for cursor in unit.cursor.children {
      switch cursor.kind {
      case .typedefDecl: noteAlias(cursor)
      case .functionDecl where cursor.isDefinition: definitions.append(cursor)
      case .enumDecl where !cursor.isInSystemHeader:
        for constant in cursor.children where constant.kind == .enumConstantDecl {
          enumerators[constant.spelling] = Int(truncatingIfNeeded: constant.enumConstantValue)
        }
      default: break
      }
      if !cursor.isInSystemHeader {
        fileScopeNames.insert(cursor.spelling)
      } else if cursor.kind == .functionDecl {
        libraryFunctions.insert(cursor.spelling)
      }
    }
  }

  private func noteAlias(_ cursor: Cursor) {
    let type = cursor.typedefUnderlyingType.canonical
    guard type.kind == .record, let declaration = type.declaration,
      Self.isUntagged(declaration), aliases[declaration] == nil
    else { return }
    aliases[declaration] = cursor.spelling
  }

  /// Whether a record or enumeration has no tag. Later libclangs spell one out for those.
  static func isUntagged(_ declaration: Cursor) -> Bool {
    let name = declaration.spelling
    return name.isEmpty || name.contains("(")
  }

  /// The first token at or after an offset of the preprocessed text.
  func token(at offset: Int) -> String {
    var lexer = CLexer(text.bytes, range: offset..<text.bytes.count, atLineStart: false)
    while let token = lexer.next() {
      if token.kind == .comment || token.kind == .directive { continue }
      return String(decoding: text.bytes[token.range], as: UTF8.self)
    }
    return ""
  }

  /// The operator of a binary expression or assignment: the token behind its left operand.
  func binaryOperator(_ left: Cursor) -> String { token(at: left.range.upperBound) }

  /// The operator of a unary expression, postfix ones as `post++` and `post--`.
  func unaryOperator(_ cursor: Cursor, operand: Cursor) -> String {
    if cursor.range.lowerBound < operand.range.lowerBound {
      return token(at: cursor.range.lowerBound)
    }
    return "post" + token(at: operand.range.upperBound)
  }
}

extension Cursor {
  /// The expression without parentheses and implicit conversions.
  var stripped: Cursor {
    var cursor = self
    while cursor.kind == .parenExpr || cursor.kind == .unexposedExpr {
      let children = cursor.children
      guard children.count == 1,
        cursor.kind == .parenExpr || children[0].range == cursor.range
      else { break }
      cursor = children[0]
    }
    return cursor
  }

  /// Calls `visit` for every cursor below, parents first.
  func walk(_ visit: (Cursor) -> Void) {
    for child in children {
      visit(child)
      child.walk(visit)
    }
  }
}
