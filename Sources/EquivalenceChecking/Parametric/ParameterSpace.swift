import IslBindings

/// The integer inputs of a call as isl parameters, and what is known of them.
///
/// Sets and functions have no dimensions: sizes, distances between pointers and loop counters are
/// all parameters, told apart by their names, until a statement's instances are asked for.
final class ParameterSpace {
  let context: Context
  /// Inputs that the contract allows and that C gives a meaning to.
  private(set) var known: IntegerSet
  /// What of `known` bounds no integer by its type: enough for dataflow, and cheaper.
  private(set) var shape: IntegerSet
  private var constants: [String: PiecewiseAffine] = [:]
  /// Conditions over the inputs that are not affine, each with the parameter that stands for it.
  private var flags: [String: String] = [:]
  /// Quotients of inputs, each with the parameter that equals it.
  private var quotients: [String: String] = [:]
  /// Loops of the original that run this often are left out; nil leaves none out.
  let iterationLimit: Int?

  init(operationLimit: Int, iterationLimit: Int?) throws(IslError) {
    context = Context(operationLimit: operationLimit)
    known = try IntegerSet(context, parsing: "{ : }")
    shape = known
    self.iterationLimit = iterationLimit
  }

  /// The name under which an input is a parameter, another one for every name.
  static func parameter(_ name: String) -> String {
    let isPlain = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    return isPlain
      ? "p_" + name : "px_" + name.utf8.map { String($0, radix: 16) + "_" }.joined()
  }

  /// Whether a parameter is an input, not a loop counter or a distance.
  static func isInput(_ parameter: String) -> Bool {
    parameter.hasPrefix("p_") || parameter.hasPrefix("px_")
  }

  func input(_ parameter: String) throws(IslError) -> PiecewiseAffine {
    try named("[\(parameter)] -> { [\(parameter)] }")
  }

  func constant(_ value: Int) throws(IslError) -> PiecewiseAffine {
    try named("{ [\(value)] }")
  }

  func constant(decimal: String) throws(IslError) -> PiecewiseAffine {
    try named("{ [\(decimal)] }")
  }

  private func named(_ text: String) throws(IslError) -> PiecewiseAffine {
    if let known = constants[text] { return known }
    let made = try PiecewiseAffine(context, parsing: text)
    constants[text] = made
    return made
  }

  func universe() throws(IslError) -> IntegerSet { try IntegerSet(context, parsing: "{ : }") }

  /// Adds what holds of every call. `boundsByType` says that it only bounds an integer by its type.
  func require(_ fact: IntegerSet, boundsByType: Bool = false) throws(IslError) {
    known = try known.intersection(fact).coalesced()
    if !boundsByType { shape = try shape.intersection(fact).coalesced() }
  }

  /// Leaves out the inputs for which `fault`, a set that may name `counters`, is not empty.
  func exclude(_ fault: IntegerSet, counters: [String]) throws(IslError) {
    let inputs = try fault.forgettingParameters(counters)
    known = try known.subtracting(inputs).coalesced()
  }

  /// Whether `set` is empty for all known inputs.
  func isImpossible(_ set: IntegerSet) throws(IslError) -> Bool {
    if try set.isEmpty() { return true }
    return try set.intersection(known).isEmpty()
  }

  /// The function, or where it divides and no counter occurs, a parameter that equals it: in its
  /// terms what depends on the quotient is linear, and an affine hull keeps it.
  func linear(_ f: PiecewiseAffine, counters: [String]) throws(IslError) -> PiecewiseAffine {
    for counter in counters where try f.involves(parameter: counter) { return f }
    let pieces: [PiecewiseAffine.Piece]
    do {
      pieces = try f.pieces()
    } catch IslError.failed {
      // Numbers beyond 62 bits.
      return f
    }
    guard pieces.contains(where: \.hasDivisions) else { return f }
    let text = f.description
    if let name = quotients[text] { return try input(name) }
    let name = "t_\(quotients.count + 1)"
    quotients[text] = name
    let parameter = try input(name)
    let elsewhere = try parameter.isSame(as: constant(0)).subtracting(f.domain())
    try require(parameter.isSame(as: f).union(elsewhere))
    return parameter
  }

  /// The parameter, 0 or 1, that stands for a condition that is not affine.
  func flag(for condition: String) throws(IslError) -> String {
    if let found = flags[condition] { return found }
    let name = "q_\(flags.count + 1)"
    flags[condition] = name
    try require(IntegerSet(context, parsing: "[\(name)] -> { : 0 <= \(name) <= 1 }"))
    return name
  }
}
