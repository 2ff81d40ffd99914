import Foundation
import KernelModel

/// Says whether two texts of one function compute the same: both are built with traps for undefined
/// behaviour and run on the same seeded inputs, and all bytes they can reach are compared.
struct ExecutionOracle {
  let kernel: Kernel
  let flags: [String]
  var compiler = "clang"
  var rounds = 40
  var seed: UInt64 = 1

  init(_ kernel: Kernel, flags: [String]) {
    self.kernel = kernel
    self.flags = flags
  }

  /// What differs; nil when nothing does. Rounds in which the original traps are skipped.
  func difference(_ before: String, _ after: String) throws -> String? {
    let driver = CDriver(kernel.function, seed: seed, rounds: rounds).text()
    let first = try lines(of: before + driver)
    let second = try lines(of: after + driver)
    for (number, (old, new)) in zip(first, second).enumerated()
    where old != new && !old.hasPrefix("trapped") {
      return "round \(number): '\(old)' became '\(new)'"
    }
    if first.count != second.count { return "\(first.count) rounds became \(second.count)" }
    if first.allSatisfy({ $0.hasPrefix("trapped") }) { return "no round of the original ends" }
    return nil
  }

  private func lines(of text: String) throws -> [Substring] {
    let program = Subprocess.scratch.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: program) }
    let traps =
      compiler == "gcc"
      ? ["-fsanitize=undefined", "-fsanitize-undefined-trap-on-error"]
      : ["-fsanitize=undefined", "-fsanitize-trap=undefined"]
    let search = ["-I", kernel.source.path.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }]
    try CCompiler(command: compiler, flags: flags + ["-O1", "-ffp-contract=off"] + search)
      .build(text, at: program, extra: traps)
    return try Subprocess.run([program.path]).output.split(separator: "\n")
  }
}
