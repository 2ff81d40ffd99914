import ExperimentRecords
import Foundation

/// `value` with `decimals` digits after the point, whatever the locale.
func fixed(_ value: Double, _ decimals: Int) -> String {
  String(format: "%.\(decimals)f", value)
}

/// A speedup in three significant digits or two decimals: `1.80×`, `12.3×`, `120×`.
func speedupText(_ value: Double) -> String { ratioText(value) + "×" }

/// A speedup with the interval that holds it: `1.80× [1.74, 1.86]`.
func speedupText(_ interval: ConfidenceInterval) -> String {
  "\(speedupText(interval.median)) [\(ratioText(interval.low)), \(ratioText(interval.high))]"
}

private func ratioText(_ value: Double) -> String {
  fixed(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0)
}

/// A share as per cent: `1.5 %`, `0.04 %`.
func percentText(_ share: Double) -> String {
  let value = share * 100
  return fixed(value, abs(value) < 0.1 ? 2 : abs(value) < 10 ? 1 : 0) + " %"
}

/// A duration of a search: `0.4 s`, `31.2 s`, `12.5 min`, `2.3 h`.
func durationText(_ seconds: Double) -> String {
  if seconds < 600 { return fixed(seconds, 1) + " s" }
  if seconds < 7_200 { return fixed(seconds / 60, 1) + " min" }
  return fixed(seconds / 3_600, 1) + " h"
}

/// A duration of a call in three digits: `850 ns`, `1.20 µs`, `34.4 ms`, `1.20 s`.
func callText(nanoseconds: Double) -> String {
  if nanoseconds < 1e3 { return ratioText(nanoseconds) + " ns" }
  if nanoseconds < 1e6 { return ratioText(nanoseconds / 1e3) + " µs" }
  if nanoseconds < 1e9 { return ratioText(nanoseconds / 1e6) + " ms" }
  return ratioText(nanoseconds / 1e9) + " s"
}

/// A number with its thousands parted: `52,000`.
func countText(_ value: Double) -> String {
  // Beyond this a double's digits mean nothing, and `Int` would trap.
  guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
  var digits = String(Int(abs(value).rounded()))
  var groups: [String] = []
  while digits.count > 3 {
    groups.insert(String(digits.suffix(3)), at: 0)
    digits.removeLast(3)
  }
  return (value < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
}

/// `count` things: `1 kernel`, `2 kernels`.
func plural(_ count: Int, _ noun: String) -> String {
  "\(countText(Double(count))) \(noun)\(count == 1 ? "" : "s")"
}

/// `text` in at most `width` characters, the last being … when some are left out.
func truncated(_ text: String, _ width: Int) -> String {
  text.count <= width ? text : String(text.prefix(max(0, width - 1))) + "…"
}

/// `text` in at most `width` characters, the first being … when some are left out.
func truncatedAtStart(_ text: String, _ width: Int) -> String {
  text.count <= width ? text : "…" + String(text.suffix(max(0, width - 1)))
}

/// `text` in lines of at most `width` characters, broken at spaces; all but the first are indented.
func wrapped(_ text: String, _ width: Int) -> [String] {
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if !line.isEmpty, line.count + 1 + word.count > width {
      lines.append(line)
      line = "  " + word
    } else {
      line += (line.isEmpty ? "" : " ") + word
    }
  }
  return lines + [line]
}

/// Sizes as `n = 512, m = 3`, by name.
func sizesText(_ sizes: [String: Int]) -> String {
  sizes.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }.joined(separator: ", ")
}
