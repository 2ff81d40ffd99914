import IslBindings
import KernelModel

/// What the contract says of sizes and extents, as far as it is a polynomial of integer parameters.
struct ContractFacts {
  let kernel: Kernel
  let space: ParameterSpace

  /// Keeps the inputs that the contract allows; clauses that are not affine are not used.
  func require() throws {
    for requirement in kernel.contract.requirements {
      guard case .compare(let left, let op, let right) = requirement,
        let a = try index(left), let b = try index(right), let d = try a.minus(b).affine
      else { continue }
      let zero = try space.constant(0)
      switch op {
      case .less: try space.require(d.isLess(than: zero))
      case .lessOrEqual: try space.require(d.isAtMost(zero))
      case .greater: try space.require(zero.isLess(than: d))
      case .greaterOrEqual: try space.require(zero.isAtMost(d))
      case .equal: try space.require(d.isSame(as: zero))
      case .notEqual: try space.require(d.nonZero())
      default: break
      }
    }
  }

  /// Bounds of what may be read although the original does not, by object; inferred ones do not
  /// count (rule 5).
  func extents(_ memory: MemoryMap) throws -> [ObjectIdentifier: (SymbolicIndex, SymbolicIndex)] {
    var found: [ObjectIdentifier: (SymbolicIndex, SymbolicIndex)] = [:]
    for (position, parameter) in kernel.function.parameters.enumerated() {
      guard let extent = kernel.contract.extents[ObjectPath(parameter)], extent.source != .inferred,
        let pointer = memory.pointers[position], let object = pointer.base.objects[""],
        let lower = try index(extent.lower), let upper = try index(extent.upper),
        try pointer.offset.constantValue() == 0, found[ObjectIdentifier(object)] == nil
      else { continue }
      found[ObjectIdentifier(object)] = (lower, upper)
    }
    return found
  }

  private func index(_ expr: SizeExpr) throws -> SymbolicIndex? {
    switch expr {
    case .constant(let value): return SymbolicIndex(try space.constant(value))
    case .input(let path):
      guard path.fields.isEmpty, kernel.function.parameters.contains(path.base),
        kernel.function[path.base].type.isInteger
      else { return nil }
      return SymbolicIndex(
        try space.input(ParameterSpace.parameter(kernel.function[path.base].name)))
    case .add(let a, let b): return try both(a, b) { try $0.plus($1) }
    case .subtract(let a, let b): return try both(a, b) { try $0.minus($1) }
    case .multiply(let a, let b): return try both(a, b) { try $0.times($1) }
    case .floorDivide(let a, let divisor):
      guard divisor > 0, let x = try index(a)?.affine else { return nil }
      return SymbolicIndex(try x.floorDivided(by: divisor))
    case .minimum(let a, let b):
      guard let x = try index(a)?.affine, let y = try index(b)?.affine else { return nil }
      return SymbolicIndex(try x.minimum(y))
    case .maximum(let a, let b):
      guard let x = try index(a)?.affine, let y = try index(b)?.affine else { return nil }
      return SymbolicIndex(try x.maximum(y))
    }
  }

  private func both(
    _ a: SizeExpr, _ b: SizeExpr, _ combine: (SymbolicIndex, SymbolicIndex) throws -> SymbolicIndex?
  ) throws -> SymbolicIndex? {
    guard let x = try index(a), let y = try index(b) else { return nil }
    return try combine(x, y)
  }
}
