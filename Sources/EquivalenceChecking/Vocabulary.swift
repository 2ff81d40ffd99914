/// The names that new text may use although the original does not.
enum Vocabulary {
  /// Every keyword of C11 and of the GNU dialect.
  static func isKeyword(_ name: String) -> Bool {
    allowedKeywords.contains(name) || typeWords.contains(name) || refusedKeywords.contains(name)
  }

  /// Words that begin or continue declaration specifiers.
  static let typeWords: Set<String> = [
    "void", "char", "short", "int", "long", "float", "double", "signed", "unsigned", "_Bool",
    "struct", "union", "enum", "const", "restrict", "__restrict", "__restrict__", "static",
    "inline", "__inline", "__inline__", "typedef", "register", "__int128", "_Float16",
    "__extension__", "_Alignas", "__attribute__", "__attribute", "volatile", "__const",
    "__volatile__", "__signed__", "_Complex",
  ]

  static let allowedKeywords: Set<String> = [
    "if", "else", "for", "while", "do", "switch", "case", "default", "break", "continue", "return",
    "sizeof", "_Alignof", "__alignof__", "alignof", "typeof", "__typeof__", "_Static_assert",
    "static_assert", "bool", "true", "false", "NULL",
  ]

  /// What has no business in a kernel, unless the original has it.
  static let refusedKeywords: Set<String> = [
    "asm", "__asm", "__asm__", "goto", "_Thread_local", "__thread", "thread_local", "extern",
    "_Atomic", "_Generic", "_Noreturn", "__auto_type", "auto", "__label__", "_Imaginary",
    "__block", "_Pragma", "__pragma", "__func__", "__FUNCTION__", "__PRETTY_FUNCTION__",
  ]

  /// Names of types that common headers define.
  static let typeNames: Set<String> = [
    "size_t", "ssize_t", "ptrdiff_t", "intptr_t", "uintptr_t", "intmax_t", "uintmax_t", "bool",
    "int8_t", "int16_t", "int32_t", "int64_t", "uint8_t", "uint16_t", "uint32_t", "uint64_t",
    "int_fast8_t", "int_fast16_t", "int_fast32_t", "int_fast64_t", "uint_fast8_t",
    "uint_fast16_t", "uint_fast32_t", "uint_fast64_t", "int_least8_t", "int_least16_t",
    "int_least32_t", "int_least64_t", "uint_least8_t", "uint_least16_t", "uint_least32_t",
    "uint_least64_t", "__m128", "__m128d", "__m128i", "__m256", "__m256d", "__m256i",
    // Types that compilers predefine as macros, for texts that include no header.
    "__UINTPTR_TYPE__", "__INTPTR_TYPE__", "__SIZE_TYPE__", "__PTRDIFF_TYPE__",
    "__INT8_TYPE__", "__INT16_TYPE__", "__INT32_TYPE__", "__INT64_TYPE__", "__UINT8_TYPE__",
    "__UINT16_TYPE__", "__UINT32_TYPE__", "__UINT64_TYPE__",
  ]

  /// Constants that common headers define.
  static let constants: Set<String> = [
    "INFINITY", "NAN", "HUGE_VAL", "HUGE_VALF", "CHAR_BIT", "INT_MAX", "INT_MIN", "UINT_MAX",
    "LONG_MAX", "LONG_MIN", "ULONG_MAX", "LLONG_MAX", "LLONG_MIN", "ULLONG_MAX", "SHRT_MAX",
    "SHRT_MIN", "USHRT_MAX", "SCHAR_MAX", "SCHAR_MIN", "UCHAR_MAX", "SIZE_MAX", "INT8_MAX",
    "INT8_MIN", "UINT8_MAX", "INT16_MAX", "INT16_MIN", "UINT16_MAX", "INT32_MAX", "INT32_MIN",
    "UINT32_MAX", "INT64_MAX", "INT64_MIN", "UINT64_MAX", "FLT_MAX", "FLT_MIN", "DBL_MAX",
    "DBL_MIN", "FLT_EPSILON", "DBL_EPSILON", "__INT_MAX__", "__LONG_MAX__", "__SIZE_MAX__",
    "__CHAR_BIT__",
  ]

