import KernelModel

/// The one pragma that starts threads and may stand in a candidate, in two forms, letter by letter:
///
///     #pragma omp parallel for schedule(static)
///     #pragma omp parallel for schedule(static) if (BOUND >= NUMBER)
///
/// where BOUND is the bound of the loop behind it. Anything else that begins by `#pragma omp` is refused
/// by rule 3, like every directive that is not listed.
struct ParallelPragma {
  static let text = "#pragma omp parallel for schedule(static)"
  /// What may be no macro, or the pragma would be another one (OpenMP 4.5, 2.1).
  static let words: Set<String> = ["omp", "parallel", "for", "schedule", "static", "if", "pragma"]

  /// The tokens of BOUND; nil without the clause.
  let bound: [String]?

  /// Nil for any other directive. Joined lines, comments and blanks at the end make it another one.
  init?(_ directive: CToken, in bytes: [UInt8]) {
    guard directive.kind == .directive, directive.text.hasPrefix(Self.text),
      bytes[directive.range].elementsEqual(directive.text.utf8)
    else { return nil }
    let rest = String(directive.text.dropFirst(Self.text.count))
    if rest.isEmpty {
      bound = nil
      return
    }
    guard rest.hasPrefix(" if ("), rest.hasSuffix(")"), !rest.contains("/*"), !rest.contains("//")
    else { return nil }
    let tokens = CLexer.tokens(of: String(rest.dropFirst(5).dropLast()))
    guard tokens.count >= 3, tokens[tokens.count - 2].text == ">=", let least = tokens.last?.text,
      least.allSatisfy(\.isNumber), let number = Int(least), number <= Int(Int32.max)
    else { return nil }
    bound = tokens.dropLast(2).map(\.text)
  }
}

/// A candidate's text without the pragmas of its parallel loops.
///
/// Where iterations touch nothing that another one stores to, what the threads do together is what the
/// iterations do one after the other (OpenMP 4.5, 1.4; C11 §5.1.2.4). So the text without the pragmas is
/// what all levels judge, provided that `ParallelRule` and `IterationIndependence` say so much of every
/// loop that had one.
struct ParallelText {
  /// Where the `for` of every parallel loop begins.
  private(set) var loops: [Int] = []
  /// The bytes with blanks in place of the pragmas, so that every other token stands where it stood.
  private(set) var sequential: [UInt8]

  init(_ candidate: CandidateText, of kernel: Kernel) throws(FormViolation) {
    sequential = candidate.bytes
    guard kernel.build.usesOpenMP else { return }
    let tokens = candidate.bodyTokens
    for (index, token) in tokens.enumerated() {
      guard let pragma = ParallelPragma(token, in: candidate.bytes) else { continue }
      try Self.check(pragma, before: tokens[(index + 1)...], at: token.range.lowerBound)
      loops.append(tokens[index + 1].range.lowerBound)
      for place in token.range { sequential[place] = UInt8(ascii: " ") }
    }
    guard let first = loops.first else { return }
    let text = CLexer.tokens(
      of: IncludedText.text(
        kernel.source.bytes, at: kernel.source.path, build: kernel.build, includesAngled: true))
    if let word = Self.macro(among: ParallelPragma.words, in: text, kernel.build) {
      throw FormViolation(
        .parallelLoops, "a parallel loop where '\(word)' may be a macro", at: first)
    }
    if let word = Self.perThread.first(where: { word in text.contains { $0.text.contains(word) } })
    {
      throw FormViolation(
        .parallelLoops, "a parallel loop where '\(word)' gives threads objects of their own",
        at: first)
    }
  }

  /// What makes an object another one in every thread.
  private static let perThread = ["_Thread_local", "__thread", "thread_local", "threadprivate"]

  /// A `for` follows, and the clause asks for its bound.
  private static func check(
    _ pragma: ParallelPragma, before tokens: ArraySlice<CToken>, at offset: Int
  ) throws(FormViolation) {
    guard tokens.prefix(2).map(\.text) == ["for", "("] else {
      throw FormViolation(.parallelLoops, "a pragma for a loop that is no 'for'", at: offset)
    }
    guard let bound = pragma.bound else { return }
    let condition = tokens.drop { $0.text != ";" }.dropFirst().prefix { $0.text != ";" }
    guard condition.dropFirst(2).map(\.text) == bound else {
      throw FormViolation(
        .parallelLoops, "a clause that asks for something else than the loop's bound", at: offset)
    }
  }

  /// One of the words that the file, a header of the project or the flags define.
  private static func macro(among words: Set<String>, in text: [CToken], _ build: BuildFlags)
    -> String?
  {
    for token in text where token.kind == .directive {
      let parts = CLexer.tokens(of: String(token.text.dropFirst())).map(\.text)
      if parts.count > 1, parts[0] == "define", words.contains(parts[1]) { return parts[1] }
    }
    var rest = build.arguments[...]
    while let flag = rest.popFirst() {
      if ["-include", "-imacros"].contains(where: { flag.hasPrefix($0) }) { return flag }
      guard flag.hasPrefix("-D") else { continue }
      let definition = flag == "-D" ? rest.popFirst() ?? "" : String(flag.dropFirst(2))
      let name = String(definition.prefix { $0 != "=" && $0 != "(" })
      if words.contains(name) { return name }
    }
    return nil
  }
}
