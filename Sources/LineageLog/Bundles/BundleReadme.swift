import Diagnostics
import ExperimentRecords
import Foundation

/// The text that tells a person what is in a bundle and how to check it.
struct BundleReadme {
  let entries: BundleEntries

  private var winner: JSONValue { entries.winner.content }
  private var id: String { entries.winner.id.short }

  var text: String {
    """
    An evidence bundle of ratchet, format \(EvidenceBundle.format).

    \(subject)

    What is here
        original.c              the file as it was
        candidate.c             the same file with the rewrite
        change.patch            the difference between the two
        evidence.json           what the judge did: levels, inputs, seeds, assumptions
        measurements.json       how fast it is, with intervals; what it cost
        samples/                raw samples, where they were kept
        environment.json        machine, compilers, flags, settings, contract, workloads
        entries.jsonl           the lines of the log that this rests on, letter by letter
        proofs.json             Merkle paths from these lines to a checkpoint (RFC 9162)
        test-result.intoto.json, provenance.intoto.json
                                in-toto statements over all other files, in DSSE envelopes
        SHA256SUMS              digests of all files but the statements

    How to check it, without a network and without the lineage
        ratchet lineage verify .                              everything in it
        ratchet lineage verify . --public-key KEY.pem         and that this key signed it
        ratchet lineage verify . --checkpoint ENTRIES:ROOT    and that this log held it
    With plain tools
        sha256sum -c SHA256SUMS
        patch -s -o - original.c change.patch | cmp - candidate.c
        sed -n 1p entries.jsonl | cut -c85- | sed 's/}$//' | tr -d '\\n' | sha256sum
            (the digest that line 1 begins with; so for all lines)
        jq -r .payload test-result.intoto.json | base64 -d | jq .

    What it shows
        Without a key or a checkpoint that came another way, only that the bundle is whole and
        agrees with itself: who made it could have made all of it. What came into the log after it
        was exported, such as a retraction, it cannot show. Headers that original.c includes are
        not in it.

    How to do it again
        In the project, whose headers are needed:
            \(judge)
        With the lineage:
            ratchet lineage replay \(id)              the same bytes, the same verdict?
            ratchet lineage replay \(id) --measure    and as fast as it was?

    """
  }

  private var subject: String {
    let kernel = winner["kernel"]
    let gains = (winner["measurements"]?.array ?? []).map { one in
      let speedup = one["speedup"]
      let figures = ["median", "low", "high"].map { speedup?[$0]?.double ?? 0 }
      return String(format: "    %.2fx [%.2f, %.2f] on ", figures[0], figures[1], figures[2])
        + printable("'\(one["workload"]?.string ?? "")'")
    }
    let head = [
      printable(
        "Rewritten: '\(kernel?["function"]?.string ?? "")' in \(kernel?["file"]?.string ?? "")"),
      printable("Recipe:    \(winner["recipe"]?.string ?? "")"),
      "Verdict:   \(printable(winner["verdict"]?.string ?? ""))",
      "Entry:     \(entries.winner.id)",
    ]
    let taken = entries.retractions.map { "Retracted by entry \($0)" }
    return (head + taken + ["Speedup:"] + gains).joined(separator: "\n")
  }

  /// The command that judges the rewrite as it was judged.
  private var judge: String {
    let settings = entries.campaign.content["settings"]
    let compiler = entries.baseline.content["compiler"] ?? entries.campaign.content["compiler"]
    let flags = (entries.baseline.content["flags"]?.array ?? []).compactMap(\.string)
    var words = ["ratchet", "verify", BundleFile.original, BundleFile.candidate]
    words += ["--function", quoted(winner["kernel"]?["function"]?.string ?? "")]
    if let mode = settings?["fp"]?.string { words += ["--fp", quoted(mode)] }
    if let needed = settings?["require"]?.string, needed != "default" {
      words += ["--require", quoted(needed)]
    }
    if let path = compiler?["path"]?.string { words += ["--cc", quoted(path)] }
    if case .number(let seed)? = entries.campaign.content["seed"] { words += ["--seed", seed] }
    if !flags.isEmpty { words += ["--cflags", quoted(flags.map(quoted).joined(separator: " "))] }
    return printable(words.joined(separator: " "))
  }
}

/// `word` as a shell reads it as one.
private func quoted(_ word: String) -> String {
  let isPlain = word.utf8.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: "/._-+=:@%,".utf8.contains(byte)
    }
  }
  return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
}
