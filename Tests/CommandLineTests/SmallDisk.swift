import Foundation

/// A file system of a few pages, to be filled.
struct SmallDisk {
  let path: String

  /// Whether this process may mount one.
  static let isPermitted: Bool = {
    do {
      let project = try ProjectFolder()
      try SmallDisk(at: project.path + "/disk").unmount()
      return true
    } catch {
      return false
    }
  }()

  struct NotMounted: Error {}

  init(at path: String) throws {
    self.path = path
    let here = FileManager.default.temporaryDirectory
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let run = try RatchetTool(in: here).other(
      "mount", "-t", "tmpfs", "-o", "size=16k", "ratchet-test", path)
    guard run.status == 0 else { throw NotMounted() }
  }

  /// Takes all the room.
  func fill() throws {
    let file = path + "/filler"
    _ = FileManager.default.createFile(atPath: file, contents: nil)
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
    // Ends when the few pages are gone.
    while (try? handle.write(contentsOf: Data(count: 1024))) != nil {}
    try handle.close()
  }

  func unmount() {
    // A mount that stays is a temporary directory's; the assertion is about the tool.
    _ = try? RatchetTool(in: FileManager.default.temporaryDirectory).other("umount", path)
  }
}
