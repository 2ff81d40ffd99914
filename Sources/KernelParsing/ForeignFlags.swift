/// Flags that a project hands over, by a compilation database or by a configuration that is not the
/// person's own.
///
/// Compilers are programs of the person's, and some of their flags run what the flags name, or write where
/// they say. Of what a project hands over, flags that only make the compiler write or tell more are left
/// out, and flags that load code, that choose other programs or that hide further flags stand in the way of
/// the file. What has the shape of a flag and is not known stands in the way too: a person who trusts it
/// gives it with `--cflags`.
public struct ForeignFlags: Hashable, Sendable {
  /// What may be passed on, in order.
  public private(set) var kept: [String] = []
  /// Why nothing is built with the flags; nil where all of the rest is harmless.
  public private(set) var obstacle: String?

  /// Reads the words behind the compiler's name.
  public init(_ words: [String]) {
    var rest = words[...]
    while let word = rest.popFirst() {
      switch Self.use(of: word) {
      case .kept: kept.append(word)
      case .keptWithValue:
        kept.append(word)
        if let value = rest.popFirst() { kept.append(value) }
      case .left: break
      case .leftWithValue: _ = rest.popFirst()
      case .obstacle:
        obstacle =
          obstacle ?? "'\(word)' may run or write what the project chooses; trust it by --cflags"
      }
    }
  }

  private enum Use {
    case kept, keptWithValue, left, leftWithValue, obstacle
  }

  private static func use(of word: String) -> Use {
    if word.hasPrefix("@") { return .obstacle }
    guard word.hasPrefix("-"), word != "-" else { return .kept }
    if values.contains(word) { return .keptWithValue }
    if writesWithValue.contains(word) { return .leftWithValue }
    if plain.contains(word) { return .kept }
    if loads.contains(where: word.hasPrefix) { return .obstacle }
    if writes.contains(where: word.hasPrefix) { return .left }
    if word.hasPrefix("-Wp,") {
      return word.hasPrefix("-Wp,-D") || word.hasPrefix("-Wp,-U") ? preprocessor(word) : .obstacle
    }
    return families.contains(where: word.hasPrefix) ? .kept : .obstacle
  }

  /// `-Wp,-DNAME` is a definition, unless a comma adds something else.
  private static func preprocessor(_ word: String) -> Use {
    word.dropFirst("-Wp,".count).contains(",") ? .obstacle : .kept
  }

  /// Kept with the word that follows.
  private static let values: Set<String> = [
    "-I", "-D", "-U", "-include", "-imacros", "-isystem", "-iquote", "-idirafter", "-isysroot",
    "-target", "-x", "-arch", "--sysroot", "-iprefix", "-iwithprefix", "--param", "-L", "-l",
    "-framework", "-A",
  ]

  /// Left out with the word that follows.
  private static let writesWithValue: Set<String> = [
    "-o", "--output", "-MF", "-MT", "-MQ", "-MJ", "-aux-info", "-auxbase", "-auxbase-strip",
    "-dumpdir", "-dumpbase", "-dumpbase-ext", "-Xlinker", "-Xassembler", "-Xclang", "-mllvm",
    "-Xanalyzer", "--serialize-diagnostics", "-serialize-diagnostics", "-index-store-path", "-T",
    "-z", "-u", "-rpath",
  ]

  private static let plain: Set<String> = [
    "-ansi", "-pthread", "-pipe", "-nostdinc", "-nostdlib", "-nostartfiles", "-nodefaultlibs",
    "-nolibc", "-undef",
    "-s", "-w", "-p", "-c", "-S", "-E", "-C", "-P", "-H", "-v", "-r", "-M", "-MM", "-MD", "-MMD",
    "-MG", "-MP", "-shared", "-static", "-rdynamic", "-pie", "-no-pie", "-static-pie", "-pg",
    "--coverage", "-coverage", "-traditional-cpp", "-Qunused-arguments", "-Qn", "-trigraphs",
    "-no-canonical-prefixes", "-shared-libgcc", "-static-libgcc", "-export-dynamic", "--",
  ]

