internal import CZ3

/// The shared parent of every Z3 value.
///
/// A context and its values belong to one thread at a time. Errors come back as ``Z3Error``: Z3's own
/// handler, which would end the process, is switched off.
public final class Context {
  let pointer: OpaquePointer

  /// - Throws: `Z3Error.outOfMemory` where Z3 cannot make one.
  public init() throws(Z3Error) {
    let configuration = Z3_mk_config()
    defer { Z3_del_config(configuration) }
    guard let made = Z3_mk_context_rc(configuration) else { throw .outOfMemory }
    pointer = made
    Z3_set_error_handler(made) { _, _ in }
  }

  deinit { Z3_del_context(pointer) }

  /// The most memory that all contexts of this process may use together.
  ///
  /// Beyond it Z3 gives up with ``Z3Error/outOfMemory`` or an unknown answer.
  public static func limitMemory(mebibytes: Int) {
    Z3_global_param_set("memory_max_size", String(max(1, mebibytes)))
  }

  /// The version of the library, as `4.8.12.0`.
  public static var version: String {
    var (major, minor, build, revision): (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
    Z3_get_version(&major, &minor, &build, &revision)
    return "\(major).\(minor).\(build).\(revision)"
  }

  /// Throws what the last call left behind.
  func check() throws(Z3Error) {
    let code = Z3_get_error_code(pointer)
    guard code != Z3_OK else { return }
    let message = Z3_get_error_msg(pointer, code).map { String(cString: $0) } ?? "no reason given"
    switch code {
    case Z3_PARSER_ERROR: throw .syntax(message)
    case Z3_MEMOUT_FAIL: throw .outOfMemory
    default: throw .failed(message)
    }
  }
}
