import ExperimentRecords
import Foundation
import LineageLog

import struct ExperimentRecords.Measurement

/// A lineage as campaigns leave it, the same each time: searches of twenty kernels, each with some two hundred
/// proposals, most of which are refused, doubled or slower, a winner now and then, and a checkpoint at the end.
struct SampleCampaigns {
  /// The entry of the newest winner of a kernel, of one of its proposals, and of a winner in the same file.
  struct Landmarks {
    var kernel: KernelName
    var winner: Digest
    var proposal: Digest
    var neighbour: Digest
  }

  private(set) var head = Digest.zero
  private(set) var count = 0
  /// One for each campaign.
  private(set) var landmarks: [Landmarks] = []
  private var tree = MerkleTree()
  private var random = SplitMix(state: 1)
  private var pending: [UInt8] = []
  private var time = Timestamp(milliseconds: 1_760_000_000_000)
  private var campaign = ""
  private let file: FileHandle
  private let texts: [Digest]

  /// Writes to `file`; `texts` are objects that are kept, as sources and patches.
  init(to file: FileHandle, texts: [Digest]) {
    self.file = file
    self.texts = texts
  }

  /// Adds whole campaigns until there are `target` entries or a few more.
  ///
  /// - Parameter huge: A kernel that every tenth proposal is about as well.
  mutating func run(to target: Int, huge: KernelName) throws {
    while count < target {
      let number = landmarks.count
      campaign = String(format: "20260101-%06d", number)
      let compiler = Compiler(
        name: "clang", version: "21.0.0", path: "/usr/bin/clang", target: "x86_64-unknown-linux-gnu"
      )
      let machine = Machine(
        cpu: "Example Processor 3000", cores: 2, kernel: "Linux 6.1.0",
        operatingSystem: "Debian GNU/Linux 12", virtualization: "kvm", memoryBytes: 25_769_803_776,
        compilers: [compiler])
      try add(
        .campaignStarted(
          CampaignStarted(
            tool: "ratchet 0.1.0", paths: ["."],
            settings: ["budget": "60s", "fp": "exact", "level": "L1"], seed: 7, machine: machine,
            compiler: compiler, flags: ["-O3", "-march=native"], user: "ada")))
      for kernel in 0..<20 where count < target {
        try search(
          KernelName(
            file: "src/unit_\(number).c", function: "kernel_\(number)_\(kernel)"),
          huge: huge, isFirst: kernel == 0)
      }
      try add(.campaignEnded(CampaignEnded(reason: .budget, kernels: ["improved": 20])))
      try add(.checkpoint(Checkpoint(entries: count, root: tree.root)))
    }
    try flush()
  }

  /// Adds `entries` proposals about the last kernel.
  mutating func extend(by entries: Int) throws {
    guard let last = landmarks.last else { return }
    for _ in 0..<entries { try add(.proposal(proposal(last.kernel, last.proposal))) }
    try flush()
  }

  /// A proposal about `kernel`, as large as most.
  mutating func proposal(_ kernel: KernelName, _ parent: Digest) -> Proposal {
    let isJudged = Int.random(in: 0..<10, using: &random) < 4
    let outcome: Outcome =
      isJudged ? pick([.noGain, .surpassed, .rejectedSlower]) : pick([.refused, .duplicate])
    var proposal = Proposal(
      kernel: kernel, recipe: recipe(), parent: parent, proposer: "shapes", outcome: outcome,
      cost: cost(isJudged ? 2.6 : 0.01))
    if outcome == .refused, let step = proposal.recipe.steps.last {
      proposal.refusal = Refusal(
        step: step, reason: "a dependence has the direction (<, >)",
        dependence: .init(
          .flow, from: "a[i - 1][j + 1]", to: "a[i][j]", direction: "(<, >)"))
    }
    guard isJudged else { return proposal }
    proposal.source = pick(texts)
    proposal.verdict = pick([.tested, .bounded, .bounded, .proved])
    proposal.evidence = evidence()
    proposal.measurements = [measurement("L1", 48), measurement("L2", 256)]
    return proposal
  }

