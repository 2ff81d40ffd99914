import ExperimentRecords

/// The documents that are cut out of entries.
struct BundleDocuments {
  let entries: BundleEntries
  /// The samples that the bundle holds.
  let samples: Set<Digest>

  /// The files by name.
  var files: [String: [UInt8]] {
    [
      BundleFile.evidence: evidence.bytes(isIndented: true),
      BundleFile.measurements: measurements.bytes(isIndented: true),
      BundleFile.environment: environment.bytes(isIndented: true),
    ]
  }

  private var winner: JSONValue { entries.winner.content }

  private var evidence: JSONValue {
    document(
      "evidence",
      winner.only(["kernel", "recipe", "verdict", "evidence", "baseSource", "newSource", "patch"]))
  }

  private var measurements: JSONValue {
    let names = [
      "kernel", "measurements", "smaller", "effects", "confirmation", "threads",
      "secondsSavedPerCall", "breakEvenCalls", "evaluations", "cost",
    ]
    func list(_ digests: Set<Digest>) -> JSONValue {
      .array(digests.sorted().map { .string($0.hex) })
    }
    let raw = JSONValue.object([
      "here": list(samples), "notKept": list(entries.samples.subtracting(samples)),
    ])
    return document("measurements", winner.only(names).merging(["samples": raw]) { $1 })
  }

  private var environment: JSONValue {
    let campaign = entries.campaign.content.only([
      "tool", "machine", "compiler", "flags", "peaks", "settings", "seed", "paths",
    ])
    let kernel = entries.baseline.content.only([
      "kernel", "line", "compiler", "flags", "contract", "contractOrigin", "staticControl",
      "workloads", "nanoseconds", "limits",
    ])
    return document("environment", ["campaign": .object(campaign), "baseline": .object(kernel)])
  }

  private func document(_ name: String, _ members: [String: JSONValue]) -> JSONValue {
    let head: [String: JSONValue] = [
      "schema": .string("ratchet.bundle.\(name)/\(EvidenceBundle.format)"),
      "entry": .string(entries.winner.id.hex),
    ]
    return .object(members.merging(head) { $1 })
  }
}

extension JSONValue {
  /// The members with one of `names`.
  func only(_ names: [String]) -> [String: JSONValue] {
    guard case .object(let members) = self else { return [:] }
    return members.filter { names.contains($0.key) }
  }
}

/// The digests of `files` as `sha256sum` prints them and checks them.
func sums(of files: [String: [UInt8]]) -> [UInt8] {
  let lines = files.sorted { $0.key < $1.key }.map { "\(Digest(of: $0.value))  \($0.key)\n" }
  return Array(lines.joined().utf8)
}
