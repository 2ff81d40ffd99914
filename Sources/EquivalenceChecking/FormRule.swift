/// The rules of L0. What a candidate breaks is named by its number in messages and tests.
public enum FormRule: Int, Sendable, CaseIterable {
  /// 1. Outside the function's body nothing but `static` helpers, their `static const` tables and
  /// typedefs is new, and these stand directly above the function; the signature is the same, and no
  /// annotation is new that would change the contract.
  case placement = 1
  /// 2. New text has nothing that hides a token from a reader: stray bytes, digraphs, trigraphs, and
  /// characters beyond ASCII that the function does not have.
  case plainTokens
  /// 3. New text has no directive but listed pragmas inside a body, and those of rule 17.
  case directives
  /// 4. New text uses no keyword that has no business in a kernel: `asm`, `goto`, `_Thread_local`,
  /// `extern`, `_Generic`, `({…})`, …, except those of the original.
  case keywords
  /// 5. Attributes come from a list that neither changes linkage nor makes a promise; none is written
  /// in double brackets, and no parameter promises an extent (`[static n]`).
  case attributes
  /// 6. Every name is the original's own, declared in the new text, a member, or listed.
  case names
  /// 7. Every call is the original's own, of a new helper, of a pure builtin, or of
  /// `aligned_alloc` and `free`; helpers do not call themselves. What the file itself defines under a
  /// listed name is not what is listed.
  case calls
  /// 8. No function is used as a value unless the original does so.
  case functionValues
  /// 9. No new mutable object with static storage.
  case staticState
  /// 10. Volatile accesses are the original's.
  case volatileAccesses
  /// 11. No integer becomes a pointer unless the original does so.
  case pointerCasts
  /// 12. On every path what is allocated is freed exactly once and does not escape.
  case allocation
  /// 13. Automatic objects, those of the helpers among them, are of constant extent, one mebibyte in
  /// all at most, unless they are the original's.
  case stack
  /// 14. The text parses under the project's flags, and nests no deeper than its readers can follow.
  case parsing
  /// 15. The project's compiler says nothing of a kind that it does not say of the original.
  case diagnostics
  /// 16. Addresses are compared with addresses of the caller's memory alone, and have no other use.
  case addresses
  /// 17. A loop whose iterations threads share is in OpenMP's canonical form, has its pragma from the list
  /// of two, and stores to no variable of all iterations.
  case parallelLoops
}

/// What the candidate's text has that rule `rule` forbids.
public struct FormViolation: Error, Hashable, Sendable, CustomStringConvertible {
  public var rule: FormRule
  /// What was found, in house grammar.
  public var message: String
  /// Byte offset in the candidate's text.
  public var offset: Int?

  public init(_ rule: FormRule, _ message: String, at offset: Int? = nil) {
    self.rule = rule
    self.message = message
    self.offset = offset
  }

  public var description: String { "rule \(rule.rawValue) (\(rule)): \(message)" }
}
