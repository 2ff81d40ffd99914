import ExperimentRecords
import LineageLog
import SystemPackage

/// Entries of every kind that questions tell apart, the same for the same seed.
struct SeededLineage {
  private(set) var entries: [LineageEntry] = []
  private(set) var ids: [Digest] = []
  private(set) var bytes: [UInt8] = []
  private var random: SeededNumbers
  private var time: Int64 = 1_790_000_000_000
  private var ends: [Int] = []

  static let kernels =
    ["matmul", "sum", "scan", "transpose"].map { KernelName(file: "src/dense.c", function: $0) } + [
      KernelName(file: "src/other.c", function: "sum"),
      KernelName(file: "src/a \"quoted\" \\ name\n.c", function: "größe"),
    ]
  static let passes = ["tile", "interchange", "unroll", "unroll_jam", "fuse", "vectorize"]

  init(seed: UInt64, count: Int) throws {
    random = SeededNumbers(state: seed)
    for _ in 0..<count { try add() }
  }

  /// The bytes of the first `count` entries.
  func bytes(ofFirst count: Int) -> [UInt8] {
    Array(bytes[..<(count == 0 ? 0 : ends[count - 1])])
  }

  /// Where the line of an entry lies.
  func range(of number: Int) -> Range<Int> {
    (number == 0 ? 0 : ends[number - 1])..<ends[number]
  }

  /// Puts the first `count` entries into `state`, as a writer would have.
  func write(to state: StateDirectory, count: Int? = nil, _ scratch: Scratch) throws {
    if try !state.exists() { try LineageWriter(state, command: "test").close() }
    try scratch.write(bytes(ofFirst: count ?? entries.count), to: state.log)
  }

  private mutating func add() throws {
    // Clocks are set back now and then.
    time += Int64.random(in: -2_000...60_000, using: &random)
    let campaign = Int.random(in: 0..<9, using: &random) == 0 ? nil : "campaign-\(ids.count / 97)"
    let entry = LineageEntry(
      time: Timestamp(milliseconds: time), campaign: campaign, content())
    let (id, line) = try entry.line(after: ids.last ?? .zero)
    entries.append(entry)
    ids.append(id)
    bytes += line
    ends.append(bytes.count)
  }

  private mutating func content() -> LineageEntry.Content {
    let kernel = pick(Self.kernels)
    let earlier = ids.suffix(40).randomElement(using: &random)
    switch Int.random(in: 0..<20, using: &random) {
    case 0:
      return .baseline(
        Baseline(kernel: kernel, source: .zero, contract: "requires n >= 0;", contractOrigin: "x"))
    case 1:
      return .winner(
        Winner(
          kernel: kernel, recipe: recipe(), proposal: earlier ?? .zero, baseSource: .zero,
          newSource: .zero, verdict: pick([.tested, .bounded, .proved]), measurements: []))
    case 2:
      return .kernelFinished(KernelFinished(kernel: kernel, outcome: pick(KernelOutcome.allCases)))
    case 3:
      return .sentinelChecked(
        SentinelChecked(
          kernel: kernel, pair: .same, isTrusted: true, loads: 3, above: 1, ratio: 1.01))
    case 4:
      return .applied(
        Applied(winner: earlier ?? .zero, kernel: kernel, before: .zero, after: .zero))
    case 5: return stop(ids.count)
    case 6: return .checkpoint(Checkpoint(entries: ids.count, root: .zero))
    default:
      return .proposal(
        Proposal(
          kernel: kernel, recipe: recipe(), parent: earlier, proposer: "shapes",
          outcome: pick(Outcome.allCases), reason: pick([nil, "a \"reason\" with {braces] in it"]),
          verdict: pick([nil, .refuted, .inconclusive, .tested, .bounded, .proved])))
    }
  }

  private mutating func recipe() -> Recipe {
    let count = Int.random(in: 0..<4, using: &random)
    return Recipe(
      (0..<count).map { _ in
        Step(pick(Self.passes), [Argument("loop", .label("i.tile")), Argument("by", .integer(64))])
      })
  }

  private mutating func pick<T>(_ values: [T]) -> T {
    values[Int.random(in: values.indices, using: &random)]
  }
}

/// Random numbers that are the same in every run (Steele, Lea & Flood, "Fast splittable pseudorandom
/// number generators", 2014).
struct SeededNumbers: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
