import Foundation
import KernelModel

/// A C text with the project's own headers pasted in, so that it stands alone.
///
/// Only `#include "…"` is replaced, and where it is asked for `#include <…>` of a header in a directory
/// that the flags name; include guards keep working, since what is pasted is the header's text. A header
/// that cannot be found keeps its directive.
struct IncludedText {
  private let directories: [String]
  private let includesAngled: Bool
  private var once: Set<String> = []

  /// The text of `bytes`, which stand at `path` and are compiled with `build`.
  static func text(
    _ bytes: [UInt8], at path: String, build: BuildFlags, includesAngled: Bool = false
  ) -> String {
    var included = IncludedText(build, includesAngled)
    return included.expand(bytes, at: path, depth: 0)
  }

  private init(_ build: BuildFlags, _ includesAngled: Bool) {
    self.includesAngled = includesAngled
    var found: [String] = []
    var rest = build.arguments[...]
    while let argument = rest.popFirst() {
      for flag in ["-I", "-iquote", "-isystem"] where argument.hasPrefix(flag) {
        var directory = String(argument.dropFirst(flag.count))
        if directory.isEmpty { directory = rest.popFirst() ?? "" }
        found.append(directory.hasPrefix("/") ? directory : build.directory + "/" + directory)
        break
      }
    }
    directories = found
  }

  private mutating func expand(_ bytes: [UInt8], at path: String, depth: Int) -> String {
    var text = ""
    var done = 0
    for token in CLexer.tokens(of: bytes) where token.kind == .directive {
      let words = CLexer.tokens(of: Array(token.text.utf8.dropFirst()))
      guard words.count >= 2, words[0].text == "include", depth < 16, let name = name(in: words)
      else {
        if words.count >= 2, words[0].text == "pragma", words[1].text == "once" {
          text += String(decoding: bytes[done..<token.range.lowerBound], as: UTF8.self)
          done = token.range.upperBound
          once.insert(path)
        }
        continue
      }
      let isAngled = words[1].text == "<"
      guard let (file, contents) = find(name, from: isAngled ? nil : path) else { continue }
      text += String(decoding: bytes[done..<token.range.lowerBound], as: UTF8.self)
      done = token.range.upperBound
      if !once.contains(file) { text += expand(contents, at: file, depth: depth + 1) }
    }
    return text + String(decoding: bytes[done...], as: UTF8.self)
  }

  /// The header that a directive names.
  private func name(in words: [CToken]) -> String? {
    if words[1].kind == .literal, words[1].text.hasPrefix("\"") {
      return String(words[1].text.dropFirst().dropLast())
    }
    guard includesAngled, words[1].text == "<" else { return nil }
    return words.dropFirst(2).prefix { $0.text != ">" }.map(\.text).joined()
  }

  private func find(_ name: String, from path: String?) -> (String, [UInt8])? {
    let own = path.map { [URL(fileURLWithPath: $0).deletingLastPathComponent().path] } ?? []
    for directory in own + directories {
      let file = URL(fileURLWithPath: directory + "/" + name).standardizedFileURL.path
      if let contents = FileManager.default.contents(atPath: file) {
        return (file, Array(contents))
      }
    }
    return nil
  }
}
