import ExperimentRecords
import Foundation
import LineageLog
import SystemPackage

/// A directory that lives as long as the value does.
final class Scratch {
  let path: FilePath

  init() throws {
    // In memory where there is such a place: thousands of fsyncs to a disk take their time.
    let memory = URL(filePath: "/dev/shm")
    let isThere = FileManager.default.isWritableFile(atPath: memory.path())
    let root = isThere ? memory : FileManager.default.temporaryDirectory
    let url = root.appending(component: "ratchet-lineage-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = FilePath(url.path(percentEncoded: false))
  }

  deinit {
    do {
      try FileManager.default.removeItem(atPath: path.string)
    } catch {
      print("cannot remove \(path): \(error)")
    }
  }

  /// A state directory in it.
  func state(_ files: any FileOperations = SystemFiles()) -> StateDirectory {
    StateDirectory(path.appending(".ratchet"), files: files)
  }

  func write(_ text: String, to name: String) throws {
    try write(Array(text.utf8), to: path.appending(name))
  }

  func write(_ bytes: [UInt8], to file: FilePath) throws {
    try Data(bytes).write(to: URL(filePath: file.string))
  }

  func bytes(of file: FilePath) throws -> [UInt8] {
    try Array(Data(contentsOf: URL(filePath: file.string)))
  }

  func text(of name: String) throws -> String {
    String(decoding: try bytes(of: path.appending(name)), as: UTF8.self)
  }
}

/// A short entry that tells its number.
func stop(_ number: Int) -> LineageEntry.Content {
  .stopRequested(StopRequested(by: "test", reason: "number \(number)"))
}

/// A log of `count` short entries in `state`, closed again.
@discardableResult
func makeLog(_ state: StateDirectory, count: Int) throws -> [StoredEntry] {
  let writer = try LineageWriter(state, command: "test")
  defer { writer.close() }
  return try (0..<count).map { try writer.append(stop($0)) }
}
