import Foundation

/// A private directory that goes away with its last owner.
public final class ScratchDirectory: Sendable {
  /// Its absolute path.
  public let path: String
  private let isTemporary: Bool

  /// Makes a directory inside `parent`, and removes those that processes left which are gone.
  public init(in parent: String = ScratchDirectory.place()) throws(CompileError) {
    let parent = parent.hasSuffix("/") ? String(parent.dropLast()) : parent
    Self.sweep(parent)
    path = "\(parent)/\(Self.prefix)\(getpid())-\(UInt32.random(in: 0...(.max)))"
    isTemporary = true
    guard mkdir(path, 0o700) == 0 else {
      throw .file(path, reason: String(cString: strerror(errno)))
    }
  }

  /// Uses a directory that stays, as a cache between runs does.
  public init(keeping path: String) throws(CompileError) {
    self.path = path
    isTemporary = false
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw .file(path, reason: error.localizedDescription)
    }
  }

  deinit {
    // What cannot be removed now is swept by the next run.
    if isTemporary { try? FileManager.default.removeItem(atPath: path) }
  }

  /// Where objects are built: in memory, where a file system there has room and lets code be mapped,
  /// else where temporary files are.
  public static func place(
    memory: String = "/dev/shm", room: Int = 1 << 30
  ) -> String {
    var about = statvfs()
    let noExecution: UInt = 8  // ST_NOEXEC, which not every C library names
    let mayExecute = { about.f_flag & noExecution == 0 }
    let hasRoom = { Int(about.f_bavail) * Int(about.f_frsize) >= room }
    guard statvfs(memory, &about) == 0, mayExecute(), hasRoom(), access(memory, W_OK) == 0 else {
      return NSTemporaryDirectory()
    }
    return memory
  }

  private static let prefix = "ratchet-scratch-"

  /// Removes what runs that were killed left. What cannot be listed or removed belongs to another user,
  /// or to a run that ends just now: it is no obstacle for this one.
  private static func sweep(_ parent: String) {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: parent) else { return }
    for name in names where name.hasPrefix(prefix) {
      let number = name.dropFirst(prefix.count).prefix { $0 != "-" }
      guard let process = pid_t(number), kill(process, 0) != 0, errno == ESRCH else { continue }
      try? FileManager.default.removeItem(atPath: "\(parent)/\(name)")
    }
  }

  /// Writes a file below the directory, making the directories on its way.
  func write(_ bytes: [UInt8], to name: String) throws(CompileError) -> String {
    let file = URL(fileURLWithPath: "\(path)/\(name)")
    do {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: file, options: .atomic)
    } catch {
      throw .file(file.path, reason: error.localizedDescription)
    }
    return file.path
  }
}
