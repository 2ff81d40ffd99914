import DependenceAnalysis
import KernelModel
import Testing

/// Every order that the analysis calls legal is tried by enumeration at several sizes.
@Suite struct RandomNestsAgreeWithEnumeration {
  static let sizes = [(0, 3), (1, 1), (2, 3), (4, 4), (5, 3), (3, 6), (7, 7)]

  struct Tally {
    var legal = 0
    var refused = 0
    var refusedWithWitness = 0
  }

  /// One generated function with its analysis and its instances at every size.
  struct Subject {
    let text: String
    let seed: UInt64
    let analysis: Legality
    let runs: [[EnumerationOracle.Instance]]

    init(_ text: String, _ seed: UInt64) {
      self.text = text
      self.seed = seed
      analysis = legality(text)
      let function = SnippetReader.function(text)
      runs = RandomNestsAgreeWithEnumeration.sizes.map { n, m in
        EnumerationOracle(function, sizes: ["n": n, "m": m]).instances
      }
    }
  }

  private func compare(
    _ subject: Subject, _ name: String, _ tally: inout Tally,
    _ question: (Legality) throws(Obstacle) -> Void, _ order: ReorderedRun
  ) {
    let refused = obstacle { () throws(Obstacle) in try question(subject.analysis) }
    let broken = subject.runs.contains { order.violation(in: $0) != nil }
    let (seed, text) = (subject.seed, subject.text)
    if refused == nil {
      tally.legal += 1
      #expect(!broken, "seed \(seed): \(name) is called legal but is not\n\(text)")
    } else {
      tally.refused += 1
      if broken { tally.refusedWithWitness += 1 }
    }
  }

  @Test func nests() {
    var tally = Tally()
    // Loops that step by more than one are refused whatever they hold.
    var lags = Tally()
    for seed in UInt64(1)...150 {
      var generator = NestGenerator(seed: seed)
      let subject = Subject(generator.nest(), seed)
      compare(
        subject, "interchange", &tally,
        { (l) throws(Obstacle) in try l.interchange("i", "j") },
        ReorderedRun { key($0) { loops in (loops["j"] ?? 0, loops["i"] ?? 0) } })
      compare(
        subject, "reversal of i", &tally, { (l) throws(Obstacle) in try l.reverse("i") },
        ReorderedRun { key($0) { loops in (-(loops["i"] ?? 0), loops["j"] ?? 0) } })
      compare(
        subject, "reversal of j", &tally, { (l) throws(Obstacle) in try l.reverse("j") },
        ReorderedRun { key($0) { loops in (loops["i"] ?? 0, -(loops["j"] ?? 0)) } })
      compare(
        subject, "skewed interchange", &tally,
        { (l) throws(Obstacle) in try l.skewedTile(outer: "i", inner: "j", by: 1) },
        ReorderedRun {
          key($0) { loops in ((loops["i"] ?? 0) + (loops["j"] ?? 0), loops["i"] ?? 0) }
        })
      compare(
        subject, "vectorization of j", &tally,
        { (l) throws(Obstacle) in try l.vectorize("j", width: 3) },
        ReorderedRun(key: { lockstep($0, "j", 3) }, isLockstep: true))
      compare(
        subject, "unroll-and-jam", &tally,
        { (l) throws(Obstacle) in try l.unrollJam("i", by: 2) },
        ReorderedRun { jammed($0, 2) })
      for lag in [1, 2] {
        compare(
          subject, "unroll-and-jam with a lag of \(lag)", &lags,
          { (l) throws(Obstacle) in try l.unrollJam("i", by: 3, lag: lag) },
          ReorderedRun { jammed($0, 3, lag: lag) })
      }
      compare(
        subject, "tiling", &tally, { (l) throws(Obstacle) in try l.tile(["i", "j"]) },
        ReorderedRun { tiled($0, 2) })
    }
    #expect(tally.legal > 100)
    #expect(lags.legal > 30 && lags.refusedWithWitness > 30)
    #expect(tally.refusedWithWitness * 10 > tally.refused * 7)
  }

