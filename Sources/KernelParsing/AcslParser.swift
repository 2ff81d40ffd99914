import KernelModel

/// What does not read in an ACSL comment.
struct AcslError: Error, Equatable {
  let message: String
  let offset: Int
}

/// The clauses of one ACSL comment, for the subset
///
///     clause    = "requires" predicate {"&&" predicate} ";"
///               | "assigns" (location {"," location} | "\nothing") ";"
///               | "ensures" … ";"                                        (ignored)
///     predicate = ("\valid" | "\valid_read" | "\separated") "(" location {"," location} ")"
///               | "\is_finite" "(" value ")"  |  "\true"
///               | "\forall" "integer" k ";" lo "<=" k "<" hi "==>" predicate
///               | value relation value {relation value}
///     location  = path | path "+" "(" size ".." size ")" | path "[" size ".." size "]" | "*" path
///
/// where sizes are `+ - * /`, `\min` and `\max` over integer inputs (ACSL 1.20, §2.2 and §2.3).
struct AcslParser {
  var tokens: ArraySlice<AcslToken>
  let end: Int
  let objects: AcslObjects
  /// The variable that a quantifier binds.
  var bound: String?
  var clauses = AcslClauses()

  init(_ tokens: [AcslToken], end: Int, objects: AcslObjects) {
    self.tokens = tokens[...]
    self.end = end
    self.objects = objects
  }

  /// Reads every clause; one that does not read is reported and left out.
  mutating func read() -> (clauses: AcslClauses, errors: [AcslError]) {
    var errors: [AcslError] = []
    while !tokens.isEmpty {
      let before = (clauses: clauses, tokens: tokens)
      do throws(AcslError) {
        try clause()
      } catch {
        (clauses, tokens) = before
        bound = nil
        errors.append(error)
        skipClause()
      }
    }
    return (clauses, errors)
  }

  private mutating func clause() throws(AcslError) {
    let keyword = try take()
    switch keyword.text {
    case "requires":
      try predicates()
      try expect(";")
    case "assigns":
      try assigns()
      try expect(";")
    case "ensures", "terminates", "decreases": skipClause()
    default:
      throw AcslError(
        message: "the ACSL clause '\(keyword.text)' is not read", offset: keyword.offset)
    }
  }

  private mutating func skipClause() {
    while let token = tokens.popFirst(), token.text != ";" {}
  }

  private mutating func predicates() throws(AcslError) {
    try predicate()
    while tokens.first?.text == "&&" {
      _ = try take()
      try predicate()
    }
  }

  private mutating func predicate() throws(AcslError) {
    switch tokens.first?.text {
    case "\\true": _ = try take()
    case "\\valid", "\\valid_read":
      for location in try locations() { try clauses.allow(location, objects) }
    case "\\separated":
      let places = try locations()
      for (index, place) in places.enumerated() {
        for other in places[..<index] {
          clauses.requirements.append(.separated(other.path, place.path))
        }
      }
    case "\\is_finite":
      _ = try take()
      try expect("(")
      let value = try value()
      try expect(")")
      clauses.requirements.append(.isFinite(try path(of: value)))
    case "\\forall": try quantified()
    case "(" where isPredicateInParentheses:
      _ = try take()
      try predicates()
      try expect(")")
    default: try comparison()
    }
  }

  /// Whether the parenthesis that comes next encloses a predicate rather than a value.
  private var isPredicateInParentheses: Bool {
    var depth = 0
    for token in tokens {
      switch token.text {
      case "(": depth += 1
      case ")": depth -= 1
      case "<", "<=", ">", ">=", "==", "!=", "&&": return true
      case let text where text.hasPrefix("\\valid") || text == "\\separated": return true
      default: break
      }
      if depth == 0 { return false }
    }
    return false
  }

  private mutating func locations() throws(AcslError) -> [AcslLocation] {
    _ = try take()
    try expect("(")
    var result = [try location()]
    while tokens.first?.text == "," {
      _ = try take()
      result.append(try location())
    }
    try expect(")")
    return result
  }

  private mutating func assigns() throws(AcslError) {
    var paths = clauses.assigns ?? []
    if tokens.first?.text == "\\nothing" {
      _ = try take()
    } else {
      paths.append(try location().path)
      while tokens.first?.text == "," {
        _ = try take()
        paths.append(try location().path)
      }
    }
    clauses.assigns = paths
  }

  private mutating func location() throws(AcslError) -> AcslLocation {
    let start = tokens.first?.offset ?? end
    var location = try bareLocation()
    location.offset = start
    return location
  }

  private mutating func bareLocation() throws(AcslError) -> AcslLocation {
    if tokens.first?.text == "*" {
      _ = try take()
      return AcslLocation(path: try objectPath(), lower: .constant(0), last: .constant(0))
    }
    let path = try objectPath()
    switch tokens.first?.text {
    case "+":
      _ = try take()
      try expect("(")
      return try range(of: path, closing: ")")
    case "[":
      _ = try take()
      return try range(of: path, closing: "]")
    default: return AcslLocation(path: path, lower: .constant(0), last: .constant(0))
    }
  }

  private mutating func range(of path: ObjectPath, closing: String) throws(AcslError)
    -> AcslLocation
  {
    let lower = try size()
    var last = lower
    if tokens.first?.text == ".." {
      _ = try take()
      last = try size()
    }
    try expect(closing)
    return AcslLocation(path: path, lower: lower, last: last)
  }

  // MARK: tokens

  mutating func take() throws(AcslError) -> AcslToken {
    guard let token = tokens.popFirst() else {
      throw AcslError(message: "the ACSL comment ends inside a clause", offset: end)
    }
    return token
  }

  mutating func expect(_ text: String) throws(AcslError) {
    let token = try take()
    guard token.text == text else {
      throw AcslError(
        message: "expected '\(text)' in ACSL, found '\(token.text)'", offset: token.offset)
    }
  }
}
