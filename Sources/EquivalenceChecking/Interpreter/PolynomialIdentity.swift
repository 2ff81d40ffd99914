import ExperimentRecords
import Foundation
import JudgeKernels
import KernelModel
import KernelParsing

/// L4: both programs are the same function over the reals, tested at random points of Z_p,
/// p = 2^61 - 1, at the largest size that the budget has room for.
///
/// Floating cells are random elements of the field, sums, products and quotients are the field's, and
/// functions are random functions of their arguments (`field_numbers.h`). Two different polynomials of
/// degree d agree at a random point with probability at most d / p (Schwartz 1980, Zippel 1979);
/// quotients are compared as fractions, and equal arguments of calls are counted as further
/// agreements by chance. What is not said: anything about rounding, signs of zeros, NaN, infinities.
/// Not covered, and so inconclusive: comparisons and magnitudes of floating data, rounding to
/// integers, bits of floating values, addresses and trip counts that depend on them.
struct PolynomialIdentity {
  let kernel: Kernel
  let shape: InputShape
  let parser: KernelParser
  let seed: UInt64
  var limits = Limits()

  static let method = "PolynomialIdentity"
  /// Random points at the largest size; a smaller one has one.
  static let trials = 2

  struct Limits {
    /// Of one run.
    var steps = 60_000_000
    var memory = 1 << 29
    var smallestSize = 16
    var largestSize = 1 << 20
    /// Bytes of a call's memory.
    var image = 1 << 25
  }

  struct Answer {
    var evidence: Evidence
    /// At a random point a cell has two values.
    var differs = false
  }

  /// What became of one random point.
  enum Outcome: Equatable {
    case same(Trial)
    case different(String)
    case undecided(String)
  }

  struct Trial: Equatable {
    /// Of the longer run, and of both.
    var steps = 0
    var allSteps = 0
    /// A bound of the degrees of all that was compared, and of arguments of calls.
    var degree = 0
    var argumentDegree = 0
    var calls = 0
    var readsIntegers = false

    /// The probability that different functions were not told apart.
    ///
    /// Fractions n/d and m/e differ where n·e − m·d does, whose degree is at most the sum of both; once
    /// more as much for denominators that vanish. Every two calls may have equal arguments, or equal
    /// results, by chance.
    var error: Double {
      let pairs = Double(calls) * Double(max(0, calls - 1)) / 2
      let field = Double(fieldPrime)
      return min(1, (4 * Double(degree) + pairs * (4 * Double(argumentDegree) + 1)) / field)
    }
  }

  func examine(_ candidate: [UInt8]) -> Answer {
    let meter = CostMeter()
    var answer: Answer
    do throws(Uninterpreted) {
      answer = try compare(candidate)
    } catch {
      answer = Answer(evidence: evidence(.inconclusive, error.reason))
    }
    answer.evidence.seconds = meter.cpuSeconds
    return answer
  }

  private func compare(_ candidate: [UInt8]) throws(Uninterpreted) -> Answer {
    let reader = ProgramReader(kernel: kernel, shape: shape, parser: parser, contraction: .off)
    let callees = CalleeNumbers()
    let comparison = FieldComparison(
      shape: shape, original: try reader.program(kernel.source.bytes, callees, "original"),
      candidate: try reader.program(candidate, callees, "candidate"),
      wraps: kernel.build.wrapsSignedOverflow, limits: limits)
    // The points depend on the candidate's text: none can be written for points that are known before.
    let key = candidate.reduce(seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    let plan = SizePlan(shape, factors: [], effort: .full, seed: seed)
    var last: (input: CallInput, trial: Trial, steps: [Int])?
    var size = limits.smallestSize
    // Every other size is one below a power of two, so that blocks leave a remainder.
    var step = 1
    while size <= limits.largestSize, let sizes = plan.large(size - step % 2),
      plan.memory(sizes) <= limits.image, let input = input(sizes)
    {
      switch comparison.compare(on: input, key: key &+ UInt64(size)) {
      case .same(let trial):
        last = (input, trial, Array(((last?.steps ?? []) + [trial.steps]).suffix(2)))
      case .different(let cell): return different(cell, input)
      case .undecided(let reason):
        // A budget that ends at this size did not at the last.
        if let last { return conclusion(last.input, last.trial, comparison, key) }
        return Answer(evidence: evidence(.inconclusive, reason + place(input)))
      }
      if shape.scalars.allSatisfy({ !$0.isSize }) || isLast(last?.steps ?? []) { break }
      size *= 2
      step += 1
    }
    guard let last else {
      return Answer(
        evidence: evidence(.inconclusive, "no size within the contract is large enough"))
    }
    return conclusion(last.input, last.trial, comparison, key)
  }

  /// Whether twice the size would take more steps than there are, by how they grew the last time.
  private func isLast(_ steps: [Int]) -> Bool {
    guard steps.count == 2, steps[0] > 0 else { return false }
    return Double(steps[1]) * Double(steps[1]) / Double(steps[0]) > Double(limits.steps)
  }

  private func input(_ sizes: [ObjectPath: Int]) -> CallInput? {
    let point = CallPoint(
      sizes: sizes, valueClass: .ordinary, placement: .flushEnd, seed: seed &+ 70_000)
    return ImageBuilder.input(point, of: shape)
  }

  /// The remaining random points at the largest size.
  private func conclusion(
    _ input: CallInput, _ first: Trial, _ comparison: FieldComparison, _ key: UInt64
  ) -> Answer {
    var trials = [first]
    for trial in 1..<Self.trials {
      switch comparison.compare(on: input, key: key &- UInt64(trial)) {
      case .same(let next): trials.append(next)
      case .different(let cell): return different(cell, input)
      case .undecided(let reason):
        return Answer(evidence: evidence(.inconclusive, reason + place(input)))
      }
    }
    let error = trials.reduce(1) { $0 * $1.error }
    guard error < 1e-9 else {
      return Answer(
        evidence: evidence(.inconclusive, "degrees are too high for \(trials.count) random points"))
    }
    var passed = evidence(
      .passed,
      "equal as polynomials\(place(input)), error <= \(String(format: "%.1e", error)) "
        + "(degree <= \(trials.map(\.degree).max() ?? 0), \(trials.count) random points)")
    passed.inputs = trials.count
    passed.sizes = SizeList(shape).distinct([input])
    passed.assumptions = ["the functions over the reals are compared, without rounding"]
    if first.calls > 0 {
      passed.assumptions.append("functions that are called depend on their arguments alone")
    }
    if first.readsIntegers {
      passed.assumptions.append("the contents of integers are as drawn by the seed")
    }
    return Answer(evidence: passed)
  }

  private func different(_ cell: String, _ input: CallInput) -> Answer {
    Answer(
      evidence: evidence(
        .inconclusive, "\(cell) is another function over the reals\(place(input))"),
      differs: true)
  }

  /// ` at n = 1024`.
  private func place(_ input: CallInput) -> String {
    let sizes = PointText(shape: shape).sizes(input.point).map { "\($0.0) = \($0.1)" }
    return sizes.isEmpty ? "" : " at \(sizes.joined(separator: ", "))"
  }

  private func evidence(_ result: Evidence.Result, _ detail: String) -> Evidence {
    Evidence(level: .l4, method: Self.method, result: result, seed: seed, detail: detail)
  }
}
