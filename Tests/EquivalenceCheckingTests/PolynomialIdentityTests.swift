import ExperimentRecords
import JudgeKernels
import KernelModel
import Testing

@testable import EquivalenceChecking

/// L4: the same function over the reals passes however it is associated, another one does not.
@Suite struct PolynomialIdentityTests {
  enum Expected: Sendable { case same, different, uncovered }

  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var signature: String
    var original: String
    var candidate: String
    var expected: Expected
    var testDescription: String { name }
  }

  private static let dot = "double f(int n, const double *restrict a, const double *restrict b)"
  private static let sum = "double s = 0; for (int i = 0; i < n; i++) s += a[i] * b[i]; return s;"
  private static let map = "void f(int n, const double *restrict a, double *restrict c)"
  private static let product =
    "void f(int n, int m, int k, float c[restrict n][m], const float a[restrict n][k], "
    + "const float b[restrict k][m])"
  private static let rows =
    "for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) for (int p = 0; p < k; p++)"
    + " c[i][j] += a[i][p] * b[p][j];"

  private static func dot(_ name: String, _ candidate: String, _ expected: Expected) -> Case {
    Case(name: name, signature: dot, original: sum, candidate: candidate, expected: expected)
  }
  private static func map(
    _ name: String, _ original: String, _ candidate: String, _ expected: Expected
  ) -> Case {
    func loop(_ body: String) -> String { "for (int i = 0; i < n; i++) { \(body) }" }
    return Case(
      name: name, signature: map, original: loop(original), candidate: loop(candidate),
      expected: expected)
  }

  private static let halves =
    "double s = 0, t = 0; int i = 0; for (; i + 1 < n; i += 2) { s += a[i] * b[i];"
    + " t += a[i + 1] * b[i + 1]; }"

  private static let flipped =
    "for (int i = 0; i < n; i++) { union bits x; x.d = a[i]; x.u ^= 1; c[i] = x.d; }"

  static let cases: [Case] = [
    dot("a sum in two parts", "\(halves) if (i < n) s += a[i] * b[i]; return s + t;", .same),
    dot(
      "a sum from the end",
      "double s = 0; for (int i = n - 1; i >= 0; i--) s = __builtin_fma(a[i], b[i], s); return s;",
      .same),
    dot("a term dropped", "\(halves) return s + t;", .different),
    dot("a part subtracted", "\(halves) if (i < n) s += a[i] * b[i]; return s - t;", .different),
    dot(
      "a start that is not zero",
      "double s = 1e-9; for (int i = 0; i < n; i++) s += a[i] * b[i]; return s;", .different),
    map("a coefficient in another place", "c[i] = 3 * a[i] + 3;", "c[i] = (a[i] + 1) * 3;", .same),
    map("a wrong coefficient", "c[i] = 3 * a[i] + 3;", "c[i] = (a[i] + 2) * 3;", .different),
    map("a subtraction swapped", "c[i] = a[i] - 1;", "c[i] = 1 - a[i];", .different),
    map(
      "a power by squaring", "c[i] = a[i]*a[i]*a[i]*a[i];",
      "double q = a[i]*a[i]; c[i] = q*q;", .same),
    map(
      "a common denominator", "c[i] = 1 / (a[i] + 1) + 1 / (a[i] - 1);",
      "c[i] = 2 * a[i] / (a[i] * a[i] - 1);", .same),
    map("a product with the inverse", "c[i] = a[i] / 3;", "c[i] = a[i] * (1.0 / 3);", .same),
    map(
      "an inverse that was rounded", "c[i] = a[i] / 3;", "c[i] = a[i] * 0.3333333333333333;",
      .different),
    map(
      "a root of one argument", "c[i] = __builtin_sqrt(a[i] * 2 + a[i]);",
      "c[i] = __builtin_sqrt(a[i] * 3);", .same),
    map(
      "a root of another argument", "c[i] = __builtin_sqrt(a[i] * 3);",
      "c[i] = __builtin_sqrt(a[i] * 4);", .different),
    map(
      "two functions", "c[i] = __builtin_floor(a[i]);", "c[i] = __builtin_ceil(a[i]);",
      .different),
    map(
      "a comparison of data", "c[i] = a[i] > 0 ? a[i] : 0;", "c[i] = a[i] > 0 ? a[i] : 0;",
      .uncovered),
    map("a number rounded to an integer", "c[i] = (int)a[i];", "c[i] = (int)a[i];", .uncovered),
    map("a magnitude", "c[i] = __builtin_fabs(a[i]);", "c[i] = __builtin_fabs(a[i]);", .uncovered),
    Case(
      name: "the bits of a number",
      signature: "union bits { double d; unsigned long u; };\n\(map)", original: Self.flipped,
      candidate: Self.flipped, expected: .uncovered),
    Case(
      name: "a matrix product by columns", signature: product, original: rows,
      candidate: "for (int j = 0; j < m; j++) for (int i = 0; i < n; i++) { float s = 0;"
        + " for (int p = k - 1; p >= 0; p--) s += b[p][j] * a[i][p]; c[i][j] += s; }",
      expected: .same),
    Case(
      name: "a matrix product that forgets what was there", signature: product, original: rows,
      candidate: "for (int j = 0; j < m; j++) for (int i = 0; i < n; i++) { float s = 0;"
        + " for (int p = k - 1; p >= 0; p--) s += b[p][j] * a[i][p]; c[i][j] = s; }",
      expected: .different),
    Case(
      name: "a matrix product without its last step in long rows", signature: product,
      original: rows,
      candidate: "for (int i = 0; i < n; i++) for (int j = 0; j < m; j++)"
        + " for (int p = 0; p < (k > 100 ? k - 1 : k); p++) c[i][j] += a[i][p] * b[p][j];",
      expected: .different),
  ]

  @Test(arguments: cases) func functionsAreComparedOverTheReals(_ test: Case) throws {
    let answer = try Self.examine(test.signature, test.original, test.candidate)
    let detail = answer.evidence.detail
    switch test.expected {
    case .same:
      #expect(answer.evidence.result == .passed, "\(detail)")
      #expect(detail.contains("error <="))
    case .different:
      #expect(answer.differs && answer.evidence.result == .inconclusive, "\(detail)")
    case .uncovered:
      #expect(!answer.differs && answer.evidence.result == .inconclusive, "\(detail)")
    }
  }

  /// A one-dimensional kernel is looked at far beyond the sizes of the other levels.
  @Test func theSizeIsAsLargeAsTheBudgetLets() throws {
    let answer = try Self.examine(Self.dot, Self.sum, Self.sum)
    #expect((answer.evidence.sizes.first?["n"] ?? 0) >= 1 << 18, "\(answer.evidence.detail)")
    #expect(answer.evidence.detail.contains("degree <= 2"), "\(answer.evidence.detail)")
  }

  /// A power tower passes every bound of degrees: a test says nothing.
  @Test func aDegreeTooHighSaysNothing() throws {
    let body =
      "for (int i = 0; i < n; i++) { double x = a[i]; for (int k = 0; k < 40; k++) x = x * x;"
      + " c[i] = x; }"
    let answer = try Self.examine(Self.map, body, body)
    #expect(answer.evidence.result == .inconclusive, "\(answer.evidence.detail)")
  }

  private static func examine(_ signature: String, _ original: String, _ candidate: String) throws
    -> PolynomialIdentity.Answer
  {
    let kernel = try BoundedFixture.kernel("\(signature) { \(original) }\n", "f")
    let identity = PolynomialIdentity(
      kernel: kernel, shape: try InputShape(kernel), parser: JudgeFixture.parser, seed: 7)
    return identity.examine(Array("\(signature) { \(candidate) }\n".utf8))
  }
}
