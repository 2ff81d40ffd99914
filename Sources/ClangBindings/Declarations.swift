internal import CClang

/// How a declaration asks to be stored.
public enum StorageClass: Equatable, Sendable {
  case none, `extern`, `static`, privateExtern, auto, register
  /// A class C does not have, or that is not known here.
  case unsupported(Int)
}

/// Which other declarations of the same name mean the same entity.
public enum Linkage: Equatable, Sendable {
  case none, `internal`, uniqueExternal, external
  /// Not a declaration, or not known.
  case invalid
}

extension Cursor {
  /// The storage class as written.
  public var storageClass: StorageClass {
    switch clang_Cursor_getStorageClass(raw) {
    case CX_SC_None: .none
    case CX_SC_Extern: .extern
    case CX_SC_Static: .static
    case CX_SC_PrivateExtern: .privateExtern
    case CX_SC_Auto: .auto
    case CX_SC_Register: .register
    case let other: .unsupported(Int(other.rawValue))
    }
  }

  /// The linkage that C gives the declaration.
  public var linkage: Linkage {
    switch clang_getCursorLinkage(raw) {
    case CXLinkage_NoLinkage: .none
    case CXLinkage_Internal: .internal
    case CXLinkage_UniqueExternal: .uniqueExternal
    case CXLinkage_External: .external
    default: .invalid
    }
  }

  /// The value of a constant expression, or what a variable is initialized with; nil when it is no
  /// integer that is known to the compiler.
  public var evaluatedInteger: Int? {
    guard let result = clang_Cursor_Evaluate(raw) else { return nil }
    defer { clang_EvalResult_dispose(result) }
    guard clang_EvalResult_getKind(result) == CXEval_Int else { return nil }
    if clang_EvalResult_isUnsignedInt(result) != 0 {
      return Int(exactly: clang_EvalResult_getAsUnsigned(result))
    }
    return Int(exactly: clang_EvalResult_getAsLongLong(result))
  }

  /// Whether this declaration is also the definition.
  public var isDefinition: Bool { clang_isCursorDefinition(raw) != 0 }

  /// Whether a function is declared `inline`.
  public var isInlineFunction: Bool { clang_Cursor_isFunctionInlined(raw) != 0 }

  /// Whether a variable has thread storage duration.
  public var isThreadLocal: Bool { clang_getCursorTLSKind(raw) != CXTLS_None }

  /// Whether a function takes further arguments after the declared ones.
  public var isVariadic: Bool { clang_Cursor_isVariadic(raw) != 0 }

  /// Whether an attribute stands on the declaration.
  public var hasAttributes: Bool { clang_Cursor_hasAttrs(raw) != 0 }

  /// Whether a record has no tag or a field no name.
  public var isAnonymous: Bool { clang_Cursor_isAnonymous(raw) != 0 }

  /// Whether a cursor stands on the name or definition of a macro.
  public var isMacro: Bool { kind == .macroDefinition || kind == .macroExpansion }

  /// Whether a macro takes arguments.
  public var isFunctionLikeMacro: Bool { clang_Cursor_isMacroFunctionLike(raw) != 0 }

  /// Whether a macro comes with the compiler.
  public var isBuiltinMacro: Bool { clang_Cursor_isMacroBuiltin(raw) != 0 }

  /// The parameters of a function declaration or the arguments of a call.
  public var arguments: [Cursor] {
    (0..<max(0, clang_Cursor_getNumArguments(raw))).map {
      Cursor(clang_Cursor_getArgument(raw, UInt32($0)), unit: unit)
    }
  }

  /// The initialiser of a variable, when it has one.
  public var initializer: Cursor? {
    Cursor(nullable: clang_Cursor_getVarDeclInitializer(raw), unit: unit)
  }

  /// The type that a typedef names.
  public var typedefUnderlyingType: ClangType {
    ClangType(clang_getTypedefDeclUnderlyingType(raw), unit: unit)
  }

  /// The integer type that holds an enumeration.
  public var enumIntegerType: ClangType {
    ClangType(clang_getEnumDeclIntegerType(raw), unit: unit)
  }

  /// The value of an enumerator.
  public var enumConstantValue: Int64 { clang_getEnumConstantDeclValue(raw) }

  /// The value of an enumerator of an unsigned enumeration.
  public var enumConstantUnsignedValue: UInt64 { clang_getEnumConstantDeclUnsignedValue(raw) }

  /// The width of a bit-field, nil for any other field.
  public var bitFieldWidth: Int? {
    guard clang_Cursor_isBitField(raw) != 0 else { return nil }
    return Int(clang_getFieldDeclBitWidth(raw))
  }

  /// The offset of a field from the start of its record, in bits; nil when it is not known.
  public var fieldOffsetInBits: Int? {
    let offset = clang_Cursor_getOffsetOfField(raw)
    return offset < 0 ? nil : Int(offset)
  }
}

/// The value of a constant expression.
public enum ConstantValue: Equatable, Sendable {
  case integer(Int64)
  case unsigned(UInt64)
  case floating(Double)
  case string(String)
}

extension Cursor {
  /// The value of a constant expression or of a constant variable's initialiser, nil when clang
  /// finds none.
  public var constantValue: ConstantValue? {
    guard let result = clang_Cursor_Evaluate(raw) else { return nil }
    defer { clang_EvalResult_dispose(result) }
    switch clang_EvalResult_getKind(result) {
    case CXEval_Int:
      if clang_EvalResult_isUnsignedInt(result) != 0 {
        return .unsigned(clang_EvalResult_getAsUnsigned(result))
      }
      return .integer(clang_EvalResult_getAsLongLong(result))
    case CXEval_Float: return .floating(clang_EvalResult_getAsDouble(result))
    case CXEval_StrLiteral:
      return clang_EvalResult_getAsStr(result).map { .string(String(cString: $0)) }
    default: return nil
    }
  }
}
