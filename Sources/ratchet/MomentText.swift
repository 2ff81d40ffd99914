import ArgumentParser
import ExperimentRecords
import Foundation
import LineageLog

/// Moments as a person writes them: a day, a time of a day, or how long ago.
enum MomentText {
  /// The forms.
  static let help =
    "A moment is a day (2026-11-22), a time (2026-11-22T15:36, in UTC) or how long ago (30m, 2h, 3d, 1w)."

  /// The first moment of what `text` names.
  static func first(_ text: String, option: String, now: Timestamp = .now) throws -> Timestamp {
    try moment(text, "0000-00-00T00:00:00.000", option, now)
  }

  /// The last moment of what `text` names: a day is meant with all of it.
  static func last(_ text: String, option: String, now: Timestamp = .now) throws -> Timestamp {
    try moment(text, "0000-00-00T23:59:59.999", option, now)
  }

  private static func moment(
    _ text: String, _ form: String, _ option: String, _ now: Timestamp
  ) throws -> Timestamp {
    guard let moment = ago(text, now) ?? date(text, form) else {
      throw ValidationError(
        "'\(text)' is no moment for \(option); write 2026-11-22, 2026-11-22T15:36 (in UTC), or how long "
          + "ago: 30m, 2h, 3d, 1w")
    }
    return moment
  }

  /// `3d` before `now`.
  private static func ago(_ text: String, _ now: Timestamp) -> Timestamp? {
    let units: [Character: Int64] = [
      "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800,
    ]
    let digits = text.dropLast()
    // Seven digits of weeks are more than any calendar has, and overflow nothing.
    guard let unit = text.last.flatMap({ units[$0] }), (1...7).contains(digits.count),
      digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let count = Int64(digits)
    else { return nil }
    return Timestamp(milliseconds: now.milliseconds - 1_000 * unit * count)
  }

  /// A day or a time; what it leaves out is as in `form`.
  private static func date(_ text: String, _ form: String) -> Timestamp? {
    var text = text.hasSuffix("Z") ? String(text.dropLast()) : text
    guard [10, 16, 19, 23].contains(text.utf8.count) else { return nil }
    text += form.dropFirst(text.utf8.count) + "Z"
    // The 30th of February is read as the 2nd of March, and comes back as that.
    return Timestamp(text).flatMap { $0.description == text ? $0 : nil }
  }
}
