import Foundation
import KernelModel

/// Chooses the values of size inputs: edges, the neighbourhood of the candidate's block factors,
/// primes and steady states, one at a time and in pairs.
///
/// The result is deterministic in the shape, the factors and the seed. Every assignment satisfies
/// the comparisons of the contract and keeps the memory of a call within a bound.
struct SizePlan {
  typealias Assignment = [ObjectPath: Int]

  private let shape: InputShape
  let inputs: [InputShape.Scalar]
  private let values: [ObjectPath: [Int]]
  private let largestMemory: Int
  private let largestWork: Double
  private let largestRows: Int
  private let blocks: [Int]
  private let seed: UInt64
  /// Whether sizes are drawn beside those of the lists.
  private let draws: Bool

  /// Edge values and primes; negative ones are added where the type allows.
  private static let edges = [0, 1, 2, 3, 4, 5, 7, 8, 13, 17, 33, 64, 257]
  private static let screeningEdges = [0, 1, 2, 3, 5, 8, 17]

  init(_ shape: InputShape, factors: [Int], effort: Effort, seed: UInt64) {
    self.shape = shape
    self.seed = seed
    draws = effort == .full && factors.isEmpty && !shape.switchedOff.contains(.drawnSizes)
    inputs = shape.scalars.filter(\.isSize)
    // Two blocks of 64 in each of three dimensions fit.
    largestWork = factors.isEmpty ? 0x1p19 : 0x1p22
    let bytes = effort == .full ? 1 << 20 : 1 << 18
    largestMemory = Self.hasLongRows(shape) ? bytes / 4 : bytes
    largestRows = effort == .full ? 1 << 24 : bytes
    blocks = factors
    var list = effort == .full ? Self.edges : Self.screeningEdges
    for factor in factors {
      let around =
        effort == .full
        ? [factor - 1, factor, factor + 1, 2 * factor - 1, 2 * factor, 2 * factor + 1]
        : [factor - 1, factor + 1, 2 * factor + 1]
      list += around.filter { $0 > 0 }
    }
    list += [-1, -7]
    let unique = Set(list).sorted()
    values = Dictionary(
      uniqueKeysWithValues: inputs.map { input in
        (input.path, unique.filter { input.type.integer?.holds($0) == true })
      })
  }

  /// How many assignments vary one input of one base.
  var singleVariations: Int { values.values.reduce(1) { $0 + $1.count } }

  /// All assignments, small ones first; beside the drawn ones at most `limit`, of which those that vary one input come
  /// before those that vary pairs.
  func assignments(limit: Int) -> [Assignment] {
    guard !inputs.isEmpty else { return [[:]] }
    var seen: Set<Assignment> = []
    var result: [Assignment] = []
    var most = Int.max
    func add(_ assignment: Assignment, isNeeded: Bool = false) {
      guard result.count < most, let repaired = repair(assignment),
        fits(repaired) || (isNeeded && fitsRows(repaired)), seen.insert(repaired).inserted
      else { return }
      result.append(repaired)
    }
    for sizes in drawnSizes() { add(sizes) }
    most = limit + result.count
    for rotation in 0..<2 {
      let base = medium(rotation)
      add(base)
      for input in inputs {
        for value in values[input.path] ?? [] {
          var assignment = base
          assignment[input.path] = value
          add(assignment, isNeeded: rotation == 0 && isNearBlock(value))
        }
      }
    }
    if inputs.count > 1 {
      for value in Set(values.values.joined()).sorted() where (0...70).contains(value) {
        add(Dictionary(uniqueKeysWithValues: inputs.map { ($0.path, value) }))
      }
      for row in CoveringArray.pairwise(inputs.map { paired($0) }, seed: seed) {
        add(Dictionary(uniqueKeysWithValues: zip(inputs.map(\.path), row)))
      }
    }
    return result.enumerated().sorted {
      (memory($0.element), $0.offset) < (memory($1.element), $1.offset)
    }.map(\.element)
  }

