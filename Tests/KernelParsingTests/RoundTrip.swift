import KernelModel
import KernelParsing

/// The oracle of the parser: what it read must print back to the same bytes, and what is printed
/// from the tree alone must read as the same tree.
enum RoundTrip {
  /// What is wrong with a kernel's round trip; nil when nothing is.
  static func complaint(_ kernel: Kernel, _ parser: KernelParser) -> String? {
    if kernel.emit() != kernel.source.bytes { return "emit changes bytes of the unchanged file" }
    do {
      try kernel.function.checkWellFormed()
    } catch {
      return "not well formed: \(error)"
    }
    let body = CPrinter(
      function: kernel.function, source: kernel.source, usesOriginals: false
    ).body()
    let bytes = kernel.source.bytes
    let range = kernel.function.bodyRange
    let text = Array(bytes[..<range.lowerBound]) + Array(body.utf8) + bytes[range.upperBound...]
    let again: ParsedFile
    do {
      again = try parser.parseText(text, at: kernel.source.path, build: kernel.build)
    } catch {
      return "the printed body does not parse: \(error)\n\(body)"
    }
    guard let other = again.kernel(named: kernel.function.name) else {
      let reason = again.skipped.first { $0.name == kernel.function.name }?.reason
      return "the printed body is not read again: \(reason ?? "it is gone")\n\(body)"
    }
    let before = TreeDump(kernel, showsTypes: true).text()
    let after = TreeDump(other, showsTypes: true).text()
    return before == after ? nil : "the tree changes:\n\(before)\n\(after)\n\(body)"
  }
}
