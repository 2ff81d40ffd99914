import CandidateExecution
import JudgeKernels
import KernelModel

/// Rule 5: on each input a candidate stores only to bytes that the original stored to, and reads
/// only bytes that the original read or stored to, or that a declared extent covers, of which an outer
/// length without `static` is none. What stood before
/// the call in a byte that the original only stores to is no input, whatever the extent.
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
      let count = min(own.count, allowed.count)
      var offset = rk_first_excess(own, allowed, 0, count)
      while offset < count {
        let extra = AccessSets.Access(rawValue: own[offset] & ~allowed[offset])
        if extra.contains(.stored), !shape.switchedOff.contains(.storeSets) {
          return Excess(region: region, offset: offset, isStore: true)
        }
        // Where memories lie over each other, another order of accesses shows in what is left behind.
        let isAlone = input.residents[region].count == 1
        if isAlone, extra.contains(.read), allowed[offset] != 0,
          !shape.switchedOff.contains(.staleReads)
        {
          return Excess(region: region, offset: offset, isStore: false)
        }
        if allowed[offset] == 0, extra.contains(.read), !shape.switchedOff.contains(.readSets),
          !isLicensed(region, offset, input, allowed)
        {
          return Excess(region: region, offset: offset, isStore: false)
        }
        offset = rk_first_excess(own, allowed, offset + 1, count)
      }
    }
    return nil
  }

  /// Whether a declared extent covers the byte, or the original reads another member of the same
  /// record: what names one member of an object says that the whole object is there (§6.5.2.3).
  func isLicensed(
    _ region: Int, _ offset: Int, _ input: CallInput, _ allowed: [UInt8]
  ) -> Bool {
    input.residents[region].contains { resident in
      guard resident.range.contains(offset) else { return false }
      let memory = shape.memories[resident.memory]
      if memory.extent.source != .inferred, !memory.extent.isHint, !memory.isRecord { return true }
      guard case .record = memory.element.canonical else { return false }
      let element = (offset - resident.range.lowerBound) / memory.elementSize
      let start = resident.range.lowerBound + element * memory.elementSize
      return allowed[start..<min(start + memory.elementSize, allowed.count)].contains { $0 != 0 }
    }
  }
}
