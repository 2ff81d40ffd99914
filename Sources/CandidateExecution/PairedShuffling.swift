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
    let swapped = try await source.timePair(
      original: candidate, candidate: original, images: images, options: options
    ).swapped
    guard case .wrongOutput(_, let image, let place, let expected, let found) = swapped.verdict,
      options.expectation == .original
    else { return swapped }
    // The candidate set the expectation, and the two differ. Whether the original agrees with itself
    // is told by the other order; if it does, the candidate is wrong.
    var timing = try await source.timePair(
      original: original, candidate: candidate, images: images, options: options)
    if timing.verdict == .agreed {
      timing.verdict = .wrongOutput(
        .candidate, image: image, place: place, expected: found, found: expected)
    }
    return timing
  }
}

extension PairedTiming {
  /// The same load seen from the other side.
  var swapped: PairedTiming {
    var result = self
    result.pairs = pairs.map {
      Pair(original: $0.candidate, candidate: $0.original, candidateFirst: !$0.candidateFirst)
    }
    result.usage = usage.reversed()
    switch verdict {
    case .agreed: break
    case .wrongOutput(let side, let image, let place, let expected, let found):
      result.verdict = .wrongOutput(
        side.other, image: image, place: place, expected: expected, found: found)
    case .failed(let side, let reason): result.verdict = .failed(side.other, reason)
    }
    return result
  }
}

extension PairedTiming.Side {
  var other: Self { self == .original ? .candidate : .original }
}
