internal import CClang

/// A type of C as clang sees it; a value that retains its translation unit.
public struct ClangType {
  let raw: CXType
  let unit: TranslationUnit

  init(_ raw: CXType, unit: TranslationUnit) {
    self.raw = raw
    self.unit = unit
  }

  /// What kind of type it is.
  public var kind: Kind { Kind(raw.kind) }

  /// The type as clang prints it, with the names that the source uses.
  public var spelling: String { clang_getTypeSpelling(raw).consumed }

  /// The type with every typedef and other sugar removed.
  public var canonical: ClangType { ClangType(clang_getCanonicalType(raw), unit: unit) }

  /// The declaration of a record, enumeration or typedef.
  public var declaration: Cursor? {
    guard
      let cursor = Cursor(nullable: clang_getTypeDeclaration(raw), unit: unit),
      clang_isInvalid(clang_getCursorKind(cursor.raw)) == 0
    else { return nil }
    return cursor
  }

  /// The type that an elaborated or attributed type wraps, one layer down; itself otherwise.
  public var desugaredOnce: ClangType {
    switch raw.kind {
    case CXType_Elaborated: ClangType(clang_Type_getNamedType(raw), unit: unit)
    case CXType_Attributed: ClangType(clang_Type_getModifiedType(raw), unit: unit)
    default: self
    }
  }

  /// Whether `const` stands on this very type.
  public var isConst: Bool { clang_isConstQualifiedType(raw) != 0 }
  /// Whether `volatile` stands on this very type.
  public var isVolatile: Bool { clang_isVolatileQualifiedType(raw) != 0 }
  /// Whether `restrict` stands on this very type.
  public var isRestrict: Bool { clang_isRestrictQualifiedType(raw) != 0 }

  /// The size in bytes; nil for incomplete and variable-length types and for functions.
  public var size: Int? { known(clang_Type_getSizeOf(raw)) }
  /// The alignment in bytes; nil where C gives none.
  public var alignment: Int? { known(clang_Type_getAlignOf(raw)) }

  /// What a pointer points to.
  public var pointee: ClangType { ClangType(clang_getPointeeType(raw), unit: unit) }

  /// The element type of an array, vector or complex type.
  public var element: ClangType { ClangType(clang_getElementType(raw), unit: unit) }

  /// The element type of an array of any kind.
  public var arrayElement: ClangType { ClangType(clang_getArrayElementType(raw), unit: unit) }

  /// The number of elements of a constant array or vector; nil for other types.
  public var elementCount: Int? {
    let count = clang_getNumElements(raw)
    return count < 0 ? nil : Int(count)
  }

  /// What an atomic type holds.
  public var atomicValue: ClangType { ClangType(clang_Type_getValueType(raw), unit: unit) }

  /// What a function returns.
  public var result: ClangType { ClangType(clang_getResultType(raw), unit: unit) }

  /// The parameter types of a function with a prototype.
  public var parameters: [ClangType] {
    (0..<max(0, clang_getNumArgTypes(raw))).map {
      ClangType(clang_getArgType(raw, UInt32($0)), unit: unit)
    }
  }

  /// Whether a function takes further arguments after the declared ones.
  public var isVariadic: Bool { clang_isFunctionTypeVariadic(raw) != 0 }

  /// The fields of a record, in order.
  public var fields: [Cursor] {
    let visit = FieldVisit(unit: unit)
    withExtendedLifetime(visit) {
      _ = clang_Type_visitFields(
        raw,
        { field, data in
          guard let data else { return CXVisit_Break }
          let visit = Unmanaged<FieldVisit>.fromOpaque(data).takeUnretainedValue()
          visit.found.append(Cursor(field, unit: visit.unit))
          return CXVisit_Continue
        }, Unmanaged.passUnretained(visit).toOpaque())
    }
    return visit.found
  }

  /// libclang's layout errors are negative numbers.
  private func known(_ number: Int64) -> Int? { number < 0 ? nil : Int(number) }
}

extension ClangType: Equatable {
  public static func == (left: ClangType, right: ClangType) -> Bool {
    clang_equalTypes(left.raw, right.raw) != 0
  }
}

/// The fields that a visit has found so far; lives for the duration of one call.
private final class FieldVisit {
  let unit: TranslationUnit
  var found: [Cursor] = []

  init(unit: TranslationUnit) { self.unit = unit }
}
