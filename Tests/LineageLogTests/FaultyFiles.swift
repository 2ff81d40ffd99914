import LineageLog
import Synchronization
import SystemPackage

/// Files of which one chosen operation goes wrong.
final class FaultyFiles: FileOperations {
  /// What goes wrong.
  enum Fault: Hashable, CustomStringConvertible {
    /// The operation fails and changes nothing.
    case error(Errno)
    /// A write takes half of its bytes; the next write fails for want of space.
    case shortWrite
    /// Everything from this operation on fails; a write leaves half of its bytes.
    case death

    var description: String {
      switch self {
      case .error(let code): "\(code)"
      case .shortWrite: "short write"
      case .death: "death"
      }
    }
  }

  private struct State {
    var operations: [FileOperation] = []
    var target: Int?
    var fault = Fault.death
    var isDead = false
    var isFull = false
  }

  private let system: any FileOperations
  private let intrusion: (operation: FileOperation, action: @Sendable () -> Void)?
  private let state = Mutex(State())

  /// Creates sound files; `action` happens just before every `operation`.
  init(
    _ system: any FileOperations = SystemFiles(), before operation: FileOperation = .open,
    _ action: (@Sendable () -> Void)? = nil
  ) {
    self.system = system
    intrusion = action.map { (operation, $0) }
  }

  /// Makes the `number`th operation from now on go wrong by `fault`.
  func arm(_ fault: Fault, at number: Int) {
    state.withLock { $0 = State(target: number, fault: fault) }
  }

  /// Counts from zero, with nothing to go wrong.
  func disarm() { state.withLock { $0 = State() } }

  /// The operations since the last `arm` or `disarm`.
  var operations: [FileOperation] { state.withLock { $0.operations } }

  /// Counts `operation` and throws what it is to fail with; `true` when a write is to be cut.
  @discardableResult
  private func enter(_ operation: FileOperation, _ path: FilePath) throws(FileFailure) -> Bool {
    if let intrusion, intrusion.operation == operation { intrusion.action() }
    return try state.withLock { (state) throws(FileFailure) -> Bool in
      defer { state.operations.append(operation) }
      if state.isDead { throw FileFailure(operation, path, .ioError) }
      if state.isFull, operation == .write { throw FileFailure(operation, path, .noSpace) }
      guard state.operations.count == state.target else { return false }
      switch state.fault {
      case .error(let code): throw FileFailure(operation, path, code)
      case .shortWrite:
        state.isFull = true
        return operation == .write
      case .death:
        state.isDead = true
        if operation == .write { return true }
        throw FileFailure(operation, path, .ioError)
      }
    }
  }

  func open(_ path: FilePath, _ access: FileAccess) throws(FileFailure) -> OpenFile {
    try enter(.open, path)
    return try system.open(path, access)
  }

  func read(_ file: OpenFile, count: Int, at offset: Int) throws(FileFailure) -> [UInt8] {
    try enter(.read, file.path)
    return try system.read(file, count: count, at: offset)
  }

  func write(_ bytes: ArraySlice<UInt8>, to file: OpenFile) throws(FileFailure) -> Int {
    guard try enter(.write, file.path) else { return try system.write(bytes, to: file) }
    let half = bytes.prefix(bytes.count / 2)
    let count = half.isEmpty ? 0 : try system.write(half, to: file)
    if state.withLock({ $0.isDead }) { throw FileFailure(.write, file.path, .ioError) }
    return count
  }

  func synchronize(_ file: OpenFile) throws(FileFailure) {
    try enter(.synchronize, file.path)
    try system.synchronize(file)
  }

  func truncate(_ file: OpenFile, to size: Int) throws(FileFailure) {
    try enter(.truncate, file.path)
    try system.truncate(file, to: size)
  }

  func close(_ file: OpenFile) { system.close(file) }

  func rename(_ source: FilePath, to target: FilePath) throws(FileFailure) {
    try enter(.rename, target)
    try system.rename(source, to: target)
  }

  func remove(_ path: FilePath) throws(FileFailure) {
    try enter(.remove, path)
    try system.remove(path)
  }

  func makeDirectory(_ path: FilePath) throws(FileFailure) {
    try enter(.makeDirectory, path)
    try system.makeDirectory(path)
  }

  func list(_ path: FilePath) throws(FileFailure) -> [String] {
    try enter(.list, path)
    return try system.list(path)
  }

  func status(_ path: FilePath) throws(FileFailure) -> FileStatus? {
    try enter(.status, path)
    return try system.status(path)
  }

  func realPath(_ path: FilePath) throws(FileFailure) -> FilePath {
    try enter(.status, path)
    return try system.realPath(path)
  }

  func lock(_ file: OpenFile) throws(FileFailure) -> Bool {
    try enter(.lock, file.path)
    return try system.lock(file)
  }

  func copyAttributes(from source: FilePath, to target: OpenFile) throws(FileFailure) {
    try enter(.copyAttributes, target.path)
    try system.copyAttributes(from: source, to: target)
  }
}
