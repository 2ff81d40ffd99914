import CandidateExecution
import KernelModel

/// Rule 5: on each input a candidate stores only to bytes that the original stored to, and reads
/// only bytes that the original read or stored to, or that a declared extent covers.
struct AccessLicence {
  let shape: InputShape

  /// What the candidate touched without licence.
  struct Excess: Hashable {
    var region: Int
    var offset: Int
    var isStore: Bool
  }

  /// The first access of `candidate` that is not allowed.
  func firstExcess(of candidate: AccessSets, over original: AccessSets, in input: CallInput)
    -> Excess?
  {
    for region in candidate.regions.indices where region < original.regions.count {
      let (own, allowed) = (candidate.regions[region], original.regions[region])
      if own == allowed { continue }
      for offset in own.indices where own[offset] != 0 && own[offset] & ~allowed[offset] != 0 {
        let extra = AccessSets.Access(rawValue: own[offset] & ~allowed[offset])
        if extra.contains(.stored) { return Excess(region: region, offset: offset, isStore: true) }
        if allowed[offset] != 0 || isDeclared(region, offset, input) { continue }
        return Excess(region: region, offset: offset, isStore: false)
      }
    }
    return nil
  }

  private func isDeclared(_ region: Int, _ offset: Int, _ input: CallInput) -> Bool {
    input.residents[region].contains { resident in
      shape.memories[resident.memory].extent.source != .inferred
        && resident.range.contains(offset)
    }
  }
}
