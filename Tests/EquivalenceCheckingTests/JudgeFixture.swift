import CandidateExecution
import ExperimentRecords
import Foundation
import KernelModel
import KernelParsing
import Sandboxing

@testable import EquivalenceChecking

/// The judge as tests use it: compiled objects are kept for the whole run.
enum JudgeFixture {
  static let parser = KernelParser()

  /// The machine's compilers, found once.
  static func environment(_ compiler: String? = nil) async throws -> JudgeEnvironment {
    guard compiler == nil else { return try await withGCC.value }
    return try await shared.value
  }

  private static let shared = Task {
    try await JudgeEnvironment.find(
      compiler: nil, harness: Harness(runner: try Runner()), scratch: try ScratchDirectory())
  }
  private static let withGCC = Task {
    try await JudgeEnvironment.find(
      compiler: "gcc", harness: Harness(runner: try Runner()), scratch: try ScratchDirectory())
  }

  static func verifier(
    _ test: CorpusCase, levels: Set<Level> = [.l0, .l1, .l2], switchedOff: Set<Defence> = []
  ) async throws -> Verifier {
    var environment = try await environment(test.compiler)
    environment.switchedOff = switchedOff
    return Verifier(
      original: try test.kernel(parser), environment: environment, parser: parser,
      seed: 42, levels: levels)
  }

  /// Runs `work` on every element, as many at a time as the machine has cores.
  static func concurrently<Element: Sendable, Result: Sendable>(
    _ elements: [Element], _ work: @escaping @Sendable (Element) async -> Result
  ) async -> [Result] {
    await withTaskGroup(of: (Int, Result).self) { group in
      var results: [Int: Result] = [:]
      var next = 0
      func start() {
        guard next < elements.count else { return }
        let (index, element) = (next, elements[next])
        group.addTask { (index, await work(element)) }
        next += 1
      }
      for _ in 0..<ProcessInfo.processInfo.activeProcessorCount { start() }
      while let (index, result) = await group.next() {
        results[index] = result
        start()
      }
      return elements.indices.compactMap { results[$0] }
    }
  }
}
