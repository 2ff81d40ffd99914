/// Layers of the sandbox. The numbers are the runner's, in `layers.h`.
public struct SandboxLayers: OptionSet, Hashable, Sendable {
  public let rawValue: Int

  public init(rawValue: Int) { self.rawValue = rawValue }

  public static let seccomp = SandboxLayers(rawValue: 1 << 0)
  public static let noNewPrivileges = SandboxLayers(rawValue: 1 << 1)
  public static let resourceLimits = SandboxLayers(rawValue: 1 << 2)
  public static let parentDeath = SandboxLayers(rawValue: 1 << 3)
  public static let userNamespace = SandboxLayers(rawValue: 1 << 4)
  public static let processNamespace = SandboxLayers(rawValue: 1 << 5)
  public static let mountNamespace = SandboxLayers(rawValue: 1 << 6)
  public static let networkNamespace = SandboxLayers(rawValue: 1 << 7)
  public static let ipcNamespace = SandboxLayers(rawValue: 1 << 8)
  public static let readOnlyFiles = SandboxLayers(rawValue: 1 << 9)
  public static let landlock = SandboxLayers(rawValue: 1 << 10)
  public static let sealedPages = SandboxLayers(rawValue: 1 << 11)
  public static let memoryGroup = SandboxLayers(rawValue: 1 << 12)
  public static let processGroup = SandboxLayers(rawValue: 1 << 13)
  public static let closedDescriptors = SandboxLayers(rawValue: 1 << 14)
  public static let emptyEnvironment = SandboxLayers(rawValue: 1 << 15)

  /// Every layer alone, outermost last, in the order of their numbers.
  public static let each: [SandboxLayers] = (0..<16).map { SandboxLayers(rawValue: 1 << $0) }

  /// All of them.
  public static let all = SandboxLayers(rawValue: 1 << 16 - 1)

  /// What is needed only where processes can be started: for compilers, and without seccomp.
  public static let groups: SandboxLayers = [.memoryGroup, .processGroup]

  /// The names of the layers, as reports print them.
  public var names: [String] {
    Self.each.filter(contains).map { SandboxReport.description(of: $0).name }
  }
}