  @Test func sequences() {
    var tally = Tally()
    for seed in UInt64(1)...80 {
      var generator = NestGenerator(seed: seed &+ 1000)
      let subject = Subject(generator.sequence(), seed)
      compare(
        subject, "fusion", &tally, { (l) throws(Obstacle) in try l.fuse("i", "i#2") },
        ReorderedRun { fused($0) })
      compare(
        subject, "fusion of the second loop two iterations later", &tally,
        { (l) throws(Obstacle) in try l.fuse("i", "i#2", shift: 2) },
        ReorderedRun { fused($0, shift: 2) })
      compare(
        subject, "distribution", &tally,
        { (l) throws(Obstacle) in try l.distribute("i", into: [[0], [1]]) },
        ReorderedRun { distributed($0) })
    }
    #expect(tally.legal > 30)
    #expect(tally.refusedWithWitness * 10 > tally.refused * 7)
  }
}

private func values(_ instance: EnumerationOracle.Instance) -> [LoopLabel: Int] {
  var values: [LoopLabel: Int] = [:]
  for step in instance.steps {
    if case .loop(let label, _, let value) = step { values[label] = value }
  }
  return values
}

private func ordinal(_ instance: EnumerationOracle.Instance, _ wanted: LoopLabel) -> Int {
  for step in instance.steps {
    if case .loop(let label, let ordinal, _) = step, label == wanted { return ordinal }
  }
  return 0
}

/// Textual positions below the innermost loop.
private func tail(_ instance: EnumerationOracle.Instance) -> [Int] {
  var tail: [Int] = []
  for step in instance.steps {
    switch step {
    case .text(let position): tail.append(position)
    case .loop: tail = []
    }
  }
  return tail
}

private func key(
  _ instance: EnumerationOracle.Instance, _ order: ([LoopLabel: Int]) -> (Int, Int)
) -> [Int] {
  let (outer, inner) = order(values(instance))
  return [outer, inner] + tail(instance)
}

private func lockstep(
  _ instance: EnumerationOracle.Instance, _ label: LoopLabel, _ width: Int
) -> [Int] {
  [values(instance)["i"] ?? 0, ordinal(instance, label) / width] + tail(instance)
}

private func jammed(_ instance: EnumerationOracle.Instance, _ count: Int, lag: Int = 0) -> [Int] {
  let i = ordinal(instance, "i")
  return [i / count, (values(instance)["j"] ?? 0) + lag * i, i] + tail(instance)
}

private func tiled(_ instance: EnumerationOracle.Instance, _ size: Int) -> [Int] {
  let found = values(instance)
  let i = found["i"] ?? 0
  let j = found["j"] ?? 0
  func block(_ value: Int) -> Int { Int((Double(value) / Double(size)).rounded(.down)) }
  return [block(i), block(j), i, j] + tail(instance)
}

/// Both loops as one: the second body after the first in each iteration.
private func fused(_ instance: EnumerationOracle.Instance) -> [Int] {
  let found = values(instance)
  if let first = found["i"] { return [first, 0] + tail(instance) }
  return [found["i#2"] ?? 0, 1] + tail(instance)
}

/// Both loops as one in which the second body runs some iterations later.
private func fused(_ instance: EnumerationOracle.Instance, shift: Int) -> [Int] {
  if values(instance)["i"] != nil { return [ordinal(instance, "i"), 0] + tail(instance) }
  return [ordinal(instance, "i#2") + shift, 1] + tail(instance)
}

/// The first loop in two: one per statement of its body.
private func distributed(_ instance: EnumerationOracle.Instance) -> [Int] {
  let found = values(instance)
  guard let first = found["i"] else { return [2, found["i#2"] ?? 0] + tail(instance) }
  return [tail(instance).first ?? 0, first] + tail(instance)
}
