/// Makes every function of new text one that the parser reads.
///
/// The parser lists functions with a loop alone. One without, a helper or the function itself where a
/// library call does the loop's work, is given a loop that does nothing behind its last statement, in the
/// text that is parsed and nowhere else, so that the rules on the tree see all of its statements.
enum HelperLoops {
  private static let loop = Array("\ndo { } while (0);\n".utf8)
  private static let words: Set<String> = ["for", "while", "do"]

  /// The candidate's bytes with loops added; the candidate's own where no function lacks one.
  static func added(to candidate: CandidateText) -> [UInt8] {
    added(to: candidate.bytes, bodies(of: candidate))
  }

  private static func bodies(of candidate: CandidateText) -> [ArraySlice<CToken>] {
    candidate.items.filter { $0.kind == .function }.map(\.body) + [candidate.bodyTokens[...]]
  }

  /// `bytes` with a loop in each of the bodies, braces included, that has none.
  static func added(to bytes: [UInt8], _ bodies: [ArraySlice<CToken>]) -> [UInt8] {
    var bytes = bytes
    for place in places(bodies).reversed() { bytes.insert(contentsOf: loop, at: place) }
    return bytes
  }

  /// Where loops are put, in order.
  private static func places(_ bodies: [ArraySlice<CToken>]) -> [Int] {
    bodies.filter { body in !body.contains { words.contains($0.text) } }
      .compactMap(\.last?.range.lowerBound).sorted()
  }

  /// The byte of the candidate at a byte of `added(to: candidate)`.
  static func byteWithoutLoops(_ offset: Int, in candidate: CandidateText) -> Int {
    byteWithoutLoops(offset, bodies(of: candidate))
  }

  /// The byte of the text without loops that stands at a byte of the text with them.
  static func byteWithoutLoops(_ offset: Int, _ bodies: [ArraySlice<CToken>]) -> Int {
    var offset = offset
    for place in places(bodies) where offset >= place + loop.count { offset -= loop.count }
    return offset
  }
}
