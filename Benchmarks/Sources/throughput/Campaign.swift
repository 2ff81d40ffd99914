import Foundation

/// One run of `ratchet optimize` with a state directory of its own.
struct Campaign {
  var binary: Binary
  var path: String
  var functions: [String]
  var budget: String
  var seed: Int

  /// What is read of the document that `optimize` prints; later versions may print more.
  private struct Document: Decodable {
    struct Kernel: Decodable {
      var outcome: String
      var evaluations: Int
      var speedup: Interval?
    }
    struct Interval: Decodable {
      var median: Double
    }
    struct Cost: Decodable {
      var phases: [String: Double]?
    }
    var kernels: [Kernel]
    var cost: Cost
    var machine: Machine
    var compiler: Compiler
  }

  func run() throws -> CampaignResult {
    let state = FileManager.default.temporaryDirectory
      .appendingPathComponent("throughput-\(UUID().uuidString)")
    defer { _ = try? FileManager.default.removeItem(at: state) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: binary.path)
    process.arguments =
      ["optimize", path] + functions.flatMap { ["--function", $0] } + [
        "--budget", budget, "--seed", String(seed), "--state", state.path, "--format", "json",
        "--quiet",
      ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    let (start, before) = (Date(), Self.childSeconds())
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(status: process.terminationStatus) }
    let document = try JSONDecoder().decode(Document.self, from: data)
    let log = try Data(contentsOf: state.appendingPathComponent("lineage.jsonl"))
    return CampaignResult(
      binary: binary.name, seed: seed, wallSeconds: Date().timeIntervalSince(start),
      cpuSeconds: Self.childSeconds() - before, kernels: document.kernels.count,
      candidates: document.kernels.reduce(0) { $0 + $1.evaluations },
      proposals: Self.count("\"kind\":\"proposal\"", in: log),
      improved: document.kernels.count { $0.outcome == "improved" },
      geometricMean: Self.mean(document.kernels.map { $0.speedup?.median ?? 1 }),
      phases: document.cost.phases ?? [:], machine: document.machine,
      compiler: document.compiler)
  }

  struct Failure: Error, CustomStringConvertible {
    var status: Int32
    var description: String { "ratchet ended with status \(status)" }
  }

  private static func count(_ text: String, in data: Data) -> Int {
    String(decoding: data, as: UTF8.self).components(separatedBy: text).count - 1
  }

  private static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 1 : exp(values.reduce(0) { $0 + log($1) } / Double(values.count))
  }

  /// CPU seconds of children that have ended, theirs included.
  private static func childSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
    return [usage.ru_utime, usage.ru_stime].reduce(0) {
      $0 + Double($1.tv_sec) + Double($1.tv_usec) * 1e-6
    }
  }
}
