import DependenceAnalysis
import Diagnostics
import ExperimentRecords
import KernelModel

/// Asks the dependence analysis on a pass's behalf and turns an obstacle into a refusal.
extension Pass {
  func ask(
    _ kernel: Kernel, _ question: (Legality) throws(Obstacle) -> Void
  ) throws(Refusal) {
    do throws(Obstacle) {
      try LegalityCache.ask(about: kernel, question)
    } catch {
      throw refusal(error, in: kernel)
    }
  }

  func refusal(_ obstacle: Obstacle, in kernel: Kernel) -> Refusal {
    let function = kernel.function
    return Refusal(
      step: step, reason: obstacle.reason.replacing("\"", with: "'"),
      location: obstacle.place.flatMap { kernel.location(of: $0) },
      dependence: obstacle.dependence.map { $0.record(in: kernel) },
      missingFacts: obstacle.missingFacts.map { $0.clause(in: function, source: kernel.source) })
  }
}

extension Kernel {
  fileprivate func location(of origin: OriginID) -> SourceLocation? {
    guard let range = function.origins[origin]?.range else { return nil }
    let (line, column) = source.position(of: range.lowerBound)
    return SourceLocation(file: source.path, line: line, column: column)
  }

  /// The statement's text on one line.
  fileprivate func text(of origin: OriginID?) -> String? {
    guard let range = origin.flatMap({ function.origins[$0]?.range }) else { return nil }
    return source.text(range).split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}

extension Dependence {
  fileprivate func record(in kernel: Kernel) -> Refusal.Dependence {
    let recordKind: Refusal.Dependence.Kind =
      switch kind {
      case .flow: .flow
      case .anti: .anti
      case .output: .output
      }
    return Refusal.Dependence(
      recordKind, from: kernel.text(of: source.origin) ?? object,
      to: kernel.text(of: sink.origin) ?? object, direction: directionVector)
  }
}

extension Fact {
  /// The fact as one clause of ACSL.
  fileprivate func clause(in function: Function, source: SourceFile) -> String {
    switch self {
    case .disjoint(let a, let b):
      return "requires \\separated(\(function.text(of: a)), \(function.text(of: b)));"
    case .holds(let expr):
      return "requires \(CPrinter(function: function, source: source).text(expr));"
    }
  }
}
