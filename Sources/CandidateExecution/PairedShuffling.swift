/// Loads in which a fair coin decides which object stands first: is forked and loaded first, makes
/// the first calls, and owns the first of everything that comes in twos.
///
/// Whatever the machine gives the first process or the second, it gives both objects equally often.
/// So for two copies of one object a load's log ratio is symmetric around 0 by design, and no bias
/// between the places, however small and stable, can add up to evidence. Inside a load the order of
/// each pair is random too. The coin falls by the load's seed.
public struct ShuffledMeasurements: MeasurementSource {
  private let source: any MeasurementSource

  public init(_ source: any MeasurementSource) { self.source = source }

  public func timePair(
    original: LoadableObject, candidate: LoadableObject, images: [MemoryImage],
    options: TimingOptions
  ) async throws(HarnessError) -> PairedTiming {
    var random = SeededRandom(seed: options.seed ^ 0x5_11DE)
    guard random.below(2) == 1 else {
      return try await source.timePair(
        original: original, candidate: candidate, images: images, options: options)
    }
    var turned = options
    turned.loss?.side = options.loss?.side == .candidate ? .original : .candidate
    let swapped = try await source.timePair(
      original: candidate, candidate: original, images: images, options: turned
    ).swapped
    if swapped.verdict == .agreed { return swapped }
    // In this place the candidate set the expectation. Who is to blame is told by the other order; where
    // nothing is amiss in it, the original is not.
    var timing = try await source.timePair(
      original: original, candidate: candidate, images: images, options: options)
    if timing.verdict == .agreed { timing.verdict = swapped.verdict.blaming(.candidate) }
    return timing
  }
}

extension PairedTiming {
  /// The pairs of a load that went well, seen from the other side.
  fileprivate var swapped: PairedTiming {
    var result = self
    result.pairs = pairs.map {
      PairedTiming.Pair(
        original: $0.candidate, candidate: $0.original, candidateFirst: !$0.candidateFirst,
        processor: $0.processor.map {
          PairedTiming.ProcessorTime(original: $0.candidate, candidate: $0.original)
        })
    }
    result.usage = usage.reversed()
    result.code = code?.reversed()
    return result
  }
}

extension PairedTiming.Verdict {
  /// What happened, with `side` to blame.
  fileprivate func blaming(_ side: PairedTiming.Side) -> Self {
    switch self {
    case .agreed: .agreed
    case .wrongOutput(_, let image, let place, let expected, let found):
      .wrongOutput(side, image: image, place: place, expected: found, found: expected)
    case .failed(_, let reason): .failed(side, reason)
    }
  }
}
