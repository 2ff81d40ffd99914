import Foundation

/// What is left of one kernel's budget.
struct SearchBudget {
  let budget: Budget
  private let start = Date()
  private(set) var evaluations = 0

  init(_ budget: Budget) { self.budget = budget }

  mutating func spend(evaluations count: Int) { evaluations += count }

  var elapsed: Double { Date().timeIntervalSince(start) }

  /// Whether searching may go on; part of a time budget is kept for examining and confirming.
  var allowsSearch: Bool {
    switch budget {
    case .seconds(let seconds): elapsed < seconds - reserve
    case .evaluations(let count): evaluations < count
    }
  }

  /// Whether another finalist may be examined and confirmed.
  var allowsFinalist: Bool {
    switch budget {
    case .seconds(let seconds): elapsed < seconds
    case .evaluations: true
    }
  }

  /// Proposals that may still be compiled.
  var remainingEvaluations: Int {
    switch budget {
    case .seconds: .max
    case .evaluations(let count): max(0, count - evaluations)
    }
  }

  /// Seconds of a time budget that belong to finalists: two fifths, at most 15 s.
  private var reserve: Double {
    if case .seconds(let seconds) = budget { min(15, seconds * 0.4) } else { 0 }
  }
}
