/// One line that a compiler said of a text.
public struct CompilerMessage: Hashable, Sendable, Codable {
  public enum Severity: String, Hashable, Sendable, Codable {
    case error
    case warning
  }
  public var severity: Severity
  /// The file as the compiler names it; empty when it names none.
  public var file: String
  /// 1-based; 0 when the compiler names none.
  public var line: Int
  public var column: Int
  /// What it says, with the option that asked for it, `… [-Wunused-variable]`.
  public var text: String

  public init(
    severity: Severity, file: String = "", line: Int = 0, column: Int = 0, text: String
  ) {
    self.severity = severity
    self.file = file
    self.line = line
    self.column = column
    self.text = text
  }

  /// Reads GNU lines, `file:line:column: warning: text`; other lines are passed over.
  public static func messages(in log: String) -> [CompilerMessage] {
    log.split(separator: "\n").compactMap { parse(String($0)) }
  }

  private static let marks: [(String, Severity)] = [
    (": fatal error: ", .error), (": error: ", .error), (": warning: ", .warning),
    (": undefined reference to ", .error),
  ]

  private static func parse(_ line: String) -> CompilerMessage? {
    for (mark, severity) in marks {
      guard let range = line.firstRange(of: mark) else { continue }
      var place = line[..<range.lowerBound].split(separator: ":", omittingEmptySubsequences: false)
      var numbers: [Int] = []
      while place.count > 1, numbers.count < 2, let last = place.last, let number = Int(last) {
        numbers.insert(number, at: 0)
        place.removeLast()
      }
      return CompilerMessage(
        severity: severity, file: place.joined(separator: ":"), line: numbers.first ?? 0,
        column: numbers.count > 1 ? numbers[1] : 0, text: String(line[range.upperBound...]))
    }
    return nil
  }
}
