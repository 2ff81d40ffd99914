import LineageLog
import Testing

@Suite struct BisectionTests {
  @Test(arguments: [2, 3, 4, 7, 16, 33]) func findsTheFirstThatFails(count: Int) {
    for first in 1..<count {
      var asked = 0
      let finding = Bisection(Array(0..<count)).find { number in
        asked += 1
        return number < first ? .passes : .fails
      }
      guard case .between(let last, let found, let dark) = finding else {
        Issue.record("\(finding)")
        return
      }
      #expect(found == first && last == first - 1 && dark.isEmpty)
      #expect(asked <= 3 + Int.bitWidth - count.leadingZeroBitCount)
    }
  }

  @Test func whatCannotBeToldIsNamed() {
    let finding = Bisection(Array(0..<10)).find { number in
      number == 4 || number == 5 ? .untestable : number < 5 ? .passes : .fails
    }
    guard case .between(3, 6, let dark) = finding else {
      Issue.record("\(finding)")
      return
    }
    #expect(dark == [4, 5])
  }

  @Test func endsThatDoNotDifferAreSaid() {
    guard case .failsAtOnce = Bisection([1, 2]).find({ _ in .fails }),
      case .passesThroughout = Bisection([1, 2]).find({ _ in .passes }),
      case .endIsUntestable(1) = Bisection([1, 2]).find({ _ in .untestable })
    else {
      Issue.record("an end was misread")
      return
    }
  }
}
