import Diagnostics
import ExperimentRecords
import LineageLog

// The sentences that text and Markdown reports share.

/// `faster by 1.80× [1.74, 1.86], tested`.
func winnerSentence(_ kernel: KernelReport) -> String {
  guard let winner = kernel.winner, let speedup = kernel.speedup else { return kernel.remark }
  return "faster by \(speedupText(speedup)), \(winner.verdict.rawValue)"
    + (kernel.doubt == nil ? "" : ", in doubt")
}

/// What a step of a winner brings.
func effectText(_ effect: StepEffect) -> String {
  effect.speedup.map { "brings \(speedupText($0))" } ?? "the rest cannot stand without it"
}

/// A measurement in one line: name, sizes, times, speedup and how much it rests on.
func measurementText(_ measurement: ExperimentRecords.Measurement) -> String {
  let sizes = measurement.sizes.isEmpty ? "" : " (\(sizesText(measurement.sizes)))"
  return "\(printable(measurement.workload + sizes)): "
    + "\(callText(nanoseconds: measurement.baselineNanoseconds)) → "
    + "\(callText(nanoseconds: measurement.candidateNanoseconds)), "
    + "\(speedupText(measurement.speedup)), \(plural(measurement.pairs, "pair")) in "
    + "\(plural(measurement.loads, "load"))\(levelText(measurement.speedup)), "
    + "\(printable(measurement.compiler)) "
    + printable(measurement.flags.joined(separator: " "))
    + (measurement.instructions.map { "; \(instructionsText($0))" } ?? "")
    + (measurement.threaded.map { "; \(threadedText($0))" } ?? "")
}

/// The level of an interval that has less than the usual one.
private func levelText(_ interval: ConfidenceInterval) -> String {
  interval.level < 0.95 ? " (an interval of \(fixed(interval.level * 100, 0)) %)" : ""
}

/// Instructions of a call before and after.
func instructionsText(_ counts: InstructionCounts) -> String {
  let share = Double(counts.candidate) / Double(max(1, counts.original)) * 100
  return "\(counts.original) → \(counts.candidate) instructions (\(fixed(share, 1)) %)"
}

/// What the test over fresh loads found, in one line.
func confirmationText(_ test: ConfirmationTest) -> String {
  "faster in \(test.above) of \(plural(test.loads, "fresh load")), evidence "
    + "10^\(fixed(test.logEvidence, 1)) where 10^\(fixed(test.logThreshold, 1)) was asked for, gains "
    + "above \(percentText(test.smallestEffect)) kept"
}

/// What a method of the judge found, in one line.
func evidenceText(_ evidence: Evidence) -> String {
  var parts = ["\(evidence.level.rawValue) \(evidence.method) \(evidence.result.rawValue)"]
  if let inputs = evidence.inputs {
    let seed = evidence.seed.map { ", seed \($0)" } ?? ""
    parts.append("\(plural(inputs, "input"))\(seed)")
  }
  if !evidence.sizes.isEmpty { parts.append(plural(evidence.sizes.count, "choice") + " of sizes") }
  if let coverage = evidence.branchCoverage {
    parts.append("\(percentText(coverage)) of branches")
  }
  if !evidence.detail.isEmpty { parts.append(evidence.detail) }
  if !evidence.assumptions.isEmpty {
    parts.append("assuming " + evidence.assumptions.joined(separator: " and "))
  }
  return printable(parts.joined(separator: "; "))
}

/// When a winner has paid for its search.
func breakEvenText(_ winner: Winner) -> String? {
  guard let calls = winner.breakEvenCalls else { return nil }
  let saved =
    winner.secondsSavedPerCall.map { ", each saving \(callText(nanoseconds: $0 * 1e9))" } ?? ""
  return "pays for its search of \(durationText(winner.cost.cpuSeconds)) CPU after "
    + "\(countText(calls)) calls\(saved)"
}

/// What a program of the user's gains as a whole.
func programText(_ program: ProgramMeasured) -> String {
  let times = [program.baselineSeconds, program.winnerSeconds].map {
    callText(nanoseconds: $0 * 1e9)
  }
  return printable(
    "program '\(program.run)' with \(plural(program.winners.count, "winner")): "
      + "\(speedupText(program.speedup)), \(times[0]) → \(times[1]), "
      + plural(program.pairs, "pair"))
}

/// How the mean and its interval were computed.
func meanNote(_ mean: ConfidenceInterval) -> String {
  "(a kernel's speedup and its bounds are geometric means over its workloads; the mean is that over "
    + "kernels, those without gain counting for 1, and its interval, level "
    + "\(fixed(mean.level * 100, 0)) %, adds the log intervals of kernels as independent errors)"
}

/// The facts that every figure depends on.
func circumstances(of report: Report) -> [(name: String, value: String)] {
  guard let campaign = report.campaign else { return [("campaign", "none")] }
  let started = campaign.started
  let settings = started.settings.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
  let flags = started.flags.joined(separator: " ")
  return [
    ("campaign", "\(campaign.name), \(started.tool), \(endText(campaign))"),
    ("machine", machineText(started.machine)), ("compiler", "\(started.compiler) \(flags)"),
    ("settings", (settings + ["seed \(started.seed)"]).joined(separator: ", ")),
  ] + [started.peaks.map { ("peaks of one core", peaksText($0)) }].compactMap { $0 }
}

/// A machine in one line.
func machineText(_ machine: Machine) -> String {
  let caches = machine.caches.filter { $0.kind != "instruction" }.map {
    "L\($0.level) \(bytesText($0.bytes))"
  }
  return
    ([machine.cpu, plural(machine.cores, "core")] + caches + [
      machine.kernel, machine.operatingSystem,
    ] + [machine.virtualization].compactMap { $0 }).joined(separator: ", ")
}

private func endText(_ campaign: CampaignRecord) -> String {
  guard let ended = campaign.ended else { return "not ended" }
  return "ended: \(ended.reason.rawValue)" + (ended.detail.map { " (\($0))" } ?? "")
}

/// A capacity: `48 KiB`, `2 MiB`.
private func bytesText(_ bytes: Int) -> String {
  if bytes >= 1 << 20, bytes % (1 << 20) == 0 { return "\(bytes >> 20) MiB" }
  if bytes >= 1 << 10, bytes % (1 << 10) == 0 { return "\(bytes >> 10) KiB" }
  return "\(bytes) B"
}
