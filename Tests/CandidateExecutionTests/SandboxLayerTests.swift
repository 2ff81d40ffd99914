import Foundation
import Testing

@testable import CandidateExecution
@testable import Sandboxing

/// Every layer matters: what it contains is at large once that layer alone is taken away.
///
/// Where several layers stop the same thing, the others are left out in both arms. The expectation
/// names what a program reports: 1 when it got what it wanted, 2 when it did not.
@Suite(.serialized) struct SandboxLayerTests {
  private let place: HostileBench

  init() async throws { place = try await HostileBench.shared.value }

  /// What becomes of a program with and without `layer`; `nil` where the machine has no such layer.
  private func arms(
    of layer: SandboxLayers, without others: SandboxLayers = [], memory: Int = 1 << 30,
    call: Duration = .seconds(2), _ text: String
  ) async throws -> (with: String, without: String)? {
    guard place.layers.contains(layer) else { return nil }
    let object = try await place.build(Self.headers + text, name: "layer")
    var words: [String] = []
    for left in [others, others.union(layer)] {
      let outcome = try await place.outcome(
        of: object, images: [MemoryImage(resultSize: 4)], memory: memory, call: call,
        without: left)
      words.append(outcome.words(result: true))
    }
    #expect(living(object.path).isEmpty)
    return (words[0], words[1])
  }

  private func expect(
    _ arms: (with: String, without: String)?, _ with: String, _ without: String,
    _ location: SourceLocation = #_sourceLocation
  ) {
    guard let arms else { return }
    #expect(arms.with == with, "with the layer", sourceLocation: location)
    #expect(arms.without == without, "without it", sourceLocation: location)
  }

  private static let headers = [
    "arpa/inet.h", "errno.h", "fcntl.h", "netinet/in.h", "pthread.h", "signal.h", "stdlib.h",
    "sys/mman.h", "sys/mount.h", "sys/prctl.h", "sys/resource.h", "sys/shm.h", "sys/socket.h",
    "unistd.h",
  ].map { "#include <\($0)>\n" }.joined()

  private func function(_ body: String) -> String { "int hostile(void) { \(body) }\n" }

  private static let isRoot = geteuid() == 0

  @Test func seccomp() async throws {
    let arms = try await arms(
      of: .seccomp, without: .landlock,
      function("return open(CANARY \"/secret\", O_RDONLY) >= 0 ? 1 : 2;"))
    expect(arms, "forbidden", "returned 1")
  }

  @Test func noNewPrivileges() async throws {
    let arms = try await arms(
      of: .noNewPrivileges, without: [.seccomp, .landlock],
      function("return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 2 : 1;"))
    expect(arms, "returned 2", "returned 1")
  }

  @Test func resourceLimits() async throws {
    let arms = try await arms(
      of: .resourceLimits, memory: 1 << 28,
      "void *volatile kept;\n"
        + function(
          "for (int i = 0; i < 64; i++) if (!(kept = malloc(1 << 24))) return 2; return 1;"))
    expect(arms, "returned 2", "returned 1")
  }

  @Test func resourceLimitsOfFilesAndStack() async throws {
    let text = function(
      """
      struct rlimit files, stack, core;
      getrlimit(RLIMIT_NOFILE, &files), getrlimit(RLIMIT_STACK, &stack);
      getrlimit(RLIMIT_CORE, &core);
      return files.rlim_max == 16 && stack.rlim_max <= 64 << 20 && core.rlim_max == 0 ? 2 : 1;
      """)
    expect(
      try await arms(of: .resourceLimits, without: .seccomp, text), "returned 2", "returned 1")
  }

  @Test func parentDeath() async throws {
    let arms = try await arms(
      of: .parentDeath, without: .seccomp,
      function(
        "int number = 0; prctl(PR_GET_PDEATHSIG, &number); return number == SIGKILL ? 2 : 1;"))
    expect(arms, "returned 2", "returned 1")
  }

  @Test(.enabled(if: isRoot)) func userNamespace() async throws {
    let arms = try await arms(
      of: .userNamespace, without: .seccomp,
      function("return setpriority(PRIO_PROCESS, 0, -15) == 0 ? 1 : 2;"))
    expect(arms, "returned 2", "returned 1")
  }

  @Test func processNamespace() async throws {
    let victim = Process()
    victim.executableURL = URL(fileURLWithPath: "/bin/sleep")
    victim.arguments = ["600"]
    try victim.run()
    let arms = try await arms(
      of: .processNamespace, without: [.seccomp, .landlock],
      function("return kill(\(victim.processIdentifier), SIGKILL) == 0 ? 1 : 2;"))
    victim.terminate()
    victim.waitUntilExit()
    expect(arms, "returned 2", "returned 1")
    if arms != nil { #expect(victim.terminationStatus == SIGKILL) }
  }

  @Test(.enabled(if: isRoot)) func mountNamespace() async throws {
    let layer = SandboxLayers.mountNamespace
    guard place.layers.contains(layer) else { return }
    let path = "\(NSTemporaryDirectory())/\(place.canary.mark)-mount"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let object = try await place.build(
      Self.headers + function("return mount(\"none\", \"\(path)\", \"tmpfs\", 0, 0) == 0 ? 1 : 2;"),
      name: "layer")
    var seen: [Bool] = []
    let others: SandboxLayers = [.seccomp, .landlock, .userNamespace, .readOnlyFiles]
    for left in [others, others.union(layer)] {
      _ = try await place.outcome(of: object, images: [MemoryImage(resultSize: 4)], without: left)
      let mounts = try String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)
      seen.append(mounts.contains(place.canary.mark))
      umount2(path, Int32(MNT_DETACH))
    }
    #expect(seen == [false, true])
  }