  /// Sizes that no list holds: every small one where there is one input, else some by chance.
  private func drawnSizes() -> [Assignment] {
    guard draws else { return [] }
    var random = SeededRandom(seed, path: 90_000)
    if inputs.count == 1, let input = inputs.first {
      let sizes = Array(0...40) + (0..<8).map { _ in 41 + random.below(260) }
      return sizes.filter { input.type.integer?.holds($0) == true }.map { [input.path: $0] }
    }
    var result: [Assignment] = []
    for _ in 0..<16 {
      var assignment: Assignment = [:]
      for input in inputs {
        let size = random.below(3) > 0 ? random.below(41) : 41 + random.below(260)
        assignment[input.path] = input.type.integer?.holds(size) == true ? size : 0
      }
      result.append(assignment)
    }
    return result
  }

  /// One assignment by chance, each input small or about as large as the blocks ask; nil where the call
  /// would be too large.
  func drawn(_ random: inout SeededRandom, mayHaveRows: Bool = false) -> Assignment? {
    let block = values.values.joined().filter { $0 <= 129 }.max() ?? 0
    let largest = mayHaveRows && random.below(2) == 0 ? 2 * block + 1 : min(2 * block + 1, 150)
    var assignment: Assignment = [:]
    for input in inputs {
      let value = random.below(2) == 0 ? random.below(7) : random.below(largest)
      guard input.type.integer?.holds(value) == true else { return nil }
      assignment[input.path] = value
    }
    guard let repaired = repair(assignment),
      mayHaveRows ? fitsRows(repaired) : fits(repaired)
    else { return nil }
    return repaired
  }

  /// Assignments with one input at `value` and, beside it, one more, where the call stays within
  /// larger bounds.
  func far(_ value: Int) -> [Assignment] {
    inputs.flatMap { input in
      [value, value + 1].compactMap { size in
        var assignment = medium(0)
        assignment[input.path] = size
        guard input.type.integer?.holds(size) == true, let repaired = repair(assignment),
          repaired[input.path] == size, memory(repaired) <= 1 << 24, work(repaired) <= 0x1p25
        else { return nil }
        return repaired
      }
    }
  }

  /// Assignments with several inputs in the second blocks of a text at once: all, and each two; `fallback` is
  /// the block of inputs of which nothing is known. None where the lists of sizes have such calls.
  func joint(_ steps: [ObjectPath: Int], fallback: Int) -> [Assignment] {
    let blocks = inputs.map { steps[$0.path] ?? fallback }
    guard inputs.count > 1 else { return [] }
    var seen: Set<Assignment> = []
    func assignment(_ large: [Int], beyond: Int) -> Assignment? {
      guard large.contains(where: { blocks[$0] > Self.largestPaired }) else { return nil }
      var sizes = medium(0)
      for index in large { sizes[inputs[index].path] = blocks[index] + beyond }
      guard
        inputs.allSatisfy({ $0.type.integer?.holds(sizes[$0.path] ?? 0) == true }),
        let repaired = repair(sizes), memory(repaired) <= 1 << 24, work(repaired) <= 0x1p25,
        seen.insert(repaired).inserted
      else { return nil }
      return repaired
    }
    let all = Array(inputs.indices)
    let pairs = all.flatMap { first in all[(first + 1)...].map { [first, $0] } }
    return [1, 3].compactMap { assignment(all, beyond: $0) }
      + pairs.prefix(Self.mostPairs).compactMap { assignment($0, beyond: 1) }
  }

  /// Values up to this one meet each other in pairs anyway.
  private static let largestPaired = 39
  private static let mostPairs = 10

