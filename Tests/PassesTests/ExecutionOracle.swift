import Foundation
import KernelModel

/// Says whether texts of functions before and after a rewrite compute the same: both are built with
/// traps for undefined behaviour and run on the same seeded inputs, and all bytes that they can reach
/// are compared.
struct ExecutionOracle {
  let flags: [String]
  /// Where headers are searched.
  var folder = URL(filePath: "/")
  var compiler = "clang"
  var rounds = 24
  var seed: UInt64 = 1

  /// One function before and after.
  struct Comparison {
    let function: Function
    let before: String
    let after: String
  }

  /// What differs, by the number of the comparison; rounds in which the original traps are skipped.
  func differences(_ comparisons: [Comparison]) throws -> [(number: Int, difference: String)] {
    let drivers = comparisons.enumerated().map { CDriver($1.function, number: $0).text() }
    let tail =
      CDriver.prelude(seed: seed) + drivers.joined()
      + CDriver.main(functions: comparisons.count, rounds: rounds)
    let old = try lines(of: comparisons.map(\.before).joined(separator: "\n") + tail)
    let new = try lines(of: comparisons.map(\.after).joined(separator: "\n") + tail)
    guard old.count == rounds * comparisons.count, new.count == old.count else {
      throw GoldenError("the programs end early: \(old.count) and \(new.count) lines")
    }
    return comparisons.indices.compactMap { number in
      let own = stride(from: number, to: old.count, by: comparisons.count)
      let ending = own.count { old[$0] != "trapped" }
      if ending * 3 < rounds {
        return (number, "only \(ending) of \(rounds) rounds of the original end")
      }
      return own.first { old[$0] != new[$0] && old[$0] != "trapped" }.map {
        (number, "round \($0 / comparisons.count): '\(old[$0])' became '\(new[$0])'")
      }
    }
  }

  private func lines(of text: String) throws -> [Substring] {
    let program = Subprocess.scratch.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: program) }
    let traps =
      compiler == "gcc"
      ? ["-fsanitize=undefined", "-fsanitize-undefined-trap-on-error"]
      : ["-fsanitize=undefined", "-fsanitize-trap=undefined"]
    try CCompiler(
      command: compiler, flags: flags + ["-O1", "-ffp-contract=off", "-I", folder.path]
    )
    .build(text, at: program, extra: traps)
    return try Subprocess.run([program.path]).output.split(separator: "\n")
  }
}
