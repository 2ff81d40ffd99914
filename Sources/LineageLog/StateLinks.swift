import Diagnostics
import Foundation
public import SystemPackage

extension StateDirectory {
  /// Refuses parts of the directory that are symbolic links.
  ///
  /// A state directory may come with a project from elsewhere. Through a link in it a writer would create,
  /// fill or remove files that are no part of the lineage, so that everything in it must lie in it; the
  /// directory itself may be a link, which is a person's way to keep it elsewhere.
  func refuseLinks() throws(LineageError) {
    for part in [log, lockFile, objects, torn, temporary, ignoreFile] { try refuseLink(part) }
  }

  /// Refuses `part` where it is a symbolic link.
  public func refuseLink(_ part: FilePath) throws(LineageError) {
    guard isLink(part.string) else { return }
    throw .input(
      InputError(
        "a part of the lineage is a symbolic link, by which others' files would be changed",
        at: SourceLocation(file: part.string),
        remedy: "remove the link, or name another directory with --state"))
  }
}

/// Whether a symbolic link has the name `path`, whatever it leads to.
private func isLink(_ path: String) -> Bool {
  var status = stat()
  return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
}
