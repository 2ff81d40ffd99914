import Foundation

/// How the campaign's error is shared out among all confirmations that it may ever make.
///
/// The probability that a campaign keeps any candidate that is not faster is at most `campaign`. Each
/// kernel of the survey gets the same part of it, fixed before anything is timed; a kernel's k-th
/// confirmation may spend 6/(pi² k²) of that part, and these add up to 1 over all k. So however many
/// finalists are tried and whatever order they come in, the sum stays below the whole (Boole's
/// inequality); what a rejected finalist did not need is not passed on.
struct ErrorBudget {
  /// The error of a whole campaign.
  static let campaign = 0.0001

  /// This kernel's part.
  private let share: Double
  /// Confirmations of this kernel so far.
  private(set) var spent: Int

  /// - Parameters:
  ///   - kernels: how many kernels the campaign searches.
  ///   - spent: confirmations that the campaign has made for this kernel before it was resumed.
  init(kernels: Int = 1, spent: Int = 0) {
    share = Self.campaign / Double(max(1, kernels))
    self.spent = spent
  }

  /// The error and the number, from 1, of the next confirmation.
  mutating func next() -> (error: Double, ordinal: Int) {
    spent += 1
    return (share * 6 / (.pi * .pi * Double(spent * spent)), spent)
  }
}
