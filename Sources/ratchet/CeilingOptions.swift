import ArgumentParser
import ExperimentRecords
import OptimizationAgent

/// Ceilings of a campaign on the command line, which lower those of the configuration and raise none.
struct CeilingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "CPU seconds that the whole campaign may take: 90s, 10m, 2h.", valueName: "time"),
    transform: { try value(of: .cpu, from: $0) })
  var maxCpu: Double?

  @Option(
    help: ArgumentHelp("Time by the clock that it may take.", valueName: "time"),
    transform: { try value(of: .wall, from: $0) })
  var maxWall: Double?

  @Option(
    help: ArgumentHelp("Compiler runs that it may take.", valueName: "count"),
    transform: { try value(of: .compiles, from: $0) })
  var maxCompiles: Double?

  @Option(
    help: ArgumentHelp("What it may write to the object store: 500MB, 1GiB.", valueName: "size"),
    transform: { try value(of: .disk, from: $0) })
  var maxDisk: Double?

  /// Lowers `ceilings` to what was typed.
  func lower(_ ceilings: inout Ceilings) {
    let typed: [(Ceiling, Double?)] = [
      (.cpu, maxCpu), (.wall, maxWall), (.compiles, maxCompiles), (.disk, maxDisk),
    ]
    for case (let ceiling, let value?) in typed {
      ceilings.lower(ceiling, to: value, by: "the command line")
    }
  }

  private static func value(of ceiling: Ceiling, from text: String) throws -> Double {
    guard let value = ceiling.value(text) else {
      throw ValidationError("expected \(ceiling.form), not '\(text)'")
    }
    return value
  }
}
