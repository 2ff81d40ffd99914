import CandidateExecution
import ExperimentRecords
import Foundation
import KernelModel
import LineageLog
import Passes
import SearchPolicies

/// How the search for one kernel ended.
struct SearchResult {
  var outcome: KernelOutcome
  var winner: Winner?
  var entry: Digest?
  var text: [UInt8]?
  var reason: String?
  var evaluations: Int
  var resolution: Double?
  var isBudgetSpent: Bool
  var cost: Cost
  /// The ceiling that cut it short.
  var ceiling: CeilingReached?
}

extension KernelSearch {
  /// Takes the fastest candidates in turn until one is minimised, examined in full and confirmed.
  mutating func finish(in space: TransformationSpace) async throws -> SearchResult {
    try log.check()
    let isSpent = !budget.allowsSearch
    var complaint = "no candidate was faster"
    let ranked = Self.simplestFirst(try await ranked())
    // A finalist that the judge could not decide (its build took too long) says nothing of the next,
    // which may be simpler: one more is looked at even when the budget is spent.
    var chances = 1
    var judged: Set<[UInt8]> = []
    var remaining = ranked
    var (count, undecided) = (0, 0)
    while count < Self.finalists + Self.spares, !remaining.isEmpty {
      guard stop.reason == nil, ceiling == nil, chances > 0 || budget.allowsFinalist,
        count < Self.finalists || chances > 0
      else { break }
      let finalist = remaining.removeFirst()
      count += 1
      let minimal = try await minimised(finalist, in: space)
      if threads > 1, !minimal.candidate.proposal.recipe.startsThreads {
        complaint = "threads bring nothing that the recipe does not bring without them"
        continue
      }
      guard judged.insert(minimal.candidate.text).inserted else { continue }
      // Judging is another candidate's worth of work.
      guard ceiling == nil else { break }
      chances -= 1
      switch try await judge(minimal) {
      case .failure(let failure):
        complaint = failure.reason
        if failure.isUndecided {
          chances += 1
          undecided += 1
          remaining = Self.decidableFirst(remaining, after: minimal.candidate, undecided)
        }
      case .success(let winner):
        let entry = log.append(.winner(winner), text: minimal.candidate.text)
        try log.check()
        return result(.improved, winner, entry, minimal.candidate.text, nil, isSpent)
      }
    }
    // What was stopped is not known to be without gain, and is searched again by `--resume`.
    if let stopped = stop.reason {
      return result(.failed, nil, nil, nil, "stopped by \(stopped) before its end", isSpent)
    }
    if let reached = ceiling {
      var cut = result(
        .failed, nil, nil, nil,
        "the ceiling on \(reached.ceiling.rawValue) was reached before its end", isSpent)
      cut.ceiling = reached
      return cut
    }
    return result(.noGain, nil, nil, nil, complaint, isSpent)
  }

  /// What the judge cannot decide is seldom decided with a step more: candidates without its last step come
  /// next, and after two of them those of at most two thirds of its steps.
  static func decidableFirst(
    _ candidates: [Evaluated], after undecided: Evaluated, _ count: Int
  ) -> [Evaluated] {
    let steps = undecided.proposal.recipe.steps
    let isPreferred = { (candidate: Evaluated) in
      let own = candidate.proposal.recipe.steps
      return count > 1
        ? own.count <= steps.count * 2 / 3 : steps.last.map { !own.contains($0) } ?? true
    }
    return candidates.filter(isPreferred) + candidates.filter { !isPreferred($0) }
  }

  /// Of the candidates within a fiftieth of the best the one with the fewest steps comes first: people
  /// merge short recipes, and the judge is done with short texts sooner.
  static func simplestFirst(_ ranked: [Evaluated]) -> [Evaluated] {
    guard let best = ranked.first?.fitness else { return [] }
    let close = ranked.prefix { $0.fitness * Self.negligible >= best }
    let simplest = close.enumerated().sorted {
      ($0.element.proposal.recipe.steps.count, $0.offset)
        < ($1.element.proposal.recipe.steps.count, $1.offset)
    }
    return simplest.map(\.element) + ranked.dropFirst(close.count)
  }

  /// The pool, best first. Where gains are small, the first look at a candidate may have been a lucky one:
  /// those in front are looked at again, so that the budget goes to the right finalists.
  private mutating func ranked() async throws -> [Evaluated] {
    pool.sort { $0.isBetter(than: $1) }
    guard pool.count > 1, let best = pool.first, best.fitness < Self.certainGain else {
      return pool
    }
    tell("measure")
    let executor = self.executor
    for index in pool.indices.prefix(Self.contenders) where stop.reason == nil && ceiling == nil {
      let built = pool[index].built
      do {
        var looks = [pool[index].fitness]
        for _ in 0..<Self.looks {
          looks.append(
            Fitness.value(
              of: try await meter.measure(.measure) { try await executor.screen(built) }))
        }
        pool[index].fitness = Fitness.geometricMean(looks)
      } catch is CandidateFailure {
        // It went wrong only now; the full examination will say how.
        continue
      }
    }
    return pool.sorted { $0.isBetter(than: $1) }
  }

