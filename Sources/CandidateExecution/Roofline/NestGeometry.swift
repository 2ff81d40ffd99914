/// Counts turns and touched bytes of loop nests at fixed sizes.
///
/// Loops whose turn bounds of others depend on (`for (j = i; …)`) are run through one by one; all
/// others are taken in closed form. What would take too many steps has no answer.
struct NestGeometry {
  /// By the loop's number; a loop's bounds depend only on loops of smaller number.
  var trips: [TripCount]
  private static let most = 1 << 18

  /// `loops` and all loops that their bounds depend on, outermost first.
  private func closed(_ loops: Set<Int>) -> [Int] {
    var result = loops
    var rest = Array(loops)
    while let loop = rest.popLast() {
      for outer in trips[loop].loops where result.insert(outer).inserted { rest.append(outer) }
    }
    return result.sorted()
  }

  /// Calls `visit` with the turns of all loops among `loops` that bounds of others depend on;
  /// `false` when there are too many.
  private func eachBox(_ loops: [Int], _ visit: ([Int: Int]) -> Bool) -> Bool {
    let drivers = loops.filter { loop in loops.contains { trips[$0].loops.contains(loop) } }
    var steps = 0
    func run(_ index: Int, _ turns: [Int: Int]) -> Bool {
      guard index < drivers.count else {
        steps += 1
        return steps <= Self.most && visit(turns)
      }
      var turns = turns
      for turn in 0..<trips[drivers[index]].value(turns) {
        turns[drivers[index]] = turn
        guard run(index + 1, turns) else { return false }
      }
      return true
    }
    return run(0, [:])
  }

  /// How often the innermost of `loops` turns in all.
  func turns(_ loops: Set<Int>) -> Int? {
    let all = closed(loops)
    var total = 0
    let isDone = eachBox(all) { turns in
      var product = 1
      for loop in all where turns[loop] == nil {
        let (value, overflow) = product.multipliedReportingOverflow(by: trips[loop].value(turns))
        guard !overflow else { return false }
        product = value
      }
      total += product
      return total < 1 << 60
    }
    return isDone ? total : nil
  }

  /// The bytes that `size` bytes at `offset` cover in all turns of `loops`, as ranges.
  func bytes(at offset: TurnSum, size: Int, in loops: [Int]) -> [Range<Int>]? {
    // A loop that may not turn hides what is inside, so all whose count varies are looked at.
    let uneven = loops.filter { !trips[$0].distance.terms.isEmpty }
    let varying = closed(Set(offset.terms.keys).union(uneven))
    guard let outer = turns(Set(loops)) else { return nil }
    guard outer > 0 else { return [] }
    var ranges: [Range<Int>] = []
    let isDone = eachBox(varying) { turns in
      var start = offset.value(turns)
      var strides: [(stride: Int, count: Int)] = []
      for loop in varying where turns[loop] == nil {
        let count = trips[loop].value(turns)
        guard count > 0 else { return true }
        let stride = offset.terms[loop] ?? 0
        if stride < 0 { start += stride * (count - 1) }
        if stride != 0 { strides.append((abs(stride), count)) }
      }
      return add(start, size, strides, to: &ranges)
    }
    return isDone ? Self.union(ranges) : nil
  }

  private func add(
    _ start: Int, _ size: Int, _ strides: [(stride: Int, count: Int)],
    to ranges: inout [Range<Int>]
  ) -> Bool {
    var length = size
    var apart: [(stride: Int, count: Int)] = []
    for (stride, count) in strides.sorted(by: { $0.stride < $1.stride }) {
      if stride <= length, apart.isEmpty {
        length += stride * (count - 1)
      } else {
        apart.append((stride, count))
      }
    }
    var starts = [start]
    for (stride, count) in apart {
      guard starts.count <= Self.most / max(1, count) else { return false }
      starts = starts.flatMap { base in (0..<count).map { base + $0 * stride } }
    }
    guard ranges.count + starts.count <= 4 * Self.most else { return false }
    ranges += starts.map { $0..<($0 + length) }
    return true
  }

  /// The ranges without overlaps, in order.
  static func union(_ ranges: [Range<Int>]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = result.last, range.lowerBound <= last.upperBound {
        result[result.count - 1] =
          last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        result.append(range)
      }
    }
    return result
  }
}
