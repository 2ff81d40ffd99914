/// L0 on the level of characters: rules 1 and 2.
///
/// Comments and literals count too: what stands there can hide what follows, from a compiler (a
/// trigraph) or from a reader (characters that turn or look like others).
struct CharacterRule {
  let candidate: CandidateText
  let gate: FormGate

  /// Throws the first violation.
  func check() throws(FormViolation) {
    let (own, old) = (candidate.newText, candidate.replacedText)
    if let trigraph = Self.trigraphs(own).first(where: { !Self.trigraphs(old).contains($0) }) {
      try gate.refuse(FormViolation(.plainTokens, "the trigraph '\(trigraph)'"))
    }
    for mark in ["/*@", "//@"]
    where Self.count(of: mark, in: own) > Self.count(of: mark, in: old) {
      try gate.refuse(
        FormViolation(.placement, "an annotation, which whoever judges next would believe"))
    }
    let known = Set(String(decoding: old, as: UTF8.self).unicodeScalars)
    let new = String(decoding: own, as: UTF8.self).unicodeScalars.first {
      !$0.isASCII && !known.contains($0)
    }
    if let new {
      try gate.refuse(
        FormViolation(.plainTokens, "the character U+\(String(new.value, radix: 16))"))
    }
  }

  private static func count(of mark: String, in bytes: [UInt8]) -> Int {
    let sought = Array(mark.utf8)
    return bytes.indices.count(where: { bytes[$0...].starts(with: sought) })
  }

  private static func trigraphs(_ bytes: [UInt8]) -> [String] {
    bytes.indices.dropLast(2).compactMap { index in
      guard bytes[index] == 0x3f, bytes[index + 1] == 0x3f,
        "=/'()!<>-".utf8.contains(bytes[index + 2])
      else { return nil }
      return String(decoding: bytes[index...index + 2], as: UTF8.self)
    }
  }
}
