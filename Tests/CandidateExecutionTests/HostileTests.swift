import Foundation
import Testing

@testable import CandidateExecution

/// Each program ends in time, with the outcome that says what it did, and leaves nothing behind.
@Suite(.serialized) struct HostileTests {
  @Test func anEndlessLoopTimesOut() async throws {
    let bench = try await Workbench()
    let object = try await bench.hostile("volatile int x = 1; while (x) {}")
    let started = ContinuousClock.now
    #expect(try await bench.outcome(of: object) == .timedOut)
    #expect(ContinuousClock.now - started < .seconds(300))
  }

  @Test func aFaultTellsItsAddress() async throws {
    let bench = try await Workbench()
    let object = try await bench.hostile("*(volatile int *)16 = 1;")
    guard case .fault(let fault) = try await bench.outcome(of: object) else {
      Issue.record("no fault")
      return
    }
    #expect(fault.signal == Int(SIGSEGV))
    #expect(fault.address == 16)
  }

  @Test func anOverflowingStackIsAFault() async throws {
    let bench = try await Workbench()
    let object = try await bench.hostile(
      "return deep(1);",
      before: "__attribute__((noinline)) int deep(int n) { volatile char b[4096]; b[0] = n; "
        + "return n ? deep(n + 1) + b[0] : 0; }")
    guard case .fault(let fault) = try await bench.outcome(of: object) else {
      Issue.record("no fault")
      return
    }
    #expect(fault.signal == Int(SIGSEGV))
  }

  @Test func divisionByZeroIsAFault() async throws {
    let bench = try await Workbench()
    let object = try await bench.hostile("volatile int zero = 0, one = 7; return one / zero;")
    guard case .fault(let fault) = try await bench.outcome(of: object) else {
      Issue.record("no fault")
      return
    }
    #expect(fault.signal == Int(SIGFPE))
  }

  @Test func leavingByExitIsNoReturn() async throws {
    let bench = try await Workbench()
    let object = try await bench.hostile("exit(0);", before: "#include <stdlib.h>")
    #expect(try await bench.outcome(of: object) == .exited(status: 0))
  }

