import KernelModel

extension Function {
  /// Whether the expression is a multiple of `factor`: a constant, or the iterator of loops that start at
  /// one and go by one, as loops over tiles do, and sums, minima and maxima of such. What ends there leaves
  /// no rest.
  func isMultiple(_ expr: Expr, of factor: Int) -> Bool {
    if let value = expr.constantValue { return value % factor == 0 }
    let operands = expr.minimumOperands.flatMap(\.maximumOperands)
    if operands.count > 1 { return operands.allSatisfy { isMultiple($0, of: factor) } }
    switch expr.kind {
    case .binary(.add, let a, let b):
      // Sums that wrap stay multiples of powers of two.
      return factor.nonzeroBitCount == 1 && isMultiple(a, of: factor) && isMultiple(b, of: factor)
    case .cast(let operand) where expr.type.integer.map { $0.width >= 32 } == true:
      return operand.type.integer.map { $0.width <= 64 } == true
        && factor.nonzeroBitCount == 1 && isMultiple(operand, of: factor)
    case .variable(let variable):
      guard self[variable].storage == .introduced else { return false }
      var headers: [CountedHeader] = []
      var isStored = false
      body.walk { statement in
        guard let loop = statement.asLoop, let header = loop.counted, header.variable == variable
        else { return }
        headers.append(header)
        isStored = isStored || loop.body.storedVariables.contains(variable)
      }
      return !headers.isEmpty && !isStored
        && headers.allSatisfy { header in
          header.declares && header.step % factor == 0
            && header.lower.map { isMultiple($0, of: factor) } == true
        }
    default: return false
    }
  }

  /// Whether the loop makes a multiple of `factor` iterations, whenever it is reached.
  func endsEvenly(_ header: CountedHeader, by factor: Int) -> Bool {
    guard header.step == 1, header.relation == .less, let lower = header.lower else { return false }
    return isMultiple(lower, of: factor) && isMultiple(header.bound, of: factor)
  }
}
