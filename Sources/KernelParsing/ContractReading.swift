import ClangBindings
import Diagnostics
import KernelModel

/// Collects what a function's comments and declarations promise.
struct ContractReading {
  let function: Function
  let reader: FunctionReader
  let original: OriginalTokens
  let path: String
  /// Macros and enumerators with an integer value.
  let constant: (String) -> Int?

  /// The contract, and remarks on comments that do not read.
  func read() throws(ReadFailure) -> (contract: Contract, diagnostics: [Diagnostic]) {
    var contract = try DeclaredContract(function: function, reader: reader).read()
    var diagnostics: [Diagnostic] = []
    for comment in comments() {
      let inner = content(of: comment)
      var parser = AcslParser(
        AcslLexer.tokens(original.bytes, inner), end: inner.upperBound,
        objects: AcslObjects(function: function, constant: constant))
      let read = parser.read()
      contract.extents.merge(read.clauses.extents) { $1 }
      contract.requirements += read.clauses.requirements
      if let assigns = read.clauses.assigns {
        contract.assigns = (contract.assigns ?? []) + assigns
      }
      if !read.clauses.isEmpty { contract.source = .acsl }
      diagnostics += read.errors.map { diagnostic($0, in: inner) }
    }
    return (contract, diagnostics)
  }

  /// The ACSL comments directly above the function, in order.
  private func comments() -> [CToken] {
    var result: [CToken] = []
    var end = function.range.lowerBound
    for comment in original.comments.reversed() where comment.range.upperBound <= end {
      let gap = original.bytes[comment.range.upperBound..<end]
      guard gap.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) else { break }
      end = comment.range.lowerBound
      if original.bytes[(comment.range.lowerBound + 2)...].first == UInt8(ascii: "@") {
        result.insert(comment, at: 0)
      }
    }
    return result
  }

  private func content(of comment: CToken) -> Range<Int> {
    let isBlock = original.bytes[comment.range.lowerBound + 1] == UInt8(ascii: "*")
    let end = comment.range.upperBound - (isBlock ? 2 : 0)
    let start = comment.range.lowerBound + 3
    return start..<max(start, end)
  }

  private func diagnostic(_ error: AcslError, in comment: Range<Int>) -> Diagnostic {
    let offset = max(error.offset, comment.lowerBound)
    let line = original.line(of: offset)
    let column = offset - original.start(ofLine: line) + 1
    return .warning(
      error.message + " in the contract of '\(function.name)'",
      at: SourceLocation(file: path, line: line, column: column),
      remedy: "the clause is left out")
  }
}
