import ExperimentRecords

/// Plans that give values more room or less: scalars that stand against parting a loop become arrays,
/// arrays that hand values on within an iteration become scalars.
struct StoragePlans {
  /// More scalars at once are seldom worth their traffic.
  static let mostScalars = 2

  func plans(for loop: LoopShape, in shape: KernelShape) -> [Plan] {
    contractions(of: loop, in: shape) + expansions(of: loop, in: shape)
  }

  private func contractions(of loop: LoopShape, in shape: KernelShape) -> [Plan] {
    shape.localArrays.filter { name in
      shape.accesses(in: loop.label).contains {
        shape.name(of: $0.object) == name && $0.strides[loop.label] != .zero
      }
    }.map { name in
      Plan(
        name: "contraction of an array", prior: 0.6,
        parts: [.step(.contractArray(name, in: loop.label))])
    }
  }

  /// A loop that carries dependences, or is no perfect nest, may fall into parts that do better.
  private func expansions(of loop: LoopShape, in shape: KernelShape) -> [Plan] {
    let mayGain =
      !loop.isParallel || (!loop.isPerfect && !shape.isInnermost(loop.label))
    let scalars = loop.expandableScalars
    guard mayGain, !loop.isVectorized, !scalars.isEmpty, scalars.count <= Self.mostScalars else {
      return []
    }
    let steps = scalars.map { Plan.Part.step(.expand($0, in: loop.label)) }
    return [
      Plan(
        name: "expansion of scalars", prior: 0.34,
        parts: steps + [.step(.onLoop("distribute", loop.label))])
    ]
  }
}