  @Test(arguments: [
    ("fork();", SYS.clone), ("vfork();", SYS.vfork), ("raise(SIGSTOP);", SYS.unknown),
    ("kill(getppid(), SIGKILL);", SYS.unknown), ("write(1, \"x\", 1);", SYS.write),
    ("open(\"/etc/passwd\", 0);", SYS.openat), ("socket(2, 1, 0);", SYS.socket),
    ("ptrace(0, 0, 0, 0);", SYS.ptrace), ("setsid();", SYS.setsid), ("alarm(1);", SYS.alarm),
    ("mkdir(\"/tmp/x\", 0700);", SYS.mkdir),
    ("char *a[] = {\"sh\", 0}; execv(\"/bin/sh\", a);", SYS.execve),
    ("mmap(0, 4096, 7, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);", SYS.mmap),
    ("signal(SIGSEGV, SIG_IGN);", SYS.rtSigaction), ("usleep(1);", SYS.clockNanosleep),
    (
      "pthread_t t; pthread_create(&t, 0, (void *(*)(void *))getpid, 0);",
      SYS.unknown
    ),
  ])
  func whatNoKernelNeedsIsForbidden(body: String, number: Int) async throws {
    let headers = [
      "unistd.h", "signal.h", "fcntl.h", "sys/socket.h", "sys/ptrace.h", "sys/stat.h",
      "sys/mman.h", "pthread.h",
    ]
    let bench = try await Workbench()
    let object = try await bench.hostile(
      body, before: headers.map { "#include <\($0)>" }.joined(separator: "\n"))
    guard case .forbiddenCall(let found) = try await bench.outcome(of: object) else {
      Issue.record("\(body) was allowed")
      return
    }
    if number != SYS.unknown { #expect(found == number) }
  }

  @Test func aConstructorIsHeldBack() async throws {
    let bench = try await Workbench()
    let object = try await bench.hostile(
      "", before: "#include <unistd.h>\n__attribute__((constructor)) void c(void) { fork(); }")
    guard case .forbiddenCall = try await bench.outcome(of: object) else {
      Issue.record("the constructor ran")
      return
    }
  }

  @Test func memoryIsLimited() async throws {
    let bench = try await Workbench()
    let object = try await bench.hostile(
      "for (int i = 0; i < 64; i++) if (!(kept = malloc(1 << 24))) return 7; return 8;",
      before: "#include <stdlib.h>\nvoid *volatile kept;")
    let outcome = try await bench.outcome(of: object, memory: 1 << 28)
    #expect(outcome.returned?.result == bytes(Int32(7)))
  }

  @Test func ordinaryMemoryIsThere() async throws {
    let bench = try await Workbench()
    let object = try await bench.hostile(
      "char *p = aligned_alloc(64, 1 << 22); memset(p, 1, 1 << 22); int x = p[77]; free(p);"
        + " p = malloc(99); p[3] = x; x += p[3]; free(p); return x;",
      before: "#include <stdlib.h>\n#include <string.h>")
    #expect(try await bench.outcome(of: object).returned?.result == bytes(Int32(2)))
  }

  @Test func aCallOfAMissingFunctionDoesNotReturn() async throws {
    let bench = try await Workbench()
    let object = try await bench.hostile("extern int nowhere(void); return nowhere();")
    #expect(try await bench.outcome(of: object).returned == nil)
  }

  @Test func aMissingFunctionThatIsNotCalledDoesNoHarm() async throws {
    let bench = try await Workbench()
    let object = try await bench.hostile(
      "return 3;", before: "extern int nowhere(void); int elsewhere(void) { return nowhere(); }")
    #expect(try await bench.outcome(of: object).returned?.result == bytes(Int32(3)))
  }

  @Test func aMissingObjectIsNotLoaded() async throws {
    let bench = try await Workbench()
    let object = try await bench.hostile("extern int nowhere; return nowhere;")
    guard case .notLoaded(let message) = try await bench.outcome(of: object) else {
      Issue.record("loaded")
      return
    }
    #expect(message.contains("nowhere"))
  }

  @Test func theJobEndsAtItsWallLimit() async throws {
    let bench = try await Workbench()
    let object = try await bench.hostile("volatile int x = 1; while (x) {}")
    var options = ExaminationOptions()
    options.limits.wall = .milliseconds(500)
    options.limits.call = .milliseconds(300)
    let started = ContinuousClock.now
    let images = Array(repeating: MemoryImage(resultSize: 4), count: 50)
    let outcomes = try await bench.harness.examine(object, images: images, options: options)
    #expect(ContinuousClock.now - started < .seconds(300))
    #expect(outcomes[0] == .timedOut)
    #expect(outcomes[49] == .outOfTime)
  }

  @Test func cancellationEndsAJob() async throws {
    let bench = try await Workbench()
    let object = try await bench.hostile("volatile int x = 1; while (x) {}")
    let task = Task { try await bench.outcome(of: object, call: .seconds(9)) }
    try await Task.sleep(for: .milliseconds(200))
    let started = ContinuousClock.now
    task.cancel()
    await #expect(throws: HarnessError.runner(.cancelled)) { try await task.value }
    #expect(ContinuousClock.now - started < .seconds(300))
  }
}

/// Numbers of system calls on this machine; 0 where it is none's business.
enum SYS {
  static let unknown = -1
  #if arch(x86_64)
    static let write = 1, mmap = 9, rtSigaction = 13, socket = 41, clone = 56, vfork = 58
    static let execve = 59, mkdir = 83, ptrace = 101, setsid = 112, alarm = 37, openat = 257
    static let clockNanosleep = 230
  #else
    static let write = -1, mmap = -1, rtSigaction = -1, socket = -1, clone = -1, vfork = -1
    static let execve = -1, mkdir = -1, ptrace = -1, setsid = -1, alarm = -1, openat = -1
    static let clockNanosleep = -1
  #endif
}
