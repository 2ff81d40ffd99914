import ExperimentRecords
import Foundation

/// What was seen of a side's process from outside, beside the times of its calls.
struct Testimony {
  /// Processes that it started and left.
  var processes: Int
  var keepsState: Bool
  /// It used more processor time than there was, as threads of its own would.
  var overspent: Bool
  /// Its code as its process has it; empty when that cannot be read.
  var code: [UInt8]
  var isAsInFile: Bool
  /// Of the judged function, an offset into `code`.
  var functionOffset: Int
  var functionBytes: Int

  /// Why a load must not be used, the candidate's faults first.
  static func problem(
    _ sides: [Testimony], _ usage: [PairedTiming.Usage], threads: Int = 1
  ) -> PairedTiming.Verdict? {
    for side in [PairedTiming.Side.candidate, .original] {
      let seen = sides[side.rawValue]
      if !seen.code.isEmpty, !seen.isAsInFile {
        return .failed(side, "does not run the code that was built")
      }
      if usage[side.rawValue].threads > threads { return .failed(side, "left a thread behind") }
      if seen.processes > 0 { return .failed(side, "started a process") }
      if seen.overspent { return .failed(side, "uses more processor time than there was") }
    }
    if sides[1].keepsState, !sides[0].keepsState {
      return .failed(.candidate, "keeps state between its calls")
    }
    return nil
  }

  /// The record of what ran; `nil` when the code of either side could not be read.
  static func code(_ sides: [Testimony]) -> [MeasuredCode]? {
    guard sides.allSatisfy({ !$0.code.isEmpty }) else { return nil }
    return sides.map { side in
      let end = side.functionOffset + side.functionBytes
      guard side.functionBytes > 0, side.functionOffset >= 0, end <= side.code.count else {
        return MeasuredCode(object: ContentHash.plain(Data(side.code)))
      }
      let function = Array(side.code[side.functionOffset..<end])
      return MeasuredCode(
        object: ContentHash.plain(Data(side.code)), function: ContentHash.plain(Data(function)),
        functionBytes: side.functionBytes)
    }
  }
}

extension AnswerReader {
  mutating func testimony() throws(HarnessError) -> Testimony {
    let processes = try word()
    let (keepsState, overspent) = (try word() != 0, try word() != 0)
    let code = try string()
    let (isAsInFile, offset, bytes) = (try word() != 0, try word(), try word())
    return Testimony(
      processes: processes, keepsState: keepsState, overspent: overspent, code: code,
      isAsInFile: isAsInFile, functionOffset: offset, functionBytes: bytes)
  }
}
