internal import CClang

extension CXString {
  /// The text, after which the C string is disposed of; empty for a null string.
  var consumed: String {
    defer { clang_disposeString(self) }
    guard let text = clang_getCString(self) else { return "" }
    return String(cString: text)
  }
}
