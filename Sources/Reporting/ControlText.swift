public import ExperimentRecords

/// What entries of control say in one line, without kind and kernel.
func controlSummary(_ content: LineageEntry.Content) -> String {
  switch content {
  case .actionRefused(let refused):
    "\(refused.action) by \(refused.by), \(levels(refused)): \(refused.reason)"
  case .quarantined(let quarantined):
    "\(quarantined.recipe), \(quarantined.reason)"
  case .envelopeDeclared(let declared):
    "\(declared.hash.short) by \(declared.by), up to generation "
      + "\(declared.bounds.lastGeneration), \(fixed(declared.bounds.cpuHours, 2)) CPU hours each, "
      + "growth up to \(speedupText(declared.bounds.largestGrowth))"
  case .generationEnded(let ended):
    "\(ended.number) at \(ended.level), improvement \(fixed(ended.improvement, 4)) in "
      + "\(fixed(ended.cpuHours, 4)) CPU hours, product \(ended.product.short)"
  case .tripwirePaused(let paused):
    "generation \(paused.number) improves \(fixed(paused.rate, 4)) per CPU hour, and "
      + "\(fixed(paused.earlierRate, 4)) before; "
      + (paused.allowedBy.map { "allowed by envelope \($0.short)" }
        ?? "waits for a person's approval")
  default: ""
  }
}

/// What entries of control say, line by line.
func controlLines(_ content: LineageEntry.Content) -> [String] {
  let details: [String?] =
    switch content {
    case .actionRefused(let refused):
      [refused.subject.map { "entry: \($0)" }, "limit from: \(refused.origin)"]
    case .quarantined(let quarantined):
      [
        "proposal: \(quarantined.proposal)", "source: \(quarantined.source)",
        "measurement: " + measurementText(quarantined.measurement),
        quarantined.measurement.limit.map(certainText),
      ]
    case .envelopeDeclared(let declared):
      ["hash: \(declared.hash)"] + declared.bounds.paths.map { "may write: \($0)" }
    case .generationEnded(let ended):
      ["product: \(ended.product)"] + [ended.envelope.map { "envelope: \($0)" }]
    case .tripwirePaused(let paused):
      ["generation: \(paused.generation)", "compared with: \(paused.earlier)"]
    default: []
    }
  return [controlSummary(content)] + details.compactMap { $0 }
}

/// A ceiling that was reached: `ceiling on compiles: 52 of 50 spent (.ratchet.yml)`.
public func ceilingText(_ reached: CeilingReached) -> String {
  let (spent, limit) =
    switch reached.ceiling {
    case .cpu, .wall: (durationText(reached.spent), durationText(reached.limit))
    case .compiles, .disk, .accepted: (fixed(reached.spent, 0), fixed(reached.limit, 0))
    }
  return "ceiling on \(reached.ceiling.rawValue): \(spent) of \(limit) spent (\(reached.origin))"
}

private func levels(_ refused: ActionRefused) -> String {
  guard let needed = refused.needed, let allowed = refused.allowed else {
    return "limit from \(refused.origin)"
  }
  return "needs \(needed) where \(allowed) is allowed by \(refused.origin)"
}

private func certainText(_ limit: RooflineLimit) -> String {
  "limit: \(limit.certainBytes) bytes that every right candidate touches take at least "
    + "\(callText(nanoseconds: limit.certainNanoseconds))"
}
