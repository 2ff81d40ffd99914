import ClangBindings
import KernelModel

/// Structures and unions.
extension FunctionReader {
  /// A reference to a record; its definition is entered when this is the first mention.
  func record(_ type: ClangType) throws(ReadFailure) -> CType {
    guard let declaration = type.canonical.declaration else { return .unsupported(type.spelling) }
    let isUnion = declaration.kind == .unionDecl
    let isUntagged = UnitReader.isUntagged(declaration)
    guard let tag = isUntagged ? unit.aliases[declaration] : declaration.spelling else {
      return try unnamed(type, declaration)
    }
    let reference = RecordReference(tag: tag, isUnion: isUnion)
    try define(reference, type.canonical, declaration)
    // A record without a tag can be named only by its typedef.
    return isUntagged ? .named(tag, underlying: .record(reference)) : .record(reference)
  }

  /// A record without any name, as the type of a member: it is entered under a name that no C
  /// program can have.
  private func unnamed(_ type: ClangType, _ declaration: Cursor) throws(ReadFailure) -> CType {
    let reference = RecordReference(
      tag: "(unnamed at \(declaration.range.lowerBound))", isUnion: declaration.kind == .unionDecl)
    try define(reference, type.canonical, declaration)
    return .record(reference)
  }

  private func define(_ reference: RecordReference, _ type: ClangType, _ declaration: Cursor)
    throws(ReadFailure)
  {
    guard beginRecord(declaration.canonical), let size = type.size, let alignment = type.alignment
    else { return }
    records[reference] = RecordDefinition(
      reference: reference, fields: try fields(type, base: 0), size: size, alignment: alignment)
  }

  /// The members with their byte offsets; members of unnamed records count as the outer record's.
  private func fields(_ type: ClangType, base: Int) throws(ReadFailure)
    -> [RecordDefinition.Field]
  {
    var result: [RecordDefinition.Field] = []
    for field in type.fields {
      let offset = base + (field.fieldOffsetInBits ?? 0)
      if field.spelling.isEmpty || field.spelling.contains("(") {
        if field.bitFieldWidth == nil {
          result += try fields(field.type.canonical, base: offset)
        }
        continue
      }
      let width = field.bitFieldWidth
      result.append(
        RecordDefinition.Field(
          name: field.spelling, type: try fieldType(field), offset: offset / 8, bitWidth: width))
    }
    return result
  }

  private func fieldType(_ field: Cursor) throws(ReadFailure) -> CType {
    Self.hasVariableLength(field.type) ? .unsupported(field.type.spelling) : try type(field.type)
  }
}
