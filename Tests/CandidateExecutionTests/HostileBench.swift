import Foundation
import KernelModel
import Sandboxing

@testable import CandidateExecution

/// Where hostile programs are built and run, and what they must leave as it is.
struct HostileBench {
  let bench: Workbench
  let canary: Canary
  let layers: SandboxLayers

  /// Made once: finding the compiler takes longer than most programs do.
  static let shared = Task { try await HostileBench() }

  private init() async throws {
    bench = try await Workbench()
    canary = try Canary()
    layers = try await bench.runner.doctor().layers
  }

  func build(_ program: HostileProgram) async throws -> LoadableObject {
    try await build(program.text, name: program.name, mode: program.mode)
  }

  func build(
    _ text: String, name: String, mode: HostileProgram.Mode = .call
  ) async throws -> LoadableObject {
    let flags = ["-O1", "-w", "-D_GNU_SOURCE"] + canary.definitions
    return try await bench.driver.build(
      CompilationUnit(
        bytes: Array(text.utf8), sourcePath: "/\(name).c", build: bench.build(flags: flags),
        trampoline: try Trampoline(mode == .call ? Self.plain : Self.onArrays)))
  }

  /// Runs a program and says what became of it, in the corpus's words.
  func run(
    _ object: LoadableObject, _ program: HostileProgram, without layers: SandboxLayers = []
  ) async throws -> String {
    switch program.mode {
    case .call:
      let memory = program.keys["memory"].flatMap(Int.init) ?? 1 << 30
      let outcome = try await outcome(
        of: object, images: [MemoryImage(resultSize: 4)], memory: memory,
        threads: program.threads, twice: program.keys["calls"] == "twice", without: layers)
      return outcome.words(result: true)
    case .arrays:
      return try await outcome(
        of: object, images: [try arrays()], threads: program.threads, without: layers
      ).words(result: false)
    case .time:
      let perBatch = program.keys["calls per batch"].flatMap(Int.init) ?? 0
      return try await time(
        object, callsPerBatch: perBatch, threads: program.threads, without: layers
      ).words
    }
  }

  func outcome(
    of object: LoadableObject, images: [MemoryImage], memory: Int = 1 << 30, threads: Int = 1,
    twice: Bool = false, call: Duration = HostileProgram.call, without layers: SandboxLayers = []
  ) async throws -> CallOutcome {
    let limits = Limits(
      wall: .seconds(10), call: call, memory: memory, threads: threads,
      runsWithoutSeccomp: layers.contains(.seccomp))
    var harness = bench.harness
    harness.switchedOff = layers
    return try await harness.examine(
      object, images: images, options: ExaminationOptions(callsTwice: twice, limits: limits))[0]
  }

  func time(
    _ object: LoadableObject, callsPerBatch: Int = 0, threads: Int = 1,
    without layers: SandboxLayers = []
  ) async throws -> PairedTiming {
    let limits = Limits(
      wall: .seconds(10), call: HostileProgram.call, memory: 1 << 30, threads: threads,
      runsWithoutSeccomp: layers.contains(.seccomp))
    var harness = bench.harness
    harness.switchedOff = layers
    return try await harness.timePair(
      original: try await build(Self.honest, name: "original", mode: .time), candidate: object,
      images: [try arrays(cells: 3000)],
      options: TimingOptions(
        seed: 11, duration: HostileProgram.timing, callsPerBatch: callsPerBatch, checkEvery: 4,
        limits: limits))
  }

  static let honest = """
    void hostile(int n, const double *a, double *b) {
      for (int i = 0; i < n; i++) b[i] = 2 * a[i] + 1;
    }
    """

  private static let plain = Function(
    name: "hostile", result: .int, parameters: [], isStatic: false, isInline: false,
    body: .block([]), symbols: [:], records: [:], origins: [:], range: 0..<0, bodyRange: 0..<0,
    reservedNames: [])

  private static let onArrays: Function = {
    let types: [CType] = [
      .int, .pointer(PointerType(to: .qualified(.const, .double))),
      .pointer(PointerType(to: .double)),
    ]
    let parameters = types.indices.map { VariableID($0) }
    let symbols = zip(parameters, zip(["n", "a", "b"], types)).map {
      ($0, Symbol(name: $1.0, type: $1.1, storage: .parameter))
    }
    return Function(
      name: "hostile", result: .void, parameters: parameters, isStatic: false, isInline: false,
      body: .block([]), symbols: Dictionary(uniqueKeysWithValues: symbols), records: [:],
      origins: [:], range: 0..<0, bodyRange: 0..<0, reservedNames: [])
  }()

  /// `n`, an input and an output that is full of noise.
  func arrays(cells: Int = HostileProgram.cells) throws -> MemoryImage {
    let input = (0..<cells).map { Double($0 * 37 % 101) / 7 }
    let noise = (0..<cells * 8).map { UInt8(truncatingIfNeeded: $0 &* 73 &+ 5) }
    return MemoryImage(
      regions: [
        .init(name: "a", contents: bytes(input), isWritable: false),
        .init(name: "b", contents: noise),
      ],
      arguments: [bytes(Int32(cells)), bytes([UInt64(0)]), bytes([UInt64(0)])],
      patches: [.init(at: .argument(1), to: 0), .init(at: .argument(2), to: 1)])
  }
}

/// A directory that nobody may touch, and the places where a program could leave something.
struct Canary {
  let path: String
  let mark: String

  init() throws {
    mark = "ratchet-hostile-\(UInt64.random(in: 0...(.max)))"
    path = NSTemporaryDirectory() + "/" + mark
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for name in ["kept", "secret"] {
      try Data(name.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }
  }

  var definitions: [String] { ["-DCANARY=\"\(path)\"", "-DMARK=\"\(mark)-left\""] }

  /// What differs from the beginning.
  func damage() -> [String] {
    let files = FileManager.default
    var damage: [String] = []
    let found = ((try? files.contentsOfDirectory(atPath: path)) ?? []).sorted()
    if found != ["kept", "secret"] { damage.append("the canary holds \(found)") }
    for name in ["kept", "secret"]
    where files.contents(atPath: "\(path)/\(name)") != Data(name.utf8) {
      damage.append("'\(name)' has changed")
    }
    for place in ["/tmp", "/var/tmp", "/dev/shm", NSTemporaryDirectory(), NSHomeDirectory(), "."] {
      let names = (try? files.contentsOfDirectory(atPath: place)) ?? []
      damage += names.filter { $0.hasPrefix(mark + "-left") }.map { "\(place)/\($0) was made" }
    }
    return damage
  }
}

/// Processes that have `mark` in their command line or have a file of that name mapped.
func living(_ mark: String) -> [String] {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
  return names.filter { name in
    guard let process = Int32(name), process != getpid() else { return false }
    return ["cmdline", "maps"].contains { file in
      guard let bytes = FileManager.default.contents(atPath: "/proc/\(name)/\(file)") else {
        return false
      }
      return bytes.range(of: Data(mark.utf8)) != nil
    }
  }
}
