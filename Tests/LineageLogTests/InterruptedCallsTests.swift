import Foundation
import LineageLog
import SystemPackage
import Testing

/// System calls that a signal interrupts, one after the other: a library in front of the system's answers every
/// second call with EINTR.
@Suite struct InterruptedCallsTests {
  private static let library = """
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <errno.h>
    #include <stdarg.h>
    #include <stdatomic.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/types.h>
    static atomic_uint calls, answered;
    static int interrupted(void) {
      if (atomic_fetch_add(&calls, 1) % 2) return 0;
      atomic_fetch_add(&answered, 1);
      errno = EINTR;
      return 1;
    }
    #define REAL(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))
    ssize_t write(int f, const void *p, size_t n) {
      return interrupted() ? -1 : REAL(ssize_t, "write", int, const void *, size_t)(f, p, n);
    }
    ssize_t pread(int f, void *p, size_t n, off_t o) {
      return interrupted() ? -1 : REAL(ssize_t, "pread", int, void *, size_t, off_t)(f, p, n, o);
    }
    int fsync(int f) { return interrupted() ? -1 : REAL(int, "fsync", int)(f); }
    int flock(int f, int o) { return interrupted() ? -1 : REAL(int, "flock", int, int)(f, o); }
    int ftruncate(int f, off_t n) { return interrupted() ? -1 : REAL(int, "ftruncate", int, off_t)(f, n); }
    int rename(const char *a, const char *b) {
      return interrupted() ? -1 : REAL(int, "rename", const char *, const char *)(a, b);
    }
    int mkdir(const char *a, mode_t m) {
      return interrupted() ? -1 : REAL(int, "mkdir", const char *, mode_t)(a, m);
    }
    int unlink(const char *a) { return interrupted() ? -1 : REAL(int, "unlink", const char *)(a); }
    int open(const char *a, int flags, ...) {
      va_list rest;
      va_start(rest, flags);
      mode_t mode = va_arg(rest, mode_t);
      va_end(rest);
      if (strstr(a, ".ratchet") && interrupted()) return -1;
      return REAL(int, "open", const char *, int, mode_t)(a, flags, mode);
    }
    __attribute__((destructor)) static void tell(void) {
      if (atomic_load(&answered) < 100) abort();
    }
    """

  @Test func everyEntryIsWrittenThoughEverySecondCallIsInterrupted() throws {
    let scratch = try Scratch()
    try scratch.write(Self.library, to: "interrupting.c")
    let library = scratch.path.appending("interrupting.so").string
    let source = scratch.path.appending("interrupting.c").string
    try #require(
      try run("/usr/bin/env", ["cc", "-shared", "-fPIC", "-O1", source, "-o", library, "-ldl"]) == 0
    )
    let state = scratch.state()
    let status = try run(
      lineageAppender, [state.path.string, "interrupted", "60", "7"],
      environment: ["LD_PRELOAD": library])
    #expect(status == 0)
    #expect(try Lineage.verify(state).defect == nil)
    #expect(try Lineage.read(state).entries.count == 60)
  }

  private func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : -1
  }
}
