import KernelModel

/// The directives inside a function: which of them can be worked with.
struct PragmaReading {
  /// Lines that mean nothing to a compiler (`#pragma scop`); they are kept like comments.
  private var marks: [Range<Int>] = []
  /// Hints for the loop behind them; they stay with the loop as it is written and are dropped when
  /// it is rewritten.
  private var hints: [Range<Int>] = []

  /// - Throws: when the function holds a directive that changes what it means.
  init(
    _ original: OriginalTokens, in body: Range<Int>, wholeFunction: Range<Int>, usesOpenMP: Bool
  ) throws(ReadFailure) {
    for directive in original.directives {
      let start = directive.range.lowerBound
      if start < wholeFunction.lowerBound {
        try Self.checkBefore(original.words(directive))
        continue
      }
      guard wholeFunction.contains(start) else { break }
      let words = original.words(directive)
      guard words.first == "pragma" else {
        throw .function("it holds a '#\(words.first ?? "")' directive")
      }
      guard body.contains(start) else { throw .function("it holds a pragma before its body") }
      switch Self.meaning(Array(words.dropFirst()), usesOpenMP: usesOpenMP) {
      case .mark: marks.append(directive.range)
      case .hint: hints.append(directive.range)
      case .obstacle:
        throw .function("it holds '#\(words.prefix(4).joined(separator: " "))'")
      }
    }
  }

  private enum Meaning { case mark, hint, obstacle }

  private static func meaning(_ words: [String], usesOpenMP: Bool) -> Meaning {
    switch words.first {
    case "STDC", "pack", "weak", "redefine_extname", "float_control": return .obstacle
    case "omp": return usesOpenMP ? .obstacle : .hint
    case "GCC":
      let hints: Set<String> = ["ivdep", "unroll", "novector"]
      if let second = words.dropFirst().first, hints.contains(second) { return .hint }
      return words.dropFirst().first == "diagnostic" ? .mark : .obstacle
    case "clang":
      return words.dropFirst().first == "loop" ? .hint : .obstacle
    case "unroll", "nounroll", "ivdep", "simd", "vector", "novector", "unroll_and_jam",
      "nounroll_and_jam", "acc", "loop_count", "_CRI", "IVDEP", "nodepchk", "concurrent":
      return .hint
    default: return .mark
    }
  }

  /// Pragmas at file scope that change floating-point meaning from there on.
  private static func checkBefore(_ words: [String]) throws(ReadFailure) {
    guard words.first == "pragma", words.count > 2 else { return }
    let changesMeaning =
      words[1] == "STDC" || words[1] == "float_control"
      || (words[1] == "clang" && words[2] == "fp")
      || (words[1] == "GCC" && ["optimize", "target"].contains(words[2]))
    guard changesMeaning else { return }
    throw .function("the file holds '#\(words.prefix(4).joined(separator: " "))' before it")
  }

  /// Comments and marks inside the body, in order.
  func notes(_ original: OriginalTokens, in body: Range<Int>) -> [CommentAttachment.Note] {
    let comments = original.comments.filter { body.contains($0.range.lowerBound) }.map {
      CommentAttachment.Note(range: $0.range, isDirective: false)
    }
    let lines = marks.map { CommentAttachment.Note(range: $0, isDirective: true) }
    return (comments + lines).sorted { $0.range.lowerBound < $1.range.lowerBound }
  }

  /// Lets the bytes of a loop start at the hint that stands before it.
  func extend(_ ranges: inout [OriginID: Range<Int>], _ body: Stmt) {
    for hint in hints.reversed() {
      var next: [OriginID] = []
      var start = Int.max
      for (id, range) in ranges where range.lowerBound >= hint.upperBound {
        if range.lowerBound < start {
          start = range.lowerBound
          next = []
        }
        if range.lowerBound == start { next.append(id) }
      }
      for id in next {
        guard let range = ranges[id] else { continue }
        ranges[id] = hint.lowerBound..<range.upperBound
      }
    }
  }
}

extension OriginalTokens {
  /// The identifiers, numbers and punctuators of a directive behind its `#`.
  func words(_ directive: CToken) -> [String] {
    let inner = (directive.range.lowerBound + 1)..<directive.range.upperBound
    return CLexer.tokens(bytes, range: inner, atLineStart: false)
      .filter { $0.kind != .comment }.map(text)
  }
}