  private func result(
    _ outcome: KernelOutcome, _ winner: Winner?, _ entry: Digest?, _ text: [UInt8]?,
    _ reason: String?, _ isSpent: Bool
  ) -> SearchResult {
    SearchResult(
      outcome: outcome, winner: winner, entry: entry, text: text, reason: reason,
      evaluations: budget.evaluations, resolution: resolution, isBudgetSpent: isSpent,
      cost: meter.total)
  }

  /// A finalist without the steps that do not pay.
  struct Minimised {
    var candidate: Evaluated
    var effects: [StepEffect]
  }

  /// Removes, from the last to the first, every step without which the candidate is not slower by
  /// more than a hundredth; what stays is measured with and without.
  private mutating func minimised(_ finalist: Evaluated, in space: TransformationSpace) async throws
    -> Minimised
  {
    tell("minimise")
    var current = finalist
    var effects: [StepEffect] = []
    for index in finalist.proposal.recipe.steps.indices.reversed() {
      let step = current.proposal.recipe.steps[index]
      guard current.proposal.recipe.steps.count > 1, budget.allowsFinalist, stop.reason == nil,
        ceiling == nil
      else {
        effects.insert(StepEffect(step: step), at: 0)
        continue
      }
      guard let (shorter, effect) = try await without(index, current, in: space) else {
        effects.insert(StepEffect(step: step), at: 0)
        continue
      }
      if effect.median < 1.01 {
        current = shorter
      } else {
        effects.insert(StepEffect(step: step, speedup: effect), at: 0)
      }
    }
    return Minimised(candidate: current, effects: effects)
  }

  /// The candidate without one step and what the step brings; nil when the rest does not stand alone.
  private mutating func without(
    _ index: Int, _ candidate: Evaluated, in space: TransformationSpace
  ) async throws -> (Evaluated, ConfidenceInterval)? {
    var recipe = candidate.proposal.recipe
    recipe.steps.remove(at: index)
    let text: [UInt8]
    do throws(Refusal) { text = try space.transformed(by: recipe).emitFinished() } catch {
      return nil
    }
    guard text != space.kernel.source.bytes else { return nil }
    let executor = self.executor
    let before = meter.total
    let proposal = ProposedRecipe(recipe, parent: candidate.proposal.recipe, origin: "minimise")
    do {
      let built = try await meter.measure(.compile) { try await executor.build(text) }
      meter.add(compiles: built.compiles)
      let ratios = try await meter.measure(.measure) {
        try await executor.compare(built, candidate.built)
      }
      let effect = Self.combined(ratios)
      let entry = log.record(
        proposal, outcome: effect.median < 1.01 ? .improved : .surpassed, source: built.source,
        text: text, measurements: ratios, cost: meter.since(before))
      let shorter = Evaluated(
        proposal: proposal, text: text, built: built, measurements: candidate.measurements,
        fitness: candidate.fitness, entry: entry)
      return (shorter, effect)
    } catch let failure as CandidateFailure {
      let failure = heard(failure)
      log.record(
        proposal, outcome: failure.outcome, reason: failure.reason,
        source: ObjectStore.digest(of: text),
        cost: meter.since(before))
      return nil
    }
  }

  /// Geometric mean over workloads, bound by bound.
  private static func combined(_ measurements: [Measurement]) -> ConfidenceInterval {
    ConfidenceInterval(
      median: Fitness.geometricMean(measurements.map(\.speedup.median)),
      low: Fitness.geometricMean(measurements.map(\.speedup.low)),
      high: Fitness.geometricMean(measurements.map(\.speedup.high)))
  }

  /// Why a finalist did not win.
  private struct Rejection: Error {
    var reason: String
    /// Whether the judge did not know, and found nothing wrong.
    var isUndecided = false
  }

  /// Full examination, then a confirming run in fresh processes; a rejection has its own entry.
  private mutating func judge(_ minimal: Minimised) async throws -> Result<Winner, Rejection> {
    let candidate = minimal.candidate
    let executor = self.executor
    let before = meter.total
    tell("verify")
    let examination = heard(
      try await meter.measure(.examine) {
        try await executor.examine(candidate.text, effort: .full)
      })
    meter.add(examination)
    guard let verdict = examination.verdict, verdict.meets(examination.required) else {
      let reason = Self.complaint(about: examination)
      let outcome: Outcome = examination.verdict == .refuted ? .rejectedWrong : .inconclusive
      record(candidate, outcome, reason, examination, [], before)
      return .failure(Rejection(reason: reason, isUndecided: outcome == .inconclusive))
    }
    if let held = log.quarantine(of: candidate.built.source) {
      let reason = "its text is quarantined by entry '\(held.short)'"
      record(candidate, .inconclusive, reason, examination, [], before)
      return .failure(Rejection(reason: reason))
    }
    if let distrust = trust.distrust {
      let reason = "withheld: \(distrust)"
      record(candidate, .inconclusive, reason, examination, [], before)
      return .failure(Rejection(reason: reason))
    }
    return try await confirm(minimal, verdict, examination, before)
  }

