import Foundation

/// Where the figures come from, as `ratchet` tells it.
public struct Machine: Codable {
  struct Cache: Codable {
    var level: Int
    var kind: String
    var bytes: Int
  }
  var cpu: String
  var cores: Int
  var kernel: String
  var operatingSystem: String
  var virtualization: String?
  var governor: String?
  var caches: [Cache]
}

/// The baseline's compiler.
public struct Compiler: Codable {
  var name: String
  var version: String
}

/// One run of `ratchet optimize` with a state directory of its own.
public struct Campaign {
  public var binary: String
  public var path: String
  /// All of the path's when empty.
  public var functions: [String]
  public var budget: String
  public var seed: Int

  public init(binary: String, path: String, functions: [String], budget: String, seed: Int) {
    self.binary = binary
    self.path = path
    self.functions = functions
    self.budget = budget
    self.seed = seed
  }

  /// The document that `optimize` prints, as far as it is read here; later versions may print more.
  public struct Report: Decodable {
    public struct Kernel: Decodable {
      public var file: String
      public var function: String
      public var outcome: String
      public var evaluations: Int
      /// Of the winner, over all workloads.
      public var speedup: Interval?
      public var recipe: String?
      public var workloads: [Workload]
    }
    public struct Workload: Decodable {
      public var name: String
      public var speedup: Interval?
    }
    public struct Interval: Codable {
      public var median: Double
      public var low: Double
      public var high: Double
    }
    public struct Cost: Decodable {
      public var phases: [String: Double]?
    }
    public var kernels: [Kernel]
    public var cost: Cost
    public var machine: Machine
    public var compiler: Compiler
  }

  /// A campaign that has ended.
  public struct Ended {
    public var report: Report
    /// The log, byte for byte.
    public var log: Data
    public var wallSeconds: Double
    /// Of the whole process and its children, as the system counts them.
    public var cpuSeconds: Double
  }

  public func run() throws -> Ended {
    let state = FileManager.default.temporaryDirectory
      .appendingPathComponent("campaign-\(UUID().uuidString)")
    defer { _ = try? FileManager.default.removeItem(at: state) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: binary)
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
    return Ended(
      report: try JSONDecoder().decode(Report.self, from: data),
      log: try Data(contentsOf: state.appendingPathComponent("lineage.jsonl")),
      wallSeconds: Date().timeIntervalSince(start), cpuSeconds: Self.childSeconds() - before)
  }

  public struct Failure: Error, CustomStringConvertible {
    var status: Int32
    public var description: String { "ratchet ended with status \(status)" }
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
