import Testing

@testable import CandidateExecution

@Suite struct OutputDifferenceTests {
  private func difference(_ a: [Double], _ b: [Double]) -> OutputDifference? {
    CellLayout(.double).firstDifference(
      expected: bytes(a), actual: bytes(b), object: .region(0), name: "c")
  }

  @Test func anyNaNEqualsAnyNaNAndZerosHaveSigns() {
    let payload = Double(nan: 7, signaling: false)
    #expect(difference([.nan, 1], [-payload, 1]) == nil)
    #expect(difference([.nan], [1])?.actual == "1.0")
    #expect(difference([0, 0], [0, -0.0])?.cell == "c[1]")
    #expect(difference([1, 2, 3], [1, 2, 3]) == nil)
  }

  @Test func paddingIsNotCompared() {
    let cells = CellLayout(
      stride: 8,
      cells: [
        .init(offset: 0, kind: .signed(bytes: 1), name: ".tag"),
        .init(offset: 4, kind: .float, name: ".x"),
      ])
    let one: [UInt8] = [1, 0, 0, 0, 0, 0, 128, 63]
    let padded: [UInt8] = [1, 9, 9, 9, 0, 0, 128, 63]
    let other: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 64]
    func compare(_ a: [UInt8], _ b: [UInt8]) -> OutputDifference? {
      cells.firstDifference(expected: a + a, actual: a + b, object: .region(0), name: "p")
    }
    #expect(compare(one, padded) == nil)
    #expect(compare(one, other)?.description == "p[1].x: expected 1.0, got 2.0")
  }

  @Test func wholeNumbersShowTheirSign() {
    #expect(CellLayout.Kind.signed(bytes: 2).text([0xff, 0xff]) == "-1")
    #expect(CellLayout.Kind.unsigned(bytes: 2).text([0xff, 0xff]) == "65535")
    #expect(CellLayout.Kind.pointer.text([1, 0, 0, 0, 0, 0, 0, 0x10]) == "0x1000000000000001")
  }
}
