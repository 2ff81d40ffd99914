import AgentKernels
import ExperimentRecords

/// Numbers that describe a recipe and the shape that it leads to, and the model that ranks by them.
///
/// The weights are set by hand: this is generation 0, which does not learn across kernels.
struct RecipeFeatures {
  static let weights: [Double] = [
    1.0,  // prior of the plan
    0.30,  // share of accesses with unit or no stride in the innermost loops
    -0.35,  // share of accesses that move by rows in the innermost loops
    0.15,  // share of innermost loops without carried dependence
    -0.04,  // steps
    0.8,  // what the parent recipe gained, as logarithm
  ]

  var values: [Double]

  init(recipe: Recipe, shape: KernelShape, prior: Double, parentGain: Double) {
    let innermost = shape.innermost
    var strides: [AccessShape.Stride] = []
    for loop in innermost {
      strides += shape.accesses(in: loop.label).compactMap { $0.strides[loop.label] }
    }
    let near = strides.filter { $0 == .zero || $0 == .unit }.count
    let far = strides.filter { $0 == .row || $0 == .unknown }.count
    let total = Double(max(1, strides.count))
    let parallel = innermost.filter(\.isParallel).count
    values = [
      prior, Double(near) / total, Double(far) / total,
      Double(parallel) / Double(max(1, innermost.count)), Double(recipe.steps.count), parentGain,
    ]
  }

  /// Indices by falling score.
  static func ranking(of rows: [RecipeFeatures]) -> [Int] {
    let flat = rows.flatMap(\.values)
    var scores = [Double](repeating: 0, count: rows.count)
    var order = [Int](repeating: 0, count: rows.count)
    ratchet_linear_scores(flat, weights, 0, rows.count, weights.count, &scores)
    order.withUnsafeMutableBufferPointer { buffer in
      buffer.withMemoryRebound(to: UInt.self) { words in
        ratchet_rank_by_score(scores, rows.count, words.baseAddress)
      }
    }
    return order
  }
}