  /// Beginnings of flags that load code, that choose other programs or that hold further flags.
  private static let loads = [
    "-fplugin", "-fpass-plugin", "-load", "-plugin", "-wrapper", "-B", "--prefix", "-specs",
    "--specs", "--config", "-cc1", "-ccc-", "--gcc-", "-gcc-", "-resource-dir", "--ld-path",
    "-ld-path", "-ivfsoverlay", "-working-directory", "-Xpreprocessor", "-Xarch", "-Xopenmp",
    "-Xcuda", "-include-pch", "-fuse-ld=/", "-fuse-ld=.", "-fintegrated-cc1", "-foffload",
  ]

  /// Beginnings of flags that make the compiler write or tell more, and change nothing else.
  private static let writes = [
    "-o", "--output=", "-MF", "-MT", "-MQ", "-MJ", "-save-temps", "--save-temps", "-d",
    "-gsplit-dwarf", "-gmodules", "-Wl,", "-Wa,", "-fdump", "-fopt-info", "-fcallgraph-info",
    "-fstack-usage", "-fsave-optimization-record", "-foptimization-record", "-fcrash-diagnostics",
    "-fno-crash-diagnostics", "-ftime-trace", "-ftime-report", "-fdiagnostics-", "-fmodule",
    "-fprebuilt-module", "-fimplicit-module", "-fcompare-debug", "-fthin-link-bitcode",
    "-fcs-profile", "-fmemory-profile", "-fverify-debuginfo", "-fdeps-", "-fproc-stat-report",
    "-fbuild-session", "-fapinotes", "-fsafe-buffer-usage", "-aux-info=", "-mllvm=", "-time",
  ]

  /// Beginnings of flags that say how C is read or code is made.
  private static let families = [
    "-I", "-D", "-U", "-O", "-W", "-f", "-g", "-m", "-std=", "--std=", "-include", "-imacros",
    "-isystem", "-iquote", "-idirafter", "-isysroot", "--sysroot=", "--target=", "-target=",
    "--param=", "-pedantic", "-l", "-L", "-x", "-A", "-iwithprefix", "-iprefix",
    "-rtlib=", "-stdlib=", "-iframework", "-F",
  ]
}

extension ForeignFlags {
  /// Why the compiler that a project names is not run; nil where it is one of the person's.
  ///
  /// A name is looked up on `PATH`; a path must lead out of the project, where a project puts nothing, and
  /// either must be that of a C compiler, since other programs do other things by the same flags.
  public static func complaint(
    aboutCompiler name: String, in directory: String, project: String
  ) -> String? {
    let base = FilePaths.name(name)
    guard isCompiler(base) else {
      return "'\(name)' does not have the name of a C compiler; name the compiler with --cc"
    }
    guard name.contains("/") else { return nil }
    let path = FilePaths.absolute(name, in: directory)
    let places = [path, FilePaths.real(path)]
    let roots = [FilePaths.absolute(project), FilePaths.real(project)]
    let isInside = places.contains { place in
      roots.contains { place == $0 || place.hasPrefix($0 == "/" ? "/" : $0 + "/") }
    }
    guard name.hasPrefix("/"), !isInside else {
      return "the compiler '\(name)' lies in the project; if you trust it, name it with --cc"
    }
    return nil
  }

  /// Whether a program may be a C compiler by its name: `cc`, `x86_64-linux-gnu-gcc-13`.
  static func isCompiler(_ name: String) -> Bool {
    let stem = name.split(separator: "-").filter { $0.first?.isNumber != true }
    guard let last = stem.last else { return false }
    let bare = last.prefix { !$0.isNumber }
    return ["cc", "gcc", "clang", "c89", "c99", "c11", "c17", "icx"].contains(String(last))
      || ["cc", "gcc", "clang"].contains(String(bare))
  }
}
