/// A moment in UTC, to the millisecond, written `2026-11-22T15:36:01.123Z`.
public struct Timestamp: Hashable, Sendable, CustomStringConvertible {
  /// Milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
  public var milliseconds: Int64

  /// Creates the moment `milliseconds` after 1970-01-01T00:00:00Z.
  public init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  /// Creates the moment `seconds` after 1970-01-01T00:00:00Z, rounded to the millisecond.
  public init(secondsSince1970 seconds: Double) {
    self.init(milliseconds: Int64((seconds * 1000).rounded()))
  }

  /// Creates the moment that `text` spells; `nil` unless it has the form above.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    let form = Array("dddd-dd-ddTdd:dd:dd.dddZ".utf8)
    guard bytes.count == form.count else { return nil }
    var digits = 0
    var fields: [Int64] = []
    for (byte, expected) in zip(bytes, form) {
      if expected == UInt8(ascii: "d") {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        digits = digits * 10 + Int(byte - UInt8(ascii: "0"))
      } else {
        guard byte == expected else { return nil }
        fields.append(Int64(digits))
        digits = 0
      }
    }
    guard (1...12).contains(fields[1]), (1...31).contains(fields[2]), fields[3] < 24,
      fields[4] < 60, fields[5] < 60
    else { return nil }
    let days = daysSince1970(year: fields[0], month: fields[1], day: fields[2])
    let seconds = days * 86_400 + fields[3] * 3_600 + fields[4] * 60 + fields[5]
    milliseconds = seconds * 1_000 + fields[6]
  }

  /// The moment in ISO 8601.
  public var description: String {
    let (days, rest) = floorDivide(milliseconds, by: 86_400_000)
    let date = civilDate(daysSince1970: days)
    let time = [
      padded(rest / 3_600_000, 2), padded(rest / 60_000 % 60, 2), padded(rest / 1_000 % 60, 2),
    ]
    let day = [padded(date.year, 4), padded(date.month, 2), padded(date.day, 2)]
    return "\(day.joined(separator: "-"))T\(time.joined(separator: ":"))."
      + "\(padded(rest % 1_000, 3))Z"
  }
}

extension Timestamp: Comparable {
  /// Whether `a` is before `b`.
  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }
}

extension Timestamp: Codable {
  /// Decodes the text form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let time = Timestamp(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "a time is written 2026-11-22T15:36:01.123Z")
    }
    self = time
  }

  /// Encodes the text form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

// Both conversions count in 400-year cycles that begin on 1 March, after Howard Hinnant,
// "chrono-Compatible Low-Level Date Algorithms".

private func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
  let shifted = month > 2 ? year : year - 1
  let (cycle, yearOfCycle) = floorDivide(shifted, by: 400)
  let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  return cycle * 146_097 + yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
    - 719_468
}

private func civilDate(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
  let (cycle, dayOfCycle) = floorDivide(days + 719_468, by: 146_097)
  let leaps = dayOfCycle / 1_460 - dayOfCycle / 36_524 + dayOfCycle / 146_096
  let yearOfCycle = (dayOfCycle - leaps) / 365
  let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
  let shiftedMonth = (5 * dayOfYear + 2) / 153
  let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  let year = yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0)
  return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
}

private func floorDivide(_ a: Int64, by b: Int64) -> (quotient: Int64, remainder: Int64) {
  let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
  return remainder < 0 ? (quotient - 1, remainder + b) : (quotient, remainder)
}

private func padded(_ value: Int64, _ width: Int) -> String {
  let digits = String(value)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
