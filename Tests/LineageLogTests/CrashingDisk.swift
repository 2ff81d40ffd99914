import LineageLog
import Synchronization
import SystemPackage

/// A disk in memory that tells what is on it from what the system only holds in its caches, so that every
/// state that a loss of power may leave can be made.
///
/// Contents reach the disk when their file is synchronized, names when their directory is. Until then each
/// change may be lost, made in part, or made though an earlier one is lost. A name changes as a whole.
final class CrashingDisk: FileOperations {
  fileprivate struct Node {
    var isDirectory: Bool
    var content: [UInt8] = []
    var names: [String: Int] = [:]
  }

  /// A change that is not on the disk yet.
  fileprivate enum Change {
    case data(node: Int, offset: Int, [UInt8])
    case size(node: Int, Int)
    case link(directory: Int, String, Int)
    case unlink(directory: Int, String)
    /// A name that moved: in neither place is never seen.
    case move(directory: Int, String, Int, from: Int, String)
  }

  fileprivate struct Descriptor {
    var node: Int
    var position = 0
    var appends = false
  }

  fileprivate struct State {
    /// Nodes as programs see them, and as they are on the disk.
    var seen = [Node(isDirectory: true)]
    var stored = [Node(isDirectory: true)]
    var pending: [Change] = []
    var descriptors: [Int32: Descriptor] = [:]
    var nextDescriptor: Int32 = 100
    var locked: [Int: Int32] = [:]
    var operations = 0
    var deathAt: Int?
  }

  private let state: Mutex<State>

  /// Creates an empty disk.
  convenience init() { self.init(State()) }

  private init(_ state: sending State) { self.state = Mutex(state) }

  /// How many operations there were.
  var operations: Int { state.withLock { $0.operations } }

  /// The power fails at the `number`th operation from now.
  func die(at number: Int) {
    state.withLock { $0.deathAt = $0.operations + number }
  }

  /// Puts a file, and the directories above it, onto the disk.
  func store(_ bytes: [UInt8], at path: FilePath) {
    state.withLock { state in
      var node = 0
      for name in path.components.map(\.string).dropLast() {
        node = state.seen[node].names[name] ?? state.add(Node(isDirectory: true), name, to: node)
      }
      let name = path.lastComponent?.string ?? ""
      _ = state.add(Node(isDirectory: false, content: bytes), name, to: node)
      state.stored = state.seen
    }
  }

  // MARK: States after a crash

  /// How many ways each pending change may turn out.
  private static func outcomes(_ change: Change) -> Int {
    switch change {
    case .data(_, _, let bytes): bytes.count < 2 ? 2 : 8
    case .size, .link, .unlink: 2
    case .move: 3
    }
  }

  /// The disks that a crash at this moment may leave: all of them, or as many as `limit` drawn by `random`.
  func crashes(atMost limit: Int, _ random: inout some RandomNumberGenerator) -> [CrashingDisk] {
    let state = state.withLock { $0 }
    let ways = state.pending.map(Self.outcomes)
    var count = 1
    for way in ways where count <= limit { count *= way }
    if count <= limit {
      return (0..<count).map { number in
        var rest = number
        return Self.crash(
          state,
          ways.map { way in
            defer { rest /= way }
            return rest % way
          })
      }
    }
    let extremes = [ways.map { _ in 0 }, ways.map { $0 - 1 }]
    let drawn = (extremes.count..<limit).map { _ in
      ways.map { Int.random(in: 0..<$0, using: &random) }
    }
    return (extremes + drawn).map { Self.crash(state, $0) }
  }

  private static func crash(_ state: State, _ outcomes: [Int]) -> CrashingDisk {
    var nodes = state.stored
    for (change, outcome) in zip(state.pending, outcomes) where outcome > 0 {
      switch change {
      case .data(let node, let offset, let bytes):
        nodes[node].content.write(part(outcome, of: bytes), at: offset)
      case .size(let node, let size): nodes[node].content.cut(to: size)
      case .link(let directory, let name, let node): nodes[directory].names[name] = node
      case .unlink(let directory, let name): nodes[directory].names[name] = nil
      case .move(let directory, let name, let node, let from, let old):
        nodes[directory].names[name] = node
        if outcome == 2 { nodes[from].names[old] = nil }
      }
    }
    var after = State()
    after.stored = nodes
    after.seen = nodes
    return CrashingDisk(after)
  }

