import ExperimentRecords
import KernelModel

/// What a verdict of L0 to L2 rests on, one line each.
struct Assumptions {
  private(set) var list: [String] = []

  init(_ kernel: Kernel, floatingPoint: FloatingPointMode, compiler: Compiler) {
    let sources = Set(kernel.contract.extents.values.map(\.source))
    if sources.contains(.inferred) {
      list.append("extents of memory are inferred; only bytes that the original touches are used")
    }
    if kernel.contract.source == .acsl { list.append("the ACSL contract above the function holds") }
    list.append("pointers do not reach the file-scope objects that the function names")
    addFlags(kernel.build)
    addContraction(kernel, compiler)
    if floatingPoint == .relaxed {
      list.append(
        "errors against results in twice the precision are at most \(Int(ErrorComparison.factor)) times "
          + "the original's at sizes like these, or a rounding's; where there are no such results, cells "
          + "agree within \(Int(RelaxedComparison.units)) units in the last place of themselves or of the "
          + "largest magnitude in their object; on finite values far from the ends of the range")
    }
    list.append("results are compared only between builds by the same compiler and flags")
  }

  private mutating func addFlags(_ build: BuildFlags) {
    if build.wrapsSignedOverflow { list.append("signed integers wrap (-fwrapv)") }
    if !build.assumesStrictAliasing { list.append("any types may alias (-fno-strict-aliasing)") }
    if build.enables("unsigned-char") { list.append("char is unsigned (-funsigned-char)") }
  }

  private mutating func addContraction(_ kernel: Kernel, _ compiler: Compiler) {
    guard Self.hasProductInSum(kernel.function) else { return }
    if let contraction = kernel.build.contraction {
      list.append("contraction is '\(contraction.rawValue)' by the project's flags")
    } else if compiler.name == "gcc" {
      list.append(
        "contraction is GCC's default 'fast', which cannot be read off the text: no better than "
          + "'tested'; -ffp-contract=off or on would lift the cap")
    } else {
      list.append("contraction is clang's default 'on'")
    }
  }

  /// Whether a floating-point product feeds a sum or a difference.
  static func hasProductInSum(_ function: Function) -> Bool {
    var found = false
    func isProduct(_ expr: Expr) -> Bool {
      if case .binary(.multiply, _, _) = expr.kind { return expr.type.isFloating }
      return false
    }
    function.body.walkExpressions { expr in
      switch expr.kind {
      case .binary(.add, let a, let b), .binary(.subtract, let a, let b):
        if isProduct(a) || isProduct(b) { found = true }
      case .assign(.add, _, let value), .assign(.subtract, _, let value):
        if isProduct(value) { found = true }
      default: break
      }
    }
    return found
  }
}
