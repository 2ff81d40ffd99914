import Diagnostics
import ExperimentRecords
public import SystemPackage

extension EvidenceBundle {
  private static let largestFile = 64 << 20
  private static let largestBundle = 256 << 20

  /// Writes the files into `directory`, which is new or empty.
  ///
  /// When it returns, they are on the disk. After a failure those that were written are removed.
  public func write(
    to directory: FilePath, files system: any FileOperations = SystemFiles()
  ) throws(LineageError) {
    var written: [FilePath] = []
    do {
      if let status = try system.status(directory) {
        guard status.kind == .directory, try Self.isFree(directory, system) else {
          throw LineageError.input(
            InputError(
              "a bundle needs a directory of its own, and this is not empty",
              at: SourceLocation(file: directory.string), remedy: "name a new one with -o"))
        }
      } else {
        try system.makeDirectory(directory)
      }
      let samples = directory.appending(BundleFile.samples)
      let prefix = BundleFile.samples + "/"
      let hasSamples = files.keys.contains { $0.hasPrefix(prefix) }
      if hasSamples, try system.status(samples) == nil { try system.makeDirectory(samples) }
      for (name, bytes) in files.sorted(by: { $0.key < $1.key }) {
        let path =
          name.hasPrefix(prefix)
          ? samples.appending(String(name.dropFirst(prefix.count))) : directory.appending(name)
        let file = try system.open(path, .createNew)
        defer { system.close(file) }
        written.append(path)
        try system.writeAll(bytes, to: file)
        try system.synchronize(file)
      }
      try system.synchronizeDirectory(directory)
    } catch {
      // What cannot be removed either is left to the user, who is told of the first failure.
      for path in written { try? system.remove(path) }
      throw (error as? LineageError) ?? (error as? FileFailure).map { LineageError($0) }
        ?? .input(InputError("\(error)"))
    }
  }

  /// Whether `directory` holds nothing but what a failed export may leave behind.
  private static func isFree(
    _ directory: FilePath, _ system: any FileOperations
  ) throws(FileFailure) -> Bool {
    let names = try system.list(directory)
    guard let name = names.first else { return true }
    let samples = directory.appending(name)
    guard names == [BundleFile.samples], try system.status(samples)?.kind == .directory else {
      return false
    }
    return try system.list(samples).isEmpty
  }

  /// Reads the bundle in `directory`.
  ///
  /// Nothing but plain files of the names that bundles have is opened. Throws `BundleDefect` at a file that no bundle
  /// has, and `LineageError.input` when `directory` cannot be read or is no bundle at all.
  public init(
    directory: FilePath, files system: any FileOperations = SystemFiles()
  ) throws {
    do {
      guard let status = try system.status(directory), status.kind == .directory else {
        throw InputError(
          "no evidence bundle: there is no such directory",
          at: SourceLocation(file: directory.string),
          remedy: "'ratchet lineage export ID -o DIR' makes one")
      }
      let names = try Self.names(in: directory, system)
      guard names.contains(where: BundleFile.required.contains) else {
        throw InputError(
          "no evidence bundle in this directory", at: SourceLocation(file: directory.string),
          remedy: "'ratchet lineage export ID -o DIR' makes one; a lineage is named with --state")
      }
      let root = try system.realPath(directory)
      var total = 0
      files = [:]
      for name in names {
        let path = try Self.checked(name, in: root, system, &total)
        files[name] = try system.contents(of: path)
      }
    } catch let failure as FileFailure {
      throw LineageError(failure)
    }
  }

  /// The names of all files, those of samples with their directory.
  private static func names(
    in directory: FilePath, _ system: any FileOperations
  ) throws -> [String] {
    var names = try system.list(directory)
    guard let place = names.firstIndex(of: BundleFile.samples) else { return names }
    let samples = directory.appending(BundleFile.samples)
    guard try system.status(samples)?.kind == .directory else { return names }
    names.remove(at: place)
    return names + (try system.list(samples)).map { "\(BundleFile.samples)/\($0)" }
  }

  /// The path of a file that may be read.
  private static func checked(
    _ name: String, in root: FilePath, _ system: any FileOperations, _ total: inout Int
  ) throws -> FilePath {
    let parts = name.split(separator: "/").map(String.init)
    let isKnown =
      BundleFile.required.contains(name)
      || parts.count == 2 && parts[0] == BundleFile.samples && Digest(hex: parts[1]) != nil
    guard isKnown else { throw BundleDefect(name, "the file belongs to no bundle") }
    let path = parts.reduce(root) { $0.appending($1) }
    guard let status = try system.status(path) else {
      throw BundleDefect(name, "it is a link to nothing")
    }
    guard try system.realPath(path) == path else {
      throw BundleDefect(name, "it is a symbolic link, or lies behind one")
    }
    guard status.kind == .regular else { throw BundleDefect(name, "it is no plain file") }
    total += status.size
    guard status.size <= largestFile, total <= largestBundle else {
      throw BundleDefect(name, "it is larger than anything that a bundle holds")
    }
    return path
  }
}
