import ExperimentRecords
import Foundation
import KernelModel
import KernelParsing
import Testing

@testable import EquivalenceChecking

/// Every level is needed: without it a named wrong candidate is found by no other.
@Suite struct LevelTests {
  @Test(arguments: [
    ("volatile-added", Level.l0), ("search-reads-past-its-hit", Level.l1),
    ("last-element-dropped", Level.l2),
  ])
  func withoutTheLevelACaseSlipsThrough(_ name: String, _ level: Level) async throws {
    let test = try CorpusCase.named(name, in: "refuted")
    let whole = try await JudgeFixture.verifier(test).verify(test.candidate)
    #expect(whole.refutingLevel == level)
    let rest = Set([Level.l0, .l1, .l2]).subtracting([level])
    let partial = try await JudgeFixture.verifier(test, levels: rest).verify(test.candidate)
    #expect(partial.refutingLevel == nil)
    #expect(partial.verdict == .inconclusive, "a judge with a level left out gives no verdict")
  }

  @Test func screeningFindsPlainMistakesAndGivesNoVerdict() async throws {
    let wrong = try CorpusCase.named("last-element-dropped", in: "refuted")
    let refuted = try await JudgeFixture.verifier(wrong).verify(
      wrong.candidate, effort: .screening)
    #expect(refuted.verdict == .refuted)
    let right = try CorpusCase.named("interchange", in: "accepted")
    let passed = try await JudgeFixture.verifier(right).verify(right.candidate, effort: .screening)
    #expect(passed.verdict == .inconclusive)
    #expect(passed.levels.allSatisfy { $0.result == .passed })
  }

  @Test func aVerifierRemembersTheOriginalBetweenCandidates() async throws {
    let wrong = try CorpusCase.named("last-element-dropped", in: "refuted")
    let verifier = try await JudgeFixture.verifier(wrong)
    let original = Array(try Data(contentsOf: URL(fileURLWithPath: wrong.originalPath)))
    var verdicts: [Verdict] = []
    for text in [wrong.candidate, original, wrong.candidate] {
      verdicts.append(await verifier.verify(text).verdict)
    }
    #expect(verdicts == [.refuted, .proved, .refuted])
  }

  /// Points that one candidate brings along (sizes about its block) are examined again with another
  /// candidate's; a pointer stored in a record that overlaps the output must then be the same one.
  @Test func pointersInRecordsAreTheSameWhateverElseIsExamined() async throws {
    func text(block: Int) -> [UInt8] {
      Array(
        """
        struct image { int n; unsigned char *data; };
        /*@ requires \\valid(from->data + (0 .. from->n-1));
            requires \\valid(to + (0 .. from->n-1)); */
        void brighten(const struct image *from, unsigned char *to) {
          int i = 0;
          for (; i < from->n - from->n % \(block); i++) to[i] = from->data[i] + 1;
          for (; i < from->n; i++) to[i] = from->data[i] + 1;
        }
        """.utf8)
    }
    let build = BuildFlags(
      compiler: nil, arguments: ["-O2", "-std=gnu11"], directory: "/", database: nil)
    let file = try JudgeFixture.parser.parseText(text(block: 4), at: "/image.c", build: build)
    let verifier = Verifier(
      original: try #require(file.kernel(named: "brighten")),
      environment: try await JudgeFixture.environment(), parser: JudgeFixture.parser, seed: 1)
    for (block, effort) in [
      (8, Effort.screening), (16, .screening), (16, .full), (32, .screening), (8, .full),
      (32, .full), (64, .full),
    ] {
      let result = await verifier.verify(text(block: block), effort: effort)
      #expect(result.verdict != .refuted, "\(block) \(effort): \(result.reason ?? "")")
      #expect(effort == .screening || result.isAccepted, "\(result.reason ?? "")")
    }
  }

  @Test func fastMathLeavesTheExactModeUndecided() async throws {
    var test = try CorpusCase.named("interchange", in: "accepted")
    test.flags.append("-ffast-math")
    let result = try await JudgeFixture.verifier(test).verify(test.candidate)
    #expect(result.verdict == .inconclusive)
    #expect(result.reason?.contains("relaxed") == true)
  }

  @Test func twoJudgesWithOneSeedSayTheSame() async throws {
    let test = try CorpusCase.named("tail-of-unroll-dropped", in: "refuted")
    let first = try await JudgeFixture.verifier(test).verify(test.candidate)
    let second = try await JudgeFixture.verifier(test).verify(test.candidate)
    #expect(first.counterexample != nil)
    #expect(first.counterexample == second.counterexample)
  }
}
