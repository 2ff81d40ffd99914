/// How many outcomes of a program's branches its inputs reached: every condition of a statement, an
/// expression or a loop has two.
public struct BranchOutcomes: Codable, Hashable, Sendable, CustomStringConvertible {
  /// Outcomes that at least one input reached.
  public var reached: Int
  /// All outcomes of the program's text.
  public var all: Int
  /// The first ones that no input reached, each as place and truth: `12:7 false`.
  public var missing: [String]

  public init(reached: Int, all: Int, missing: [String] = []) {
    self.reached = reached
    self.all = all
    self.missing = missing
  }

  /// `17 of 18 branch outcomes reached, never 12:7 false`.
  public var description: String {
    let rest = missing.isEmpty ? "" : ", never \(missing.joined(separator: ", "))"
    return "\(reached) of \(all) branch outcomes reached\(rest)"
  }
}
