import ExperimentRecords
import Foundation
import KernelModel
import Testing

@testable import EquivalenceChecking

/// L3 behind L0 to L2: what the whole judge says when `bounded` is asked for.
@Suite struct BoundedVerdictTests {
  @Test func aRightCandidateIsBounded() async throws {
    let test = try CorpusCase.named("tiled-with-remainders", in: "accepted")
    let result = try await JudgeFixture.verifier(test).verify(
      test.candidate, requirement: .bounded)
    #expect(result.verdict == .bounded, "\(result.reason ?? "")")
    #expect(result.isAccepted)
    #expect(result.levels.map(\.level) == [.l0, .l1, .l1, .l2, .l2, .l3])
    #expect(result.assumptions.contains { $0.contains("IEEE") })
  }

  @Test func searchesAreBoundedByTheirPaths() async throws {
    let test = try CorpusCase.named("search-unrolled", in: "accepted")
    let result = try await JudgeFixture.verifier(test).verify(
      test.candidate, requirement: .bounded)
    #expect(result.verdict == .bounded, "\(result.reason ?? "")")
    #expect(result.levels.last?.detail.contains("paths that contents can take") == true)
  }

  @Test func whatIsNotDecidedStaysTestedWithItsCoverage() async throws {
    let test = try CorpusCase.named("memcmp-of-the-original-kept", in: "accepted")
    let result = try await JudgeFixture.verifier(test).verify(
      test.candidate, requirement: .bounded)
    #expect(result.verdict == .tested)
    #expect(!result.isAccepted)
    #expect(result.reason?.contains("not interpreted") == true)
  }

  @Test func whoAsksForTestedGetsNoMore() async throws {
    let test = try CorpusCase.named("interchange", in: "accepted")
    let result = try await JudgeFixture.verifier(test).verify(
      test.candidate, requirement: .tested)
    #expect(result.verdict == .tested)
    #expect(result.levels.map(\.level) == [.l0, .l1, .l1, .l2, .l2])
  }

