internal import CIsl

/// The shared parent of every isl value: owns the isl context and the limit on operations.
///
/// Values of two contexts never mix. A context and its values belong to one thread at a time.
public final class Context {
  let pointer: OpaquePointer

  /// The number of elementary operations after which isl gives up; 0 means no limit.
  public var operationLimit: Int {
    didSet { restartOperationCount() }
  }

  /// A context whose values give up, each with ``IslError/operationLimit``, once `operationLimit`
  /// operations have been spent since creation or the last ``restartOperationCount()``.
  public init(operationLimit: Int = 0) {
    guard let made = isl_ctx_alloc() else { fatalError("isl context: out of memory") }
    pointer = made
    self.operationLimit = operationLimit
    _ = isl_options_set_on_error(made, Int32(ISL_ON_ERROR_CONTINUE))
    restartOperationCount()
  }

  deinit { isl_ctx_free(pointer) }

  /// Gives the next question a fresh allowance of ``operationLimit`` operations.
  public func restartOperationCount() {
    isl_ctx_reset_error(pointer)
    isl_ctx_reset_operations(pointer)
    isl_ctx_set_max_operations(pointer, UInt(max(0, operationLimit)))
  }

  /// Runs `question` under its own limit and puts the old limit back.
  public func limited<Answer>(
    to operations: Int, _ question: () throws(IslError) -> Answer
  ) throws(IslError) -> Answer {
    let previous = operationLimit
    operationLimit = operations
    defer { operationLimit = previous }
    return try question()
  }

  /// The pointer that isl returned, or the error that isl left behind in its place.
  func take(_ result: OpaquePointer?) throws(IslError) -> OpaquePointer {
    guard let result else { throw lastError() }
    return result
  }

  /// isl's three-valued truth: yes, no, or an error.
  func truth(_ answer: isl_bool) throws(IslError) -> Bool {
    switch answer {
    case isl_bool_true: return true
    case isl_bool_false: return false
    default: throw lastError()
    }
  }

  func lastError() -> IslError {
    defer { isl_ctx_reset_error(pointer) }
    if isl_ctx_last_error(pointer) == isl_error_quota { return .operationLimit }
    guard let message = isl_ctx_last_error_msg(pointer) else { return .failed("no reason given") }
    return .failed(String(cString: message))
  }

  /// Why a text could not be read. Where the operations end within a text, isl calls that a syntax error too:
  /// a text that is known to be right then fails as well.
  func syntaxError(_ text: String) -> IslError {
    guard case .failed(let message) = lastError() else { return .operationLimit }
    guard let known = isl_set_read_from_str(pointer, "{ [i] : 0 <= i <= 9 }") else {
      isl_ctx_reset_error(pointer)
      return .operationLimit
    }
    isl_set_free(known)
    return .syntax(text: text, message: message)
  }

  /// Copies isl's text and frees it.
  func text(_ owned: UnsafeMutablePointer<CChar>?) -> String {
    guard let owned else { return "<isl error>" }
    defer { free(owned) }
    return String(cString: owned)
  }
}
