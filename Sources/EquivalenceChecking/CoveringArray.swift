/// Rows that hold every pair of values of every two columns, built greedily (Cohen et al., "The
/// AETG system", 1997).
enum CoveringArray {
  /// One row per test; deterministic in the columns and the seed.
  static func pairwise(_ columns: [[Int]], seed: UInt64) -> [[Int]] {
    guard columns.count > 1, columns.allSatisfy({ !$0.isEmpty }) else { return [] }
    var random = SeededRandom(seed, path: columns.count)
    var open: Set<Pair> = []
    for first in columns.indices {
      for second in columns.indices where second > first {
        for a in columns[first].indices {
          for b in columns[second].indices { open.insert(Pair(first, a, second, b)) }
        }
      }
    }
    var ordered = open.sorted()
    var rows: [[Int]] = []
    while let start = ordered.last {
      var best: [Int] = []
      var bestGain = 0
      for _ in 0..<4 {
        var row = columns.map { random.below($0.count) }
        row[start.first] = start.a
        row[start.second] = start.b
        let gain = Self.pairs(row).reduce(0) { $0 + (open.contains($1) ? 1 : 0) }
        if gain > bestGain { (best, bestGain) = (row, gain) }
      }
      for pair in Self.pairs(best) { open.remove(pair) }
      while let last = ordered.last, !open.contains(last) { ordered.removeLast() }
      rows.append(zip(columns, best).map { $0[$1] })
    }
    return rows
  }

  private struct Pair: Hashable, Comparable {
    var first, a, second, b: Int
    init(_ first: Int, _ a: Int, _ second: Int, _ b: Int) {
      (self.first, self.a, self.second, self.b) = (first, a, second, b)
    }
    static func < (x: Pair, y: Pair) -> Bool {
      (x.first, x.second, x.a, x.b) < (y.first, y.second, y.a, y.b)
    }
  }

  private static func pairs(_ row: [Int]) -> [Pair] {
    row.indices.flatMap { first in
      row.indices.filter { $0 > first }.map { Pair(first, row[first], $0, row[$0]) }
    }
  }
}
