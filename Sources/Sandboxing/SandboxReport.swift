import Foundation

/// The layers of the sandbox that are active on this machine.
public struct SandboxReport: Codable, Hashable, Sendable {
  /// One layer each; the names are the runner's.
  public struct Layers: Codable, Hashable, Sendable {
    public var seccomp: Bool
    public var noNewPrivileges: Bool
    public var resourceLimits: Bool
    public var parentDeath: Bool
    public var userNamespace: Bool
    public var processNamespace: Bool
    public var mountNamespace: Bool
    public var networkNamespace: Bool
    public var ipcNamespace: Bool
    public var readOnlyFiles: Bool
  }

  /// The format of the report.
  public var schema: String
  /// What is active.
  public var layers: Layers
  /// The core that the clock is read on; -1 when it has none to itself.
  public var conductorCore: Int
  /// The core that candidates are timed on; -1 when any may be.
  public var childCore: Int

  /// Every layer with its name, in a fixed order, and what makes up for it when it is missing.
  public var rows: [(name: String, isActive: Bool, otherwise: String)] {
    [
      ("seccomp", layers.seccomp, "candidates are refused unless told otherwise"),
      ("no new privileges", layers.noNewPrivileges, "system calls are filtered"),
      ("resource limits", layers.resourceLimits, "wall limits end what runs away"),
      ("death with the parent", layers.parentDeath, "the warden ends all descendants"),
      ("user namespace", layers.userNamespace, "other namespaces need privileges"),
      ("process namespace", layers.processNamespace, "no process can be started or signalled"),
      ("mount namespace", layers.mountNamespace, "no file can be opened once code runs"),
      ("network namespace", layers.networkNamespace, "no socket can be made"),
      ("ipc namespace", layers.ipcNamespace, "no such system call is allowed"),
      ("read-only files", layers.readOnlyFiles, "files can be opened for reading only"),
    ]
  }

  init(json: [UInt8]) throws(RunnerError) {
    do {
      self = try JSONDecoder().decode(SandboxReport.self, from: Data(json))
    } catch {
      throw .failed(status: 0)
    }
  }
}
