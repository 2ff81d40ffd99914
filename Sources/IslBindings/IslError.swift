/// Why isl gave no answer. None of these may be read as a yes or a no.
public enum IslError: Error, Equatable, Sendable {
  /// The limit on operations was reached; the question is open.
  case operationLimit
  /// The text is not a set or relation in isl's notation.
  case syntax(text: String, message: String)
  /// isl refused the request: spaces that do not match, an unbounded optimum, a case it lacks.
  case failed(String)
}
