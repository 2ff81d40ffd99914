import ClangBindings
import KernelModel

/// What calls may do besides returning a value.
extension UnitReader {
  /// The purity of a function: by name for the C library and builtins, by attribute, else by its
  /// definition in this unit; `.effects` when nothing is known.
  func purity(of function: Cursor) -> Purity {
    if isLibrary(function), let known = LibraryPurity.purity(of: function.spelling) {
      return known
    }
    let key = function.canonical
    if let known = purities[key] { return known }
    purities[key] = .effects  // A recursive call is not followed.
    let result = attributePurity(function) ?? function.definition.map(bodyPurity) ?? .effects
    purities[key] = result
    return result
  }

  /// Whether a function can be the library's own: a project may use its names for something else.
  private func isLibrary(_ function: Cursor) -> Bool {
    if function.spelling.hasPrefix("__builtin_") || function.isInSystemHeader { return true }
    guard function.definition == nil, function.linkage == .external else { return false }
    return function.type.parameters.allSatisfy { $0.canonical.kind != .pointer }
      && !function.isVariadic
  }

  private func attributePurity(_ function: Cursor) -> Purity? {
    let kinds = function.children.map(\.kind)
    if kinds.contains(.constAttr) { return .const }
    return kinds.contains(.pureAttr) ? .readsMemory : nil
  }

  private func bodyPurity(_ definition: Cursor) -> Purity {
    guard definition.linkage == .internal || definition.isInlineFunction,
      let body = definition.children.last, body.kind == .compoundStmt
    else { return .effects }
    var result = Purity.const
    body.walk { cursor in
      result = result.joined(self.effect(of: cursor, in: definition.range))
    }
    return result
  }

  /// The effect of one node alone.
  private func effect(of cursor: Cursor, in function: Range<Int>) -> Purity {
    switch cursor.kind {
    case .binaryOperator, .compoundAssignOperator:
      guard let left = cursor.children.first else { return .effects }
      let isStore =
        cursor.kind == .compoundAssignOperator || binaryOperator(left) == "="
      return isStore && !isOwnStorage(left, of: function) ? .effects : .const
    case .unaryOperator:
      guard let operand = cursor.children.first else { return .effects }
      switch unaryOperator(cursor, operand: operand) {
      case "++", "--", "post++", "post--":
        return isOwnStorage(operand, of: function) ? .const : .effects
      case "*": return .readsMemory
      // A local whose address is known may be stored to through a pointer.
      case "&": return .effects
      default: return .const
      }
    case .arraySubscriptExpr:
      return isOwnStorage(cursor, of: function) ? .const : .readsMemory
    case .memberRefExpr:
      guard let base = cursor.children.first else { return .effects }
      return token(at: base.range.upperBound) == "->" ? .readsMemory : .const
    case .callExpr:
      guard let callee = cursor.children.first?.stripped.referenced,
        callee.kind == .functionDecl
      else { return .effects }
      return purity(of: callee)
    case .declRefExpr: return mention(of: cursor, in: function)
    case .asmStmt, .gotoStmt, .indirectGotoStmt, .statementExpr, .blockExpr: return .effects
    case .varDecl:
      let isConstant = cursor.type.isConst || cursor.type.canonical.isConst
      return cursor.storageClass == .static && !isConstant ? .effects : .const
    case .unsupported: return .effects
    default: return .const
    }
  }

  private func mention(of cursor: Cursor, in function: Range<Int>) -> Purity {
    guard let target = cursor.referenced else { return .effects }
    guard target.kind == .varDecl || target.kind == .parameterDecl else { return .const }
    if target.type.isVolatile { return .effects }
    if function.contains(target.offset) { return .const }
    var type = target.type.canonical
    while type.kind == .constantArray { type = type.arrayElement }
    return type.isConst ? .const : .readsMemory
  }

  /// Whether an lvalue is an object that the function itself declares.
  private func isOwnStorage(_ lvalue: Cursor, of function: Range<Int>) -> Bool {
    let cursor = lvalue.stripped
    switch cursor.kind {
    case .declRefExpr:
      guard let target = cursor.referenced else { return false }
      return function.contains(target.offset) && target.storageClass != .static
        && !target.type.isVolatile
    case .arraySubscriptExpr:
      guard let base = cursor.children.first?.stripped else { return false }
      let isArray = base.type.canonical.kind == .constantArray
      let isParameter = base.referenced?.kind == .parameterDecl
      return isArray && !isParameter && isOwnStorage(base, of: function)
    case .memberRefExpr:
      guard let base = cursor.children.first else { return false }
      return token(at: base.range.upperBound) == "." && isOwnStorage(base, of: function)
    default: return false
    }
  }
}

