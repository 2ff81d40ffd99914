import ExperimentRecords
import KernelModel
import Testing

@testable import EquivalenceChecking

/// Mode `relaxed`: errors against a run in higher precision.
@Suite struct RelaxedErrorTests {
  private func judge(
    _ signature: String, _ original: String, _ candidate: String, helpers: String = ""
  ) async throws -> VerificationResult {
    let head = "#include <math.h>\n#include <stdint.h>\n"
    let kernel = try BoundedFixture.kernel("\(head)\(signature) { \(original) }\n", "f")
    let verifier = Verifier(
      original: kernel, environment: try await JudgeFixture.environment(),
      parser: JudgeFixture.parser, floatingPoint: .relaxed, seed: 42)
    return await verifier.verify("\(head)\(helpers)\(signature) { \(candidate) }\n")
  }

  private static let dot =
    "double f(int n, const double x[restrict n], const double y[restrict n])"
  private static let ordered =
    "double s = 0; for (int i = 0; i < n; i++) s += x[i] * y[i]; return s;"

  @Test(arguments: [
    // Four accumulators.
    """
    double a = 0, b = 0, c = 0, d = 0; int i = 0;
    for (; i + 3 < n; i += 4) {
      a += x[i] * y[i]; b += x[i + 1] * y[i + 1]; c += x[i + 2] * y[i + 2]; d += x[i + 3] * y[i + 3];
    }
    double s = (a + b) + (c + d);
    for (; i < n; i++) s += x[i] * y[i];
    return s;
    """,
    // From the end.
    "double s = 0; for (int i = n - 1; i >= 0; i--) s += x[i] * y[i]; return s;",
    // More precise than the original.
    "double s = 0, r = 0; for (int i = 0; i < n; i++) { double p = x[i] * y[i] - r, t = s + p; r = (t - s) - p; s = t; } return s;",
  ])
  func anotherOrderIsAllowed(_ candidate: String) async throws {
    let result = try await judge(Self.dot, Self.ordered, candidate)
    #expect(result.verdict == .tested, "\(result.levels)")
    #expect(result.levels.last { $0.level == .l2 }?.detail.contains("greatest error") == true)
  }

  @Test(arguments: [
    // In half the precision.
    "float s = 0; for (int i = 0; i < n; i++) s += (float) (x[i] * y[i]); return s;",
    // One factor in half the precision.
    "double s = 0; for (int i = 0; i < n; i++) s += (float) x[i] * y[i]; return s;",
    // Off by a few hundred units: a test that compares with the original within 1024 would pass it.
    "double s = 0; for (int i = 0; i < n; i++) s += x[i] * y[i]; return s * (1 + 0x1p-45);",
  ])
  func lostPrecisionIsRefuted(_ candidate: String) async throws {
    let result = try await judge(Self.dot, Self.ordered, candidate)
    #expect(result.verdict == .refuted, "\(result.levels)")
    #expect(result.refutingLevel == .l2)
  }

  /// On data that cancel the two results have few bits in common, and neither is worse.
  @Test func cancellationIsNoFault() async throws {
    let result = try await judge(
      "double f(int n, const double x[restrict n])",
      "double s = 0; for (int i = 0; i < n; i++) s += x[i]; return s;",
      "double s = 0; for (int i = n - 1; i >= 0; i--) s += x[i]; return s;")
    #expect(result.verdict == .tested, "\(result.levels)")
  }

  /// The one-pass formula has the same values over the reals and loses what two passes keep.
  @Test func aFormulaThatCancelsIsRefuted() async throws {
    let result = try await judge(
      "double f(int n, const double x[restrict n])",
      """
      double m = 0, v = 0;
      for (int i = 0; i < n; i++) m += x[i];
      m /= n > 0 ? n : 1;
      for (int i = 0; i < n; i++) v += (x[i] - m) * (x[i] - m);
      return v;
      """,
      """
      double m = 0, v = 0;
      for (int i = 0; i < n; i++) { m += x[i]; v += x[i] * x[i]; }
      return n > 0 ? v - m * m / n : 0;
      """)
    #expect(result.verdict == .refuted, "\(result.levels)")
  }

  @Test func quotientsByReciprocalsAndRootsHaveTheirErrorsMeasured() async throws {
    let signature = "void f(int n, double x[restrict n], const double y[restrict n])"
    let original = "for (int i = 0; i < n; i++) x[i] = sqrt(fabs(x[i])) / (fabs(y[n - 1]) + 1);"
    let right =
      "if (n > 0) { double r = 1 / (fabs(y[n - 1]) + 1); for (int i = 0; i < n; i++) x[i] = sqrt(fabs(x[i])) * r; }"
    let wrong =
      "if (n > 0) { double r = 1.0f / (float) (fabs(y[n - 1]) + 1); for (int i = 0; i < n; i++) x[i] = sqrt(fabs(x[i])) * r; }"
    let passed = try await judge(signature, original, right)
    #expect(passed.verdict == .tested, "\(passed.levels)")
    let failed = try await judge(signature, original, wrong)
    #expect(failed.verdict == .refuted, "\(failed.levels)")
  }

  @Test func integersAndWhatDataSteerAreStillCompared() async throws {
    let signature = "int f(int n, const double x[restrict n], double out[restrict n])"
    let original =
      "int k = 0; for (int i = 0; i < n; i++) { out[i] = x[i] * 3; if (x[i] > 0.5) k++; } return k;"
    let wrong =
      "int k = 0; for (int i = 0; i < n; i++) { out[i] = x[i] * 3; if (x[i] >= 0.5) k++; } return k + (n > 5);"
    let passed = try await judge(signature, original, original)
    #expect(passed.verdict == .tested, "\(passed.levels)")
    let failed = try await judge(signature, original, wrong)
    #expect(failed.verdict == .refuted, "\(failed.levels)")
  }
}