  /// What a lost write leaves: a prefix, or zeros where blocks were not filled.
  private static func part(_ outcome: Int, of bytes: [UInt8]) -> [UInt8] {
    let zeros = [UInt8](repeating: 0, count: bytes.count)
    let half = bytes.count / 2
    return switch bytes.count < 2 ? 7 : outcome {
    case 1: Array(bytes.prefix(1))
    case 2: Array(bytes.prefix(half))
    case 3: Array(bytes.dropLast())
    case 4: zeros
    case 5: Array(bytes.prefix(half) + zeros.dropFirst(half))
    case 6: Array(zeros.prefix(half) + bytes.dropFirst(half))
    default: bytes
    }
  }

  // MARK: Operations

  private func run<Result>(
    _ operation: FileOperation, _ path: FilePath,
    _ work: (inout State) throws(FileFailure) -> Result
  ) throws(FileFailure) -> Result {
    try state.withLock { (state) throws(FileFailure) -> Result in
      defer { state.operations += 1 }
      if let death = state.deathAt, state.operations >= death {
        // The write that dies may have got somewhere.
        if state.operations == death, operation == .write { _ = try work(&state) }
        throw FileFailure(operation, path, .ioError)
      }
      return try work(&state)
    }
  }

  func open(_ path: FilePath, _ access: FileAccess) throws(FileFailure) -> OpenFile {
    try run(.open, path) { (state) throws(FileFailure) in
      var node = state.node(path)
      if access == .createNew, node != nil { throw FileFailure(.open, path, .fileExists) }
      if node == nil, access == .createNew || access == .update {
        guard let parent = state.node(path.removingLastComponent()),
          let name = path.lastComponent?.string
        else { throw FileFailure(.open, path, .noSuchFileOrDirectory) }
        let new = state.add(Node(isDirectory: false), name, to: parent)
        state.pending.append(.link(directory: parent, name, new))
        node = new
      }
      guard let node else { throw FileFailure(.open, path, .noSuchFileOrDirectory) }
      let number = state.nextDescriptor
      state.nextDescriptor += 1
      state.descriptors[number] = Descriptor(node: node, appends: access == .append)
      return OpenFile(FileDescriptor(rawValue: number), path: path)
    }
  }

  func read(_ file: OpenFile, count: Int, at offset: Int) throws(FileFailure) -> [UInt8] {
    try run(.read, file.path) { (state) throws(FileFailure) in
      let content = state.seen[try state.descriptor(file, .read).node].content
      return Array(content.dropFirst(offset).prefix(count))
    }
  }

  func write(_ bytes: ArraySlice<UInt8>, to file: OpenFile) throws(FileFailure) -> Int {
    try run(.write, file.path) { (state) throws(FileFailure) in
      var descriptor = try state.descriptor(file, .write)
      let node = descriptor.node
      let offset = descriptor.appends ? state.seen[node].content.count : descriptor.position
      state.seen[node].content.write(Array(bytes), at: offset)
      state.pending.append(.data(node: node, offset: offset, Array(bytes)))
      descriptor.position = offset + bytes.count
      state.descriptors[file.descriptor.rawValue] = descriptor
      return bytes.count
    }
  }

  func synchronize(_ file: OpenFile) throws(FileFailure) {
    try run(.synchronize, file.path) { (state) throws(FileFailure) in
      state.synchronize(try state.descriptor(file, .synchronize).node)
    }
  }

  func truncate(_ file: OpenFile, to size: Int) throws(FileFailure) {
    try run(.truncate, file.path) { (state) throws(FileFailure) in
      let node = try state.descriptor(file, .truncate).node
      state.seen[node].content.cut(to: size)
      state.pending.append(.size(node: node, size))
    }
  }

  func close(_ file: OpenFile) {
    state.withLock { state in
      let number = file.descriptor.rawValue
      guard let descriptor = state.descriptors.removeValue(forKey: number) else { return }
      if state.locked[descriptor.node] == number { state.locked[descriptor.node] = nil }
    }
  }

  /// What the system does when a process ends.
  func closeAll() {
    state.withLock { state in
      state.descriptors = [:]
      state.locked = [:]
    }
  }

  func rename(_ source: FilePath, to target: FilePath) throws(FileFailure) {
    try run(.rename, target) { (state) throws(FileFailure) in
      guard let node = state.node(source), let from = state.node(source.removingLastComponent()),
        let directory = state.node(target.removingLastComponent()),
        let old = source.lastComponent?.string, let name = target.lastComponent?.string
      else { throw FileFailure(.rename, target, .noSuchFileOrDirectory) }
      state.seen[directory].names[name] = node
      state.seen[from].names[old] = nil
      state.pending.append(.move(directory: directory, name, node, from: from, old))
    }
  }

