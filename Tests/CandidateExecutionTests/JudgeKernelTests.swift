import Foundation
import JudgeKernels
import Testing

@testable import CandidateExecution

@Suite struct JudgeKernelTests {
  @Test func randomNumbersAreThePublishedOnes() {
    // From the authors' reference code: splitmix64 seeded with 0, then xoshiro256**.
    var random = rk_random()
    rk_random_seed(&random, 0)
    #expect(random.state.0 == 0xe220_a839_7b1d_cdaf)
    #expect(random.state.1 == 0x6e78_9e6a_a1b9_65f4)
    #expect(rk_random_next(&random) == 0x99ec_5f36_cb75_f2b4)
  }

  @Test func boundedNumbersStayInBoundsAndReachThem() {
    var random = SeededRandom(seed: 11)
    var seen = Set<Int>()
    for _ in 0..<500 { seen.insert(random.below(7)) }
    #expect(seen == Set(0..<7))
    #expect(random.below(0) == 0)
  }

  @Test func mediansAgreeWithSorting() {
    var random = SeededRandom(seed: 12)
    for count in 1...60 {
      var values = (0..<count).map { _ in Double(random.below(20)) }
      let sorted = values.sorted()
      let expected =
        count % 2 == 1
        ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2
      #expect(rk_median(&values, count) == expected)
    }
    var none: [Double] = []
    #expect(rk_median(&none, 0).isNaN)
  }

  @Test func theBootstrapCoversTheTrueMedian() {
    var random = SeededRandom(seed: 13)
    var covered = 0
    for trial in 0..<200 {
      let values = (0..<41).map { _ in Double.random(in: -1...1, using: &random) }
      let interval = rk_bootstrap_median(values, values.count, 400, 0.95, UInt64(trial))
      if interval.low <= 0, interval.high >= 0 { covered += 1 }
    }
    #expect(covered >= 180)
  }

  @Test func rankTestsKnowTheirTables() {
    let positive = (1...20).map(Double.init)
    #expect(rk_wilcoxon_above_zero(positive, 20) < 0.0001)
    #expect(rk_wilcoxon_above_zero(positive.map { -$0 }, 20) > 0.999)
    #expect(rk_wilcoxon_above_zero([0, 0], 2) == 1)
    let balanced = positive.enumerated().map { $0.offset % 2 == 0 ? $0.element : -$0.element }
    #expect(rk_wilcoxon_above_zero(balanced, 20) > 0.1)
    #expect(abs(rk_sign_test(9, 10) - 11.0 / 1024) < 1e-12)
    #expect(rk_sign_test(0, 10) == 1)
  }

  @Test func everyFormatIsFilledByItsClass() {
    let kinds: [CellLayout.Kind] = [
      .double, .float, .half, .extended, .signed(bytes: 4), .unsigned(bytes: 2), .bool,
    ]
    for kind in kinds {
      let stride = CellLayout(kind).stride
      func fill(
        _ values: InputPlan.Values, _ bounds: rk_bounds = .init(low: 1, high: 0, only_finite: 0)
      )
        -> [[UInt8]]
      {
        var memory = [UInt8](repeating: 0xee, count: 256 * stride)
        let cells = [rk_cell(offset: 0, kind: kind.code, size: kind.size)]
        rk_fill(
          &memory, memory.count, cells, 1, stride, rk_value_class(UInt32(values.rawValue)), bounds,
          3)
        return Swift.stride(from: 0, to: memory.count, by: stride).map {
          Array(memory[$0..<$0 + kind.size])
        }
      }
      #expect(Set(fill(.zeros)) == [[UInt8](repeating: 0, count: kind.size)], "\(kind)")
      #expect(Set(fill(.constant)).count == 1)
      #expect(fill(.ordinary) == fill(.ordinary))
      #expect(!fill(.ordinary).contains { kind.isNaN($0) })
      if kind == .bool { #expect(Set(fill(.special)) == [[0], [1]]) }
      if [.double, .float, .half].contains(kind) {
        #expect(fill(.special).contains { kind.isNaN($0) })
        let finite = rk_bounds(low: 1, high: 0, only_finite: 1)
        #expect(
          !fill(.special, finite).contains { kind.isNaN($0) || kind.text($0).contains("inf") })
      }
    }
    var bounded = [Double](repeating: 0, count: 64)
    let cells = [rk_cell(offset: 0, kind: RK_DOUBLE, size: 8)]
    bounded.withUnsafeMutableBytes {
      rk_fill(
        $0.bindMemory(to: UInt8.self).baseAddress, $0.count, cells, 1, 8, RK_SPECIAL,
        rk_bounds(low: 0, high: 1, only_finite: 1), 9)
    }
    #expect(bounded.allSatisfy { (0...1).contains($0) })
  }
}
