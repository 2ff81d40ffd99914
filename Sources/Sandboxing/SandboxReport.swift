import Foundation

/// The layers of the sandbox that are active on this machine.
public struct SandboxReport: Hashable, Sendable {
  /// One layer, for people.
  public struct Row: Hashable, Sendable {
    public var name: String
    public var isActive: Bool
    /// What the layer keeps a candidate from.
    public var purpose: String
    /// What makes up for it where it is missing.
    public var otherwise: String
  }

  /// What the sandbox is for, and what it is not.
  public static let promise =
    "contains candidates that are buggy or game their judge; not exploits of the kernel"

  /// The environment variable that lets candidates run where no filter can be had.
  public static let withoutSeccomp = "RATCHET_WITHOUT_SECCOMP"

  /// What is active.
  public var layers: SandboxLayers
  /// The core that the clock is read on; -1 when it has none to itself.
  public var conductorCore: Int
  /// The core that candidates are timed on; -1 when any may be.
  public var childCore: Int

  /// Every layer, in a fixed order.
  public var rows: [Row] {
    SandboxLayers.each.map { layer in
      let text = Self.description(of: layer)
      return Row(
        name: text.name, isActive: layers.contains(layer), purpose: text.purpose,
        otherwise: text.otherwise)
    }
  }

  static func description(
    of layer: SandboxLayers
  ) -> (name: String, purpose: String, otherwise: String) {
    texts[layer.rawValue.trailingZeroBitCount]
  }

  private static let texts: [(name: String, purpose: String, otherwise: String)] = [
    (
      "seccomp", "a call asks the system for memory, the clock and its end, nothing else",
      "candidates are refused, unless \(withoutSeccomp)=allow says to rely on the other layers"
    ),
    (
      "no new privileges", "no program that is started gains a right",
      "system calls are filtered, and set-uid files count for nothing where files are read-only"
    ),
    (
      "resource limits", "memory, CPU time, file sizes, descriptors and stack run out early",
      "wall limits end what runs away; control groups hold memory and processes"
    ),
    (
      "death with the parent", "no child outlives the process that times it",
      "the warden ends all descendants"
    ),
    (
      "user namespace", "the rights of root are not those of the machine",
      "other namespaces need privileges; system calls are filtered"
    ),
    (
      "process namespace", "other processes cannot be seen or signalled",
      "no process can be started or signalled under the filter; Landlock keeps signals in"
    ),
    (
      "mount namespace", "mounts concern nobody else",
      "no file can be opened once code runs; Landlock denies mounts"
    ),
    (
      "network namespace", "there is no network",
      "no socket can be made under the filter; Landlock denies TCP ports"
    ),
    (
      "ipc namespace", "no shared memory, queue or semaphore of others",
      "no such system call is allowed under the filter"
    ),
    (
      "read-only files", "nothing can be written anywhere",
      "files can be opened for reading only; Landlock denies writing"
    ),
    (
      "landlock",
      "only the system's libraries and the object itself can be read while it is loaded",
      "files are read-only, and the filter of calls opens none"
    ),
    (
      "sealed pages", "the judge's pages stay mapped and protected as they are",
      "no page can be made writable or executable under the filter"
    ),
    (
      "memory control group",
      "compilers, and candidates without seccomp, have a ceiling of memory all together",
      "each process has a limit of its own"
    ),
    (
      "process control group",
      "compilers, and candidates without seccomp, have a ceiling of processes",
      "no process can be started under the filter; the warden ends all descendants"
    ),
    (
      "closed descriptors", "no open file is inherited",
      "the filter allows no writing"
    ),
    (
      "empty environment", "no variable of the caller's is inherited",
      "the runner is started with none"
    ),
  ]

  private struct Answer: Decodable {
    var schema: String
    var layers: [String: Bool]
    var conductorCore: Int
    var childCore: Int
  }

  /// In the order of the layers' numbers.
  private static let keys = [
    "seccomp", "noNewPrivileges", "resourceLimits", "parentDeath", "userNamespace",
    "processNamespace", "mountNamespace", "networkNamespace", "ipcNamespace", "readOnlyFiles",
    "landlock", "sealedPages", "memoryGroup", "processGroup", "closedDescriptors",
    "emptyEnvironment",
  ]

  init(json: [UInt8]) throws(RunnerError) {
    let answer: Answer
    do {
      answer = try JSONDecoder().decode(Answer.self, from: Data(json))
    } catch {
      throw .failed(status: 0)
    }
    guard answer.schema == "ratchet.runner.doctor/1", Set(answer.layers.keys) == Set(Self.keys)
    else { throw .failed(status: 0) }
    layers = zip(SandboxLayers.each, Self.keys).reduce(into: []) { layers, pair in
      if answer.layers[pair.1] == true { layers.insert(pair.0) }
    }
    conductorCore = answer.conductorCore
    childCore = answer.childCore
  }
}
