import Foundation
import KernelModel
import Sandboxing
import Testing

@testable import CandidateExecution

/// Where a job gives threads, libraries of threads work, and nothing else does that did not before.
@Suite(.serialized) struct ThreadTests {
  private static let threads = "#include <pthread.h>\n#include <time.h>\n"

  /// Both threads add up; the result is 3.
  private static let pair = (
    before: threads + "static void *add(void *to) { *(int *)to += 1; return to; }\n",
    body: """
      pthread_t thread;
      int one = 1, two = 0;
      if (pthread_create(&thread, 0, add, &one) != 0) return -1;
      add(&two);
      pthread_join(thread, 0);
      return one + two;
    """
  )

  @Test func aThreadRunsWhereTwoMay() async throws {
    let bench = try await Workbench()
    let object = try await bench.hostile(Self.pair.body, before: Self.pair.before)
    #expect(
      try await bench.outcome(of: object, threads: 2).returned?.result == bytes(Int32(3)))
  }

  @Test func aThreadIsForbiddenWhereOneMay() async throws {
    let bench = try await Workbench()
    let object = try await bench.hostile(Self.pair.body, before: Self.pair.before)
    guard case .forbiddenCall = try await bench.outcome(of: object) else {
      Issue.record("a thread was started")
      return
    }
  }

  @Test(arguments: [1, 2]) func aProcessIsForbiddenInEitherCase(threads: Int) async throws {
    let bench = try await Workbench()
    let object = try await bench.hostile("fork();", before: "#include <unistd.h>")
    #expect(try await bench.outcome(of: object, threads: threads) == .forbiddenCall(SYS.clone))
  }

  @Test func aThreadThatOutlivesTheLimitIsKilled() async throws {
    let bench = try await Workbench()
    let object = try await bench.hostile(
      "pthread_t thread; pthread_create(&thread, 0, spin, 0); pthread_join(thread, 0);",
      before: Self.threads + "static void *spin(void *x) { for (;;) __asm__ volatile(\"\"); }")
    #expect(try await bench.outcome(of: object, threads: 2) == .timedOut)
    #expect(living(object.path).isEmpty, "a process is left")
  }

  /// No thread alone uses the three seconds that both use together.
  @Test func processorTimeOfAllThreadsIsLimited() async throws {
    let bench = try await Workbench()
    let object = try await bench.hostile(
      """
        pthread_t thread;
        pthread_create(&thread, 0, work, 0);
        work(0);
        pthread_join(thread, 0);
        return 7;
      """,
      before: Self.threads + """
        static void *work(void *x) {
          struct timespec used;
          do clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
          while (used.tv_sec * 10 + used.tv_nsec / 100000000 < 18);
          return x;
        }
        """)
    let call = Duration.seconds(60)
    let enough = try await bench.outcome(
      of: object, call: call, processor: .seconds(8), threads: 2)
    #expect(enough.returned?.result == bytes(Int32(7)))
    let outcome = try await bench.outcome(
      of: object, call: call, processor: .seconds(3), threads: 2)
    #expect(outcome == .killed(signal: Int(SIGKILL)))
  }

  @Test func bothSidesTellTheProcessorTimeOfAllThreads() async throws {
    guard let bench = try? await Workbench("gcc") else { return }
    let flags = ["-O2", "-fopenmp"]
    let text = """
      void scale(int n, const double *restrict a, double *restrict b) {
        PRAGMA
        for (int i = 0; i < n; i++) { double x = a[i]; for (int k = 0; k < 200; k++) x = x * 0.5 + 1; b[i] = x; }
      }
      """
    let kernel = try bench.kernel(
      text.replacing("PRAGMA", with: ""), flags: flags, extents: ["a": "n", "b": "n"])
    let original = try await bench.driver.build(CompilationUnit(kernel))
    let parallel = try await bench.driver.build(
      CompilationUnit(
        bytes: Array(
          text.replacing("PRAGMA", with: "#pragma omp parallel for schedule(static)").utf8),
        sourcePath: kernel.source.path, build: kernel.build,
        trampoline: try Trampoline(kernel.function)))
    let image = try MemoryImage.ofScale(count: 20000)
    let timing = try await bench.harness.timePair(
      original: original, candidate: parallel, images: [image],
      options: TimingOptions(
        seed: 3, duration: .milliseconds(200), limits: Limits(wall: .seconds(60), threads: 2)))
    #expect(timing.verdict == .agreed)
    #expect(timing.usage.map(\.threads) == [1, 2])
    let processor = try #require(PairedStatistics([timing]).processor)
    // What two threads do in about half the time costs about as much.
    let ratio = processor.candidate / processor.original
    #expect(ratio > 0.7 && ratio < 2, "\(processor)")
    let alone = try await bench.harness.timePair(
      original: original, candidate: original, images: [image],
      options: TimingOptions(seed: 3, duration: .milliseconds(50)))
    #expect(alone.verdict == .agreed)
    #expect(PairedStatistics([alone]).processor == nil)
  }
}

extension MemoryImage {
  /// A call of `scale(count, a, b)`.
  fileprivate static func ofScale(count: Int) throws -> MemoryImage {
    let input = (0..<count).map { Double($0 % 101) }
    return MemoryImage(
      regions: [
        .init(name: "a", contents: bytes(input), isWritable: false),
        .init(name: "b", contents: Array(repeating: 0, count: count * 8)),
      ],
      arguments: [bytes(Int32(count)), bytes([UInt64(0)]), bytes([UInt64(0)])],
      patches: [.init(at: .argument(1), to: 0), .init(at: .argument(2), to: 1)])
  }
}
