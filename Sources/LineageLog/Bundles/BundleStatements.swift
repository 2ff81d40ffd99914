import ExperimentRecords

/// The in-toto statements of a bundle.
///
/// Sources: in-toto Attestation Framework, Statement v1 and the predicates `test-result` v0.1; SLSA provenance v1.
struct BundleStatements {
  let entries: BundleEntries
  /// Digests of everything that is stated about, by name.
  let digests: [String: Digest]

  private static let subjects = [BundleFile.candidate, BundleFile.patch]

  private var winner: JSONValue { entries.winner.content }

  /// What the judge found. Levels that could not decide are warnings, so that only a candidate with nothing
  /// left open is `PASSED`; a winner that was retracted is `FAILED`.
  var testResult: [UInt8] {
    let levels = winner["evidence"]?.array ?? []
    func tests(_ result: String) -> JSONValue {
      let names = levels.filter { $0["result"]?.string == result }.map {
        "\($0["level"]?.string ?? "") \($0["method"]?.string ?? "")"
      }
      return .array(names.map { .string($0) })
    }
    return statement(
      "https://in-toto.io/attestation/test-result/v0.1",
      [
        "result": .string(result), "configuration": descriptors { _ in true },
        "passedTests": tests("passed"), "warnedTests": tests("inconclusive"),
        "failedTests": tests("failed"), "ratchet": found,
      ])
  }

  /// How the candidate came about: one recipe, applied to one file.
  var provenance: [UInt8] {
    let campaign = entries.campaign.content
    let definition = JSONValue.object([
      "buildType": .string("urn:ratchet:recipe:1"),
      "externalParameters": .object(
        winner.only(["kernel", "recipe"]).merging(campaign.only(["settings", "seed"])) { $1 }),
      "internalParameters": .object(entries.baseline.content.only(["compiler", "flags"])),
      "resolvedDependencies": descriptors { $0 == BundleFile.original },
    ])
    let run = JSONValue.object([
      "builder": .object([
        "id": .string("urn:ratchet:agent"), "version": .object(campaign.only(["tool"])),
      ]),
      "metadata": .object([
        "invocationId": entries.winner.json["campaign"] ?? .null,
        "startedOn": entries.campaign.json["time"] ?? .null,
        "finishedOn": entries.winner.json["time"] ?? .null,
      ]),
      "byproducts": descriptors { $0 != BundleFile.original },
    ])
    return statement(
      "https://slsa.dev/provenance/v1", ["buildDefinition": definition, "runDetails": run])
  }

  private var result: String {
    let results = (winner["evidence"]?.array ?? []).map { $0["result"]?.string }
    let verdict = winner["verdict"]?.string.flatMap { Verdict(rawValue: $0) } ?? .inconclusive
    if !entries.retractions.isEmpty || results.contains("failed") || verdict < .tested {
      return "FAILED"
    }
    return results.allSatisfy { $0 == "passed" } ? "PASSED" : "WARNED"
  }

  /// What the entries say, as an extension of the predicate.
  private var found: JSONValue {
    let speedups = (winner["measurements"]?.array ?? []).map {
      JSONValue.object($0.only(["workload", "sizes", "speedup"]))
    }
    var members = winner.only(["kernel", "recipe", "verdict"])
    members["entry"] = .string(entries.winner.id.hex)
    members["speedups"] = .array(speedups)
    members["retractedBy"] = .array(entries.retractions.map { .string($0.hex) })
    if let seal = entries.checkpoint {
      members["checkpoint"] = .object(
        seal.content.only(["entries", "root"]).merging(["entry": .string(seal.id.hex)]) { $1 })
    }
    return .object(members)
  }

  private func statement(_ type: String, _ predicate: [String: JSONValue]) -> [UInt8] {
    JSONValue.object([
      "_type": .string("https://in-toto.io/Statement/v1"),
      "subject": .array(Self.subjects.map(descriptor)), "predicateType": .string(type),
      "predicate": .object(predicate),
    ]).bytes(isIndented: false)
  }

  /// The files that are no subjects, as resource descriptors.
  private func descriptors(_ isMeant: (String) -> Bool) -> JSONValue {
    let names = digests.keys.sorted().filter { !Self.subjects.contains($0) && isMeant($0) }
    return .array(names.map(descriptor))
  }

  private func descriptor(_ name: String) -> JSONValue {
    .object([
      "name": .string(name),
      "digest": .object(["sha256": .string(digests[name]?.hex ?? "")]),
    ])
  }
}
