internal import CClang

/// A place in the syntax tree: a declaration, statement, expression, reference or attribute.
///
/// A value; it retains its translation unit, so it can never dangle.
public struct Cursor {
  let raw: CXCursor
  let unit: TranslationUnit

  init(_ raw: CXCursor, unit: TranslationUnit) {
    self.raw = raw
    self.unit = unit
  }

  /// A cursor, or nil for libclang's null cursor.
  init?(nullable raw: CXCursor, unit: TranslationUnit) {
    guard clang_Cursor_isNull(raw) == 0 else { return nil }
    self.init(raw, unit: unit)
  }

  /// What the cursor stands on.
  public var kind: Kind { Kind(clang_getCursorKind(raw)) }

  /// The name or, for some literals, nothing.
  public var spelling: String { clang_getCursorSpelling(raw).consumed }

  /// The byte range in the physical file.
  public var range: Range<Int> { clang_getCursorExtent(raw).byteRange }

  /// The byte offset of the place libclang calls the location (the name of a declaration).
  public var offset: Int { clang_getCursorLocation(raw).offset }

  /// The place that line markers give.
  public var presumedLocation: PresumedLocation { clang_getCursorLocation(raw).presumed }

  /// The place where the extent starts, as line markers give it.
  public var presumedStart: PresumedLocation {
    clang_getRangeStart(clang_getCursorExtent(raw)).presumed
  }

  /// Whether the place is in a system header.
  public var isInSystemHeader: Bool {
    clang_Location_isInSystemHeader(clang_getCursorLocation(raw)) != 0
  }

  /// The direct children, in libclang's order.
  public var children: [Cursor] {
    let visit = ChildVisit(unit: unit)
    withExtendedLifetime(visit) {
      _ = clang_visitChildren(
        raw,
        { child, _, data in
          guard let data else { return CXChildVisit_Break }
          let visit = Unmanaged<ChildVisit>.fromOpaque(data).takeUnretainedValue()
          visit.found.append(Cursor(child, unit: visit.unit))
          return CXChildVisit_Continue
        }, Unmanaged.passUnretained(visit).toOpaque())
    }
    return visit.found
  }

  /// The declaration that a reference names.
  public var referenced: Cursor? {
    Cursor(nullable: clang_getCursorReferenced(raw), unit: unit)
  }

  /// The definition of what is declared or referenced, when this unit holds it.
  public var definition: Cursor? {
    Cursor(nullable: clang_getCursorDefinition(raw), unit: unit)
  }

  /// The one declaration that stands for all redeclarations of an entity.
  public var canonical: Cursor { Cursor(clang_getCanonicalCursor(raw), unit: unit) }

  /// The declaration or unit around a declaration.
  public var semanticParent: Cursor? {
    Cursor(nullable: clang_getCursorSemanticParent(raw), unit: unit)
  }

  /// The type of an expression or declaration; kind `.invalid` where there is none.
  public var type: ClangType { ClangType(clang_getCursorType(raw), unit: unit) }
}

extension Cursor: Hashable {
  public static func == (left: Cursor, right: Cursor) -> Bool {
    clang_equalCursors(left.raw, right.raw) != 0
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(clang_hashCursor(raw)) }
}

/// What a visit has found so far; lives for the duration of one call.
private final class ChildVisit {
  let unit: TranslationUnit
  var found: [Cursor] = []

  init(unit: TranslationUnit) { self.unit = unit }
}
