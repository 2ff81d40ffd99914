/// Makes every new helper one that the parser reads.
///
/// The parser lists functions with a loop alone. A helper without one is given a loop that does
/// nothing behind its last statement, in the text that is parsed and nowhere else, so that the
/// rules on the tree see all of its statements.
enum HelperLoops {
  private static let loop = Array("\ndo { } while (0);\n".utf8)
  private static let words: Set<String> = ["for", "while", "do"]

  /// The candidate's bytes with loops added; the candidate's own where no helper lacks one.
  static func added(to candidate: CandidateText) -> [UInt8] {
    var bytes = candidate.bytes
    for item in candidate.items.reversed() where item.kind == .function {
      guard !item.body.contains(where: { words.contains($0.text) }), let last = item.body.last
      else { continue }
      bytes.insert(contentsOf: loop, at: last.range.lowerBound)
    }
    return bytes
  }
}
