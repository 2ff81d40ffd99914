public import ExperimentRecords
import Foundation
public import Sandboxing

/// Measures what one core does at most, with a program of its own that the project's compiler
/// builds for this very processor and that runs under the runner's guard.
public struct PeakProbe: Sendable {
  private let runner: Runner
  private let compiler: Compiler
  /// Milliseconds of each of two runs behind a figure.
  private let milliseconds: Int

  /// Measures with what `compiler` makes.
  public init(runner: Runner, compiler: Compiler, milliseconds: Int = 30) {
    self.runner = runner
    self.compiler = compiler
    self.milliseconds = milliseconds
  }

  private static let flags = ["-O3", "-march=native", "-ffp-contract=fast"]

  /// Measures `machine`; takes about 35 times `milliseconds`.
  public func measure(_ machine: Machine) async throws(CompileError) -> MachinePeaks {
    let scratch = try ScratchDirectory()
    let text = try scratch.write(Array(Self.program.utf8), to: "peaks.c")
    let program = "\(scratch.path)/peaks"
    let built = try await run(compiler.path, Self.flags + [text, "-o", program])
    guard built.status == .exited(0) else {
      let log = String(decoding: built.errors, as: UTF8.self)
      throw .rejected(CompilerMessage(severity: .error, text: "peaks.c"), log: log)
    }
    let levels = Self.levels(of: machine)
    let sets = levels.map { String(Self.workingSet(of: $0, in: levels, machine)) }
    let printed = try await run(program, [String(milliseconds)] + sets)
    guard printed.status == .exited(0),
      let peaks = peaks(String(decoding: printed.output, as: UTF8.self), levels, machine)
    else { throw .file(program, reason: "the measuring program failed") }
    return peaks
  }

  private func run(
    _ program: String, _ words: [String]
  ) async throws(CompileError) -> GuardedCommand.Result {
    do {
      return try await GuardedCommand(program, words).run(with: runner)
    } catch {
      throw .runner(error)
    }
  }

  /// The data caches, nearest first, and main memory.
  static func levels(of machine: Machine) -> [(name: String, bytes: Int?)] {
    let caches = machine.caches.filter { $0.kind != "instruction" }.sorted { $0.level < $1.level }
    return caches.map { ("L\($0.level)", $0.bytes) } + [("memory", nil)]
  }

  /// A set that lies well inside its level and well outside the one before: half of a small cache,
  /// an eighth of the last, which others share; four times all caches for main memory.
  static func workingSet(
    of level: (name: String, bytes: Int?), in levels: [(name: String, bytes: Int?)],
    _ machine: Machine
  ) -> Int {
    let sizes = levels.compactMap(\.bytes)
    guard let bytes = level.bytes else {
      let most = min(512 << 20, (machine.memoryBytes ?? 1 << 30) / 8)
      return min(most, max(64 << 20, 4 * sizes.reduce(0, +)))
    }
    guard let before = sizes.last(where: { $0 < bytes }) else { return bytes / 2 }
    return min(bytes / 2, max(2 * before, bytes / 8))
  }

  private func peaks(
    _ text: String, _ levels: [(name: String, bytes: Int?)], _ machine: Machine
  ) -> MachinePeaks? {
    let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
    guard let flops = lines.first?.dropFirst().compactMap({ Double($0) }), flops.count == 4,
      lines.count == levels.count + 1
    else { return nil }
    var found: [MachinePeaks.Level] = []
    for (level, line) in zip(levels, lines.dropFirst()) {
      let rates = line.dropFirst().compactMap { Double($0) }
      guard rates.count == 2 else { return nil }
      found.append(
        MachinePeaks.Level(
          name: level.name, bytes: level.bytes, readBytesPerSecond: rates[0],
          triadBytesPerSecond: rates[1]))
    }
    return MachinePeaks(
      fingerprint: Self.fingerprint(of: machine, compiler),
      time: Timestamp(secondsSince1970: Date().timeIntervalSince1970),
      compiler: compiler.description, flags: Self.flags,
      double: .init(fused: flops[0], apart: flops[1]),
      single: .init(fused: flops[2], apart: flops[3]), levels: found)
  }

  /// Sixteen digits over all that the peaks depend on: processor, caches, kernel, virtualisation,
  /// governor, compilers and the measuring program.
  public static func fingerprint(of machine: Machine, _ compiler: Compiler) -> String {
    var hash = ContentHash()
    let caches = machine.caches.map { "\($0.level) \($0.kind) \($0.bytes)" }
    let compilers = machine.compilers.map { "\($0.description) \($0.target ?? "")" }
    let parts =
      [machine.cpu, String(machine.cores), machine.kernel, machine.operatingSystem]
      + [machine.virtualization ?? "", machine.governor ?? "", compiler.description, program]
    for part in parts { hash.add(part) }
    for list in [caches, compilers] { hash.add(list.joined(separator: "\n")) }
    return String(hash.digest.hex.prefix(16))
  }
}
