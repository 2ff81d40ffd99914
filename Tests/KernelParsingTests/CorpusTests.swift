import Foundation
import KernelModel
import KernelParsing
import Testing

/// Reads every C file below a directory and checks the round trip of every kernel.
@Suite struct CorpusTests {
  /// Run by hand over real C: `RATCHET_CORPUS=/path swift test --filter CorpusTests`.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["RATCHET_CORPUS"] != nil))
  func roundTripOfRealC() throws {
    let environment = ProcessInfo.processInfo.environment
    let root = try #require(environment["RATCHET_CORPUS"])
    let flags = environment["RATCHET_CORPUS_FLAGS"]?.split(separator: " ").map(String.init)
    let compiler = environment["RATCHET_CORPUS_CC"].flatMap { $0.isEmpty ? nil : $0 }
    let parser = KernelParser(.init(compiler: compiler, flags: flags, wallLimit: 30))
    var kernels = 0
    var reasons: [String: Int] = [:]
    var rejected = 0
    for found in try SourceDiscovery().files(in: [root]) {
      let file: ParsedFile
      do {
        file = try parser.parse(found.file, root: found.root)
      } catch {
        rejected += 1
        print("REJECTED \(error)")
        continue
      }
      for kernel in file.kernels {
        kernels += 1
        if let complaint = RoundTrip.complaint(kernel, parser) {
          Issue.record("\(found.file): \(kernel.function.name): \(complaint)")
        }
      }
      for skipped in file.skipped {
        reasons[skipped.reason, default: 0] += 1
        print("SKIPPED \(found.file):\(skipped.line): \(skipped.name): \(skipped.reason)")
      }
    }
    print("KERNELS \(kernels) REJECTED \(rejected) SKIPPED \(reasons.values.reduce(0, +))")
    for (reason, count) in reasons.sorted(by: { $0.value > $1.value }) {
      print("\(count) \(reason)")
    }
  }
}