  @Test func boundedIsTheDefaultWhereControlIsStatic() async throws {
    let test = try CorpusCase.named("interchange", in: "accepted")
    let result = try await JudgeFixture.verifier(test).verify(test.candidate)
    #expect(result.verdict == .proved)
    #expect(result.levels.map(\.level) == [.l0, .l1, .l1, .l2, .l2, .l3, .l7])
    #expect(result.required == .bounded)
    #expect(result.requiredBecause == nil)
    for evidence in result.levels { #expect(evidence.seconds > 0, "\(evidence.level)") }
  }

  @Test func testedIsTheDefaultWhereDataSteer() async throws {
    let test = try CorpusCase.named("search-unrolled", in: "accepted")
    let result = try await JudgeFixture.verifier(test).verify(test.candidate)
    #expect(result.required == .tested)
    #expect(result.isAccepted)
    #expect(result.requiredBecause?.contains("depends on data") == true)
  }

  /// Nothing can be `bounded` where even the original against itself is not.
  @Test func testedIsTheDefaultWhereTheOriginalCannotBeCompared() async throws {
    let body = "for (int i = 0; i < n; i++) s += a[i] * b[i]; return s;"
    let original = """
      double f(int n, const double a[restrict n], const double b[restrict n]) {
        double s = 0;
        \(body)
      }
      """
    let kernel = try BoundedFixture.kernel(original, "f", flags: ["-ffp-contract=fast"])
    let verifier = Verifier(
      original: kernel, environment: try await JudgeFixture.environment(),
      parser: JudgeFixture.parser, seed: 42)
    let result = await verifier.verify(
      original.replacingOccurrences(
        of: "for (int i = 0; i < n; i++)", with: "for (int i = 0; n > i; i++)"))
    #expect(result.verdict == .tested)
    #expect(result.required == .tested)
    #expect(result.isAccepted)
    #expect(result.requiredBecause?.contains("even with itself") == true)
  }

  /// A candidate that the interpreter cannot follow is not accepted where the original can be.
  @Test func aCandidateCannotLowerTheDefault() async throws {
    let original = """
      void f(int n, int a[restrict n]) {
        for (int i = 0; i < n; i++) a[i] = 3 * a[i] + i;
      }
      """
    let verifier = Verifier(
      original: try BoundedFixture.kernel(original, "f"),
      environment: try await JudgeFixture.environment(), parser: JudgeFixture.parser, seed: 42)
    let result = await verifier.verify(
      original.replacingOccurrences(
        of: "a[i] = 3 * a[i] + i;",
        with: "{ __int128 wide = 3 * a[i]; a[i] = (int) wide + i; }"))
    #expect(result.verdict == .tested, "\(result.reason ?? "")")
    #expect(result.required == .bounded)
    #expect(!result.isAccepted)
  }

  private func judge(_ original: String, _ candidate: String) async throws -> VerificationResult {
    let verifier = Verifier(
      original: try BoundedFixture.kernel(original, "f"),
      environment: try await JudgeFixture.environment(), parser: JudgeFixture.parser, seed: 42)
    return await verifier.verify(candidate, requirement: .bounded)
  }

  /// Contents that no input of L2 has, and that the solver finds.
  @Test func contentsThatTheSolverFindsRefute() async throws {
    let head = "void f(int n, int *restrict y, const int *restrict x) {"
    let result = try await judge(
      "\(head) for (int i = 0; i < n; i++) y[i] = x[i] ^ 3; }",
      "\(head) for (int i = 0; i < n; i++) y[i] = x[i] * 2654435761u == 12345u ? 0 : x[i] ^ 3; }")
    #expect(result.verdict == .refuted, "\(result.reason ?? "")")
    #expect(result.refutingLevel == .l3)
    #expect(result.counterexample?.inputs.contains("contents chosen: x[0] = 0x") == true)
    #expect(result.counterexample?.cell == "y[0]")
  }

  /// A path that no input of L2 takes.
  @Test func pathsThatNoInputTakesAreCompared() async throws {
    let head = "int f(int n, const unsigned *x) {"
    let result = try await judge(
      "\(head) for (int i = 0; i < n; i++) if (x[i] == 77) return i; return n < 0 ? 0 : n; }",
      """
      \(head) for (int i = 0; i < n; i++) {
        if (x[i] == 77) return i;
        if (i > 1 && x[i - 1] * 2654435761u == 12345u) return -1; }
      return n < 0 ? 0 : n; }
      """)
    #expect(result.verdict == .refuted, "\(result.reason ?? "")")
    #expect(result.refutingLevel == .l3)
  }

  /// Floating operations have any value in the solver's eyes: a difference there refutes nothing.
  @Test func aDifferenceThatNoRunShowsRefutesNothing() async throws {
    let head = "void f(int n, double *restrict y, const double *restrict x) {"
    let result = try await judge(
      "\(head) for (int i = 0; i < n; i++) y[i] = x[i] * x[i] + 1.0; }",
      "\(head) for (int i = 0; i < n; i++) y[i] = x[i] * x[i] == -1.0 ? 7.0 : x[i] * x[i] + 1.0; }")
    #expect(result.verdict == .tested, "\(result.reason ?? "")")
    #expect(result.levels.last?.result == .inconclusive)
    #expect(result.levels.last?.detail.contains("y[0] is") == true)
  }

  /// Wrong at one size for contents that L2 did not try there; L3 says where to look.
  @Test func aDifferenceThatARunShowsRefutes() async throws {
    let head = "void f(int n, float *restrict y, const float *restrict x) {"
    let result = try await judge(
      "\(head) for (int i = 0; i < n; i++) y[i] = x[i] * 2.5f; }",
      """
      \(head) for (int i = 0; i < n; i++)
        y[i] = n == 13 && i == 5 && x[i] != x[i] ? 0.0f : x[i] * 2.5f; }
      """)
    #expect(result.verdict == .refuted, "\(result.reason ?? "")")
    #expect(result.refutingLevel == .l3)
    #expect(result.counterexample?.cell == "y[5]")
  }
}
