import Diagnostics
import EquivalenceChecking
import ExperimentRecords

/// What the judge says, for people.
struct VerificationText {
  private let result: VerificationResult
  private let function: String
  private let reproducer: String?

  init(_ result: VerificationResult, function: String, reproducer: String?) {
    (self.result, self.function, self.reproducer) = (result, function, reproducer)
  }

  /// The verdict, then what it rests on.
  var text: String {
    var lines: [String] = []
    if let counterexample = result.counterexample {
      lines += ["  \(counterexample)", "  " + rerun(counterexample)]
    }
    lines += result.levels.map { "  \(EvidenceText.line($0))" }
    if let reason = result.requiredBecause {
      lines.append("  needs 'tested' and no more by default: \(reason)")
    }
    lines += result.assumptions.map { "  assumes \($0)" }
    return headline + "\n" + lines.map { printable($0) + "\n" }.joined()
  }

  private var headline: String {
    let style = TerminalStyle.output
    let function = printable(function)
    switch result.verdict {
    case .refuted:
      let level = result.refutingLevel.map { " at \($0.rawValue)" } ?? ""
      let reason =
        result.counterexample == nil ? result.reason.map { ": " + printable($0) } ?? "" : ""
      return style.red("refuted") + "\(level): '\(function)' is not equivalent\(reason)"
    case .inconclusive:
      return style.yellow("inconclusive") + ": nobody knows about '\(function)'"
        + (result.reason.map { ": " + printable($0) } ?? "")
    case .tested, .bounded, .proved:
      let verdict = result.verdict.rawValue
      guard result.isAccepted else {
        return style.yellow("\(verdict) only")
          + ": '\(function)' shows no difference, and '\(result.required.rawValue)' is required"
      }
      return style.green(verdict) + ": '\(function)' is equivalent as far as '\(verdict)' says"
    }
  }

  private func rerun(_ counterexample: Counterexample) -> String {
    guard counterexample.reproducer != nil else { return "no program shows it" }
    guard let reproducer else { return "--reproducer FILE writes a program that shows it" }
    return "run it: cc \(ShellText.quoted(reproducer)) -o shows-it -lm && ./shows-it"
  }
}

/// `ratchet.verify/1`: what the judge says, for programs.
struct VerifyDocument: Encodable {
  private enum Key: String, CodingKey {
    case schema, verdict, required, accepted, levels, assumptions, counterexample, cost
  }

  private let result: VerificationResult

  init(_ result: VerificationResult) { self.result = result }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode("ratchet.verify/1", forKey: .schema)
    try container.encode(result.verdict, forKey: .verdict)
    try container.encode(result.required, forKey: .required)
    try container.encode(result.isAccepted, forKey: .accepted)
    try container.encode(result.levels, forKey: .levels)
    try container.encode(result.assumptions, forKey: .assumptions)
    // `null` when there is none, and never left out.
    try container.encode(result.counterexample, forKey: .counterexample)
    try container.encode(result.cost, forKey: .cost)
  }
}
