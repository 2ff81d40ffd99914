/// Why a piece of C is not modelled, by how much of the function that takes with it.
enum ReadFailure: Error, Equatable {
  /// The statement becomes opaque.
  case statement(String)
  /// The `switch` around the label becomes opaque.
  case enclosingSwitch(String)
  /// The function is skipped.
  case function(String)

  var reason: String {
    switch self {
    case .statement(let reason), .enclosingSwitch(let reason), .function(let reason): reason
    }
  }
}
