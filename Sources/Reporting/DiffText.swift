import Diagnostics
public import LineageLog

/// A unified diff for a terminal: coloured, and with nothing in it that moves the cursor.
public struct DiffText: Sendable {
  private let style: Style

  /// Shows diffs in `style`.
  public init(style: Style = .plain) {
    self.style = style
  }

  /// The lines of `diff`.
  public func lines(_ diff: UnifiedDiff) -> [String] {
    guard !diff.hunks.isEmpty else { return [] }
    let path = printable(diff.path)
    return [style.bold("--- a/\(path)"), style.bold("+++ b/\(path)")]
      + diff.hunks.flatMap { [style.cyan($0.header)] + $0.lines.flatMap(lines) }
  }

  private func lines(_ line: UnifiedDiff.Line) -> [String] {
    let sign = String(UnicodeScalar(line.kind.rawValue))
    // Tabs are ordinary in C, and move nothing but what follows them.
    let text = String(decoding: line.bytes, as: UTF8.self).split(
      separator: "\t", omittingEmptySubsequences: false
    ).map { printable(String($0)) }.joined(separator: "\t")
    let shown =
      switch line.kind {
      case .context: sign + text
      case .removed: style.red(sign + text)
      case .added: style.green(sign + text)
      }
    return line.hasNewline ? [shown] : [shown, "\\ No newline at end of file"]
  }
}
