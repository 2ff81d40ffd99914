// Evidence bundles, format 1.
//
// A bundle is a directory that shows what a winner rests on to who has neither its lineage nor its sources.
// It holds exactly these files, as plain files:
//
//     README.txt               what is here and how to check it
//     original.c candidate.c   the file as it was, and with the rewrite
//     change.patch             the difference
//     entries.jsonl            lines of the log, letter by letter: see below
//     proofs.json              Merkle paths from these entries to a checkpoint
//     evidence.json            what the judge did, from the winner's entry
//     measurements.json        how fast it is, from the winner's entry
//     environment.json         machine, compilers, flags, contract and workloads
//     samples/<digest>         raw samples that measurements name, where they were kept
//     SHA256SUMS               the digests of all files above, as `sha256sum` prints them
//     test-result.intoto.json  in-toto statements over all files above and SHA256SUMS, each in a
//     provenance.intoto.json   DSSE envelope, signed where the exporter had a key
//
// Only these names are looked for. No path that the bundle itself spells is ever opened, no symbolic link
// followed.
//
// Entries. In the order of the log: the beginning of the campaign, the baseline, the proposal, the winner (the
// first entry of that kind), then every later entry that names the winner by its id (applications, approvals,
// retractions, whatever later versions add), and the newest checkpoint when it covers the winner. Each line is
// one of `LineageFormat`, with its own digest. Lines before the checkpoint have an inclusion proof in it; lines
// after it are newer and have none.
//
// Derived files. README.txt, the three documents cut out of entries, SHA256SUMS and the payloads of the two
// statements are functions of the other files. A verifier makes them again and compares bytes, so that
// nothing in them can say other things than the entries do. Documents are cut out of the entries as JSON, with
// members that this version does not know.
//
// Statements (in-toto Statement v1). Subjects are candidate.c and change.patch. All other files are named with
// their digests: in the test result (test-result v0.1) as its configuration, in the provenance (SLSA v1) as
// dependency (original.c) and byproducts. So one signature covers every byte but those of the envelopes, which
// have one form.
//
// What it shows. Without a key or a checkpoint from elsewhere: that the bundle is whole and agrees with itself;
// who made it could have made all of it. With a key: that its owner vouches for it. With a checkpoint: that the
// entries stood in that log. Never: what came into the log later.
//
// Versions. The number behind "ratchet.bundle.proofs/" is the format's. A change of any derived file raises it.

/// The files of an evidence bundle, in memory.
public struct EvidenceBundle: Hashable, Sendable {
  static let format = 1

  /// The contents by name, as a path below the bundle's directory.
  public var files: [String: [UInt8]]

  /// Creates a bundle of `files`, whatever they are.
  public init(files: [String: [UInt8]]) { self.files = files }
}

/// The names of the files of a bundle.
enum BundleFile {
  static let readme = "README.txt"
  static let original = "original.c"
  static let candidate = "candidate.c"
  static let patch = "change.patch"
  static let entries = "entries.jsonl"
  static let proofs = "proofs.json"
  static let evidence = "evidence.json"
  static let measurements = "measurements.json"
  static let environment = "environment.json"
  static let sums = "SHA256SUMS"
  static let testResult = "test-result.intoto.json"
  static let provenance = "provenance.intoto.json"
  static let samples = "samples"

  /// Every bundle has these.
  static let required = [
    readme, original, candidate, patch, entries, proofs, evidence, measurements, environment, sums,
    testResult, provenance,
  ]
}
