public import ArgumentParser
import Diagnostics
import ExperimentRecords
public import OptimizationAgent

/// Options of every command that reads C.
struct InputOptions: ParsableArguments {
  @Argument(help: "C files or directories.")
  var paths: [String]

  @Option(name: .customLong("function"), help: "Only this function; may be repeated.")
  var functions: [String] = []

  @Option(help: "The C compiler of the baseline.")
  var cc: String?

  @Option(
    parsing: .unconditional, help: "Compiler flags instead of those of compile_commands.json.")
  var cflags: String?

  /// The options with what the nearest configuration says below them.
  func campaignOptions() throws -> (CampaignOptions, Configuration) {
    let configuration = try Configuration.nearest(to: paths.first ?? ".")
    var options = CampaignOptions(paths: paths)
    options.functions = functions
    options.compiler = cc ?? configuration.compiler
    options.flags = cflags ?? configuration.flags
    if let budget = configuration.budget { options.budget = budget }
    if let mode = configuration.floatingPoint { options.floatingPoint = mode }
    options.requirement = configuration.requirement
    options.threads = configuration.threads ?? 1
    return (options, configuration)
  }
}

/// `--state DIR`.
struct StateOption: ParsableArguments {
  @Option(help: "Directory of the lineage; default: .ratchet under the first PATH.")
  var state: String?
}

extension Budget: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

extension FloatingPointMode: ExpressibleByArgument {}

/// A verdict that may be required.
enum RequiredVerdict: String, ExpressibleByArgument, CaseIterable {
  case tested
  case bounded
  case proved

  var verdict: Verdict {
    switch self {
    case .tested: .tested
    case .bounded: .bounded
    case .proved: .proved
    }
  }
}
