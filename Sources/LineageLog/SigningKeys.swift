import Diagnostics
public import ExperimentRecords
import Foundation
public import SystemPackage

import enum Crypto.Curve25519

/// The private half of a person's Ed25519 key, with which checkpoints are signed.
public struct SigningKey: Sendable {
  /// The 32 bytes that the key is made from.
  private let seed: Data

  /// Reads the PKCS #8 file in PEM form that `openssl genpkey -algorithm ed25519` writes (RFC 8410).
  ///
  /// Throws `LineageError.input` when the file cannot be read, holds something else, or may be read by
  /// others than its owner.
  public init(file: FilePath, files: any FileOperations = SystemFiles()) throws(LineageError) {
    let mode: UInt32?
    do { mode = try files.status(file)?.mode } catch { throw LineageError(error) }
    if let mode, mode & 0o077 != 0 {
      throw .input(
        InputError(
          "the signing key can be read by others", at: SourceLocation(file: file.string),
          remedy: "chmod 600 it"))
    }
    seed = try keyBytes(
      file, files, label: "PRIVATE KEY", prefix: "302e020100300506032b657004220420",
      remedy: "make one with 'openssl genpkey -algorithm ed25519 -out \(file)'")
  }

  /// `checkpoint` with this key's signature.
  public func sign(_ checkpoint: Checkpoint) throws(LineageError) -> Checkpoint {
    var signed = checkpoint
    signed.signature = try signature(over: checkpoint.statement)
    return signed
  }

  /// `approval`, to be appended behind the entry called `previous`, with this key's signature.
  public func sign(
    _ approval: Approval, after previous: Digest
  ) throws(LineageError) -> Approval {
    var signed = approval
    signed.signature = try signature(over: approval.statement(after: previous))
    return signed
  }

  /// The public half.
  public var publicKey: PublicKey {
    get throws(LineageError) {
      // Any signature tells it.
      PublicKey(hex: try signature(over: "").key)
    }
  }

  private func signature(over statement: String) throws(LineageError) -> Checkpoint.Signature {
    do {
      let key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
      let signature = try key.signature(for: Data(statement.utf8))
      return Checkpoint.Signature(
        key: hexadecimal(key.publicKey.rawRepresentation), value: hexadecimal(signature))
    } catch {
      throw .input(InputError("nothing can be signed with the key: \(error)"))
    }
  }
}

extension SigningKey {
  /// The public half, and the signature over `message`, both as bytes.
  func signature(over message: [UInt8]) throws(LineageError) -> (key: [UInt8], value: [UInt8]) {
    do {
      let key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
      let value = try key.signature(for: message)
      return (Array(key.publicKey.rawRepresentation), Array(value))
    } catch {
      throw .input(InputError("it cannot be signed: \(error)"))
    }
  }
}

/// The public half of a key, which others check checkpoints with.
public struct PublicKey: Hashable, Sendable {
  /// 64 hexadecimal digits.
  public let hex: String

  fileprivate init(hex: String) { self.hex = hex }

  /// Reads 64 hexadecimal digits, or the one line of base64 in the PEM file of a public key; `nil` for
  /// anything else.
  public init?(_ text: String) {
    let digits = text.lowercased()
    if digits.utf8.count == 64, bytes(hexadecimal: digits) != nil {
      hex = digits
      return
    }
    guard let der = Data(base64Encoded: text), let start = bytes(hexadecimal: publicPrefix),
      der.starts(with: start), der.count == start.count + 32
    else { return nil }
    hex = hexadecimal(der.dropFirst(start.count))
  }

  /// Reads the PEM file that `openssl pkey -pubout` writes (RFC 8410).
  public init(file: FilePath, files: any FileOperations = SystemFiles()) throws(LineageError) {
    hex = hexadecimal(
      try keyBytes(
        file, files, label: "PUBLIC KEY", prefix: publicPrefix,
        remedy: "make it with 'openssl pkey -in KEY -pubout'"))
  }
}

/// What the DER form of an Ed25519 public key begins with.
private let publicPrefix = "302a300506032b6570032100"

extension Checkpoint.Signature {
  /// Whether the signature is that of its key over `checkpoint`.
  func isValid(for checkpoint: Checkpoint) -> Bool { isValid(over: checkpoint.statement) }

  /// Whether the signature is that of its key over `statement`.
  func isValid(over statement: String) -> Bool {
    guard let key = bytes(hexadecimal: key), let value = bytes(hexadecimal: value),
      let known = try? Curve25519.Signing.PublicKey(rawRepresentation: key)
    else { return false }
    return known.isValidSignature(value, for: Data(statement.utf8))
  }
}

/// The 32 bytes of a key behind the fixed beginning of its DER form.
private func keyBytes(
  _ file: FilePath, _ files: any FileOperations, label: String, prefix: String, remedy: String
) throws(LineageError) -> Data {
  let text: String
  do {
    text = String(decoding: try files.contents(of: file), as: UTF8.self)
  } catch {
    throw LineageError(error)
  }
  let lines = text.split(whereSeparator: \.isNewline).map {
    $0.trimmingCharacters(in: .whitespaces)
  }
  guard let first = lines.firstIndex(of: "-----BEGIN \(label)-----"),
    let last = lines.firstIndex(of: "-----END \(label)-----"), first < last,
    let der = Data(base64Encoded: lines[(first + 1)..<last].joined()),
    let start = bytes(hexadecimal: prefix), der.starts(with: start), der.count == start.count + 32
  else {
    throw .input(
      InputError(
        "no Ed25519 key in PEM form", at: SourceLocation(file: file.string), remedy: remedy))
  }
  return der.dropFirst(start.count)
}
