public import Diagnostics
public import ExperimentRecords
import Foundation

/// The ids of the approvals that this account typed on this machine, a line each.
///
/// A log cannot tell where it was written: one that comes with a project may hold any approval. So where no
/// keys are configured an approval counts only when the account's own register names it.
public struct ApprovalRegister: Sendable {
  private let path: String

  /// The register at `path`, which need not exist.
  public init(path: String = PersonalFiles.current.register) { self.path = path }

  /// The ids.
  ///
  /// Throws: `InputError` when the register is there and cannot be read.
  public func ids() throws(InputError) -> Set<Digest> {
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw InputError("cannot read the register of approvals", at: SourceLocation(file: path))
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    return Set(lines.compactMap { Digest(hex: $0) })
  }

  /// Adds the approval that has the id `id`.
  ///
  /// Throws: `InputError` when the register cannot be written; the approval does not count then.
  public func add(_ id: Digest) throws(InputError) {
    do {
      try FileManager.default.createDirectory(
        atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
        withIntermediateDirectories: true)
    } catch {
      throw unwritable
    }
    let number = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw unwritable }
    defer { close(number) }
    let line = Array("\(id.hex)\n".utf8)
    guard write(number, line, line.count) == line.count, fsync(number) == 0 else {
      throw unwritable
    }
  }

  private var unwritable: InputError {
    InputError(
      "the approval is recorded and does not count, because the register of approvals cannot be written",
      at: SourceLocation(file: path),
      remedy: "make it writable and approve again, or configure 'approvers'")
  }
}