  /// The sequential test on fresh loads; it alone spends of the campaign's error.
  private mutating func confirm(
    _ minimal: Minimised, _ verdict: Verdict, _ examination: Examination, _ before: Cost
  ) async throws -> Result<Winner, Rejection> {
    tell("confirm")
    let (candidate, executor) = (minimal.candidate, self.executor)
    let (error, ordinal) = errors.next()
    let rule = PairedConfirmation.Rule(
      error: error, smallestEffect: trust.smallestEffect, floor: Fitness.smallestAllowedBound)
    do {
      let confirmation = try await meter.measure(.measure) {
        try await executor.confirm(candidate.built, text: candidate.text, rule: rule)
      }
      meter.add(compiles: confirmation.compiles)
      resolution = Fitness.resolution(of: confirmation.measurements) ?? resolution
      let test = confirmation.test.record(ordinal: ordinal)
      guard case .winner = confirmation.test.decision else {
        var reason = "not confirmed on fresh loads"
        if case .rejected(let why) = confirmation.test.decision { reason = why }
        record(
          candidate, .noGain, reason, examination, confirmation.measurements, before, test)
        return .failure(Rejection(reason: reason))
      }
      if let loser = confirmation.measurements.first(where: {
        $0.speedup.low < Fitness.smallestAllowedBound
      }) {
        let reason = "does not carry over to the full size of workload '\(loser.workload)'"
        record(
          candidate, .noGain, reason, examination, confirmation.measurements, before, test)
        return .failure(Rejection(reason: reason))
      }
      return .success(try winner(minimal, verdict, examination, confirmation, test))
    } catch let failure as CandidateFailure {
      let failure = heard(failure)
      let entry = record(
        candidate, failure.outcome, failure.reason, examination, [], before,
        text: failure.isImpossible ? candidate.text : nil)
      log.quarantine(candidate.proposal.recipe, candidate.built.source, failure, entry)
      return .failure(Rejection(reason: failure.reason))
    }
  }

  private static func complaint(about examination: Examination) -> String {
    let obstacle = examination.evidence.first { $0.result != .passed }?.detail
    let verdict = examination.verdict?.rawValue ?? "none"
    return "verdict '\(verdict)' where '\(examination.required.rawValue)' is required"
      + (obstacle.map { ": \($0)" } ?? "")
  }

  @discardableResult
  private func record(
    _ candidate: Evaluated, _ outcome: Outcome, _ reason: String, _ examination: Examination,
    _ measurements: [Measurement], _ before: Cost, _ test: ConfirmationTest? = nil,
    text: [UInt8]? = nil
  ) -> Digest {
    let proposal = ProposedRecipe(
      candidate.proposal.recipe, parent: candidate.proposal.parent, origin: "finalist")
    return log.record(
      proposal, outcome: outcome, reason: reason, source: candidate.built.source, text: text,
      examination: examination, measurements: measurements, cost: meter.since(before),
      confirmation: test)
  }

  private func winner(
    _ minimal: Minimised, _ verdict: Verdict, _ examination: Examination,
    _ confirmation: Confirmation, _ test: ConfirmationTest
  ) throws -> Winner {
    let measurements = confirmation.measurements
    let candidate = minimal.candidate
    let original = try log.store(originalBytes)
    let emitted = try log.store(candidate.text)
    let patch = try log.store(
      UnifiedDiff(from: originalBytes, to: candidate.text, path: name.file).bytes)
    let cost = meter.total + log.cost
    let breakEven = BreakEven(measurements, cost: cost)
    return Winner(
      kernel: name, recipe: candidate.proposal.recipe, proposal: candidate.entry,
      effects: minimal.effects, baseSource: original, newSource: emitted, patch: patch,
      verdict: verdict, evidence: examination.evidence, measurements: measurements,
      smaller: confirmation.smaller.isEmpty ? nil : confirmation.smaller,
      // Seconds by the clock are not paid back in processor time.
      secondsSavedPerCall: threads > 1 ? nil : breakEven.secondsSavedPerCall,
      breakEvenCalls: threads > 1 ? nil : breakEven.calls,
      evaluations: budget.evaluations, cost: cost, confirmation: test,
      threads: threads > 1 ? threads : nil)
  }
}
