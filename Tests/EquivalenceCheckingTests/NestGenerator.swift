import Foundation

@testable import EquivalenceChecking

/// Random pairs of affine nests: an original and the same loops transformed, legally or not, with or
/// without a defect. Nobody says which pairs are right; an oracle runs them.
struct NestGenerator {
  var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed) }

  static let signature =
    "(int n, int m, double a[restrict 32][32], const double b[restrict 32][32], double *restrict s)"

  struct Pair {
    var original: String
    var candidate: String
    var transformation: Transformation
  }

  enum Transformation: CaseIterable {
    case none, interchange, reverseOuter, reverseInner, tile, tileAndInterchange, unrollInner
    case jamOuter, skew, distribute, hoistSum, copyThroughBuffer
  }

  private enum Defect: CaseIterable {
    case none, longer, shorter, laterStart, otherElement, noTail, otherStep
  }

  private mutating func pick<Element>(_ choices: [Element]) -> Element {
    choices[Int(random.next() % UInt64(choices.count))]
  }

  mutating func pair() -> Pair {
    let transformation = pick(Transformation.allCases)
    let defect = pick(Defect.allCases + Array(repeating: .none, count: 6))
    let low = (i: pick([1, 2, 3]), j: pick([1, 2]))
    let high = (i: pick(["n", "n - 1", "n"]), j: pick(["m", "m - 1", "i", "m"]))
    let statements = [statement(), statement()].prefix(pick([1, 1, 2]))
    let nest = Nest(low: low, high: high, statements: Array(statements))
    var own = nest
    switch defect {
    case .longer: own.high.j += " + 1"
    case .shorter: own.high.i += " - 1"
    case .laterStart: own.low.j += 1
    case .otherElement:
      own.statements[0] = own.statements[0].replacingFirst("[j", with: "[j - 1")
    case .noTail: own.hasTail = false
    case .otherStep: own.slip = 1
    case .none: break
    }
    own.factor = pick([2, 3, 4])
    // Bounds on the sizes, so that no index comes near the end of its type.
    let bounds = "if (n < 0 || m < 0 || n > 20 || m > 20) return; "
    return Pair(
      original: bounds + nest.plain, candidate: bounds + own.text(transformation),
      transformation: transformation)
  }

  private mutating func statement() -> String {
    let shift = pick([0, 1])
    return pick([
      "a[i][j] = a[i][j] + b[i][j] * 0.75;",
      "a[i][j] = 0.5 * a[i - 1][j] + b[j][i];",
      "a[i][j] = a[i - 1][j + \(shift)] - b[i][j];",
      "a[i][j] = a[i][j - 1] * b[i][j];",
      "a[i][j] = a[i - 1][j - 1] + b[i][j + \(shift)];",
      "s[i] += b[i][j];",
      "s[j] = s[j] * 0.5 + a[i][j];",
    ])
  }
}

/// Two loops around statements over `i` and `j`.
private struct Nest {
  var low: (i: Int, j: Int)
  var high: (i: String, j: String)
  var statements: [String]
  var factor = 2
  var hasTail = true
  /// Added to the step of a transformed loop.
  var slip = 0

  var body: String { statements.joined(separator: " ") }
  var plain: String { loop("i", low.i, high.i, loop("j", low.j, high.j, body)) }

  private func loop(_ name: String, _ low: Int, _ high: String, _ body: String) -> String {
    "for (int \(name) = \(low); \(name) < \(high); \(name)++) { \(body) }"
  }

  /// The bound of `j` for loops in which `i` does not stand outside.
  private var isTriangle: Bool { high.j.hasPrefix("i") }

  func text(_ transformation: NestGenerator.Transformation) -> String {
    let step = factor + slip
    switch transformation {
    case .none: return plain
    case .interchange where !isTriangle:
      return loop("j", low.j, high.j, loop("i", low.i, high.i, body))
    case .reverseOuter:
      return "for (int i = \(high.i) - 1; i >= \(low.i); i--) { \(loop("j", low.j, high.j, body)) }"
    case .reverseInner:
      return loop(
        "i", low.i, high.i, "for (int j = \(high.j) - 1; j >= \(low.j); j--) { \(body) }")
    case .tile, .tileAndInterchange:
      guard !isTriangle else { return plain }
      let i = "for (int i = ii; i < \(high.i) && i < ii + \(factor); i++)"
      let j = "for (int j = jj; j < \(high.j) && j < jj + \(factor); j++)"
      let points = transformation == .tile ? "\(i) \(j)" : "\(j) \(i)"
      return "for (int ii = \(low.i); ii < \(high.i); ii += \(step)) "
        + "for (int jj = \(low.j); jj < \(high.j); jj += \(factor)) \(points) { \(body) }"
    case .unrollInner:
      let copies = (0..<factor).map { body.shifting("j", by: $0) }.joined(separator: " ")
      let tail = hasTail ? "for (; j < \(high.j); j++) { \(body) }" : ""
      return loop(
        "i", low.i, high.i,
        "int j = \(low.j); for (; j < \(high.j) - \(factor - 1); j += \(step)) { \(copies) } \(tail)"
      )
    case .jamOuter:
      guard !isTriangle else { return plain }
      let copies = (0..<factor).map { body.shifting("i", by: $0) }.joined(separator: " ")
      let tail =
        hasTail ? "for (; i < \(high.i); i++) { \(loop("j", low.j, high.j, body)) }" : ""
      return "int i = \(low.i); for (; i < \(high.i) - \(factor - 1); i += \(step)) { "
        + "\(loop("j", low.j, high.j, copies)) } \(tail)"
    case .skew:
      guard !isTriangle else { return plain }
      return "for (int t = \(low.i + low.j); t < \(high.i) + \(high.j) - 1; t++) "
        + "for (int i = t - \(high.j) + 1 > \(low.i) ? t - \(high.j) + 1 : \(low.i); "
        + "i < \(high.i) && i <= t - \(low.j); i++) { int j = t - i; \(body) }"
    case .distribute:
      return statements.map { loop("i", low.i, high.i, loop("j", low.j, high.j, $0)) }
        .joined(separator: " ")
    case .hoistSum:
      let inner = body.replacingAll("s[i]", with: "t")
      return loop(
        "i", low.i, high.i,
        "double t = s[i]; \(loop("j", low.j, high.j, inner)) s[i] = t;")
    case .copyThroughBuffer:
      guard !isTriangle else { return plain }
      let inner = body.replacingAll("b[i][j]", with: "row[j]")
      return loop(
        "i", low.i, high.i,
        "double row[32]; \(loop("j", low.j, high.j, "row[j] = b[i][j];")) "
          + loop("j", low.j, high.j, inner))
    default: return plain
    }
  }
}

extension String {
  fileprivate func replacingAll(_ old: String, with new: String) -> String {
    components(separatedBy: old).joined(separator: new)
  }

  fileprivate func replacingFirst(_ old: String, with new: String) -> String {
    let parts = components(separatedBy: old)
    guard parts.count > 1 else { return self }
    return parts[0] + new + parts.dropFirst().joined(separator: old)
  }

  /// With `name` replaced by `name + count` inside subscripts.
  fileprivate func shifting(_ name: String, by count: Int) -> String {
    count == 0 ? self : replacingAll("[\(name)", with: "[\(name) + \(count)")
  }
}
