public import ExperimentRecords
import Foundation
public import KernelModel
public import Sandboxing

/// One text to build: a whole translation unit and the trampoline for one of its functions.
public struct CompilationUnit: Hashable, Sendable {
  /// The unit's bytes.
  public var bytes: [UInt8]
  /// Where the original stands: `#include "…"` and `__FILE__` go by it.
  public var sourcePath: String
  public var build: BuildFlags
  public var trampoline: Trampoline

  public init(bytes: [UInt8], sourcePath: String, build: BuildFlags, trampoline: Trampoline) {
    self.bytes = bytes
    self.sourcePath = sourcePath
    self.build = build
    self.trampoline = trampoline
  }

  /// The unit that `kernel` emits.
  public init(_ kernel: Kernel) throws(CompileError) {
    self.init(
      bytes: kernel.emit(), sourcePath: kernel.source.path, build: kernel.build,
      trampoline: try Trampoline(kernel.function))
  }
}

/// Builds loadable objects from texts with a project's flags, and keeps them by content.
///
/// The directory holds for every key a folder with the text, the trampoline, `object.so` and
/// `messages.txt`; an object appears in one step, when it is whole.
public struct CompilerDriver: Sendable {
  public let compiler: Compiler
  let runner: Runner
  let scratch: ScratchDirectory
  private let wall: Duration
  /// Whether the project's flags are meant for another compiler.
  private let isForeign: Bool

  /// - Parameters:
  ///   - isForeign: the project's flags are another compiler's: only those that change the text's
  ///     meaning are passed on.
  public init(
    compiler: Compiler, runner: Runner, scratch: ScratchDirectory,
    wall: Duration = .seconds(30), isForeign: Bool = false
  ) {
    self.compiler = compiler
    self.runner = runner
    self.scratch = scratch
    self.wall = wall
    self.isForeign = isForeign
  }

  /// Builds `unit`, or finds it built. `extra` flags follow the project's own.
  public func build(
    _ unit: CompilationUnit, as flavour: Flavour = .shipping, extra: [String] = []
  ) async throws(CompileError) -> LoadableObject {
    let flags = try flags(of: unit, as: flavour, extra: extra)
    let key = key(of: unit, flags: flags, flavour: flavour)
    let question = question(of: unit, flags: flags, flavour: flavour)
    let object = "\(scratch.path)/\(key.hex)/object.so"
    if let found = existing(object, key, flavour, flags, question) { return found }
    let text = try write(unit, key)
    // Two builds of one key may run at once; each makes its own file and the last one stays.
    let made = "\(scratch.path)/\(key.hex)/\(UUID().uuidString).so"
    let words =
      flags + [
        "-shared", "-iquote", directory(unit.sourcePath), "-isystem", "\(scratch.path)/\(key.hex)",
      ]
      + ["-x", "c", text, "-o", made, "-lm"]
    let result = try await run(words, in: unit.build.directory)
    let log = String(decoding: result.errors, as: UTF8.self)
    try judge(result, log)
    _ = try scratch.write(Array(log.utf8), to: "\(key.hex)/messages.txt")
    guard rename(made, object) == 0 else {
      throw .file(object, reason: String(cString: strerror(errno)))
    }
    guard var built = existing(object, key, flavour, flags, question) else {
      throw .file(object, reason: "the compiler left no object")
    }
    built.cpuSeconds = result.cpuSeconds
    return built
  }

  func flags(
    of unit: CompilationUnit, as flavour: Flavour = .shipping, extra: [String]
  ) throws(CompileError) -> [String] {
    let project = try BuildArguments(unit.build, foreignCompiler: isForeign)
    return project.arguments + extra
      + flavour.arguments(family: compiler.name, major: compiler.major)
      // A kernel named as a function of the C library, `advance` say, must call itself.
      + ["-fPIC", "-Wl,-Bsymbolic", "-fdiagnostics-color=never"]
  }

  func directory(_ path: String) -> String {
    URL(fileURLWithPath: path).deletingLastPathComponent().path
  }

  func key(of unit: CompilationUnit, flags: [String], flavour: Flavour) -> Digest {
    var hash = ContentHash()
    hash.add(unit.bytes)
    let parts =
      [unit.trampoline.text, unit.sourcePath, unit.build.directory, flavour.rawValue]
      + [compiler.path, compiler.version] + flags
    for part in parts { hash.add(part) }
    return hash.digest
  }

  /// What was asked, without the places where files happen to stand.
  func question(of unit: CompilationUnit, flags: [String], flavour: Flavour) -> Digest {
    var hash = ContentHash()
    hash.add(unit.bytes)
    for part in [unit.trampoline.text, flavour.rawValue, compiler.description] { hash.add(part) }
    for flag in flags where !flag.hasPrefix("/") && !flag.hasPrefix("-I") { hash.add(flag) }
    return hash.digest
  }

  /// The text as it is compiled: the unit under the original's name, then the trampoline.
  func write(_ unit: CompilationUnit, _ key: Digest) throws(CompileError) -> String {
    let header = "ratchet_entry_\(key.short).h"
    let name = unit.sourcePath.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    let text =
      Array("#line 1 \"\(name)\"\n".utf8) + unit.bytes + Array("\n#include <\(header)>\n".utf8)
    _ = try scratch.write(Array(unit.trampoline.text.utf8), to: "\(key.hex)/\(header)")
    return try scratch.write(text, to: "\(key.hex)/unit.c")
  }

  func existing(
    _ object: String, _ key: Digest, _ flavour: Flavour, _ flags: [String],
    _ question: Digest
  ) -> LoadableObject? {
    guard let bytes = FileManager.default.contents(atPath: object),
      let log = FileManager.default.contents(atPath: "\(scratch.path)/\(key.hex)/messages.txt")
    else { return nil }
    return LoadableObject(
      path: object, key: key, question: question, digest: ContentHash.plain(bytes),
      flavour: flavour, compiler: compiler, arguments: flags,
      messages: CompilerMessage.messages(in: String(decoding: log, as: UTF8.self)), cpuSeconds: 0)
  }

  func run(
    _ words: [String], in directory: String
  ) async throws(CompileError) -> GuardedCommand.Result {
    do {
      return try await GuardedCommand(compiler.path, words, directory: directory, wall: wall)
        .run(with: runner)
    } catch {
      throw .runner(error)
    }
  }

  func judge(_ result: GuardedCommand.Result, _ log: String) throws(CompileError) {
    switch result.status {
    case .timedOut: throw .hung(compiler.path, seconds: Int(wall.seconds))
    case .signalled(let signal): throw .crashed(compiler.path, how: "signal \(signal)")
    case .exited(0): return
    case .exited(let status):
      if let line = log.split(separator: "\n").first(where: Self.tellsOfCrash) {
        throw .crashed(compiler.path, how: String(line))
      }
      let messages = CompilerMessage.messages(in: log)
      let first = messages.first { $0.severity == .error }
      if first == nil, status >= 128 {
        throw .crashed(compiler.path, how: "exit status \(status)")
      }
      let words = log.split(separator: "\n").first.map(String.init) ?? "exit status \(status)"
      throw .rejected(first ?? CompilerMessage(severity: .error, text: words), log: log)
    }
  }

  private static func tellsOfCrash(_ line: Substring) -> Bool {
    line.contains("internal compiler error") || line.contains("PLEASE submit a bug report")
      || line.contains("frontend command failed")
  }
}

extension Compiler {
  /// The first number of the version; 0 when it has none.
  var major: Int { Int(version.prefix { $0.isNumber }) ?? 0 }
}
