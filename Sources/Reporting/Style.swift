/// How text is emphasised: with terminal colours, or not at all.
public struct Style: Hashable, Sendable {
  /// Whether escape sequences are written.
  public var usesColor: Bool

  /// Creates a style.
  public init(usesColor: Bool) {
    self.usesColor = usesColor
  }

  /// No escape sequences.
  public static let plain = Style(usesColor: false)

  /// The style for an output: colours on a terminal, unless `NO_COLOR` is set and not empty
  /// (no-color.org) or the terminal is dumb.
  public static func detected(environment: [String: String], isTerminal: Bool) -> Style {
    let refused = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    return Style(usesColor: isTerminal && !refused && environment["TERM"] != "dumb")
  }

  func bold(_ text: String) -> String { wrapped(text, "1") }
  func dim(_ text: String) -> String { wrapped(text, "2") }
  func red(_ text: String) -> String { wrapped(text, "31") }
  func green(_ text: String) -> String { wrapped(text, "32") }
  func yellow(_ text: String) -> String { wrapped(text, "33") }
  func cyan(_ text: String) -> String { wrapped(text, "36") }

  private func wrapped(_ text: String, _ code: String) -> String {
    usesColor && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
