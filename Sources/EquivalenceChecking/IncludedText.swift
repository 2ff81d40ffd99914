import Foundation
import KernelModel

/// A C text with the project's own headers pasted in, so that it stands alone.
///
/// Only `#include "…"` is replaced; include guards keep working, since what is pasted is the
/// header's text. A header that cannot be found keeps its directive.
struct IncludedText {
  private let directories: [String]
  private var once: Set<String> = []

  /// The text of `bytes`, which stand at `path` and are compiled with `build`.
  static func text(_ bytes: [UInt8], at path: String, build: BuildFlags) -> String {
    var included = IncludedText(build)
    return included.expand(bytes, at: path, depth: 0)
  }

  private init(_ build: BuildFlags) {
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
      guard words.count >= 2, words[0].text == "include", words[1].kind == .literal,
        words[1].text.hasPrefix("\""), depth < 16
      else {
        if words.count >= 2, words[0].text == "pragma", words[1].text == "once" {
          text += String(decoding: bytes[done..<token.range.lowerBound], as: UTF8.self)
          done = token.range.upperBound
          once.insert(path)
        }
        continue
      }
      let name = String(words[1].text.dropFirst().dropLast())
      guard let (file, contents) = find(name, from: path) else { continue }
      text += String(decoding: bytes[done..<token.range.lowerBound], as: UTF8.self)
      done = token.range.upperBound
      if !once.contains(file) { text += expand(contents, at: file, depth: depth + 1) }
    }
    return text + String(decoding: bytes[done...], as: UTF8.self)
  }

  private func find(_ name: String, from path: String) -> (String, [UInt8])? {
    let own = URL(fileURLWithPath: path).deletingLastPathComponent().path
    for directory in [own] + directories {
      let file = URL(fileURLWithPath: directory + "/" + name).standardizedFileURL.path
      if let contents = FileManager.default.contents(atPath: file) {
        return (file, Array(contents))
      }
    }
    return nil
  }
}
