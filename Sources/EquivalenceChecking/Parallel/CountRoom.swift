import IslBindings
import KernelModel

/// That the number of iterations, computed in the iterator's type, has room there (OpenMP 4.5, 2.6: else
/// it is unspecified).
struct CountRoom {
  let kernel: Kernel
  let space: ParameterSpace

  static let assumption =
    "the distance from start to bound of a parallel loop, and one step more, fits its iterator's type"

  /// Whether it is shown for all inputs; throws where not even small ones have the room.
  func isShown(for loop: ParallelLoop) throws -> Bool {
    let domain = try loop.domain.intersection(space.known)
    let fits = try room(loop)
    if try domain.subtracting(fits).isEmpty() { return true }
    guard try domain.intersection(small()).subtracting(fits).isEmpty() else {
      throw Unproved(
        "a parallel loop of so many iterations that its iterator's type cannot count them")
    }
    return false
  }

  private func room(_ loop: ParallelLoop) throws -> IntegerSet {
    let type = loop.iterator.type
    let isSigned = type.kind == .signed
    let least = try space.constant(
      decimal: !isSigned ? "0" : type.bits == 64 ? "-9223372036854775808" : "-2147483648")
    let greatest = try space.constant(
      decimal: isSigned
        ? type.bits == 64 ? "9223372036854775807" : "2147483647"
        : type.bits == 64 ? "18446744073709551615" : "4294967295")
    let extra = abs(loop.step) - (loop.isStrict ? 1 : 0)
    let (low, high) = loop.step > 0 ? (loop.start, loop.bound) : (loop.bound, loop.start)
    let distance = try high.minus(low)
    var set = try distance.plus(space.constant(extra)).isAtMost(greatest)
    // An unsigned count is taken only where the loop runs at all.
    if isSigned { set = try set.intersection(least.isAtMost(distance)) }
    let end =
      try loop.step > 0
      ? loop.bound.plus(space.constant(extra)) : loop.bound.minus(space.constant(extra))
    set = try set.intersection(end.isAtMost(greatest))
    return isSigned ? try set.intersection(least.isAtMost(end)) : set
  }

  /// Integer arguments of at most 2^29.
  private func small() throws -> IntegerSet {
    var set = try space.universe()
    for parameter in kernel.function.parameters
    where kernel.function[parameter].type.isInteger {
      let value = try space.input(ParameterSpace.parameter(kernel.function[parameter].name))
      let low = try space.constant(-(1 << 29)).isAtMost(value)
      set = try set.intersection(low).intersection(value.isAtMost(space.constant(1 << 29)))
    }
    return set
  }
}
