import Foundation
import Sandboxing
import Testing

@testable import CandidateExecution

/// What is seen of a timed process beside its times.
@Suite(.serialized) struct TestimonyTests {
  private let place: HostileBench

  init() async throws { place = try await HostileBench.shared.value }

  private func words(
    _ text: String, without layers: SandboxLayers = [.seccomp, .resourceLimits]
  ) async throws -> String {
    let object = try await place.build(text, name: "testimony", mode: .time)
    let timing = try await place.time(object, without: layers)
    #expect(living(object.path).isEmpty)
    return timing.words
  }

  private func program(once: String, before: String = "") -> String {
    """
    #include <pthread.h>
    #include <stddef.h>
    #include <sys/mman.h>
    #include <unistd.h>
    \(before)
    void hostile(int n, const double *a, double *b) {
      static int calls;
      if (calls++ == 3) { \(once) }
      for (int i = 0; i < n; i++) b[i] = 2 * a[i] + 1;
    }
    """
  }

  @Test func theCodeThatRanIsRecorded() async throws {
    let honest = try await place.build(HostileBench.honest, name: "original", mode: .time)
    let other = try await place.build(
      "void hostile(int n, const double *a, double *b) { while (n-- > 0) b[n] = 2 * a[n] + 1; }",
      name: "other", mode: .time)
    let same = try #require(try await place.time(honest).code)
    let different = try #require(try await place.time(other).code)
    #expect(same.count == 2 && same[0] == same[1])
    #expect(different[0] == same[0])
    #expect(different[1].object != same[0].object)
    #expect(different[1].function != same[0].function)
    #expect((1..<4096).contains(try #require(same[0].functionBytes)))
  }

  @Test func theSandboxIsRecorded() async throws {
    let honest = try await place.build(HostileBench.honest, name: "original", mode: .time)
    #expect(try await place.time(honest).sandbox == place.layers.subtracting(.groups).names)
    let without = try await place.time(honest, without: .seccomp).sandbox
    #expect(without?.contains("seccomp") == false)
  }

  @Test func aThreadLeftBehindIsSeen() async throws {
    let text = program(
      once: "pthread_t thread; pthread_create(&thread, NULL, wait, NULL);",
      before: "static void *wait(void *nothing) { for (;;) pause(); return nothing; }")
    #expect(try await words(text) == "failed: left a thread behind")
  }

  @Test func aProcessLeftBehindIsSeen() async throws {
    let text = program(once: "if (fork() == 0) for (;;) pause();")
    #expect(try await words(text) == "failed: started a process")
  }

  @Test func aProcessWhoseParentIsGoneIsSeen() async throws {
    let text = program(
      once: "if (fork() == 0) { if (fork() == 0) for (;;) pause(); _exit(0); }")
    #expect(try await words(text) == "failed: started a process")
    #expect(
      try await words(text, without: [.seccomp, .resourceLimits, .processNamespace])
        == "failed: started a process")
  }

  @Test func codeThatWasChangedIsSeen() async throws {
    let text =
      program(once: "")
        + """

        __attribute__((constructor)) static void begin(void) {
          char *page = (char *)((unsigned long)hostile & ~4095ul);
          mprotect(page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
          ((volatile char *)page)[4095] ^= 1;
          mprotect(page, 4096, PROT_READ | PROT_EXEC);
        }
        """
    #expect(try await words(text) == "failed: does not run the code that was built")
  }

  @Test func anOriginalThatKeepsStateLetsACandidateDoSo() {
    func testimony(keepsState: Bool = false, overspent: Bool = false) -> Testimony {
      Testimony(
        processes: 0, keepsState: keepsState, overspent: overspent, code: [], isAsInFile: false,
        functionOffset: 0, functionBytes: 0)
    }
    let usage = Array(
      repeating: PairedTiming.Usage(cpuNanoseconds: 1, wallNanoseconds: 1, threads: 1), count: 2)
    let (plain, keeping) = (testimony(), testimony(keepsState: true))
    #expect(Testimony.problem([plain, plain], usage) == nil)
    #expect(Testimony.problem([keeping, keeping], usage) == nil)
    #expect(
      Testimony.problem([plain, keeping], usage)
        == .failed(.candidate, "keeps state between its calls"))
    #expect(
      Testimony.problem([testimony(overspent: true), plain], usage)
        == .failed(.original, "uses more processor time than there was"))
  }
}
