import JudgeKernels

/// The functions of <math.h> that have a meaning to the reference, by name with and without `f`.
enum KnownFunction {
  static func code(_ name: String) -> rk_real_function {
    var plain = Vocabulary.stem(name)
    if codes[plain] == nil, plain.hasSuffix("f") { plain.removeLast() }
    return codes[plain] ?? RK_UNKNOWN_FUNCTION
  }

  private static let codes: [String: rk_real_function] = [
    "sqrt": RK_SQRT, "fabs": RK_FABS, "exp": RK_EXP, "exp2": RK_EXP2, "expm1": RK_EXPM1,
    "log": RK_LOG, "log2": RK_LOG2, "log10": RK_LOG10, "log1p": RK_LOG1P, "sin": RK_SIN,
    "cos": RK_COS, "tan": RK_TAN, "asin": RK_ASIN, "acos": RK_ACOS, "atan": RK_ATAN,
    "sinh": RK_SINH, "cosh": RK_COSH, "tanh": RK_TANH, "cbrt": RK_CBRT, "pow": RK_POW,
    "atan2": RK_ATAN2, "hypot": RK_HYPOT, "fmin": RK_FMIN, "fmax": RK_FMAX,
  ]
}
