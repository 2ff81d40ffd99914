import Foundation
import Reporting

/// Colours of text on standard output: only on a terminal, and not where `NO_COLOR` is set.
struct TerminalStyle {
  /// Whether escapes are written.
  let isOn: Bool

  /// The style of standard output.
  static let output = TerminalStyle(
    isOn: Style.detected(
      environment: ProcessInfo.processInfo.environment, isTerminal: isatty(1) != 0
    )
    .usesColor)

  /// The columns of the terminal; 100 where standard output is none.
  static var width: Int {
    var size = winsize()
    guard isatty(1) != 0, ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return 100
    }
    return max(60, Int(size.ws_col))
  }

  func green(_ text: String) -> String { painted(text, "32") }
  func red(_ text: String) -> String { painted(text, "31") }
  func cyan(_ text: String) -> String { painted(text, "36") }
  func yellow(_ text: String) -> String { painted(text, "33") }
  func bold(_ text: String) -> String { painted(text, "1") }
  func faint(_ text: String) -> String { painted(text, "2") }

  private func painted(_ text: String, _ code: String) -> String {
    isOn && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}

/// Text padded on the right to `width` characters.
func padded(_ text: String, to width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}

extension Style {
  /// The style of standard output.
  static let output = Style(usesColor: TerminalStyle.output.isOn)
}
