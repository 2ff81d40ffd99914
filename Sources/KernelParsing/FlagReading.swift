import KernelModel

/// What a project's flags mean for reading its C.
struct FlagReading {
  /// Flags that the preprocessing clang driver takes.
  let preprocessing: [String]
  /// Flags that libclang takes for preprocessed text.
  let parsing: [String]
  /// Why no function of the unit can be optimized under these flags, nil when all can.
  let obstacle: String?
  /// Whether OpenMP pragmas have a meaning.
  let usesOpenMP: Bool

  init(_ build: BuildFlags) {
    var preprocessing: [String] = []
    var parsing: [String] = []
    var obstacle = build.obstacle
    var usesOpenMP = false
    var rest = build.arguments[...]
    while let flag = rest.popFirst() {
      if Self.takesValue.contains(flag) {
        guard let value = rest.popFirst() else { break }
        if flag == "-x", value != "c" { obstacle = "the file is compiled as '-x \(value)'" }
        if flag != "-x" && flag != "-Xlinker" && flag != "-arch" {
          preprocessing += [flag, value]
        }
        if flag == "-target" { parsing += [flag, value] }
        continue
      }
      switch Self.use(of: flag) {
      case .both:
        preprocessing.append(flag)
        parsing.append(Self.olderNames[flag] ?? flag)
      case .preprocessing: preprocessing.append(flag)
      case .ignored: break
      case .obstacle(let reason): obstacle = obstacle ?? reason
      }
      if flag == "-fopenmp" || flag == "-fopenmp-simd" || flag.hasPrefix("-fopenmp=") {
        usesOpenMP = true
      }
    }
    self.preprocessing = preprocessing
    self.parsing = parsing
    self.obstacle = obstacle
    self.usesOpenMP = usesOpenMP
  }

  /// Names of standards as libclangs before 18 know them; later ones take both.
  private static let olderNames = [
    "-std=c23": "-std=c2x", "-std=gnu23": "-std=gnu2x", "-std=c2y": "-std=c2x",
    "-std=gnu2y": "-std=gnu2x", "-std=iso9899:2024": "-std=c2x",
  ]

  private enum Use {
    case both, preprocessing, ignored
    case obstacle(String)
  }

  private static let takesValue: Set<String> = [
    "-I", "-D", "-U", "-include", "-imacros", "-isystem", "-iquote", "-idirafter", "-isysroot",
    "-target", "-x", "-Xlinker", "-arch", "--sysroot", "-iprefix", "-iwithprefix",
  ]

  private static func use(of flag: String) -> Use {
    switch flag {
    case "-m32", "-mx32", "-m16": return .obstacle("'\(flag)' makes code for another data model")
    case "-ansi": return .both
    case "-pthread", "-nostdinc", "-undef", "-fopenmp": return .preprocessing
    case "-Ofast": return .preprocessing
    default: break
    }
    if flag.hasPrefix("-std=") {
      let name = flag.dropFirst(5)
      return name.contains("++") ? .obstacle("'\(flag)' is not C") : .both
    }
    for prefix in ["-I", "-D", "-U", "-isystem", "-iquote", "-idirafter", "--sysroot="]
    where flag.hasPrefix(prefix) { return .preprocessing }
    if flag.hasPrefix("-O") { return flag.count <= 3 ? .preprocessing : .ignored }
    if flag.hasPrefix("-f") { return useOfFeature(flag) }
    if flag.hasPrefix("-m") { return useOfMachine(flag) }
    if flag.hasPrefix("--target=") { return .both }
    return .ignored
  }

  /// `-f…`: those that change how the text reads go to the compilers, those that only choose
  /// optimizations are left out, those that change meaning beyond what is modelled are obstacles.
  private static func useOfFeature(_ flag: String) -> Use {
    let name = flag.hasPrefix("-fno-") ? String(flag.dropFirst(5)) : String(flag.dropFirst(2))
    let stem = String(name.prefix { $0 != "=" })
    if reading.contains(stem) { return .both }
    if honoured.contains(stem) { return .preprocessing }
    if changesMeaning.contains(stem), !flag.hasPrefix("-fno-") {
      return .obstacle("'\(flag)' changes the meaning of C in a way that is not modelled")
    }
    return .ignored
  }

  private static let reading: Set<String> = [
    "unsigned-char", "signed-char", "short-enums", "ms-extensions", "gnu89-inline", "blocks",
    "plan9-extensions", "unsigned-bitfields", "signed-bitfields",
  ]

  /// Flags of rule 10 that `BuildFlags` reads out; some of them define macros.
  private static let honoured: Set<String> = [
    "fast-math", "finite-math-only", "associative-math", "unsafe-math-optimizations",
    "reciprocal-math", "signed-zeros", "math-errno", "trapping-math", "rounding-math",
    "wrapv", "strict-aliasing", "strict-overflow", "ffp-contract", "fp-contract",
  ]

  /// GNU flags that make the same C text mean something else.
  private static let changesMeaning: Set<String> = [
    "short-wchar", "pack-struct", "single-precision-constant", "short-double", "trapv",
    "instrument-functions", "split-stack", "non-call-exceptions", "allow-store-data-races",
    "cilkplus", "openacc", "gnu-tm", "excess-precision", "bounds-safety", "fixed-point",
    "fp-model", "profile-arcs", "auto-profile", "trivial-auto-var-init", "zero-init-padding-bits",
    "strict-flex-arrays",
  ]

  private static func useOfMachine(_ flag: String) -> Use {
    if flag.hasPrefix("-mlong-double") || flag == "-mms-bitfields" || flag.hasPrefix("-mabi=") {
      return .obstacle("'\(flag)' changes the layout of types")
    }
    return flag.hasPrefix("-mtune=") || flag.hasPrefix("-mprefer-vector-width")
      ? .ignored : .preprocessing
  }
}
