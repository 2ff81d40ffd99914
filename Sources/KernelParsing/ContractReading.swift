import ClangBindings
import Diagnostics
import KernelModel

/// Collects what a function's comments and declarations promise.
struct ContractReading {
  let function: Function
  let reader: FunctionReader
  let original: OriginalTokens
  let path: String

  func read() -> (function: Function, contract: Contract, diagnostics: [Diagnostic]) {
    (function, Contract(), [])
  }
}
