public import Diagnostics
import SystemPackage

/// Why the lineage cannot be read, written or followed.
public enum LineageError: Error, Hashable, Sendable {
  /// The log is not what was written: exit code 4.
  case damaged(LogDefect)
  /// The log, or an entry of it, has another version than this program reads: exit code 2.
  case otherVersion(Diagnostic)
  /// Another process writes: exit code 2.
  case locked(Diagnostic)
  /// The request, the file system or the configuration does not allow it: exit code 2.
  case input(InputError)
  /// A source is not in the state that `apply` or `revert` must find: exit code 1.
  case refused(Diagnostic)

  /// What to tell the user.
  public var diagnostic: Diagnostic {
    switch self {
    case .damaged(let defect): defect.diagnostic
    case .otherVersion(let diagnostic), .locked(let diagnostic), .refused(let diagnostic):
      diagnostic
    case .input(let error): error.diagnostic
    }
  }

  /// The exit code that the command line promises for it.
  public var exitCode: Int32 {
    switch self {
    case .damaged: 4
    case .refused: 1
    case .otherVersion, .locked, .input: 2
    }
  }
}

extension LineageError: CustomStringConvertible {
  /// The diagnostic as GNU lines.
  public var description: String { DiagnosticRenderer().render(diagnostic) }
}

extension LineageError {
  /// The error that a failed file operation is to the user.
  public init(_ failure: FileFailure) {
    let location = SourceLocation(file: failure.path.string)
    let verb = failure.operation.verb
    switch failure.code {
    case .noSpace, Errno(rawValue: 122):
      self = .input(
        InputError(
          "cannot \(verb): the disk or the quota is full", at: location,
          remedy: "free space, or choose another directory with --state"))
    case .readOnlyFileSystem:
      self = .input(
        InputError(
          "cannot \(verb): the file system is read-only", at: location,
          remedy: "choose another directory with --state"))
    case .permissionDenied, .notPermitted:
      self = .input(
        InputError(
          "cannot \(verb): permission denied", at: location,
          remedy: "change the permissions, or choose another directory with --state"))
    case _ where failure.operation == .makeDirectory:
      self = .input(
        InputError(
          "cannot \(verb): \(failure.code)", at: location,
          remedy: "choose another directory with --state"))
    case .noSuchFileOrDirectory:
      self = .input(InputError("no such file or directory", at: location))
    default:
      self = .input(InputError("cannot \(verb): \(failure.code)", at: location))
    }
  }
}

extension FileOperation {
  /// What it does to the file, as messages say it.
  fileprivate var verb: String {
    switch self {
    case .open: "open it"
    case .read: "read it"
    case .write: "write it"
    case .synchronize: "bring it onto the disk"
    case .truncate: "shorten it"
    case .rename: "put it in place"
    case .remove: "remove it"
    case .makeDirectory: "create it"
    case .list: "list it"
    case .status: "examine it"
    case .lock: "lock it"
    case .copyAttributes: "keep its permissions and owner"
    }
  }
}
