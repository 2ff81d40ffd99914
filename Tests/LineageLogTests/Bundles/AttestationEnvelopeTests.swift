import ExperimentRecords
import Foundation
import Testing

@testable import LineageLog

@Suite struct AttestationEnvelopeTests {
  /// The public key of RFC 8032's first test.
  static let known = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

  @Test func encodesAsDSSESays() {
    let encoded = AttestationEnvelope.encoded(
      type: "http://example.com/HelloWorld", body: Array("hello world".utf8))
    #expect(
      String(decoding: encoded, as: UTF8.self)
        == "DSSEv1 29 http://example.com/HelloWorld 11 hello world")
    #expect(AttestationEnvelope.encoded(type: "é", body: []) == Array("DSSEv1 2 é 0 ".utf8))
  }

  /// A signature of DSSE's own test vectors.
  @Test func takesASignatureThatOthersMade() throws {
    let payload = try #require(
      Data(base64Encoded: "eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEifQ=="))
    let value = try #require(
      Data(
        base64Encoded:
          "2WAfaHm5jluo0w+0rk8uVkluELJYWjSmU9x7EUzx+AyteDGJ4/nqyJXfmAUVFIAoQafWm7AxBZNw5M9ixNHiCA=="
      ))
    var envelope = try AttestationEnvelope(Array(payload), signedBy: nil)
    #expect(envelope.holds)
    envelope.signatures = [.init(key: Self.known, value: Array(value))]
    #expect(envelope.holds)
    #expect(AttestationEnvelope(file: envelope.bytes) == envelope)
    let other = AttestationEnvelope.encoded(
      type: "application/vnd.example.other+json", body: Array(payload))
    #expect(!isSignature(Array(value), by: Self.known, over: other))
    envelope.signatures.append(envelope.signatures[0])
    #expect(!envelope.holds, "a key signs once")
    envelope.signatures = [.init(key: String(repeating: "0", count: 64), value: Array(value))]
    #expect(!envelope.holds)
    envelope.signatures = [.init(key: "", value: [])]
    #expect(!envelope.holds)
  }

  @Test func takesNoOtherSpellingOfItself() throws {
    let envelope = try AttestationEnvelope(Array("{\"a\":1}".utf8), signedBy: nil)
    let text = String(decoding: envelope.bytes, as: UTF8.self)
    #expect(AttestationEnvelope(file: Array(text.utf8)) == envelope)
    for other in [
      text + "\n", " " + text, text.replacing("{\"payload\"", with: "{ \"payload\""),
      text.replacing("\"signatures\"", with: "\"more\":1,\"signatures\""),
      text.replacing("[]", with: "null"), text.replacing("in-toto+json", with: "in-toto+JSON"),
      text.replacing("\"payload\":", with: "\"payload\":\"\",\"payload\":"), "",
    ] {
      #expect(AttestationEnvelope(file: Array(other.utf8)) == nil, "\(other)")
    }
  }
}
