public import ExperimentRecords

/// What a person asked for: the command line over the configuration over the defaults.
public struct CampaignOptions: Sendable {
  public var paths: [String]
  /// Only these functions; all when empty.
  public var functions: [String] = []
  public var budget: Budget = .seconds(60)
  public var floatingPoint: FloatingPointMode = .exact
  /// Nil for the default: `bounded` where control is static, `tested` elsewhere.
  public var requirement: Verdict?
  public var compiler: String?
  public var flags: String?
  public var applies = false
  public var isDryRun = false
  public var stateDirectory: String?
  public var seed: UInt64 = 1
  /// Threads that loops may be shared among; 1 for none beside the first.
  public var threads = 1
  public var resumes = false
  /// What the campaign may use, from every configuration that bears on it and the command line.
  public var ceilings = Ceilings()
  /// The highest level that may be had, with what sets it.
  public var level: String?

  public init(paths: [String]) { self.paths = paths }

  /// Settings as the log keeps them. File names are relative to the root, which a state directory
  /// that lies elsewhere does not tell.
  func settings(root: String) -> [String: String] {
    var result = [
      "root": root,
      "budget": budget.description, "fp": floatingPoint.rawValue,
      "require": requirement?.rawValue ?? "default", "apply": "\(applies)",
    ]
    if !functions.isEmpty { result["functions"] = functions.joined(separator: ",") }
    if threads > 1 { result["threads"] = "\(threads)" }
    if let compiler { result["cc"] = compiler }
    if let flags { result["cflags"] = flags }
    if let level { result["level"] = level }
    return result.merging(ceilings.settings) { own, _ in own }
  }
}
