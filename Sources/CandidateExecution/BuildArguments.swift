import KernelModel

/// The project's flags as they are given to build a loadable object.
struct BuildArguments {
  /// Flags that are passed on, in order.
  let arguments: [String]
  /// What was left out because an object that is loaded and called cannot have it.
  let omitted: [String]

  /// - Throws: `CompileError.unsupportedFlag` for a target that this machine cannot load.
  init(_ build: BuildFlags, foreignCompiler: Bool = false) throws(CompileError) {
    var kept: [String] = []
    var omitted: [String] = []
    var rest = build.arguments[...]
    while let argument = rest.popFirst() {
      if Self.unsupported.contains(argument) { throw .unsupportedFlag(argument) }
      if Self.withValue.contains(argument) {
        rest = rest.dropFirst()
      } else if Self.isDropped(argument) {
        continue
      } else if Self.isInstrumentation(argument) {
        omitted.append(argument)
      } else if Self.takesValue.contains(argument) {
        kept.append(argument)
        if let value = rest.popFirst() { kept.append(value) }
      } else if foreignCompiler, !Self.isPortable(argument) {
        omitted.append(argument)
      } else {
        kept.append(argument)
      }
    }
    arguments = kept
    self.omitted = omitted
  }

  private static let unsupported: Set<String> = ["-m32", "-mx32", "-m16"]

  /// Dropped with the word that follows.
  private static let withValue: Set<String> = ["-o", "-MF", "-MT", "-MQ", "-MJ"]

  /// Kept with the word that follows.
  private static let takesValue: Set<String> = [
    "-I", "-D", "-U", "-include", "-imacros", "-isystem", "-iquote", "-idirafter", "-isysroot",
    "-x", "-target", "-arch", "-Xclang", "-mllvm", "--param", "-iprefix", "-L", "-framework",
  ]

  private static let dropped: Set<String> = [
    "-c", "-S", "-E", "-M", "-MM", "-MD", "-MMD", "-MG", "-MP", "-fsyntax-only", "-shared",
    "-static", "-pie", "-no-pie", "-static-pie", "-r", "-rdynamic", "-v", "-###",
    "-save-temps", "-pg",
  ]

  private static func isDropped(_ argument: String) -> Bool {
    let prefixes = [
      "-Wl,", "-o", "-MF", "-MT", "-MQ", "-flto", "-fno-lto", "-save-temps=", "-fuse-ld",
      "-fdiagnostics-color", "-fcolor-diagnostics", "-fuse-linker-plugin",
    ]
    return dropped.contains(argument)
      || prefixes.contains { argument.hasPrefix($0) }
  }

  private static func isInstrumentation(_ argument: String) -> Bool {
    let prefixes = [
      "-fsanitize", "-fno-sanitize", "-fprofile-", "--coverage", "-ftest-coverage", "-coverage",
      "-fcoverage-mapping", "-fxray", "-finstrument-functions",
    ]
    return prefixes.contains { argument.hasPrefix($0) }
  }

  /// Whether another compiler takes the flag and it changes what the text means.
  private static func isPortable(_ argument: String) -> Bool {
    let prefixes = [
      "-I", "-D", "-U", "-std=", "-isystem", "-iquote", "-include", "-ansi", "-march=", "-mavx",
      "-msse", "-mfma", "-ffp-contract=", "-O",
    ]
    let exact: Set<String> = [
      "-fwrapv", "-fno-wrapv", "-fno-strict-aliasing", "-fstrict-aliasing", "-funsigned-char",
      "-fsigned-char", "-fshort-enums", "-ffast-math", "-fno-fast-math", "-fno-math-errno",
      "-fopenmp-simd", "-fms-extensions", "-fgnu89-inline", "-fno-builtin", "-ffreestanding",
    ]
    return exact.contains(argument) || prefixes.contains { argument.hasPrefix($0) }
  }
}