  /// Assignments with one input so large that an index of 16 bits, or a threshold that the text computes
  /// from small numbers, is passed; one for each input for which the call stays within larger bounds.
  func vast() -> [Assignment] {
    inputs.compactMap { input in
      Self.vastSizes.lazy.compactMap { size -> Assignment? in
        var assignment = Dictionary(
          uniqueKeysWithValues: zip(inputs.map(\.path), (0..<inputs.count).map { 2 + $0 % 4 }))
        assignment[input.path] = size
        guard input.type.integer?.holds(size) == true, let repaired = repair(assignment),
          repaired[input.path] == size, memory(repaired) <= 1 << 24, work(repaired) <= 0x1p23
        else { return nil }
        return repaired
      }.first
    }
  }

  private static let vastSizes = [300_007, 70_001, 20_011, 5003]

  /// Values that are tried in pairs: edges and neighbourhoods, no long runs.
  private func paired(_ input: InputShape.Scalar) -> [Int] {
    (values[input.path] ?? []).filter { $0 <= Self.largestPaired + 1 && ![4, 7, 13].contains($0) }
  }

  /// Assignments with one input at an end of its type, where what a call reaches stays small: there
  /// `n - 3` overflows and a narrower copy of `n` is another number.
  func extremes() -> [Assignment] {
    var result: [Assignment] = []
    for input in inputs {
      guard let type = input.type.integer else { continue }
      let width = min(type.width, 64)
      var values = type.isSigned ? [Int.min >> (64 - width)] : []
      if width == 64 { values += type.isSigned ? [5 - (1 << 32)] : [5 + (1 << 32)] }
      let isExtent = shape.memories.contains {
        $0.extent.lower.inputs.union($0.extent.upper.inputs).contains(input.path)
      }
      if isExtent { values.append(Int.max >> (type.isSigned ? 64 - width : max(0, 63 - width))) }
      for value in values {
        var assignment = medium(0)
        assignment[input.path] = value
        // Where nothing but a time limit would end the loops, the call says nothing.
        guard value < 0 || isExtent, shape.firstBrokenComparison(assignment) == nil,
          memory(assignment) <= largestMemory
        else { continue }
        result.append(assignment)
      }
    }
    return Array(result.prefix(12))
  }

  /// Sizes at and below `size`, no two alike, so that rows are not as long as columns; nil where the
  /// contract has none.
  func large(_ size: Int) -> Assignment? {
    var assignment: Assignment = [:]
    for (index, input) in inputs.enumerated() {
      let value = max(1, size - index)
      guard input.type.integer?.holds(value) == true else { return nil }
      assignment[input.path] = value
    }
    return repair(assignment)
  }

  /// Values smaller than those of `assignment` in one input, the smallest first.
  func smaller(than assignment: Assignment) -> [Assignment] {
    var result: [Assignment] = []
    for input in inputs {
      guard let value = assignment[input.path], value > 0 else { continue }
      for smaller in Set([0, 1, 2, value / 2, value - 1]).sorted() where smaller < value {
        var copy = assignment
        copy[input.path] = smaller
        if let repaired = repair(copy), repaired == copy, fits(copy) { result.append(copy) }
      }
    }
    return result.sorted { memory($0) < memory($1) }
  }

  /// Bytes that a call reaches under `assignment`.
  func memory(_ assignment: Assignment) -> Int {
    var total = 0
    for memory in shape.memories {
      guard let count = shape.count(of: memory, assignment) else { return .max }
      let (bytes, overflow) = count.multipliedReportingOverflow(by: memory.elementSize)
      let (sum, carries) = total.addingReportingOverflow(bytes)
      if overflow || carries { return .max }
      total = sum
    }
    return total
  }

  /// Whether a row takes much memory however short its used part is: from sizes of two to sizes of four, memory
  /// grows by whole rows.
  private static func hasLongRows(_ shape: InputShape) -> Bool {
    func bytes(_ memory: InputShape.Memory, _ size: Int) -> Int {
      let sizes = Dictionary(
        shape.scalars.filter(\.isSize).map { ($0.path, size) }, uniquingKeysWith: { $1 })
      return (shape.count(of: memory, sizes) ?? 0) * memory.elementSize
    }
    return shape.memories.contains { bytes($0, 4) - bytes($0, 2) > 8 << 10 }
  }