  func remove(_ path: FilePath) throws(FileFailure) {
    try run(.remove, path) { (state) throws(FileFailure) in
      guard state.node(path) != nil, let parent = state.node(path.removingLastComponent()),
        let name = path.lastComponent?.string
      else { throw FileFailure(.remove, path, .noSuchFileOrDirectory) }
      state.seen[parent].names[name] = nil
      state.pending.append(.unlink(directory: parent, name))
    }
  }

  func makeDirectory(_ path: FilePath) throws(FileFailure) {
    try run(.makeDirectory, path) { (state) throws(FileFailure) in
      guard state.node(path) == nil else { throw FileFailure(.makeDirectory, path, .fileExists) }
      guard let parent = state.node(path.removingLastComponent()),
        let name = path.lastComponent?.string
      else { throw FileFailure(.makeDirectory, path, .noSuchFileOrDirectory) }
      let node = state.add(Node(isDirectory: true), name, to: parent)
      state.pending.append(.link(directory: parent, name, node))
    }
  }

  func list(_ path: FilePath) throws(FileFailure) -> [String] {
    try run(.list, path) { (state) throws(FileFailure) in
      guard let node = state.node(path) else {
        throw FileFailure(.list, path, .noSuchFileOrDirectory)
      }
      return state.seen[node].names.keys.sorted()
    }
  }

  func status(_ path: FilePath) throws(FileFailure) -> FileStatus? {
    try run(.status, path) { (state) throws(FileFailure) in
      state.node(path).map { node in
        FileStatus(
          kind: state.seen[node].isDirectory ? .directory : .regular,
          size: state.seen[node].content.count, mode: 0o644)
      }
    }
  }

  func realPath(_ path: FilePath) throws(FileFailure) -> FilePath { path }

  func lock(_ file: OpenFile) throws(FileFailure) -> Bool {
    try run(.lock, file.path) { (state) throws(FileFailure) in
      let node = try state.descriptor(file, .lock).node
      if state.locked[node] != nil { return false }
      state.locked[node] = file.descriptor.rawValue
      return true
    }
  }

  func copyAttributes(from source: FilePath, to target: OpenFile) throws(FileFailure) {
    try run(.copyAttributes, target.path) { _ in }
  }
}

extension CrashingDisk.State {
  fileprivate func node(_ path: FilePath) -> Int? {
    var node = 0
    for name in path.components.map(\.string) {
      guard let next = seen[node].names[name] else { return nil }
      node = next
    }
    return node
  }

  /// Adds a node that is seen, and not on the disk under any name.
  fileprivate mutating func add(_ new: CrashingDisk.Node, _ name: String, to parent: Int) -> Int {
    seen.append(new)
    stored.append(CrashingDisk.Node(isDirectory: new.isDirectory))
    seen[parent].names[name] = seen.count - 1
    return seen.count - 1
  }

  fileprivate func descriptor(
    _ file: OpenFile, _ operation: FileOperation
  ) throws(FileFailure) -> CrashingDisk.Descriptor {
    guard let descriptor = descriptors[file.descriptor.rawValue] else {
      throw FileFailure(operation, file.path, .badFileDescriptor)
    }
    return descriptor
  }

  /// Brings what is pending for the node, as a file or as a directory, onto the disk.
  fileprivate mutating func synchronize(_ node: Int) {
    var rest: [CrashingDisk.Change] = []
    for change in pending {
      switch change {
      case .data(node, let offset, let bytes): stored[node].content.write(bytes, at: offset)
      case .size(node, let size): stored[node].content.cut(to: size)
      case .link(node, let name, let other): stored[node].names[name] = other
      case .unlink(node, let name): stored[node].names[name] = nil
      case .move(node, let name, let other, let from, let old):
        stored[node].names[name] = other
        if from == node {
          stored[node].names[old] = nil
        } else {
          rest.append(.unlink(directory: from, old))
        }
      default: rest.append(change)
      }
    }
    pending = rest
  }
}

extension [UInt8] {
  fileprivate mutating func write(_ bytes: [UInt8], at offset: Int) {
    if count < offset + bytes.count {
      append(contentsOf: repeatElement(0, count: offset + bytes.count - count))
    }
    replaceSubrange(offset..<(offset + bytes.count), with: bytes)
  }

  fileprivate mutating func cut(to size: Int) {
    if size < count {
      removeLast(count - size)
    } else {
      append(contentsOf: repeatElement(0, count: size - count))
    }
  }
}
