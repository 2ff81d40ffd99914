import CandidateExecution
import KernelModel

extension TypeLayout {
  /// The size in bytes; nil for incomplete types and arrays of variable length.
  func size(_ type: CType) -> Int? { size(of: type)?.size }

  /// The alignment in bytes that the type asks for; nil when it is not known.
  func alignment(_ type: CType) -> Int? { size(of: type)?.alignment }
}
