import Foundation

/// The patterns of one `.gitignore` file (gitignore(5)).
struct IgnorePatterns: Sendable {
  private struct Pattern: Sendable {
    let segments: [String]
    let isNegated: Bool
    let onlyDirectories: Bool
    let isAnchored: Bool
  }

  private let directory: String
  private let patterns: [Pattern]

  /// The patterns of a directory's own file, nil when it has none.
  init?(directory: String) {
    guard let data = FileManager.default.contents(atPath: directory + "/.gitignore") else {
      return nil
    }
    self.init(directory: directory, text: String(decoding: data, as: UTF8.self))
  }

  init(directory: String, text: String) {
    self.directory = directory
    patterns = text.split(whereSeparator: \.isNewline).compactMap { Self.parse(String($0)) }
  }

  /// The files that count above a root, down from the repository that holds it.
  static func above(_ root: String) -> [IgnorePatterns] {
    var chain: [String] = []
    var directory = root
    while FilePaths.isDirectory(directory + "/.git") == nil {
      if directory == "/" { return [] }
      directory = FilePaths.parent(directory)
      chain.append(directory)
    }
    return chain.reversed().compactMap { IgnorePatterns(directory: $0) }
  }

  /// Whether a path is excluded; the last pattern that matches decides.
  static func excludes(_ path: String, isDirectory: Bool, _ files: [IgnorePatterns]) -> Bool {
    for file in files.reversed() {
      if let verdict = file.verdict(path, isDirectory: isDirectory) { return verdict }
    }
    return false
  }

  private func verdict(_ path: String, isDirectory: Bool) -> Bool? {
    guard path.hasPrefix(directory == "/" ? "/" : directory + "/") else { return nil }
    let relative = path.dropFirst(directory == "/" ? 1 : directory.count + 1)
      .split(separator: "/").map(String.init)
    for pattern in patterns.reversed() {
      if pattern.onlyDirectories && !isDirectory { continue }
      let subject = pattern.isAnchored ? relative : [relative[relative.count - 1]]
      if Self.matches(pattern.segments[...], subject[...]) { return !pattern.isNegated }
    }
    return nil
  }

  private static func parse(_ line: String) -> Pattern? {
    var text = Substring(line)
    while text.hasSuffix(" "), !text.hasSuffix("\\ ") { text.removeLast() }
    if text.isEmpty || text.hasPrefix("#") { return nil }
    let isNegated = text.hasPrefix("!")
    if isNegated { text.removeFirst() }
    if text.hasPrefix("\\") { text.removeFirst() }
    let onlyDirectories = text.hasSuffix("/")
    if onlyDirectories { text.removeLast() }
    let isAnchored = text.contains("/")
    let segments = text.split(separator: "/").map(String.init)
    guard !segments.isEmpty else { return nil }
    return Pattern(
      segments: segments, isNegated: isNegated, onlyDirectories: onlyDirectories,
      isAnchored: isAnchored)
  }

  private static func matches(_ pattern: ArraySlice<String>, _ path: ArraySlice<String>) -> Bool {
    guard let first = pattern.first else { return path.isEmpty }
    if first == "**" {
      if pattern.count == 1 { return !path.isEmpty }
      return path.indices.contains { matches(pattern.dropFirst(), path[$0...]) }
    }
    guard let name = path.first else { return false }
    return matchesName(Array(first)[...], Array(name)[...])
      && matches(pattern.dropFirst(), path.dropFirst())
  }

  /// `*`, `?` and `[…]` within one path component.
  private static func matchesName(_ pattern: ArraySlice<Character>, _ name: ArraySlice<Character>)
    -> Bool
  {
    guard let first = pattern.first else { return name.isEmpty }
    switch first {
    case "*":
      let rest = pattern.dropFirst()
      return (name.startIndex...name.endIndex).contains { matchesName(rest, name[$0...]) }
    case "?": return !name.isEmpty && matchesName(pattern.dropFirst(), name.dropFirst())
    case "[":
      guard let close = pattern.dropFirst(2).firstIndex(of: "]"), let c = name.first else {
        return false
      }
      return isInSet(c, pattern[(pattern.startIndex + 1)..<close])
        && matchesName(pattern[(close + 1)...], name.dropFirst())
    case "\\" where pattern.count > 1:
      return name.first == pattern[pattern.startIndex + 1]
        && matchesName(pattern.dropFirst(2), name.dropFirst())
    default: return name.first == first && matchesName(pattern.dropFirst(), name.dropFirst())
    }
  }

  private static func isInSet(_ c: Character, _ set: ArraySlice<Character>) -> Bool {
    var members = set
    let isNegated = members.first == "!" || members.first == "^"
    if isNegated { members = members.dropFirst() }
    var isMember = false
    while let low = members.popFirst() {
      if members.first == "-", members.count > 1 {
        members = members.dropFirst()
        if let high = members.popFirst(), low <= c, c <= high { isMember = true }
      } else if low == c {
        isMember = true
      }
    }
    return isMember != isNegated
  }
}
