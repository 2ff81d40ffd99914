import Testing

@testable import OptimizationAgent

@Suite struct ErrorBudgetTests {
  @Test func allConfirmationsTogetherSpendNoMoreThanTheCampaigns() {
    var sum = 0.0
    for _ in 0..<24 {
      var budget = ErrorBudget(kernels: 24)
      for _ in 0..<10_000 { sum += budget.next().error }
    }
    #expect(sum <= ErrorBudget.campaign)
    #expect(sum > 0.999 * ErrorBudget.campaign)
  }

  @Test func aResumedKernelGoesOnWhereItStood() {
    var fresh = ErrorBudget(kernels: 2)
    let (first, second) = (fresh.next(), fresh.next())
    var resumed = ErrorBudget(kernels: 2, spent: 1)
    #expect(resumed.next() == second)
    #expect(first.error > second.error)
  }
}
