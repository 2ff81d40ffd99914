import ExperimentRecords
import KernelModel
import KernelParsing

/// What is required of candidates where nobody says: `bounded` where control is static, `tested`
/// elsewhere.
///
/// The original alone decides. Where the interpreter cannot compare the original even with itself
/// (it cannot read it, its arrays of constant extent take more steps than it may, the compiler fuses
/// products as it likes), no candidate can be `bounded`, and `tested` is required.
struct DefaultRequirement {
  let verdict: Verdict
  /// Why no more is required; nil for `bounded`.
  let reason: String?

  static let bounded = DefaultRequirement(verdict: .bounded, reason: nil)
  static func tested(_ reason: String) -> DefaultRequirement {
    DefaultRequirement(verdict: .tested, reason: reason)
  }

  /// By the text alone.
  static func ofControl(_ kernel: Kernel, _ shape: InputShape, parser: KernelParser)
    -> DefaultRequirement
  {
    let unit: InterpretedUnit
    do throws(Uninterpreted) {
      unit = try InterpretedUnit(kernel.source.bytes, like: kernel, parser: parser)
    } catch {
      return .tested("the interpreter does not read the original: \(error.reason)")
    }
    let control = StaticControl(
      kernel.function, among: unit.functions,
      sizes: Set(shape.scalars.filter(\.isSize).map(\.path)))
    return control.obstacle.map { .tested($0) } ?? .bounded
  }
}
