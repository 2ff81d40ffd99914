import Foundation

import enum Crypto.Curve25519

/// An in-toto statement with the signatures over it: a DSSE envelope.
///
///     {"payload":"<base64>","payloadType":"application/vnd.in-toto+json","signatures":[
///      {"keyid":"<public key>","sig":"<base64>"}]}
///
/// The signatures are Ed25519 (RFC 8032), and `keyid` holds the 64 hexadecimal digits of the public key, so that
/// a reader can tell whose signature it is said to be. Only a key that was got elsewhere tells whose it is. A
/// file is taken only in the form that `bytes` gives it, since white space and base64 have other forms that no
/// signature covers.
///
/// Source: DSSE 1.0 (secure-systems-lab/dsse, protocol.md and envelope.md).
struct AttestationEnvelope: Hashable {
  static let payloadType = "application/vnd.in-toto+json"

  /// A signature with the key that it is said to be by.
  struct Signature: Hashable {
    /// 64 hexadecimal digits.
    var key: String
    var value: [UInt8]
  }

  /// The statement.
  var payload: [UInt8]
  var signatures: [Signature]

  /// Wraps `payload`, signed where there is a key.
  init(_ payload: [UInt8], signedBy key: SigningKey?) throws(LineageError) {
    self.payload = payload
    signatures = []
    guard let key else { return }
    let message = Self.encoded(type: Self.payloadType, body: payload)
    let signature = try key.signature(over: message)
    signatures = [Signature(key: hexadecimal(signature.key), value: signature.value)]
  }

  /// Reads a file; `nil` unless it is exactly what `bytes` gives.
  init?(file: [UInt8]) {
    guard let value = try? JSONValue(parsing: file),
      value["payloadType"]?.string == Self.payloadType,
      let payload = value["payload"]?.string.flatMap({ Data(base64Encoded: $0) }),
      let list = value["signatures"]?.array
    else { return nil }
    self.payload = Array(payload)
    signatures = []
    for one in list {
      guard let key = one["keyid"]?.string, let text = one["sig"]?.string,
        let value = Data(base64Encoded: text)
      else { return nil }
      signatures.append(Signature(key: key, value: Array(value)))
    }
    if bytes != file { return nil }
  }

  /// The file.
  var bytes: [UInt8] {
    let list = signatures.map {
      JSONValue.object([
        "keyid": .string($0.key), "sig": .string(Data($0.value).base64EncodedString()),
      ])
    }
    return JSONValue.object([
      "payload": .string(Data(payload).base64EncodedString()),
      "payloadType": .string(Self.payloadType), "signatures": .array(list),
    ]).bytes(isIndented: false) + [UInt8(ascii: "\n")]
  }

  /// Whether every signature is that of the key that it names, and no key signs twice.
  var holds: Bool {
    let message = Self.encoded(type: Self.payloadType, body: payload)
    return Set(signatures.map(\.key)).count == signatures.count
      && signatures.allSatisfy { isSignature($0.value, by: $0.key, over: message) }
  }

  /// What is signed: DSSE's pre-authentication encoding, by which no type and body can pass for another.
  static func encoded(type: String, body: [UInt8]) -> [UInt8] {
    Array("DSSEv1 \(type.utf8.count) \(type) \(body.count) ".utf8) + body
  }
}

/// Whether `value` is the Ed25519 signature of the key with the digits `key` over `message`.
func isSignature(_ value: [UInt8], by key: String, over message: [UInt8]) -> Bool {
  guard let key = bytes(hexadecimal: key),
    let known = try? Curve25519.Signing.PublicKey(rawRepresentation: key)
  else { return false }
  return known.isValidSignature(value, for: message)
}