  /// Functions whose result depends on their arguments (and the memory that these name) alone,
  /// without a lasting effect elsewhere; the memory functions are checked at run time. What asks
  /// the optimiser (`__builtin_constant_p`) is not among them: its answer is another one in the
  /// program than in the judge's builds. Nor are `memcmp` and its like: what they read is not seen; nor
  /// what chooses text by types (`__builtin_choose_expr`): the parser may choose otherwise than a
  /// compiler.
  static let pureFunctions: Set<String> = {
    var names: Set<String> = [
      "abs", "labs", "llabs", "memcpy", "memmove", "memset", "__builtin_memcpy",
      "__builtin_memmove", "__builtin_memset", "__builtin_expect",
      "__builtin_assume_aligned", "__builtin_shuffle", "__builtin_shufflevector",
      "__builtin_convertvector", "__builtin_prefetch", "__builtin_isnan",
      "__builtin_isinf", "__builtin_isfinite", "__builtin_signbit", "__builtin_offsetof",
      "offsetof", "isnan", "isinf", "isfinite", "signbit", "__builtin_bswap16",
      "__builtin_bswap32", "__builtin_bswap64", "__builtin_abs", "__builtin_labs",
      "__builtin_llabs", "INT64_C", "UINT64_C", "INT32_C", "UINT32_C", "__builtin_inf",
      "__builtin_inff", "__builtin_nan", "__builtin_nanf", "__builtin_huge_val",
      "__builtin_reduce_add", "__builtin_reduce_mul", "__builtin_reduce_and",
      "__builtin_reduce_or", "__builtin_reduce_xor", "__builtin_reduce_max",
      "__builtin_reduce_min", "__builtin_elementwise_max", "__builtin_elementwise_min",
      "__builtin_elementwise_abs",
    ]
    for stem in ["popcount", "clz", "ctz", "parity", "ffs", "clrsb"] {
      for suffix in ["", "l", "ll"] { names.insert("__builtin_\(stem)\(suffix)") }
    }
    for operation in ["add", "sub", "mul"] {
      names.insert("__builtin_\(operation)_overflow")
      for type in ["s", "sl", "sll", "u", "ul", "ull"] {
        names.insert("__builtin_\(type)\(operation)_overflow")
      }
    }
    let real = [
      "fabs", "fmin", "fmax", "fma", "sqrt", "floor", "ceil", "trunc", "round", "rint",
      "nearbyint", "copysign", "fmod", "fdim", "ldexp",
    ]
    for stem in real {
      for suffix in ["", "f", "l"] {
        names.insert(stem + suffix)
        names.insert("__builtin_\(stem)\(suffix)")
      }
    }
    return names
  }()

  /// A function's name without the prefix of the compiler's own.
  static func stem(_ name: String) -> String {
    let prefix = "__builtin_"
    return name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
  }

  /// Calls without effects, by stem, that are no function of scalar arguments: they read memory, work
  /// on whole vectors or ask the compiler.
  static let beyondScalars: Set<String> = [
    "memcmp", "strlen", "shuffle", "choose_expr", "types_compatible_p", "reduce_add", "reduce_mul",
    "reduce_and", "reduce_or", "reduce_xor", "reduce_max", "reduce_min", "elementwise_max",
    "elementwise_min", "elementwise_abs", "constant_p", "object_size",
  ]

  static let allocation: Set<String> = ["aligned_alloc", "free"]

  /// Attributes that change neither linkage nor what the compiler may assume of a caller.
  static let attributes: Set<String> = [
    "aligned", "vector_size", "ext_vector_type", "always_inline", "noinline", "unused",
    "may_alias", "packed", "hot", "cold", "flatten", "maybe_unused", "fallthrough",
  ]

  /// The pragmas that may stand in a body, by their first words: hints, and nothing that the compiler
  /// would take for a promise (`GCC ivdep`, `assume_safety`).
  static let pragmas: [[String]] = [
    ["clang", "loop"], ["GCC", "unroll"], ["unroll"], ["nounroll"],
  ]
  static let promises: Set<String> = ["assume_safety"]
}
