import Foundation
public import KernelModel

/// Keeps the analyses of the kernels asked about last, since a search asks many questions about one
/// state of a kernel: every pass that is tried on it, and the policy that chooses among them.
///
/// Answers are the same with and without; only the time differs. Belongs to the task that installs it
/// with `withValue`: one question at a time is asked, guarded by a lock.
public final class LegalityCache: @unchecked Sendable {
  /// The cache that questions of the current task go through; nil analyses anew every time.
  @TaskLocal public static var current: LegalityCache?

  private let lock = NSRecursiveLock()
  private let capacity: Int
  private var entries: [Legality] = []
  /// States of one kernel raise the same small questions again and again.
  let proofs = ProofMemory()

  /// - Parameter capacity: kernels whose analyses are kept; the one asked about longest ago goes.
  public init(capacity: Int = 12) { self.capacity = capacity }

  /// Asks a question about the kernel, of its kept analysis where there is one.
  ///
  /// Throws: what the question throws.
  public static func ask<Answer, Failure: Error>(
    about kernel: Kernel, _ question: (Legality) throws(Failure) -> Answer
  ) throws(Failure) -> Answer {
    guard let cache = current else { return try question(Legality(kernel)) }
    cache.lock.lock()
    defer { cache.lock.unlock() }
    return try question(cache.legality(of: kernel))
  }

  private func legality(of kernel: Kernel) -> Legality {
    if let index = entries.firstIndex(where: { $0.analyses(kernel) }) {
      let known = entries.remove(at: index)
      entries.append(known)
      return known
    }
    if entries.count >= capacity { entries.removeFirst() }
    let made = Legality(kernel)
    entries.append(made)
    return made
  }
}

extension Legality {
  /// Whether the analysis is of this very tree under the same contract and flags.
  fileprivate func analyses(_ kernel: Kernel) -> Bool {
    contract == kernel.contract && build == kernel.build && function == kernel.function
  }
}