  private mutating func search(
    _ kernel: KernelName, huge: KernelName, isFirst: Bool
  ) throws {
    let base = try add(
      .baseline(
        Baseline(
          kernel: kernel, line: 3, source: pick(texts),
          contract: "requires n >= 0;\nrequires \\valid(a + (0 .. n*n-1));",
          contractOrigin: "declared+inferred", staticControl: true,
          workloads: [
            Workload(name: "L1", sizes: ["n": 48]), Workload(name: "L2", sizes: ["n": 256]),
          ], flags: ["-O3", "-march=native"], nanoseconds: ["L1": 120_000, "L2": 21_000_000],
          cost: cost(0.5))))
    var best = base
    for number in 0..<Int.random(in: 160...240, using: &random) {
      let id = try add(.proposal(proposal(kernel, best)))
      if number % 30 == 0 { best = id }
      if number % 9 == 0 { try add(.proposal(proposal(huge, best))) }
    }
    let winner = try add(
      .winner(
        Winner(
          kernel: kernel, recipe: recipe(), proposal: best,
          effects: recipe().steps.map { StepEffect(step: $0, speedup: interval()) },
          baseSource: pick(texts), newSource: pick(texts), patch: pick(texts), verdict: .bounded,
          evidence: evidence(), measurements: [measurement("L1", 48), measurement("L2", 256)],
          secondsSavedPerCall: 1e-5, breakEvenCalls: 52_000, evaluations: 57, cost: cost(31))))
    if isFirst {
      landmarks.append(
        Landmarks(kernel: kernel, winner: winner, proposal: best, neighbour: winner))
    } else {
      landmarks[landmarks.count - 1].neighbour = winner
    }
    try add(
      .kernelFinished(
        KernelFinished(
          kernel: kernel, outcome: .improved, evaluations: 57, winner: winner, cost: cost(31))))
  }

  @discardableResult
  private mutating func add(_ content: LineageEntry.Content) throws -> Digest {
    time.milliseconds += Int64.random(in: 100...4_000, using: &random)
    let line = try LineageEntry(time: time, campaign: campaign, content).line(after: head)
    pending += line.bytes
    (head, count) = (line.id, count + 1)
    tree.append(head)
    if pending.count > 1 << 22 { try flush() }
    return head
  }

  private mutating func flush() throws {
    try file.write(contentsOf: pending)
    pending = []
  }

  private mutating func recipe() -> Recipe {
    let passes = ["tile", "interchange", "unroll_jam", "vectorize", "fuse", "unroll", "hoist"]
    return Recipe(
      (0..<Int.random(in: 1...5, using: &random)).map { number in
        Step(
          pick(passes),
          [
            .init("loop", .label(pick(["i", "j.tile", "k#2"]))),
            .init("by", .integer(8 << Int.random(in: 0...5, using: &random))),
          ])
      })
  }

  private mutating func evidence() -> [Evidence] {
    [
      Evidence(
        level: .l0, method: "WellFormed", result: .passed,
        detail: "same signature, no new diagnostic", seconds: 0.02),
      Evidence(
        level: .l2, method: "Differential", result: .passed, inputs: 212,
        seed: random.next() >> 12, sizes: [["n": 0], ["n": 1], ["n": 17], ["n": 33]],
        compilers: ["clang -O0", "clang -O3 -march=native", "gcc -O3 -march=native"],
        branchCoverage: 1, detail: "agreed in every bit", seconds: 0.9),
      Evidence(
        level: .l3, method: "Interpreter", result: .passed,
        assumptions: ["contraction is off"], detail: "the same operations at 2 sizes",
        seconds: 0.7),
    ]
  }

  private mutating func measurement(_ name: String, _ size: Int) -> Measurement {
    Measurement(
      workload: name, sizes: ["n": size], speedup: interval(), pairs: 120, loads: 6,
      loadRatios: (0..<6).map { _ in Double.random(in: 0.9...1.6, using: &random) },
      baselineNanoseconds: 21_000_000, candidateNanoseconds: 15_300_000,
      compiler: "clang 21.0.0", flags: ["-O3", "-march=native"],
      smallestResolvableEffect: 0.012)
  }

  private mutating func interval() -> ConfidenceInterval {
    let median = Double.random(in: 0.8...2, using: &random)
    return ConfidenceInterval(median: median, low: median * 0.97, high: median * 1.03)
  }

  private mutating func cost(_ seconds: Double) -> Cost {
    Cost(
      cpuSeconds: seconds, wallSeconds: seconds * 0.8, compiles: 3, diskBytes: 900,
      phases: [.compile: seconds * 0.3, .examine: seconds * 0.29, .measure: seconds * 0.4])
  }

  private mutating func pick<T>(_ values: [T]) -> T {
    values[Int.random(in: values.indices, using: &random)]
  }
}

/// Random numbers that are the same in every run (Steele, Lea & Flood, "Fast splittable pseudorandom
/// number generators", 2014).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
