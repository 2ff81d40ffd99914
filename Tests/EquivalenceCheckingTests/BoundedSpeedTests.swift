import Foundation
import KernelModel
import Testing

@testable import EquivalenceChecking

/// The interpreter at a size that a person would call real: a matrix product of 13 × 129 × 1025.
@Suite struct BoundedSpeedTests {
  private static let signature =
    "void f(int n, int m, int k, float c[restrict n][m], const float a[restrict n][k], "
    + "const float b[restrict k][m])"
  private static let original = """
    \(signature) {
      for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++)
          for (int p = 0; p < k; p++) c[i][j] += a[i][p] * b[p][j];
    }
    """
  private static let candidate = """
    \(signature) {
      for (int i = 0; i < n; i++)
        for (int p = 0; p < k; p++)
          for (int j = 0; j < m; j++) c[i][j] += b[p][j] * a[i][p];
    }
    """

  @Test func aMatrixProductHasTheSameOperations() throws {
    let kernel = try BoundedFixture.kernel(Self.original, "f")
    let shape = try InputShape(kernel)
    let callees = CalleeNumbers()
    func program(_ text: String) throws -> BytecodeProgram {
      let unit = try InterpretedUnit(Array(text.utf8), like: kernel, parser: JudgeFixture.parser)
      return try BytecodeCompiler.compile(
        "f", of: unit, fuses: true, globals: [:], callees: callees)
    }
    let comparison = SymbolicComparison(
      shape: shape, original: try program(Self.original),
      candidate: try program(Self.candidate), callees: callees, wraps: false,
      solver: SymbolicSolver(), limits: .init(steps: 100_000_000))
    var sizes: [ObjectPath: Int] = [:]
    for (parameter, size) in zip(kernel.function.parameters, [13, 129, 1025]) {
      sizes[ObjectPath(parameter)] = size
    }
    let point = CallPoint(sizes: sizes, valueClass: .ordinary, placement: .flushEnd, seed: 1)
    let input = try #require(ImageBuilder.input(point, of: shape))
    var work = SymbolicComparison.Work()
    let start = ContinuousClock.now
    let answer = comparison.compare(on: input, &work)
    let passed = start.duration(to: .now).components
    let seconds = Double(passed.seconds) + Double(passed.attoseconds) * 1e-18
    guard case .same = answer else {
      Issue.record("\(answer)")
      return
    }
    if let directory = ProcessInfo.processInfo.environment["CORPUS_REPORT"] {
      let text = "\(seconds) s, \(work.steps) steps, \(work.operations) symbolic operations\n"
      try text.write(toFile: "\(directory)/speed.txt", atomically: true, encoding: .utf8)
    }
  }
}