  /// Whether a size ends in the neighbourhood of one block, or of two small ones.
  private func isNearBlock(_ value: Int) -> Bool {
    blocks.contains { block in
      value == block + 1
        || (block <= 64 && (abs(value - block) <= 1 || abs(value - 2 * block) <= 1))
    }
  }

  /// Where a call must be large because of a block, rows of a constant length may take more memory.
  private func fitsRows(_ assignment: Assignment) -> Bool {
    memory(assignment) <= largestRows && work(assignment) <= largestWork
  }

  /// Whether calls of this size are cheap enough to have many.
  func isRegular(_ assignment: Assignment) -> Bool { memory(assignment) <= largestMemory }

  private func fits(_ assignment: Assignment) -> Bool {
    isRegular(assignment) && work(assignment) <= largestWork
  }

  /// About how many iterations a call takes: the sizes' product, where there are as many sizes as
  /// loops in the deepest nest, else as if each stood for several loops.
  func work(_ assignment: Assignment) -> Double {
    let volume = assignment.values.reduce(1.0) { $0 * Double(max(1, $1.magnitude)) }
    let loops = Double(shape.function.body.loopDepth) / Double(max(1, inputs.count))
    return pow(volume, max(1, loops))
  }

  /// Distinct small values, so that no two inputs can be mistaken for each other.
  private func medium(_ rotation: Int) -> Assignment {
    let primes = rotation == 0 ? [7, 5, 11, 6, 13, 9] : [11, 17, 5, 23, 19, 8]
    var assignment: Assignment = [:]
    for (index, input) in inputs.enumerated() {
      assignment[input.path] = primes[index % primes.count]
    }
    return assignment
  }

  /// The assignment with inputs raised or lowered until the contract's comparisons hold; nil when
  /// that does not succeed.
  func repair(_ assignment: Assignment) -> Assignment? {
    var current = assignment
    for _ in 0..<8 {
      guard let broken = shape.firstBrokenComparison(current) else { return current }
      guard case .compare(let left, let op, let right) = broken else { return nil }
      if case .input(let path) = left, let bound = right.evaluate({ current[$0] }) {
        current[path] = Self.value(op, bound)
      } else if case .input(let path) = right, let bound = left.evaluate({ current[$0] }) {
        current[path] = Self.value(Self.mirrored(op), bound)
      } else {
        return nil
      }
    }
    return nil
  }

  /// A value `x` with `x op bound`.
  private static func value(_ op: BinaryOperator, _ bound: Int) -> Int {
    switch op {
    case .less: bound - 1
    case .greater, .notEqual: bound + 1
    default: bound
    }
  }

  private static func mirrored(_ op: BinaryOperator) -> BinaryOperator {
    switch op {
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    default: op
    }
  }
}

extension InputShape {
  /// The first comparison of the contract that the assignment breaks.
  func firstBrokenComparison(_ assignment: SizePlan.Assignment) -> Requirement? {
    contract.requirements.first { requirement in
      guard case .compare(let left, let op, let right) = requirement,
        let a = left.evaluate({ assignment[$0] }), let b = right.evaluate({ assignment[$0] })
      else { return false }
      switch op {
      case .less: return a >= b
      case .lessOrEqual: return a > b
      case .greater: return a <= b
      case .greaterOrEqual: return a < b
      case .equal: return a != b
      case .notEqual: return a == b
      default: return false
      }
    }
  }

  /// How many elements of `memory` the contract speaks of; nil when a bound has no value.
  func count(of memory: Memory, _ assignment: SizePlan.Assignment) -> Int? {
    guard let lower = memory.extent.lower.evaluate({ assignment[$0] }),
      let upper = memory.extent.upper.evaluate({ assignment[$0] })
    else { return nil }
    let (count, overflow) = upper.subtractingReportingOverflow(lower)
    return overflow ? (upper > lower ? .max : 0) : max(0, count)
  }
}
