import ExperimentRecords
import Testing

@testable import EquivalenceChecking

/// An original beside a candidate that is right and one that is wrong by little.
struct ContrastCase: Sendable, CustomTestStringConvertible {
  var name: String
  var signature: String
  var original: String
  var right: String
  var wrong: String
  var testDescription: String { name }

  /// L3 passes the one and not the other.
  func expectContrast() throws {
    let right = try BoundedFixture.examine(signature: signature, original, right)
    #expect(right.result == .passed, "\(right.detail)")
    let wrong = try BoundedFixture.examine(signature: signature, original, wrong)
    #expect(wrong.result == .inconclusive, "\(wrong.detail)")
  }
}
