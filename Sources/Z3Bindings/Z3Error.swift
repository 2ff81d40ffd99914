/// Why Z3 did not take a question. None of these may be read as an answer.
public enum Z3Error: Error, Equatable, Sendable {
  /// The text is no SMT-LIB 2 that Z3 reads.
  case syntax(String)
  /// Z3's own limit of memory was reached.
  case outOfMemory
  /// Z3 refused the request, with its reason.
  case failed(String)
}
