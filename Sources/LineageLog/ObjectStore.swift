import Diagnostics
public import ExperimentRecords
import Foundation
import Synchronization
import SystemPackage

/// Contents kept by the digest of their bytes: sources, patches, samples.
///
/// An object is written to a temporary file, brought onto the disk, and then given its name, so
/// that a name always stands for whole contents. Reading checks the digest.
public struct ObjectStore: Sendable {
  private let state: StateDirectory

  /// The object store of `state`.
  public init(_ state: StateDirectory) {
    self.state = state
  }

  /// The digest by which `bytes` would be kept.
  public static func digest(of bytes: [UInt8]) -> Digest { Digest(of: bytes) }

  /// Keeps `bytes` and returns their digest; when it returns, they are on the disk.
  @discardableResult
  public func put(_ bytes: [UInt8]) throws(LineageError) -> Digest {
    let digest = Digest(of: bytes)
    let path = path(of: digest)
    try state.refuseLink(parent(of: path))
    do {
      if let status = try state.files.status(path), status.size == bytes.count,
        try state.files.contents(of: path) == bytes
      {
        return digest
      }
      try state.makeDirectories(parent(of: path))
      try state.makeDirectories(state.temporary)
    } catch {
      throw LineageError(error)
    }
    try state.files.replace(path, with: bytes, by: state.temporaryFile())
    return digest
  }

  /// The bytes that `digest` names.
  public func get(_ digest: Digest) throws(LineageError) -> [UInt8] {
    let path = path(of: digest)
    let bytes: [UInt8]
    do {
      bytes = try self.bytes(of: digest)
    } catch {
      guard error.code == .noSuchFileOrDirectory else { throw LineageError(error) }
      throw .input(
        InputError(
          "object '\(digest.short)' is missing", at: SourceLocation(file: path.string),
          remedy: "check the state with 'ratchet lineage verify'"))
    }
    guard Digest(of: bytes) == digest else {
      throw .input(
        InputError(
          "object '\(digest.short)' is damaged", at: SourceLocation(file: path.string),
          remedy: "check the state with 'ratchet lineage verify'"))
    }
    return bytes
  }

  /// Whether `digest` is kept, without checking the bytes.
  public func contains(_ digest: Digest) throws(LineageError) -> Bool {
    do {
      return try state.files.status(path(of: digest)) != nil
    } catch {
      throw LineageError(error)
    }
  }

  /// The digests of all objects, in order.
  public func digests() throws(LineageError) -> [Digest] {
    do {
      guard try state.files.status(state.objects) != nil else { return [] }
      var digests: [Digest] = []
      for folder in try state.files.list(state.objects) {
        let names = try state.files.list(state.objects.appending(folder))
        digests += names.compactMap { Digest(hex: folder + $0) }
      }
      return digests
    } catch {
      throw LineageError(error)
    }
  }

  /// The bytes kept under `digest`, whatever they are.
  func bytes(of digest: Digest) throws(FileFailure) -> [UInt8] {
    try state.files.contents(of: path(of: digest))
  }

  /// Where the object of `digest` lies.
  func path(of digest: Digest) -> FilePath {
    state.objects.appending(String(digest.hex.prefix(2)))
      .appending(String(digest.hex.dropFirst(2)))
  }
}

private let temporaryFiles = Atomic<Int>(0)

extension StateDirectory {
  /// A path for a temporary file that no other part of this or another process uses.
  func temporaryFile() -> FilePath {
    let number = temporaryFiles.wrappingAdd(1, ordering: .relaxed).newValue
    let pid = ProcessInfo.processInfo.processIdentifier
    return temporary.appending("\(pid)-\(number)")
  }

  /// Removes what interrupted writers left behind. Only the holder of the lock may call it.
  func removeTemporaryFiles() throws(FileFailure) {
    guard try files.status(temporary) != nil else { return }
    for name in try files.list(temporary) { try files.remove(temporary.appending(name)) }
  }
}
