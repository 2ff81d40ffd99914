import Synchronization

/// Whether sets are empty, by their texts.
///
/// A text says all that the answer depends on: parameters are named by their order in it, and what
/// they stand for does not matter. So answers hold for every region, kernel and isl context. What was
/// not decided within a limit is not kept, since another limit may decide it.
final class ProofMemory: Sendable {
  private static let most = 1 << 16
  private let answers = Mutex<[String: Bool]>([:])

  func answer(to text: String) -> Bool? { answers.withLock { $0[text] } }

  func keep(_ answer: Bool, to text: String) {
    answers.withLock { known in
      if known.count >= Self.most { known.removeAll() }
      known[text] = answer
    }
  }
}
