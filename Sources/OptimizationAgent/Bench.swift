import CandidateExecution
import Diagnostics
public import ExperimentRecords
import KernelModel
import KernelParsing
public import LineageLog

/// Times original, winners and other compilers side by side.
///
/// Each contestant is paired with the original as the project builds it, call by call in one run of
/// fresh processes, so that the ratios of one row can be compared with each other.
public struct Bench {
  /// One kernel.
  public struct Row: Sendable {
    public var kernel: KernelName
    public var contestants: [Contestant]
    /// Why the kernel could not be measured.
    public var failure: String?
  }

  /// What the original was paired with.
  public struct Contestant: Sendable {
    /// `winner`, or a compiler with its flags as given.
    public var name: String
    /// One for each workload; empty when there is a note instead.
    public var measurements: [Measurement]
    /// Why there is no measurement.
    public var note: String?
  }

  let survey: Survey
  let workbench: Workbench
  let rivals: [Rival]
  let lineage: Lineage?
  let objects: ObjectStore?

  /// A compiler with flags to compare with.
  struct Rival {
    var name: String
    var compiler: Compiler
    var flags: [String]
  }

  /// - Parameters:
  ///   - against: compilers with flags, such as `gcc -O3 -march=native`.
  ///   - lineage: where winners are looked up; nil when there is none yet.
  /// - Throws: `InputError` when a compiler does not work.
  public init(
    options: CampaignOptions, survey: Survey, against: [String],
    lineage: (entries: Lineage, objects: ObjectStore)?
  ) async throws {
    self.survey = survey
    workbench = try await Workbench(options: options, survey: survey)
    var rivals: [Rival] = []
    for text in against {
      let words = ShellWords.split(text)
      guard let name = words.first else {
        throw InputError("--against names no compiler", remedy: "write \"gcc -O3\"")
      }
      let compiler = try await workbench.resolve(name)
      rivals.append(Rival(name: text, compiler: compiler, flags: Array(words.dropFirst())))
    }
    self.rivals = rivals
    self.lineage = lineage?.entries
    objects = lineage?.objects
  }

  /// Measures every kernel, one after the other.
  public func run(onRow: (Row) -> Void) async throws -> [Row] {
    var rows: [Row] = []
    for kernel in survey.kernels {
      let row = await measure(kernel)
      rows.append(row)
      onRow(row)
    }
    return rows
  }

  private func measure(_ kernel: SurveyedKernel) async -> Row {
    do {
      let prepared = try await workbench.prepare(kernel)
      let executor = workbench.executor(prepared)
      var contestants: [Contestant] = []
      if let winner = await winner(of: kernel, executor) { contestants.append(winner) }
      for rival in rivals {
        contestants.append(await self.contestant(rival, prepared, executor))
      }
      return Row(kernel: kernel.name, contestants: contestants)
    } catch {
      return Row(kernel: kernel.name, contestants: [], failure: text(of: error))
    }
  }

  /// The latest winner against the original that it was made from.
  private func winner(of kernel: SurveyedKernel, _ executor: LocalExecutor) async -> Contestant? {
    guard let winner = lineage?.latestWinners[kernel.name]?.winner, let objects else {
      guard let retracted = retractedWinner(of: kernel.name) else { return nil }
      return Contestant(
        name: "winner", measurements: [], note: "winner '\(retracted.short)' was retracted")
    }
    guard winner.baseSource == ObjectStore.digest(of: kernel.kernel.source.bytes) else {
      return Contestant(
        name: "winner", measurements: [], note: "the file has changed since the winner was found")
    }
    do {
      let built = try await executor.build(try objects.get(winner.newSource))
      return Contestant(name: "winner", measurements: try await executor.measureForBench(built))
    } catch {
      return Contestant(name: "winner", measurements: [], note: text(of: error))
    }
  }

  /// The newest winner of a kernel that has none but retracted ones.
  private func retractedWinner(of kernel: KernelName) -> Digest? {
    let retracted = lineage?.standings.retractions ?? [:]
    return lineage?.entries.last { stored in
      stored.entry.kernel == kernel && stored.entry.content.kind == "winner"
        && retracted[stored.id] != nil
    }?.id
  }

  /// The original text by another compiler; its results may round differently, so each side is held
  /// against its own first call.
  private func contestant(
    _ rival: Rival, _ prepared: Workbench.Prepared, _ executor: LocalExecutor
  ) async -> Contestant {
    do {
      let object = try await workbench.build(prepared, with: rival.compiler, flags: rival.flags)
      return Contestant(
        name: rival.name,
        measurements: try await executor.measureForBench(
          prepared.original, object, expectation: .own))
    } catch {
      return Contestant(name: rival.name, measurements: [], note: text(of: error))
    }
  }

  private func text(of error: any Error) -> String {
    (error as? CandidateFailure)?.reason ?? (error as? InputError)?.diagnostic.message ?? "\(error)"
  }
}