extension Purity {
  /// The purity of doing both.
  func joined(_ other: Purity) -> Purity {
    if self == .effects || other == .effects { return .effects }
    return self == .readsMemory || other == .readsMemory ? .readsMemory : .const
  }
}

/// Functions of the C library and compiler builtins whose effects are known by name.
enum LibraryPurity {
  /// The purity of a named function; nil when the name says nothing.
  static func purity(of name: String) -> Purity? {
    let plain = name.hasPrefix("__builtin_") ? String(name.dropFirst(10)) : name
    if constant.contains(plain) { return .const }
    if let last = plain.last, last == "f" || last == "l",
      mathematical.contains(String(plain.dropLast()))
    {
      return .const
    }
    if mathematical.contains(plain) { return .const }
    if name.hasPrefix("__builtin_"), builtins.contains(plain) { return .const }
    return reading.contains(plain) ? .readsMemory : nil
  }

  /// Real functions of `<math.h>` that store through no pointer (ISO/IEC 9899:2011 §7.12); errno is
  /// a result only when a contract declares it.
  private static let mathematical: Set<String> = [
    "acos", "asin", "atan", "atan2", "cos", "sin", "tan", "acosh", "asinh", "atanh", "cosh",
    "sinh", "tanh", "exp", "exp2", "exp10", "expm1", "ilogb", "ldexp", "log", "log10", "log1p",
    "log2", "logb", "scalbn", "scalbln", "cbrt", "fabs", "hypot", "pow", "sqrt", "erf", "erfc",
    "tgamma", "ceil", "floor", "nearbyint", "rint", "lrint", "llrint", "round", "lround",
    "llround", "trunc", "fmod", "remainder", "copysign", "nan", "nextafter", "nexttoward",
    "fdim", "fmax", "fmin", "fma", "roundeven", "inf", "huge_val", "j0", "j1", "y0", "y1",
  ]

  private static let constant: Set<String> = [
    "abs", "labs", "llabs", "isalpha", "isdigit", "isspace", "isupper", "islower", "isalnum",
    "isxdigit", "ispunct", "toupper", "tolower", "htons", "htonl", "ntohs", "ntohl",
    "__isnan", "__isnanf", "__isinf", "__isinff", "__finite", "__finitef", "__fpclassify",
    "__fpclassifyf", "__signbit", "__signbitf", "__bswap_16", "__bswap_32", "__bswap_64",
  ]

  private static let builtins: Set<String> = [
    "expect", "expect_with_probability", "popcount", "popcountl", "popcountll", "clz", "clzl",
    "clzll", "ctz", "ctzl", "ctzll", "ffs", "ffsl", "ffsll", "parity", "parityl", "parityll",
    "bswap16", "bswap32", "bswap64", "isnan", "isinf", "isinf_sign", "isfinite", "isnormal",
    "signbit", "signbitf", "signbitl", "fpclassify", "isgreater", "isgreaterequal", "isless",
    "islessequal", "islessgreater", "isunordered", "constant_p", "shufflevector", "shuffle",
    "convertvector", "rotateleft8", "rotateleft16", "rotateleft32", "rotateleft64",
    "rotateright8", "rotateright16", "rotateright32", "rotateright64", "bitreverse8",
    "bitreverse16", "bitreverse32", "bitreverse64", "assume_aligned", "elementwise_abs",
    "elementwise_max", "elementwise_min", "elementwise_ceil", "elementwise_floor",
    "elementwise_trunc", "elementwise_fma", "elementwise_sqrt", "reduce_max", "reduce_min",
    "reduce_add", "reduce_xor", "reduce_or", "reduce_and",
  ]

  private static let reading: Set<String> = [
    "strlen", "strnlen", "strcmp", "strncmp", "memcmp", "strchr", "strrchr", "memchr", "strstr",
    "strspn", "strcspn", "strpbrk", "atoi", "atol", "atoll", "atof",
  ]
}
