import Foundation
import KernelModel

extension SizePlan {
  /// Assignments that reach the ends of integers of `width` bits in place of 32, and of twice as many in
  /// place of 64, as far as calls stay within bounds: one input at a time near the end of its type or, where
  /// that is 64 bits wide, beyond the ends of those that stand for 32; then two at a time, so that
  /// their product is beyond these ends.
  ///
  /// No size is so near an end that a block more would pass it, at three quarters of the way: that none is so
  /// near is taken for granted of large sizes too.
  func atEnds(ofIntegersOf width: Int) -> [Assignment] {
    var result: [Assignment] = []
    func add(
      _ large: [(InputShape.Scalar, Int)], areOthersEmpty: Bool = false, mostWork: Double = 0x1p23
    ) {
      var assignment = Dictionary(
        uniqueKeysWithValues: zip(
          inputs.map(\.path), inputs.indices.map { areOthersEmpty ? 0 : 2 + $0 % 4 }))
      for (input, value) in large { assignment[input.path] = value }
      guard let repaired = repair(assignment), !result.contains(repaired),
        large.allSatisfy({ fits(repaired[$0.0.path] ?? 0, $0.0, width) }),
        memory(repaired) <= 1 << 23, work(repaired) <= mostWork
      else { return }
      result.append(repaired)
    }
    for input in inputs {
      for value in Self.ends(of: input, width) {
        add([(input, value)])
        if inputs.count > 1 { add([(input, value)], areOthersEmpty: true) }
      }
    }
    for (index, first) in inputs.enumerated() {
      for second in inputs[(index + 1)...] {
        for bits in [width - 1, width] {
          let root = Int((1.3 * Double(1 << bits)).squareRoot())
          add([(first, root), (second, root + 3)])
        }
      }
    }
    for bits in [width - 1, width] {
      let product = 1.3 * Double(1 << bits)
      // Of three sizes and more, each two have had their turn, and all of them would take long.
      let mostWork = inputs.count > 2 ? 0x1p19 : 0x1p23
      add(inputs.map { ($0, Int(product.squareRoot())) }, mostWork: mostWork)
      if inputs.count > 2 {
        add(
          inputs.map { ($0, Int(pow(product, 1 / Double(inputs.count))) + 1) }, mostWork: mostWork)
      }
    }
    // One size may stand for two dimensions.
    for input in inputs {
      for bits in [width - 1, width] { add([(input, Int((1.3 * Double(1 << bits)).squareRoot()))]) }
    }
    return result
  }

  private static func ends(of input: InputShape.Scalar, _ width: Int) -> [Int] {
    guard let type = input.type.integer else { return [] }
    let (half, whole) = (1 << (width - 1), 1 << width)
    switch type.width {
    case 64: return [half + 67, whole + 69]
    case 32: return type.isSigned ? [half * 3 / 4 + 5] : [half + 67, whole * 3 / 4 + 5]
    case 16: return type.isSigned ? [half / 32 * 3 + 5] : [half / 8 + 35, whole / 32 * 3 + 5]
    default: return []
    }
  }

  private func fits(_ value: Int, _ input: InputShape.Scalar, _ width: Int) -> Bool {
    guard let type = input.type.integer else { return false }
    let bits =
      switch type.width {
      case 64: 2 * width
      case 32: width
      case 16: width - 3
      default: 8
      }
    return value >= 0 && value < 1 << (bits - (type.isSigned ? 1 : 0))
  }
}
