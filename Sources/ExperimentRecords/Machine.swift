/// The machine that figures were measured on.
public struct Machine: Codable, Hashable, Sendable {
  /// One cache of a core.
  public struct Cache: Codable, Hashable, Sendable {
    /// The level, 1 being nearest.
    public var level: Int
    /// `data`, `instruction` or `unified`.
    public var kind: String
    /// The capacity.
    public var bytes: Int

    /// Creates the cache of `level`.
    public init(level: Int, kind: String, bytes: Int) {
      self.level = level
      self.kind = kind
      self.bytes = bytes
    }
  }

  /// The processor's name.
  public var cpu: String
  /// Its caches as one core sees them.
  public var caches: [Cache]
  /// How many logical processors are online.
  public var cores: Int
  /// The kernel's name and release.
  public var kernel: String
  /// The operating system's name and version.
  public var operatingSystem: String
  /// The hypervisor or container technology; `none` on bare metal, `nil` when unknown.
  public var virtualization: String?
  /// The frequency governor, when it can be read.
  public var governor: String?
  /// Main memory.
  public var memoryBytes: Int?
  /// The compilers that were found.
  public var compilers: [Compiler]

  /// Creates a machine from its parts.
  public init(
    cpu: String, caches: [Cache] = [], cores: Int, kernel: String, operatingSystem: String,
    virtualization: String? = nil, governor: String? = nil, memoryBytes: Int? = nil,
    compilers: [Compiler] = []
  ) {
    self.cpu = cpu
    self.caches = caches
    self.cores = cores
    self.kernel = kernel
    self.operatingSystem = operatingSystem
    self.virtualization = virtualization
    self.governor = governor
    self.memoryBytes = memoryBytes
    self.compilers = compilers
  }
}

/// A C compiler.
public struct Compiler: Codable, Hashable, Sendable, CustomStringConvertible {
  /// The family: `clang`, `gcc` or what the program calls itself.
  public var name: String
  /// The version, `21.0.0`.
  public var version: String
  /// The program as it is started.
  public var path: String
  /// The target triple.
  public var target: String?

  /// Creates the compiler at `path`.
  public init(name: String, version: String, path: String, target: String? = nil) {
    self.name = name
    self.version = version
    self.path = path
    self.target = target
  }

  /// Name and version.
  public var description: String { "\(name) \(version)" }
}