  @Test func networkNamespace() async throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        #expect(bind(listener, $0, size) == 0 && listen(listener, 4) == 0)
        #expect(getsockname(listener, $0, &size) == 0)
      }
    }
    let text = function(
      """
      struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = \(address.sin_port)};
      to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      return connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&to, sizeof to) == 0 ? 1 : 2;
      """)
    expect(
      try await arms(of: .networkNamespace, without: [.seccomp, .landlock], text),
      "returned 2", "returned 1")
  }

  @Test func ipcNamespace() async throws {
    let key = key_t.random(in: 1...(.max))
    let segment = shmget(key, 4096, Int32(IPC_CREAT) | 0o600)
    #expect(segment >= 0)
    defer { shmctl(segment, Int32(IPC_RMID), nil) }
    let arms = try await arms(
      of: .ipcNamespace, without: [.seccomp, .userNamespace],
      function("return shmget(\(key), 0, 0) >= 0 ? 1 : 2;"))
    guard Self.isRoot else { return }
    expect(arms, "returned 2", "returned 1")
  }

  @Test func readOnlyFiles() async throws {
    let arms = try await arms(
      of: .readOnlyFiles, without: [.seccomp, .landlock],
      function("return open(\"/tmp/\" MARK, O_CREAT | O_WRONLY, 0600) >= 0 ? 1 : 2;"))
    let left = "/tmp/\(place.canary.mark)-left"
    if arms != nil { #expect(unlink(left) == 0) }
    expect(arms, "returned 2", "returned 1")
  }

  @Test func landlock() async throws {
    let arms = try await arms(
      of: .landlock,
      """
      static int opened = 2;
      __attribute__((constructor)) static void begin(void) {
        if (open(CANARY "/secret", O_RDONLY) >= 0) opened = 1;
      }

      """ + function("return opened;"))
    expect(arms, "returned 2", "returned 1")
  }

  @Test func sealedPages() async throws {
    guard place.layers.contains(.sealedPages) else { return }
    let object = try await place.build(
      Self.headers + """
        void hostile(int n, const double *a, double *b) {
          if (mprotect((void *)((unsigned long)a & ~4095ul), 4096, PROT_READ | PROT_WRITE) == 0)
            ((double *)a)[0] = 4242;
          b[0] = n;
        }
        """, name: "layer", mode: .arrays)
    var inputs: [Double] = []
    for left: SandboxLayers in [.seccomp, [.seccomp, .sealedPages]] {
      let outcome = try await place.outcome(
        of: object, images: [try place.arrays()], without: left)
      inputs.append(doubles(try #require(outcome.returned).regions[0])[0])
    }
    #expect(inputs == [0, 4242])
  }

  @Test func memoryGroup() async throws {
    let arms = try await arms(
      of: .memoryGroup, without: [.seccomp, .resourceLimits], memory: 1 << 20, call: .seconds(8),
      function(
        """
        for (int i = 0; i < 50; i++) {
          char *volatile block = malloc(1 << 24);
          for (int k = 0; k < 1 << 24; k += 4096) block[k] = 1;
        }
        return 1;
        """))
    expect(arms, "killed SIGKILL", "returned 1")
  }

  @Test func processGroup() async throws {
    let arms = try await arms(
      of: .processGroup, without: [.seccomp, .resourceLimits],
      function(
        """
        for (int i = 0; i < 30; i++) {
          int child = fork();
          if (child < 0) return 2;
          if (child == 0) for (;;) pause();
        }
        return 1;
        """))
    expect(arms, "returned 2", "returned 1")
  }

  @Test func closedDescriptors() async throws {
    let arms = try await arms(
      of: .closedDescriptors, without: .seccomp,
      function("return fcntl(1, F_GETFD) >= 0 || fcntl(3, F_GETFD) >= 0 ? 1 : 2;"))
    expect(arms, "returned 2", "returned 1")
  }

  @Test func emptyEnvironment() async throws {
    let object = try await place.build(
      Self.headers + function("return getenv(\"RATCHET_SECRET\") != NULL ? 1 : 2;"), name: "layer")
    var runner = place.bench.runner
    runner.environment = ["RATCHET_SECRET": "secret"]
    var words: [String] = []
    for left: SandboxLayers in [[], .emptyEnvironment] {
      var harness = Harness(runner: runner)
      harness.switchedOff = left
      let outcome = try await harness.examine(object, images: [MemoryImage(resultSize: 4)])[0]
      words.append(outcome.words(result: true))
    }
    #expect(words == ["returned 2", "returned 1"])
  }

  @Test func everyAnswerTellsTheLayersThatWereActive() async throws {
    let object = try await place.build(Self.headers + function("return 0;"), name: "layer")
    var harness = place.bench.harness
    for left: SandboxLayers in [[], .landlock, [.sealedPages, .memoryGroup], .userNamespace] {
      harness.switchedOff = left
      let answer = try await harness.examineReportingLayers(
        object, images: [MemoryImage(resultSize: 4)], options: ExaminationOptions())
      #expect(answer.layers.isDisjoint(with: left))
      if left.isEmpty { #expect(answer.layers == place.layers.subtracting(.groups)) }
    }
  }

  @Test func withoutSeccompNothingRunsUnlessToldOtherwise() async throws {
    let object = try await place.build(Self.headers + function("return 3;"), name: "layer")
    var harness = place.bench.harness
    harness.switchedOff = .seccomp
    var words: [String] = []
    for allowed in [false, true] {
      let options = ExaminationOptions(limits: Limits(runsWithoutSeccomp: allowed))
      let outcomes = try await harness.examine(
        object, images: [MemoryImage(resultSize: 4)], options: options)
      words.append(outcomes[0].description)
    }
    #expect(words == ["could not be loaded: no system call filter can be had here", "returned"])
  }
}
