extension Kernel {
  /// The whole file with this function's body printed in place of the original one; every other
  /// byte is the user's own. An unchanged body gives back the file byte for byte.
  public func emit() -> [UInt8] {
    let body = CPrinter(function: function, source: source).body()
    let bytes = source.bytes
    return Array(bytes[..<function.bodyRange.lowerBound]) + Array(body.utf8)
      + Array(bytes[function.bodyRange.upperBound...])
  }

  /// The emitted file as text.
  public func emittedText() -> String { String(decoding: emit(), as: UTF8.self) }

  /// Replaces the body; everything else stays.
  public func replacing(body: Stmt) -> Kernel {
    var copy = self
    copy.function.body = body
    return copy
  }
}
