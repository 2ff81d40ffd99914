/// A candidate in which the iterations of its parallel loops come in the opposite order: one that as many
/// threads as iterations may bring about. Where results differ, the loop is no parallel one.
///
///     for (INIT; TEST; STEP) { BODY }
///       →
///     { long count = 0; for (INIT; TEST; STEP) count++;
///       for (; count > 0; count--) { INIT; for (long k = 1; k < count; k++) STEP; { BODY } } }
enum ReorderedText {
  /// Nil where the body of a loop is no block.
  ///
  /// - Parameters:
  ///   - text: without the pragmas.
  ///   - loops: where the `for` of each begins.
  static func text(of text: CandidateText, _ loops: [Int]) -> [UInt8]? {
    var bytes = text.bytes
    for offset in loops.sorted(by: >) {
      guard let place = Place(text.bodyTokens, at: offset) else { return nil }
      func part(_ range: Range<Int>) -> String {
        String(decoding: text.bytes[range], as: UTF8.self)
      }
      let (start, test, step) = (part(place.start), part(place.test), part(place.step))
      let head =
        "{ long ratchet_count = 0; for (\(start);\(test);\(step)) ratchet_count++; "
        + "for (; ratchet_count > 0; ratchet_count--) { \(start); "
        + "for (long ratchet_k = 1; ratchet_k < ratchet_count; ratchet_k++) { \(step); } "
      bytes.insert(contentsOf: Array(" } }".utf8), at: place.body.upperBound)
      bytes.replaceSubrange(offset..<place.body.lowerBound, with: Array(head.utf8))
    }
    return bytes
  }

  /// The parts of a `for` statement, as bytes.
  private struct Place {
    var start: Range<Int>
    var test: Range<Int>
    var step: Range<Int>
    var body: Range<Int>

    init?(_ tokens: [CToken], at offset: Int) {
      guard let first = tokens.firstIndex(where: { $0.range.lowerBound == offset }),
        let close = Self.partner(tokens, of: first + 1),
        close + 1 < tokens.count, tokens[close + 1].text == "{",
        let end = Self.partner(tokens, of: close + 1)
      else { return nil }
      let ends = (first..<close).filter { tokens[$0].text == ";" }
      guard ends.count == 2, ends[0] > first + 2, ends[1] > ends[0] + 1, close > ends[1] + 1 else {
        return nil
      }
      func bytes(_ range: Range<Int>) -> Range<Int> {
        tokens[range.lowerBound].range.lowerBound..<tokens[range.upperBound - 1].range.upperBound
      }
      start = bytes(first + 2..<ends[0])
      test = bytes(ends[0] + 1..<ends[1])
      step = bytes(ends[1] + 1..<close)
      body = bytes(close + 1..<end + 1)
    }

    /// The index of the bracket that closes the one at `open`.
    private static func partner(_ tokens: [CToken], of open: Int) -> Int? {
      var depth = 0
      for index in tokens.indices.dropFirst(open) {
        if ["(", "[", "{"].contains(tokens[index].text) { depth += 1 }
        if [")", "]", "}"].contains(tokens[index].text) { depth -= 1 }
        if depth == 0 { return index }
      }
      return nil
    }
  }
}
