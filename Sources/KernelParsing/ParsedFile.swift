public import Diagnostics
public import KernelModel

/// What one C file holds.
public struct ParsedFile: Sendable {
  /// The functions with a loop that can be worked on, in source order.
  public var kernels: [Kernel]
  /// The other functions with a loop, in source order.
  public var skipped: [SkippedFunction]
  /// Remarks on the file: contracts that do not read, and the like.
  public var diagnostics: [Diagnostic]
  /// How the file is compiled; `database` is nil when the flags are assumed.
  public var build: BuildFlags

  public init(
    kernels: [Kernel], skipped: [SkippedFunction], diagnostics: [Diagnostic], build: BuildFlags
  ) {
    self.kernels = kernels
    self.skipped = skipped
    self.diagnostics = diagnostics
    self.build = build
  }

  /// The kernel with a name, nil when it was skipped or is not there.
  public func kernel(named name: String) -> Kernel? {
    kernels.first { $0.function.name == name }
  }
}

/// A function with a loop that cannot be worked on.
public struct SkippedFunction: Hashable, Sendable {
  /// The function's name.
  public var name: String
  /// Line of its definition, counted from 1.
  public var line: Int
  /// Why, in house grammar.
  public var reason: String

  public init(name: String, line: Int, reason: String) {
    self.name = name
    self.line = line
    self.reason = reason
  }
}
