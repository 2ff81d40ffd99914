import ClangBindings
public import Diagnostics
import Foundation
public import KernelModel

/// Reads C files into kernels.
///
/// A file is preprocessed by a clang driver with the project's flags, parsed by libclang, and joined
/// back to the user's own text, so that every statement knows its bytes. A parser keeps what it has
/// read, by path, contents and flags; it takes the headers not to change while it lives.
public struct KernelParser: Sendable {
  /// What the caller decides for every file.
  public struct Options: Hashable, Sendable {
    /// The compiler to use in place of the one that the compilation database names (`--cc`).
    public var compiler: String?
    /// Flags to use in place of those of the compilation database (`--cflags`).
    public var flags: [String]?
    /// The clang driver that preprocesses; nil to look for one.
    public var clang: String?
    /// Wall limit of one compiler run, in seconds.
    public var wallLimit: Double

    public init(
      compiler: String? = nil, flags: [String]? = nil, clang: String? = nil,
      wallLimit: Double = 20
    ) {
      self.compiler = compiler
      self.flags = flags
      self.clang = clang
      self.wallLimit = wallLimit
    }
  }

  /// What the caller decides for every file.
  public let options: Options
  private let cache = ParseCache()

  public init(_ options: Options = Options()) {
    self.options = options
  }

  /// How a file is compiled: as the nearest compilation database says, else as is assumed.
  ///
  /// - Parameter root: the path argument that led to the file; its directory is put on the include
  ///   path when flags are assumed.
  /// - Throws: `InputError` when the database cannot be read.
  public func build(for file: String, root: String? = nil) throws(InputError) -> BuildFlags {
    let path = FilePaths.absolute(file)
    var build = CompileCommands.assumed(for: path, root: root ?? FilePaths.parent(path))
    if let database = CompileCommands.nearestDatabase(above: path),
      let known = try cache.commands(database).flags(for: path)
    {
      build = vetted(known, root: root)
    }
    if let flags = options.flags {
      build.arguments = flags
      build.database = nil
      // The flags were typed here, so their relative paths start here.
      build.directory = FileManager.default.currentDirectoryPath
    }
    if let compiler = options.compiler { build.compiler = compiler }
    return build
  }

  /// A database's flags without what only the person may ask of a compiler; what the person gives instead
  /// is not looked at.
  private func vetted(_ known: BuildFlags, root: String?) -> BuildFlags {
    var build = known
    if options.flags == nil {
      let flags = ForeignFlags(build.arguments)
      (build.arguments, build.obstacle) = (flags.kept, flags.obstacle)
    }
    if options.compiler == nil, let name = build.compiler {
      let places = [root, build.database.map(FilePaths.parent)].compactMap { $0 }
      let complaints = places.compactMap {
        ForeignFlags.complaint(aboutCompiler: name, in: build.directory, project: $0)
      }
      build.obstacle = complaints.first ?? build.obstacle
    }
    return build
  }

  /// Reads a file from disk.
  ///
  /// - Throws: `InputError` when the file cannot be read or is no C, and when a compiler is missing,
  ///   fails or hangs.
  public func parse(_ file: String, root: String? = nil) throws(InputError) -> ParsedFile {
    let path = FilePaths.absolute(file)
    return try parse(
      FilePaths.read(path), at: path, build: try build(for: path, root: root), isOnDisk: true)
  }

  /// Reads a text as if it stood at a path: includes and flags are those of that file.
  ///
  /// - Throws: `InputError` as `parse(_:root:)`.
  public func parseText(_ text: [UInt8], at file: String, build: BuildFlags) throws(InputError)
    -> ParsedFile
  {
    try parse(text, at: FilePaths.absolute(file), build: build, isOnDisk: false)
  }

  /// Reads a text as if it stood at a path: includes and flags are those of that file.
  public func parseText(_ text: String, at file: String, build: BuildFlags) throws(InputError)
    -> ParsedFile
  {
    try parseText(Array(text.utf8), at: file, build: build)
  }

  private func parse(_ bytes: [UInt8], at path: String, build: BuildFlags, isOnDisk: Bool)
    throws(InputError) -> ParsedFile
  {
    let key = ParseCache.Key(path: path, bytes: bytes, build: build)
    if let known = cache.file(key) { return known }
    let parse = FileParse(
      source: SourceFile(path: path, bytes: bytes), build: build, isOnDisk: isOnDisk,
      driver: CompilerDriver(clang: try clang(for: path), wallLimit: options.wallLimit))
    let result = try parse.run()
    cache.store(result, for: key)
    return result
  }

  private func clang(for file: String) throws(InputError) -> String {
    if let named = options.clang {
      guard let path = CompilerDriver.locate(named) else { throw .noClang(file, named) }
      return path
    }
    guard let path = cache.clang() else { throw .noClang(file, "clang") }
    return path
  }
}

/// What a parser has read so far.
private final class ParseCache: @unchecked Sendable {
  // Every access to the stored properties happens under the lock.
  private let lock = NSLock()
  private var files: [Key: ParsedFile] = [:]
  private var databases: [String: CompileCommands] = [:]
  private var clangPath: String??

  struct Key: Hashable {
    let path: String
    let bytes: [UInt8]
    let build: BuildFlags
  }

  func file(_ key: Key) -> ParsedFile? { lock.withLock { files[key] } }

  func store(_ file: ParsedFile, for key: Key) {
    lock.withLock {
      // Candidates come by the thousand; the cache must not grow with them.
      if files.count > 64 { files.removeAll() }
      files[key] = file
    }
  }

  func commands(_ path: String) throws(InputError) -> CompileCommands {
    if let known = lock.withLock({ databases[path] }) { return known }
    let read = try CompileCommands(database: path)
    lock.withLock { databases[path] = read }
    return read
  }

  func clang() -> String? {
    lock.withLock {
      if let known = clangPath { return known }
      let found = CompilerDriver.locateClang()
      clangPath = .some(found)
      return found
    }
  }
}

extension InputError {
  fileprivate static func noClang(_ file: String, _ name: String) -> InputError {
    InputError(
      file: file, message: "no '\(name)' is found to preprocess with",
      remedy: "install clang or put the one that comes with Swift on PATH")
  }
}
