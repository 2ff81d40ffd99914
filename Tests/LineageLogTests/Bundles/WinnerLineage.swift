import ExperimentRecords
import Foundation
import SystemPackage

@testable import LineageLog

/// A lineage with one winner, applied, sealed, and approved behind the seal.
final class WinnerLineage {
  static let original = Array(
    "void f(int n, float *a) {\n  for (int i = 0; i < n; i++) a[i] *= 2;\n}\n".utf8)
  static let candidate = Array(
    "void f(int n, float *a) {\n  for (int i = 0; i < n; i++) a[i] += a[i];\n}\n".utf8)
  static let samples = Array("[[100,50],[101,50]]".utf8)

  let scratch: Scratch
  let state: StateDirectory
  private(set) var winner = Digest.zero
  /// The checkpoint in the log.
  private(set) var seal: Checkpoint?

  /// - Parameters:
  ///   - median: The recorded speedup.
  ///   - key: What the checkpoint is signed with.
  ///   - isSealed: Whether there is a checkpoint.
  init(median: Double = 2, signedBy key: SigningKey? = nil, isSealed: Bool = true) throws {
    scratch = try Scratch()
    state = scratch.state()
    let writer = try LineageWriter(state, command: "test")
    defer { writer.close() }
    let time = Timestamp(milliseconds: 1_764_000_000_000)
    func append(_ content: LineageEntry.Content, _ campaign: String? = "c1") throws -> Digest {
      try writer.append(content, campaign: campaign, time: time).id
    }
    let kernel = KernelName(file: "src/a.c", function: "f")
    let compiler = Compiler(name: "clang", version: "21.0.0", path: "/usr/bin/clang")
    _ = try append(stop(0), nil)
    _ = try append(
      .campaignStarted(
        CampaignStarted(
          tool: "ratchet 0.1.0", paths: ["."], settings: ["fp": "exact", "require": "default"],
          seed: 7,
          machine: Machine(cpu: "test", cores: 2, kernel: "Linux", operatingSystem: "Debian"),
          compiler: compiler, flags: ["-O3"])))
    let base = try writer.objects.put(Self.original)
    let new = try writer.objects.put(Self.candidate)
    let patch = try writer.objects.put(
      UnifiedDiff(from: Self.original, to: Self.candidate, path: kernel.file).bytes)
    _ = try append(
      .baseline(
        Baseline(
          kernel: kernel, line: 1, source: base, contract: "requires n >= 0;",
          contractOrigin: "inferred", compiler: compiler, flags: ["-O3", "-I", "a dir"])))
    let recipe = Recipe([Step("unroll", [.init("loop", "i"), .init("by", 4)])])
    let measurement = Measurement(
      workload: "small", sizes: ["n": 64],
      speedup: ConfidenceInterval(median: median, low: median - 0.1, high: median + 0.1), pairs: 9,
      loads: 3, baselineNanoseconds: 100, candidateNanoseconds: 100 / median,
      compiler: "clang 21.0.0", flags: ["-O3"], samples: try writer.objects.put(Self.samples))
    let proposal = try append(
      .proposal(Proposal(kernel: kernel, recipe: recipe, outcome: .improved, source: new)))
    winner = try append(
      .winner(
        Winner(
          kernel: kernel, recipe: recipe, proposal: proposal, baseSource: base, newSource: new,
          patch: patch, verdict: .bounded,
          evidence: [
            Evidence(level: .l0, method: "Form", result: .passed),
            Evidence(
              level: .l2, method: "Differential", result: .passed, inputs: 9, seed: 7,
              assumptions: ["n is at most 300007"]),
            Evidence(level: .l7, method: "Parametric", result: .inconclusive),
          ], measurements: [measurement])))
    _ = try append(stop(1), nil)
    _ = try append(
      .applied(Applied(winner: winner, kernel: kernel, before: base, after: new, by: "ada")), nil)
    guard isSealed else { return }
    if case .checkpoint(let checkpoint) = try writer.checkpoint(signedBy: key, time: time).entry
      .content
    {
      seal = checkpoint
    }
    _ = try append(.approval(Approval(subject: winner, granted: true, by: "ada")), nil)
  }

  func bundle(signedBy key: SigningKey? = nil) throws -> EvidenceBundle {
    try EvidenceBundle(ofWinner: winner.short, in: state, signedBy: key)
  }
}

extension Scratch {
  /// A key pair as openssl writes it, made from a name.
  func keyPair(_ name: String) throws -> (SigningKey, PublicKey) {
    let seed = ObjectStore.digest(of: Array(name.utf8)).bytes
    func pem(_ label: String, _ prefix: String, _ rest: [UInt8]) -> String {
      let der = Data((LineageLog.bytes(hexadecimal: prefix) ?? []) + rest)
      return "-----BEGIN \(label)-----\n\(der.base64EncodedString())\n-----END \(label)-----\n"
    }
    let file = path.appending("\(name).pem")
    try write(pem("PRIVATE KEY", "302e020100300506032b657004220420", seed), to: "\(name).pem")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.string)
    let key = try SigningKey(file: file)
    try write(
      pem("PUBLIC KEY", "302a300506032b6570032100", try key.signature(over: []).key),
      to: "\(name).pub")
    return (key, try PublicKey(file: path.appending("\(name).pub")))
  }
}
