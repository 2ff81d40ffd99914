public import Sandboxing

/// Why there is no object.
public enum CompileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No such program on the path, or it is not executable.
  case compilerNotFound(String)
  /// The program does not say of itself what compilers say.
  case notACompiler(String)
  /// It did not end within its limit and was killed.
  case hung(String, seconds: Int)
  /// It died, with the signal or its own word for it.
  case crashed(String, how: String)
  /// It refused the text; with the first error and everything that it said.
  case rejected(CompilerMessage, log: String)
  /// The project's flags ask for something that the harness cannot honour.
  case unsupportedFlag(String)
  /// The function's signature cannot be called from a trampoline.
  case unsupportedSignature(String)
  /// A file of the harness's own could not be written or read.
  case file(String, reason: String)
  case runner(RunnerError)

  /// What happened, in house grammar.
  public var description: String {
    switch self {
    case .compilerNotFound(let name): "compiler '\(name)' was not found"
    case .notACompiler(let name): "'\(name)' does not behave like clang or gcc"
    case .hung(let name, let seconds): "'\(name)' did not end within \(seconds) seconds"
    case .crashed(let name, let how): "'\(name)' crashed: \(how)"
    case .rejected(let message, _): "does not compile: \(message.text)"
    case .unsupportedFlag(let flag): "flag '\(flag)' is not supported"
    case .unsupportedSignature(let reason): "the function cannot be called: \(reason)"
    case .file(let path, let reason): "'\(path)': \(reason)"
    case .runner(let error): error.description
    }
  }
}
