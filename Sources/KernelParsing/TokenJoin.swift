/// A function's tokens in preprocessed text, each joined to the tokens of the original file that it
/// stands for.
struct TokenJoin {
  /// The function's tokens in preprocessed text, directives and comments left out.
  let tokens: [CToken]
  /// The preprocessed text.
  let bytes: [UInt8]
  /// For each token, the positions in `original` that it stands for.
  let sources: [Range<Int>]
  /// For each token, the outermost macro it came from.
  let macros: [String?]
  /// The original file's tokens, comments and directives left out.
  let original: [CToken]
  /// The original file.
  let originalBytes: [UInt8]

  /// Positions in `original` of the whole function.
  var originalTokens: Range<Int> {
    (sources.first?.lowerBound ?? 0)..<(sources.last?.upperBound ?? 0)
  }

  func text(_ index: Int) -> String { String(decoding: bytes[tokens[index].range], as: UTF8.self) }

  /// The text of several tokens, separated by spaces where the preprocessed text has some.
  func text(_ range: Range<Int>) -> String {
    range.map { (tokens[$0].followsSpace && $0 > range.lowerBound ? " " : "") + text($0) }.joined()
  }

  /// The first token that starts at or after an offset of the preprocessed text.
  func index(atOrAfter offset: Int) -> Int {
    var low = 0
    var high = tokens.count
    while low < high {
      let middle = (low + high) / 2
      if tokens[middle].range.lowerBound < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The tokens that lie in a byte range of the preprocessed text.
  func indices(in range: Range<Int>) -> Range<Int> {
    let first = index(atOrAfter: range.lowerBound)
    return first..<max(first, index(atOrAfter: range.upperBound))
  }

  /// The bytes of the original file that a run of tokens stands for; nil when one of its ends lies
  /// inside a macro's expansion.
  func originalRange(_ run: Range<Int>) -> Range<Int>? {
    guard !run.isEmpty, isGroupStart(run.lowerBound), isGroupEnd(run.upperBound - 1) else {
      return nil
    }
    let first = original[sources[run.lowerBound].lowerBound].range.lowerBound
    let last = original[sources[run.upperBound - 1].upperBound - 1].range.upperBound
    return first < last ? first..<last : nil
  }

  /// The object-like macro that a run of tokens is the whole expansion of.
  func constantName(_ run: Range<Int>) -> String? {
    guard let first = run.first, let macro = macros[first], sources[first].count == 1,
      isGroupStart(first), isGroupEnd(run.upperBound - 1),
      sources[run.upperBound - 1] == sources[first]
    else { return nil }
    return macro
  }

  private func isGroupStart(_ index: Int) -> Bool {
    macros[index] == nil || index == 0 || sources[index - 1] != sources[index]
  }

  private func isGroupEnd(_ index: Int) -> Bool {
    macros[index] == nil || index + 1 == tokens.count || sources[index + 1] != sources[index]
  }
}

/// The user's file as tokens, found by line.
struct OriginalTokens {
  let bytes: [UInt8]
  /// Tokens of the language proper.
  let tokens: [CToken]
  /// Comments and directives, in order.
  let comments: [CToken]
  let directives: [CToken]
  private let lineStarts: [Int]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    let all = CLexer.tokens(bytes)
    tokens = all.filter { $0.kind != .comment && $0.kind != .directive }
    comments = all.filter { $0.kind == .comment }
    directives = all.filter { $0.kind == .directive }
    lineStarts = [0] + bytes.indices.filter { bytes[$0] == 0x0A }.map { $0 + 1 }
  }

  /// The line of an offset, counted from 1.
  func line(of offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while low < high {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The offset where a line starts.
  func start(ofLine line: Int) -> Int { lineStarts[min(max(line, 1), lineStarts.count) - 1] }

  /// Positions of the tokens that start on a line.
  func tokens(onLine line: Int) -> Range<Int> {
    guard line >= 1, line <= lineStarts.count else { return 0..<0 }
    let first = position(atOrAfter: lineStarts[line - 1])
    let end = line < lineStarts.count ? position(atOrAfter: lineStarts[line]) : tokens.count
    return first..<end
  }

  /// The position of the first token that starts at or after an offset.
  func position(atOrAfter offset: Int) -> Int {
    var low = 0
    var high = tokens.count
    while low < high {
      let middle = (low + high) / 2
      if tokens[middle].range.lowerBound < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }

  func text(_ token: CToken) -> String { String(decoding: bytes[token.range], as: UTF8.self) }
}

extension TokenJoin {
  /// Joins a function's preprocessed tokens to the original file, trying every token on the line
  /// where the function starts.
  ///
  /// - Throws: with the first place where they part, when no reading of the original gives those
  ///   tokens.
  init(
    function range: Range<Int>, startLine: Int, in text: PreprocessedText,
    original: OriginalTokens, macros table: MacroTable
  ) throws(ReadFailure) {
    let tokens = CLexer.tokens(text.bytes, range: range, atLineStart: false).filter {
      $0.kind != .comment && $0.kind != .directive
    }
    var best: (start: Int, mismatch: Mismatch)?
    for start in original.tokens(onLine: startLine) {
      switch Self.match(tokens, text.bytes, from: start, original, table) {
      case .success(let joined):
        self.init(
          tokens: tokens, bytes: text.bytes, sources: joined.sources, macros: joined.macros,
          original: original.tokens, originalBytes: original.bytes)
        return
      case .failure(let mismatch):
        if mismatch.matched > best?.mismatch.matched ?? 0 { best = (start, mismatch) }
      }
    }
    guard let best else { throw .function("it is made by a macro or stands in another file") }
    throw Self.failure(best.start, best.mismatch, original)
  }

  private struct Joined {
    var sources: [Range<Int>] = []
    var macros: [String?] = []
  }

  /// Where the tokens part: how many agreed, and the position in the original.
  private struct Mismatch: Error {
    var matched: Int
    var position: Int
    var expected: String
  }

  private static func failure(_ start: Int, _ mismatch: Mismatch, _ original: OriginalTokens)
    -> ReadFailure
  {
    let last = min(mismatch.position, original.tokens.count - 1)
    let range = original.tokens[start].range.lowerBound..<original.tokens[last].range.upperBound
    for directive in original.directives where range.contains(directive.range.lowerBound) {
      let word = original.words(directive).first ?? ""
      if word != "pragma" { return .function("it holds a '#\(word)' directive") }
    }
    let token = original.tokens[last]
    let line = original.line(of: token.range.lowerBound)
    return .function(
      "its text and its preprocessed tokens part at '\(original.text(token))' in line \(line)")
  }

  private static func match(
    _ tokens: [CToken], _ bytes: [UInt8], from start: Int, _ original: OriginalTokens,
    _ table: MacroTable
  ) -> Result<Joined, Mismatch> {
    let limit = min(original.tokens.count, start + tokens.count * 2 + 4096)
    let input = (start..<limit).lazy.map { position -> MacroToken in
      let token = original.tokens[position]
      return MacroToken(
        text: original.text(token), kind: token.kind, followsSpace: token.followsSpace,
        source: position..<position + 1)
    }
    var expander = MacroExpander(table: table, definitionBytes: bytes, input: input)
    var joined = Joined()
    var position = start
    for token in tokens {
      let expanded = expander.next()
      position = expanded?.source.lowerBound ?? position
      guard let expanded,
        expanded.isWildcard || expanded.text.utf8.elementsEqual(bytes[token.range])
      else {
        return .failure(
          Mismatch(
            matched: joined.sources.count, position: position,
            expected: String(decoding: bytes[token.range], as: UTF8.self)))
      }
      joined.sources.append(expanded.source)
      joined.macros.append(expanded.macro)
    }
    joined.sources = merged(joined.sources)
    return .success(joined)
  }

  /// Invocations that share tokens (an object-like macro that names a function-like one) are one.
  private static func merged(_ sources: [Range<Int>]) -> [Range<Int>] {
    var result = sources
    for index in result.indices.dropFirst()
    where result[index - 1].overlaps(result[index]) && result[index - 1] != result[index] {
      let union =
        min(
          result[index - 1].lowerBound, result[index].lowerBound)..<max(
          result[index - 1].upperBound, result[index].upperBound)
      let old = result[index - 1]
      result[index] = union
      var back = index - 1
      while back >= 0, result[back] == old {
        result[back] = union
        back -= 1
      }
    }
    return result
  }
}
