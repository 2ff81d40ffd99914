import Testing

@testable import LineageLog

@Suite struct ThreeWayMergeTests {
  private func merge(_ base: String, _ ours: String, _ theirs: String) -> String? {
    merged(base: Array(base.utf8), ours: Array(ours.utf8), theirs: Array(theirs.utf8)).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  @Test func changesApartFromEachOtherAreBothMade() {
    #expect(merge("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n") == "A\nb\nC\n")
    #expect(merge("a\nb\nc\n", "x\na\nb\nc\n", "a\nb\n") == "x\na\nb\n")
    #expect(merge("a\nb\n", "A\nb\n", "a\nB\n") == "A\nB\n")
  }

  @Test func theSameChangeIsMadeOnce() {
    #expect(merge("a\nb\nc\n", "a\nB\nc\n", "a\nB\nC\n") == nil)
    #expect(merge("a\nb\nc\nd\n", "a\nB\nc\nd\n", "a\nB\nc\nD\n") == "a\nB\nc\nD\n")
  }

  @Test func changesOfTheSameLinesAreRefused() {
    #expect(merge("a\nb\nc\n", "a\nB\nc\n", "a\nx\nc\n") == nil)
    #expect(merge("a\nb\nc\n", "a\nc\n", "a\nB\nc\n") == nil)
  }

  @Test func insertionsWhoseOrderWouldBeAGuessAreRefused() {
    #expect(merge("a\nb\n", "a\nx\nb\n", "a\ny\nb\n") == nil)
    #expect(merge("a\nb\n", "a\nx\nb\n", "a\nB\n") == nil)
    #expect(merge("a\nb\n", "A\nb\n", "a\ny\nb\n") == nil)
  }

  @Test func randomChangesOfSeparatePartsAreAllMade() {
    var random = Random(seed: 3)
    for _ in 0..<200 {
      let (top, bottom) = (
        random.text(lines: random.below(20)), random.text(lines: random.below(20))
      )
      let wall = Array("== one line that is nowhere else ==\nand a second\n".utf8)
      let (newTop, newBottom) = (random.mutated(top), random.mutated(bottom))
      guard newTop.last == UInt8(ascii: "\n") else { continue }
      let result = merged(
        base: top + wall + bottom, ours: newTop + wall + bottom, theirs: top + wall + newBottom)
      #expect(result == newTop + wall + newBottom)
    }
  }
}
