/// What an object is built for.
public enum Flavour: String, Hashable, Sendable, Codable, CaseIterable {
  /// The project's own flags.
  case shipping
  /// The project's flags with `-O0`.
  case unoptimized
  /// Clang at `-O0`, every load and store reported to the runner.
  case audit
  /// Undefined behaviour traps, at the project's level of optimization.
  case undefinedBehaviour

  /// Flags that follow the project's own, for a compiler of `family`.
  func arguments(family: String) -> [String] {
    switch self {
    case .shipping: []
    case .unoptimized: ["-O0"]
    case .audit: Self.auditArguments
    case .undefinedBehaviour:
      family == "clang"
        ? ["-w", "-fsanitize=undefined,float-cast-overflow", "-fsanitize-trap=all"]
        : ["-w", "-fsanitize=undefined,float-cast-overflow", "-fsanitize-undefined-trap-on-error"]
    }
  }

  // The kernel's flavour of the address sanitizer needs no runtime: each access is a call, which
  // the runner answers. Globals are accessed through it too.
  private static let auditArguments =
    ["-w", "-O0", "-fsanitize=kernel-address"]
    + [
      "-asan-instrumentation-with-call-threshold=0", "-asan-kernel-mem-intrinsic-prefix=1",
      "-asan-stack=0", "-asan-globals=0", "-asan-opt-globals=0",
    ].flatMap { ["-mllvm", $0] }
}
