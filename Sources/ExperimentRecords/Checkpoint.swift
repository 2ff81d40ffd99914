/// A promise about all entries before it: whoever holds a checkpoint can tell whether the log that it was
/// taken from was only extended since.
public struct Checkpoint: Codable, Hashable, Sendable {
  /// How many entries it covers: those before its own.
  public var entries: Int
  /// The Merkle tree hash over their ids (RFC 9162, section 2.1.1, with SHA-256).
  public var root: Digest
  /// Who vouches for it; `nil` where no key is configured.
  public var signature: Signature?

  /// An Ed25519 signature (RFC 8032).
  public struct Signature: Codable, Hashable, Sendable {
    /// The public key: 64 hexadecimal digits.
    public var key: String
    /// The signature: 128 hexadecimal digits.
    public var value: String

    /// Creates the signature from its parts.
    public init(key: String, value: String) {
      self.key = key
      self.value = value
    }
  }

  /// Creates the record from its parts.
  public init(entries: Int, root: Digest, signature: Signature? = nil) {
    self.entries = entries
    self.root = root
    self.signature = signature
  }

  /// What the signature is over: three lines, each ended by a newline.
  public var statement: String { "ratchet lineage checkpoint\nentries \(entries)\nroot \(root)\n" }
}
