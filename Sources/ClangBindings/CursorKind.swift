internal import CClang

extension Cursor {
  /// What a cursor stands on, as far as C has it.
  public enum Kind: Equatable, Hashable, Sendable {
    case translationUnit
    case structDecl, unionDecl, enumDecl, fieldDecl, enumConstantDecl, functionDecl, varDecl
    case parameterDecl, typedefDecl, unexposedDecl, staticAssert
    case typeRef, memberRef, labelRef, variableRef
    case unexposedExpr, declRefExpr, memberRefExpr, callExpr, integerLiteral, floatingLiteral
    case imaginaryLiteral, stringLiteral, characterLiteral, parenExpr, unaryOperator
    case arraySubscriptExpr, binaryOperator, compoundAssignOperator, conditionalOperator
    case cStyleCastExpr, compoundLiteralExpr, initListExpr, addressOfLabelExpr, statementExpr
    case genericSelectionExpr, sizeOfOrAlignOfExpr, nullPointerLiteral, boolLiteral, blockExpr
    case unexposedStmt, labelStmt, compoundStmt, caseStmt, defaultStmt, ifStmt, switchStmt
    case whileStmt, doStmt, forStmt, gotoStmt, indirectGotoStmt, continueStmt, breakStmt
    case returnStmt, asmStmt, nullStmt, declStmt
    case unexposedAttr, annotateAttr, asmLabelAttr, packedAttr, pureAttr, constAttr, alignedAttr
    case visibilityAttr, warnUnusedResultAttr
    case macroDefinition, macroExpansion, inclusionDirective
    /// Anything else, by libclang's own name for it.
    case unsupported(String)

    init(_ raw: CXCursorKind) {
      self =
        Self.known[raw.rawValue] ?? .unsupported(clang_getCursorKindSpelling(raw).consumed)
    }

    private static let known: [UInt32: Kind] = Dictionary(
      uniqueKeysWithValues: pairs.map { ($0.0.rawValue, $0.1) })

    private static let pairs: [(CXCursorKind, Kind)] = [
      (CXCursor_TranslationUnit, .translationUnit),
      (CXCursor_StructDecl, .structDecl), (CXCursor_UnionDecl, .unionDecl),
      (CXCursor_EnumDecl, .enumDecl), (CXCursor_FieldDecl, .fieldDecl),
      (CXCursor_EnumConstantDecl, .enumConstantDecl), (CXCursor_FunctionDecl, .functionDecl),
      (CXCursor_VarDecl, .varDecl), (CXCursor_ParmDecl, .parameterDecl),
      (CXCursor_TypedefDecl, .typedefDecl), (CXCursor_UnexposedDecl, .unexposedDecl),
      (CXCursor_StaticAssert, .staticAssert),
      (CXCursor_TypeRef, .typeRef), (CXCursor_MemberRef, .memberRef),
      (CXCursor_LabelRef, .labelRef), (CXCursor_VariableRef, .variableRef),
      (CXCursor_UnexposedExpr, .unexposedExpr), (CXCursor_DeclRefExpr, .declRefExpr),
      (CXCursor_MemberRefExpr, .memberRefExpr), (CXCursor_CallExpr, .callExpr),
      (CXCursor_IntegerLiteral, .integerLiteral), (CXCursor_FloatingLiteral, .floatingLiteral),
      (CXCursor_ImaginaryLiteral, .imaginaryLiteral), (CXCursor_StringLiteral, .stringLiteral),
      (CXCursor_CharacterLiteral, .characterLiteral), (CXCursor_ParenExpr, .parenExpr),
      (CXCursor_UnaryOperator, .unaryOperator),
      (CXCursor_ArraySubscriptExpr, .arraySubscriptExpr),
      (CXCursor_BinaryOperator, .binaryOperator),
      (CXCursor_CompoundAssignOperator, .compoundAssignOperator),
      (CXCursor_ConditionalOperator, .conditionalOperator),
      (CXCursor_CStyleCastExpr, .cStyleCastExpr),
      (CXCursor_CompoundLiteralExpr, .compoundLiteralExpr),
      (CXCursor_InitListExpr, .initListExpr), (CXCursor_AddrLabelExpr, .addressOfLabelExpr),
      (CXCursor_StmtExpr, .statementExpr),
      (CXCursor_GenericSelectionExpr, .genericSelectionExpr),
      (CXCursor_UnaryExpr, .sizeOfOrAlignOfExpr),
      (CXCursor_CXXNullPtrLiteralExpr, .nullPointerLiteral),
      (CXCursor_CXXBoolLiteralExpr, .boolLiteral), (CXCursor_BlockExpr, .blockExpr),
      (CXCursor_UnexposedStmt, .unexposedStmt), (CXCursor_LabelStmt, .labelStmt),
      (CXCursor_CompoundStmt, .compoundStmt), (CXCursor_CaseStmt, .caseStmt),
      (CXCursor_DefaultStmt, .defaultStmt), (CXCursor_IfStmt, .ifStmt),
      (CXCursor_SwitchStmt, .switchStmt), (CXCursor_WhileStmt, .whileStmt),
      (CXCursor_DoStmt, .doStmt), (CXCursor_ForStmt, .forStmt), (CXCursor_GotoStmt, .gotoStmt),
      (CXCursor_IndirectGotoStmt, .indirectGotoStmt), (CXCursor_ContinueStmt, .continueStmt),
      (CXCursor_BreakStmt, .breakStmt), (CXCursor_ReturnStmt, .returnStmt),
      (CXCursor_GCCAsmStmt, .asmStmt), (CXCursor_NullStmt, .nullStmt),
      (CXCursor_DeclStmt, .declStmt),
      (CXCursor_UnexposedAttr, .unexposedAttr), (CXCursor_AnnotateAttr, .annotateAttr),
      (CXCursor_AsmLabelAttr, .asmLabelAttr), (CXCursor_PackedAttr, .packedAttr),
      (CXCursor_PureAttr, .pureAttr), (CXCursor_ConstAttr, .constAttr),
      (CXCursor_AlignedAttr, .alignedAttr), (CXCursor_VisibilityAttr, .visibilityAttr),
      (CXCursor_WarnUnusedResultAttr, .warnUnusedResultAttr),
      (CXCursor_MacroDefinition, .macroDefinition), (CXCursor_MacroExpansion, .macroExpansion),
      (CXCursor_InclusionDirective, .inclusionDirective),
    ]
  }
}

extension Cursor.Kind {
  /// Whether the cursor stands on an attribute.
  public var isAttribute: Bool {
    switch self {
    case .unexposedAttr, .annotateAttr, .asmLabelAttr, .packedAttr, .pureAttr, .constAttr,
      .alignedAttr, .visibilityAttr, .warnUnusedResultAttr:
      true
    case .unsupported(let name): name.hasPrefix("attribute(")
    default: false
    }
  }

  /// Whether the cursor refers to a declaration without being an expression.
  public var isReference: Bool {
    switch self {
    case .typeRef, .memberRef, .labelRef, .variableRef: true
    default: false
    }
  }
}
