import CandidateExecution
import Foundation
import KernelModel

/// Mode `relaxed`: the candidate's errors are no greater than the original's by more than a factor.
///
/// An error is the distance from the result in twice the precision (`PreciseResults`), in units of u
/// times the result of the same operations on magnitudes, where u is half the distance from 1 to the
/// next number: so that ordinary, ill-conditioned and cancelling data can be told by one measure (N. J.
/// Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed., chapter 3). The original's error
/// is the greatest in any cell of the object over all inputs of like contents and about the same size;
/// never less is allowed than some roundings of the result itself.
struct ErrorComparison {
  /// How many times the original's error the candidate's may be.
  static let factor = 8.0

  let shape: InputShape
  let precise: PreciseResults

  /// One call of both programs.
  struct Call {
    var input: CallInput
    var original: CallReturn
    var candidate: CallReturn
  }

  /// The greatest errors that were seen, in units.
  struct Errors: Hashable, CustomStringConvertible {
    var original = 0.0
    var candidate = 0.0

    var description: String {
      func text(_ units: Double) -> String { String(format: "%.3g", units) }
      return "greatest error \(text(candidate)) units, the original's \(text(original))"
    }
  }

  private enum Object: Hashable {
    case region(Int)
    case global(Int)
    case result
  }

  /// Errors are compared among inputs of like contents whose largest sizes agree within a factor of
  /// four.
  private struct Group: Hashable {
    var object: Object
    var contents: ValueClass
    var magnitude: Int
  }

  private struct Deviation {
    var group: Group
    var cell: FloatingCells.Cell
    var precise: PreciseResults.Value
    var original: Double
    var candidate: Double

    /// Units that one rounding of the result is.
    var rounding: Double {
      precise.magnitude == 0 ? 0 : abs(precise.high) / precise.magnitude
    }

    func units(_ value: Double) -> Double {
      let distance = abs((value - precise.high) - precise.low)
      return distance == 0 ? 0 : distance / (cell.unit * precise.magnitude)
    }

    /// Whether errors say something: what overflows is for the comparison cell by cell.
    var isMeasurable: Bool {
      precise.high.isFinite && precise.magnitude.isFinite && original.isFinite
        && precise.magnitude < 1e300 && (precise.magnitude > 1e-290 || precise.magnitude == 0)
        && (cell.size == 8 || (precise.magnitude < 1e36 && precise.magnitude > 1e-30)
          || precise.magnitude == 0)
    }
  }

  /// What speaks against the candidate, and the errors of both.
  func findings(_ calls: [Call], _ choice: BuildChoice) -> (findings: [Finding], errors: Errors) {
    let deviations = calls.map { self.deviations($0) }
    var allowed: [Group: Double] = [:]
    var errors = Errors()
    for deviation in deviations.joined() where deviation.isMeasurable {
      let own = deviation.units(deviation.original)
      allowed[deviation.group] = max(allowed[deviation.group] ?? 0, own)
      errors.original = max(errors.original, own)
      errors.candidate = max(errors.candidate, deviation.units(deviation.candidate))
    }
    var findings: [Finding] = []
    for (call, deviations) in zip(calls, deviations) {
      let worst = deviations.first { deviation in
        guard deviation.isMeasurable else { return !agree(deviation) }
        let limit = Self.factor * max(allowed[deviation.group] ?? 0, deviation.rounding)
        // What is no number is as far off as can be.
        return !(deviation.units(deviation.candidate) <= limit)
      }
      guard let worst else { continue }
      findings.append(
        Finding(
          input: call.input,
          kind: .difference(
            cell: name(worst, call.input), expected: "\(worst.precise.high)",
            actual: "\(worst.candidate) (the original gives \(worst.original))"),
          choice: choice))
    }
    return (findings, errors)
  }

  /// Where errors cannot be measured the two programs are compared with each other.
  private func agree(_ deviation: Deviation) -> Bool {
    let (a, b) = (deviation.original, deviation.candidate)
    guard a.isFinite, b.isFinite else { return a.isFinite == b.isFinite }
    return abs(a - b) <= RelaxedComparison.units * deviation.cell.unit * max(abs(a), abs(b))
      || max(abs(a), abs(b)) <= (deviation.cell.size == 4 ? 1e-30 : 1e-290)
  }

  private func deviations(_ call: Call) -> [Deviation] {
    guard let precise = precise.result(on: call.input) else { return [] }
    let image = call.input.image
    let largest = call.input.point.sizes.values.map(\.magnitude).max() ?? 0
    let magnitude = (UInt.bitWidth - largest.leadingZeroBitCount) / 2
    func add(
      _ object: Object, _ layout: CellLayout, _ values: [Int: PreciseResults.Value],
      _ original: [UInt8], _ candidate: [UInt8]
    ) -> [Deviation] {
      guard original.count == candidate.count else { return [] }
      return FloatingCells(layout, count: original.count).compactMap { cell in
        values[cell.offset].map {
          Deviation(
            group: Group(
              object: object, contents: call.input.point.valueClass, magnitude: magnitude),
            cell: cell, precise: $0,
            original: cell.value(in: original), candidate: cell.value(in: candidate))
        }
      }
    }
    var result: [Deviation] = []
    for (index, region) in image.regions.enumerated()
    where index < call.original.regions.count && index < call.candidate.regions.count {
      result += add(
        .region(index), region.cells, precise.regions[index], call.original.regions[index],
        call.candidate.regions[index])
    }
    for index in image.globals.indices
    where index < call.original.globals.count && index < call.candidate.globals.count {
      let cells = index < image.globalCells.count ? image.globalCells[index] : .bytes
      result += add(
        .global(index), cells, precise.globals[index], call.original.globals[index],
        call.candidate.globals[index])
    }
    if let value = precise.result {
      result += add(
        .result, image.resultCells, [0: value], call.original.result, call.candidate.result)
    }
    return result
  }

  private func name(_ deviation: Deviation, _ input: CallInput) -> String {
    switch deviation.group.object {
    case .region(let index):
      PointText(shape: shape).cell(region: index, offset: deviation.cell.offset, in: input)
    case .global(let index): shape.globals[index].name + deviation.cell.name
    case .result: "return value"
    }
  }
}
