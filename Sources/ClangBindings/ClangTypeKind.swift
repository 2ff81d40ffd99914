internal import CClang

extension ClangType {
  /// What kind of type it is, as far as C has it.
  public enum Kind: Equatable, Hashable, Sendable {
    case invalid, unexposed, void, bool
    /// Plain `char`, by the signedness that the target gives it.
    case plainCharUnsigned, plainCharSigned
    case signedChar, unsignedChar, wideChar, char16, char32
    case short, int, long, longLong, int128
    case unsignedShort, unsignedInt, unsignedLong, unsignedLongLong, unsignedInt128
    case half, float16, bfloat16, float, double, longDouble, float128, ibm128
    case complex, pointer, record, `enum`, typedef, functionWithoutPrototype, function
    case constantArray, incompleteArray, variableArray, vector, extVector
    case elaborated, attributed, atomic, blockPointer, auto
    /// Anything else, by libclang's own name for it.
    case unsupported(String)

    init(_ raw: CXTypeKind) {
      self = Self.known[raw.rawValue] ?? .unsupported(clang_getTypeKindSpelling(raw).consumed)
    }

    private static let known: [UInt32: Kind] = Dictionary(
      uniqueKeysWithValues: pairs.map { ($0.0.rawValue, $0.1) })

    private static let pairs: [(CXTypeKind, Kind)] = [
      (CXType_Invalid, .invalid), (CXType_Unexposed, .unexposed), (CXType_Void, .void),
      (CXType_Bool, .bool), (CXType_Char_U, .plainCharUnsigned),
      (CXType_Char_S, .plainCharSigned), (CXType_SChar, .signedChar),
      (CXType_UChar, .unsignedChar), (CXType_WChar, .wideChar), (CXType_Char16, .char16),
      (CXType_Char32, .char32), (CXType_Short, .short), (CXType_Int, .int),
      (CXType_Long, .long), (CXType_LongLong, .longLong), (CXType_Int128, .int128),
      (CXType_UShort, .unsignedShort), (CXType_UInt, .unsignedInt),
      (CXType_ULong, .unsignedLong), (CXType_ULongLong, .unsignedLongLong),
      (CXType_UInt128, .unsignedInt128), (CXType_Half, .half), (CXType_Float16, .float16),
      (CXType_BFloat16, .bfloat16), (CXType_Float, .float), (CXType_Double, .double),
      (CXType_LongDouble, .longDouble), (CXType_Float128, .float128),
      (CXType_Ibm128, .ibm128), (CXType_Complex, .complex), (CXType_Pointer, .pointer),
      (CXType_Record, .record), (CXType_Enum, .enum), (CXType_Typedef, .typedef),
      (CXType_FunctionNoProto, .functionWithoutPrototype), (CXType_FunctionProto, .function),
      (CXType_ConstantArray, .constantArray), (CXType_IncompleteArray, .incompleteArray),
      (CXType_VariableArray, .variableArray), (CXType_Vector, .vector),
      (CXType_ExtVector, .extVector), (CXType_Elaborated, .elaborated),
      (CXType_Attributed, .attributed), (CXType_Atomic, .atomic),
      (CXType_BlockPointer, .blockPointer), (CXType_Auto, .auto),
    ]
  }
}
