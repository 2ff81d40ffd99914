import ExperimentRecords
import Foundation
import Testing

@testable import EquivalenceChecking

/// L7 on generated nests against an oracle that runs both texts at every small size.
@Suite struct ParametricNestTests {
  static let seed: UInt64 = 20_261_123
  static let count = 90

  private func pairs() -> [NestGenerator.Pair] {
    var generator = NestGenerator(seed: Self.seed)
    return (0..<Self.count).map { _ in generator.pair() }
  }

  /// The pairs that differ on some size from -1 to 9, by running them.
  private func different(_ pairs: [NestGenerator.Pair]) throws -> Set<Int> {
    var text = "#include <stdio.h>\n#include <string.h>\n"
    for (index, pair) in pairs.enumerated() {
      text += "static void o\(index)\(NestGenerator.signature) { \(pair.original) }\n"
      text += "static void c\(index)\(NestGenerator.signature) { \(pair.candidate) }\n"
    }
    let type = "void (*)(int, int, double (*)[32], const double (*)[32], double *)"
    let name = type.replacingOccurrences(of: "(*)(int", with: "(*calls[][2])(int")
    text += "static \(name) = {"
    text += pairs.indices.map { "{o\($0), c\($0)}" }.joined(separator: ", ") + "};\n"
    text += """
      static unsigned long state = 7;
      static double value(void) {
        state = state * 6364136223846793005ul + 1442695040888963407ul;
        return (double)(state >> 40) / 65536.0 - 90.0;
      }
      int main(void) {
        for (int k = 0; k < \(pairs.count); k++) {
          int differs = 0;
          for (int n = -1; n < 10; n++) for (int m = -1; m < 10; m++) {
            static double a[2][32][32], b[32][32], s[2][32];
            for (int i = 0; i < 32; i++) for (int j = 0; j < 32; j++) {
              a[0][i][j] = a[1][i][j] = value();
              b[i][j] = value();
              s[0][j] = s[1][j] = value();
            }
            for (int side = 0; side < 2; side++) calls[k][side](n, m, a[side], b, s[side]);
            differs |= memcmp(a[0], a[1], sizeof a[0]) || memcmp(s[0], s[1], sizeof s[0]);
          }
          if (differs) printf("%d\\n", k);
        }
        return 0;
      }

      """
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("ratchet-nests-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = folder.appendingPathComponent("nests.c")
    let program = folder.appendingPathComponent("nests")
    try text.write(to: source, atomically: true, encoding: .utf8)
    _ = try run(
      "/usr/bin/env", ["cc", "-O1", "-w", "-ffp-contract=off", "-o", program.path, source.path])
    return Set(try run(program.path, []).split(separator: "\n").compactMap { Int($0) })
  }

  private func run(_ path: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: data, as: UTF8.self)
  }

  @Test func noNestIsProvedThatDiffersWhenRun() async throws {
    let pairs = pairs()
    let different = try different(pairs)
    let answers = await JudgeFixture.concurrently(Array(pairs.enumerated())) {
      (index, pair) -> (Int, Evidence?) in
      (
        index,
        try? ParametricFixture.examine(
          signature: "void f\(NestGenerator.signature)", pair.original, pair.candidate,
          contraction: .off, operationLimit: 800_000)
      )
    }
    var (proved, missed) = (0, 0)
    var report = ""
    for (index, evidence) in answers {
      let evidence = try #require(evidence)
      let isProved = evidence.result == .passed
      let text = "\(pairs[index].original)\n  =>\n\(pairs[index].candidate)"
      if isProved {
        #expect(!different.contains(index), "seed \(Self.seed), pair \(index): \(text)")
        proved += 1
      } else if !different.contains(index) {
        missed += 1
        report += "\(pairs[index].transformation): \(evidence.detail)\n\(text)\n\n"
      }
    }
    if let directory = ProcessInfo.processInfo.environment["CORPUS_REPORT"] {
      try report.write(
        toFile: "\(directory)/parametric-nests.txt", atomically: true, encoding: .utf8)
    }
    #expect(different.count >= 20, "the generator makes too few wrong pairs: \(different.count)")
    #expect(proved >= 25, "\(proved) proved, \(missed) equal ones not")
  }
}
