internal import CClang

/// The set of translation units that share one libclang context.
///
/// Every `TranslationUnit` retains its index, so the parent outlives its children.
public final class Index {
  let handle: CXIndex

  /// Makes an index that prints nothing itself; diagnostics are read from the translation units.
  public init() {
    handle = clang_createIndex(0, 0)
  }

  deinit {
    clang_disposeIndex(handle)
  }

  /// Parses one C file into a translation unit.
  ///
  /// - Parameters:
  ///   - path: the name of the main file; it need not exist when `unsavedText` is given.
  ///   - unsavedBytes: the contents that stand for the file on disk, in any encoding.
  ///   - arguments: compiler arguments without the compiler's and the file's name.
  ///   - otherUnsavedFiles: further files by path whose contents are given in memory.
  /// - Throws: `ParseFailure` when libclang gives no translation unit at all. Errors in the C text
  ///   are no failure of the call: they are in `TranslationUnit.diagnostics`.
  public func parse(
    path: String, unsavedBytes: [UInt8]? = nil, arguments: [String] = [],
    otherUnsavedFiles: [String: [UInt8]] = [:]
  ) throws(ParseFailure) -> TranslationUnit {
    var files = otherUnsavedFiles
    if let unsavedBytes { files[path] = unsavedBytes }
    let unsaved = UnsavedFiles(files.sorted { $0.key < $1.key })
    var unit: CXTranslationUnit?
    let code = withCStrings(arguments) { argv in
      clang_parseTranslationUnit2(
        handle, path, argv.baseAddress, Int32(arguments.count), unsaved.table.baseAddress,
        UInt32(unsaved.table.count), 0, &unit)
    }
    guard code == CXError_Success, let unit else { throw ParseFailure(code) }
    return TranslationUnit(handle: unit, index: self, path: path)
  }

  /// Parses a text in memory into a translation unit.
  ///
  /// - Throws: `ParseFailure` as the function above.
  public func parse(path: String, unsavedText: String, arguments: [String] = [])
    throws(ParseFailure) -> TranslationUnit
  {
    try parse(path: path, unsavedBytes: Array(unsavedText.utf8), arguments: arguments)
  }

  /// The version text of the libclang that is linked, such as `Debian clang version 14.0.6`.
  public static var version: String { clang_getClangVersion().consumed }

  /// The directory of the compiler headers that belong to the linked libclang, nil when they are
  /// not installed beside it.
  public static let resourceDirectory: String? = findResourceDirectory()

  /// The minor version of the C API that the bindings were compiled against.
  public static var apiMinorVersion: Int { Int(ratchet_clang_api_minor()) }
}

/// Why libclang gave no translation unit.
public enum ParseFailure: Error, Equatable {
  /// libclang crashed inside and recovered.
  case crashed
  /// The arguments were not understood.
  case invalidArguments
  /// The serialized syntax tree could not be read, or another failure without a name.
  case failed

  init(_ code: CXErrorCode) {
    switch code {
    case CXError_Crashed: self = .crashed
    case CXError_InvalidArguments: self = .invalidArguments
    default: self = .failed
    }
  }
}

/// The memory of the unsaved files for the duration of one parse.
private final class UnsavedFiles {
  let table: UnsafeMutableBufferPointer<CXUnsavedFile>
  private var buffers: [UnsafeMutableBufferPointer<CChar>] = []

  init(_ files: [(key: String, value: [UInt8])]) {
    table = .allocate(capacity: files.count)
    for (position, file) in files.enumerated() {
      let name = copy(Array(file.key.utf8))
      let text = copy(file.value)
      table.initializeElement(
        at: position,
        to: CXUnsavedFile(
          Filename: UnsafePointer(name.baseAddress), Contents: UnsafePointer(text.baseAddress),
          Length: UInt(text.count - 1)))
    }
  }

  /// A zero-terminated copy that lives as long as this object.
  private func copy(_ bytes: [UInt8]) -> UnsafeMutableBufferPointer<CChar> {
    let buffer = UnsafeMutableBufferPointer<CChar>.allocate(capacity: bytes.count + 1)
    let end = buffer.initialize(fromContentsOf: bytes.lazy.map { CChar(bitPattern: $0) })
    buffer.initializeElement(at: end, to: 0)
    buffers.append(buffer)
    return buffer
  }

  deinit {
    for buffer in buffers { buffer.deallocate() }
    table.deallocate()
  }
}

/// Calls `body` with the strings as a C array of C strings.
private func withCStrings<R>(
  _ strings: [String], _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> R
) -> R {
  let bytes = strings.map { Array($0.utf8CString) }
  let offsets = bytes.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
  return bytes.flatMap { $0 }.withUnsafeBufferPointer { flat in
    let pointers = offsets.dropLast().map { offset -> UnsafePointer<CChar>? in
      flat.baseAddress.map { $0 + offset }
    }
    return pointers.withUnsafeBufferPointer(body)
  }
}
