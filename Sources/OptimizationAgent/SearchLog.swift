import ExperimentRecords
import LineageLog
import SearchPolicies

/// Writes one kernel's proposals to the lineage, each exactly once.
///
/// A failed write is kept and thrown by `check()`: the search asks after every step, and nothing is
/// decided on an entry that is not on disk.
final class SearchLog {
  private let writer: LineageWriter
  private let campaign: String
  private let kernel: KernelName
  private let baseline: Digest
  private var entries: [Recipe: Digest] = [:]
  private var failure: LineageError?
  private var meter = CostMeter()
  /// Threads that the search under way is for; `nil` for one core.
  var threads: Int?

  /// What writing has taken so far: CPU seconds, and bytes of objects that were new.
  var cost: Cost { meter.total }

  init(writer: LineageWriter, campaign: String, kernel: KernelName, baseline: Digest) {
    self.writer = writer
    self.campaign = campaign
    self.kernel = kernel
    self.baseline = baseline
  }

  /// The first failed write, if any.
  func check() throws(LineageError) {
    if let failure { throw failure }
  }

  /// Records the end of a proposal and returns the entry's id.
  @discardableResult
  func record(
    _ proposal: ProposedRecipe, outcome: Outcome, reason: String? = nil, refusal: Refusal? = nil,
    source: Digest? = nil, text: [UInt8]? = nil, examination: Examination? = nil,
    measurements: [Measurement] = [], cost: Cost, confirmation: ConfirmationTest? = nil
  ) -> Digest {
    var cost = cost
    let digest = text.flatMap(keep)
    cost.diskBytes += digest?.written ?? 0
    return append(
      .proposal(
        Proposal(
          kernel: kernel, recipe: proposal.recipe, parent: entries[proposal.parent] ?? baseline,
          proposer: proposal.origin, outcome: outcome, reason: reason, refusal: refusal,
          source: source, verdict: examination?.verdict, evidence: examination?.evidence ?? [],
          counterexample: examination?.counterexample, measurements: measurements, cost: cost,
          confirmation: confirmation, threads: threads)),
      recipe: proposal.recipe)
  }

  /// Records that a text is held back where `failure` says that it seems faster than the machine can be.
  func quarantine(
    _ recipe: Recipe, _ source: Digest, _ failure: CandidateFailure, _ proposal: Digest
  ) {
    guard case .impossible(let reason, let measurement) = failure else { return }
    append(
      .quarantined(
        Quarantined(
          kernel: kernel, recipe: recipe, proposal: proposal, source: source,
          measurement: measurement, reason: reason)))
  }

  /// The entry that holds a text back, in this campaign or before it.
  func quarantine(of source: Digest) -> Digest? { writer.lineage.quarantine(of: source) }

  /// Records a refusal that the search met while it looked for recipes.
  func record(refusal: Refusal, of recipe: Recipe, cost: Cost = Cost()) {
    let parent = Recipe(Array(recipe.steps.dropLast()))
    record(
      ProposedRecipe(recipe, parent: parent, origin: "plan"), outcome: .refused,
      reason: refusal.reason, refusal: refusal, cost: cost)
  }

  /// Records any other entry of this kernel.
  @discardableResult
  func append(_ content: LineageEntry.Content, text: [UInt8]? = nil, recipe: Recipe? = nil)
    -> Digest
  {
    if let text { _ = keep(text) }
    guard failure == nil else { return .zero }
    do throws(LineageError) {
      let id = try meter.measureNow(.record) { () throws(LineageError) in
        try writer.append(content, campaign: campaign).id
      }
      if let recipe { entries[recipe] = id }
      return id
    } catch {
      failure = error
      return .zero
    }
  }

  /// Stores an object and returns its digest.
  func store(_ bytes: [UInt8]) throws(LineageError) -> Digest {
    let digest = ObjectStore.digest(of: bytes)
    let isNew = try meter.measureNow(.record) { () throws(LineageError) in
      let isNew = try !writer.objects.contains(digest)
      try writer.objects.put(bytes)
      return isNew
    }
    if isNew { meter.add(diskBytes: bytes.count) }
    return digest
  }

  /// Stores a text and returns how many bytes that wrote; `nil` when it failed.
  private func keep(_ text: [UInt8]) -> (written: Int, digest: Digest)? {
    guard failure == nil else { return nil }
    let before = cost.diskBytes
    do throws(LineageError) {
      let digest = try store(text)
      return (cost.diskBytes - before, digest)
    } catch {
      failure = error
      return nil
    }
  }
}
