import ExperimentRecords
import Foundation
import KernelModel
import KernelParsing
import Testing

@testable import EquivalenceChecking

/// Kernels in the style of libraries: each passes against itself, or its contract says what is
/// missing.
@Suite struct TourTests {
  private static let root = URL(fileURLWithPath: CorpusCase.root)
    .deletingLastPathComponent().appendingPathComponent("kernels/tour").path

  private func kernels() throws -> [Kernel] {
    let files = FileManager.default.enumerator(atPath: Self.root)?.compactMap { $0 as? String }
    let build = BuildFlags(
      compiler: nil, arguments: ["-O3", "-march=native", "-std=gnu11", "-I", Self.root],
      directory: Self.root, database: nil)
    return try (files ?? []).filter { $0.hasSuffix(".c") }.sorted().flatMap { name in
      let path = "\(Self.root)/\(name)"
      let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
      return try JudgeFixture.parser.parseText(bytes, at: path, build: build).kernels
    }
  }

  /// Kernels of which no more than `tested` is required by default.
  static let dataSteers = [
    "add_saturated", "convolve_3x3", "csr_multiply", "csr_multiply_many", "edit_distance",
    "ell_multiply", "nearest_centre",
  ]

  @Test func everyKernelPassesAgainstItself() async throws {
    let kernels = try kernels().map(\.withInferredContract)
    let environment = try await JudgeFixture.environment()
    let results = await JudgeFixture.concurrently(kernels) { kernel in
      let verifier = Verifier(
        original: kernel, environment: environment, parser: JudgeFixture.parser, seed: 7)
      return await verifier.verify(kernel.source.bytes, effort: .full)
    }
    var lines: [String] = []
    var weaker: [String: String] = [:]
    for (kernel, result) in zip(kernels, results) {
      let reason = "\(kernel.function.name): \(result.verdict) \(result.reason ?? "")"
      lines.append(reason + " \(result.cost.wallSeconds)")
      #expect(result.verdict != .refuted, "\(reason)")
      if kernel.contract.unresolved.isEmpty {
        #expect(result.isAccepted, "\(reason)")
        if let why = result.requiredBecause { weaker[kernel.function.name] = why }
      }
    }
    if let directory = ProcessInfo.processInfo.environment["CORPUS_REPORT"] {
      try lines.joined(separator: "\n").write(
        toFile: "\(directory)/tour.txt", atomically: true, encoding: .utf8)
    }
    #expect(kernels.count >= 24)
    // Of the others control is static, and the interpreter can compare them with themselves.
    #expect(weaker.keys.sorted() == Self.dataSteers.sorted(), "\(weaker)")
  }
}
