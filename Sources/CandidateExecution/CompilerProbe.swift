public import ExperimentRecords
import Foundation
public import KernelModel
public import Sandboxing

/// Finds compilers and asks them who they are.
public struct CompilerProbe: Sendable {
  private let runner: Runner
  private let wall: Duration

  /// Asks through `runner`, each question ending at `wall`.
  public init(runner: Runner, wall: Duration = .seconds(10)) {
    self.runner = runner
    self.wall = wall
  }

  /// The compiler that `name`, a path or a name on `PATH`, starts.
  public func resolve(_ name: String) async throws(CompileError) -> Compiler {
    guard let path = Self.find(name) else { throw .compilerNotFound(name) }
    let version = try await ask(path, ["--version"], as: name)
    let target = try await ask(path, ["-dumpmachine"], as: name)
    guard let (family, number) = Self.identity(version) else { throw .notACompiler(name) }
    let triple = target.trimmingCharacters(in: .whitespacesAndNewlines)
    return Compiler(
      name: family, version: number, path: path, target: triple.isEmpty ? nil : triple)
  }

  /// Widths of vectors in bytes.
  public struct VectorWidths: Hashable, Sendable {
    /// What the compiler fills of a register when it vectorizes by itself.
    public var filled: Int
    /// A whole register.
    public var register: Int

    public init(filled: Int, register: Int) {
      self.filled = filled
      self.register = register
    }
  }

  /// Widths of the vector registers that `compiler` has under a project's flags, by the macros that it
  /// predefines; 16 bytes where they name no known extension.
  ///
  /// Under AVX-512 compilers keep to half of the register unless told otherwise.
  public func vectorWidths(
    of compiler: Compiler, under flags: BuildFlags
  ) async throws(CompileError) -> VectorWidths {
    let words = try BuildArguments(flags).arguments + ["-dM", "-E", "-x", "c", "/dev/null"]
    let macros = try await ask(compiler.path, words, in: flags.directory, as: compiler.name)
    return Self.vectorWidths(macros: macros)
  }

  static func vectorWidths(macros: String) -> VectorWidths {
    let names = Set(
      macros.split(separator: "\n").compactMap { line in
        line.hasPrefix("#define ") ? line.dropFirst(8).split(separator: " ").first : nil
      })
    let filled = names.contains("__AVX__") ? 32 : 16
    return VectorWidths(filled: filled, register: names.contains("__AVX512F__") ? 64 : filled)
  }

  /// The absolute path of `name`; names without a slash are looked up on `PATH`.
  public static func find(_ name: String) -> String? {
    let files = FileManager.default
    if name.contains("/") {
      let path = name.hasPrefix("/") ? name : files.currentDirectoryPath + "/" + name
      return files.isExecutableFile(atPath: path) ? path : nil
    }
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/\(name)" }
      .first(where: files.isExecutableFile(atPath:))
  }

  /// Family and version from what `--version` printed; `nil` when it is no compiler's.
  static func identity(_ text: String) -> (family: String, version: String)? {
    guard let line = text.split(separator: "\n").first else { return nil }
    let words = line.split(separator: " ").map(String.init)
    if let index = words.firstIndex(of: "version"), index > 0, index + 1 < words.count,
      words[..<index].contains(where: { $0.hasSuffix("clang") })
    {
      return ("clang", String(words[index + 1].prefix { $0.isNumber || $0 == "." }))
    }
    guard text.contains("Free Software Foundation"),
      let version = words.last(where: { $0.first?.isNumber == true && $0.contains(".") })
    else { return nil }
    return ("gcc", version)
  }

  private func ask(
    _ path: String, _ words: [String], in directory: String? = nil, as name: String
  ) async throws(CompileError) -> String {
    let result: GuardedCommand.Result
    do {
      result = try await GuardedCommand(path, words, directory: directory, wall: wall)
        .run(with: runner)
    } catch {
      throw .runner(error)
    }
    switch result.status {
    case .exited(0): return String(decoding: result.output, as: UTF8.self)
    case .exited: throw .notACompiler(name)
    case .signalled(let signal): throw .crashed(name, how: "signal \(signal)")
    case .timedOut: throw .hung(name, seconds: Int(wall.seconds))
    }
  }
}
