public import Diagnostics
public import ExperimentRecords
import Foundation
public import LineageLog

/// What the configurations that bear on a place let the agent do there, and which of them says so.
///
/// Every `.ratchet.yml` at the paths or above them bears on it, and so do the person's own configurations
/// (`PersonalFiles`). The lowest level and the lowest ceilings of all apply: a nearer file may lower what one
/// above it set, and raise nothing. Where no file names a level, winners are applied when a person types
/// `apply` or `--apply` (L3); L4 is to be had through a person's own configuration alone. Nothing of this
/// comes from the C sources, from the lineage or from variables made for it.
public struct AutonomyPolicy: Hashable, Sendable {
  /// The highest level that may be had.
  public private(set) var maximum = AutonomyLevel.apply
  /// What sets it: a file, or `the default`.
  public private(set) var origin = "the default"
  /// Whose signatures approve; nil where no keys are configured.
  public private(set) var approvers: [PublicKey: String]?
  /// The ceilings.
  public private(set) var ceilings = Ceilings()

  /// What is to be had where nothing is configured.
  public init() {}

  /// Reads every configuration that bears on `paths`.
  ///
  /// - Parameters:
  ///   - directory: where the person works; nil for the directory of this process.
  /// - Throws: `InputError` when one of them cannot be read: what it may forbid is not known then.
  public static func applying(
    to paths: [String], from directory: String? = nil,
    personal: PersonalFiles = .current
  ) throws(InputError) -> AutonomyPolicy {
    var result = AutonomyPolicy()
    var own: [Configuration] = []
    for file in personal.configurations {
      if try ConfigurationFiles.plainFile(file) { own.append(try Configuration.read(file)) }
    }
    var near: [Configuration] = []
    for file in try ConfigurationFiles.all(above: paths) {
      near.append(try Configuration.read(file))
    }
    result.setLevel(own, near)
    result.setApprovers(own, near, directory ?? FileManager.default.currentDirectoryPath)
    for configuration in own + near {
      for (ceiling, value) in configuration.ceilings {
        result.ceilings.lower(ceiling, to: value, by: configuration.path ?? "the configuration")
      }
    }
    return result
  }

  private mutating func setLevel(_ own: [Configuration], _ near: [Configuration]) {
    // The person's own files raise what stands without any, and lower each other.
    let levels = own.compactMap { file in file.maximumLevel.map { ($0, file.path ?? "") } }
    if let lowest = levels.min(by: { $0.0 < $1.0 }) { (maximum, origin) = lowest }
    for file in near {
      guard let level = file.maximumLevel, level < maximum || origin == "the default" else {
        continue
      }
      (maximum, origin) = (min(level, maximum), file.path ?? "")
    }
  }

  /// Keys that open L2 come from the person's own configurations where these say anything of control, else
  /// from the files where the person works; every other list only takes keys away.
  private mutating func setApprovers(
    _ own: [Configuration], _ near: [Configuration], _ directory: String
  ) {
    let decides = own.contains { $0.maximumLevel != nil || $0.approvers != nil }
    let trusted =
      decides
      ? own
      : near.filter { file in
        file.path.map { ConfigurationFiles.standing(of: $0, from: directory) == .own } ?? false
      }
    guard let first = trusted.compactMap(\.approvers).first else { return }
    let lists = (own + near).compactMap(\.approvers)
    approvers = first.filter { key, _ in lists.allSatisfy { $0[key] != nil } }
  }
}

extension AutonomyPolicy: CustomStringConvertible {
  /// The level with what sets it.
  public var description: String { "level \(maximum) at most, set by \(origin)" }
}
