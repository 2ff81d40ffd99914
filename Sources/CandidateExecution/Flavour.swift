/// What an object is built for.
public enum Flavour: String, Hashable, Sendable, Codable, CaseIterable {
  /// The project's own flags.
  case shipping
  /// The project's flags with `-O0`.
  case unoptimized
  /// `-O0`, every load and store reported to the runner.
  case audit
  /// Undefined behaviour traps, at the project's level of optimization.
  case undefinedBehaviour

  /// Flags that follow the project's own, for a compiler of `family` and `major` version.
  func arguments(family: String, major: Int) -> [String] {
    switch self {
    case .shipping: return []
    case .unoptimized: return ["-O0"]
    case .audit: return Self.audit(isClang: family == "clang", major: major)
    case .undefinedBehaviour:
      let trap = family == "clang" ? "-fsanitize-trap=all" : "-fsanitize-undefined-trap-on-error"
      return ["-w", "-fsanitize=undefined,float-cast-overflow", trap]
    }
  }

  // The kernel's flavour of the address sanitizer needs no runtime: each access is a call, which
  // the runner answers. Copies of memory are calls of their own name since clang 16; before, and in
  // gcc, the linker gives them one.
  private static func audit(isClang: Bool, major: Int) -> [String] {
    // Gcc watches globals only together with what it puts around them, and accesses to fixed places
    // in them not at all: where there is a clang, it is the better witness.
    var options = [
      "asan-instrumentation-with-call-threshold=0", "asan-stack=0",
      "asan-globals=\(isClang ? 0 : 1)",
    ]
    var flags = ["-w", "-O0", "-fsanitize=kernel-address"]
    if isClang {
      // Else the store of `x[i] += y` hides behind the load from the same address.
      options += ["asan-opt-globals=0", "asan-opt-same-temp=0"]
      // Else stores to a local are left out where its loads through pointers are not.
      if major >= 14 { options.append("asan-use-stack-safety=0") }
      if major >= 16 { options.append("asan-kernel-mem-intrinsic-prefix=1") }
    }
    flags += options.flatMap { isClang ? ["-mllvm", "-\($0)"] : ["--param", $0] }
    if !isClang || major < 16 { flags.append("-Wl,--wrap=memcpy,--wrap=memmove,--wrap=memset") }
    flags.append("-Wl,--wrap=aligned_alloc")
    return flags
  }
}
