/// One thing that stands between a wrong candidate and a verdict.
///
/// Tests alone switch defences off, each to show a candidate that passes without it.
enum Defence: Hashable, Sendable {
  /// L0: one numbered rule.
  case rule(FormRule)
  /// L0: iterations that threads share do not meet.
  case independentIterations
  /// L1: memory that ends where the contract says that it ends.
  case guardPages
  /// L1: bytes beside a region that must stay as they are.
  case canaries
  /// L1: no load of a byte that the original does not load.
  case readSets
  /// L1: no load of what stood in an output before the call.
  case staleReads
  /// L1: no store to a byte that the original does not store to.
  case storeSets
  /// L1: no load from the stack or an allocation before a store to it.
  case deadStorage
  /// L1: no access to the judge's own memory.
  case judgeMemory
  /// L1: traps of the undefined-behaviour sanitizer.
  case undefinedBehaviour
  /// L1: the text, run by the interpreter, is defined wherever the original is.
  case interpretedRuns
  /// L1: where the original ends its process, the candidate does so too.
  case endings
  /// L2: outputs hold other values than zeros before the call.
  case filledOutputs
  /// L2: the builds with `-O0`.
  case unoptimizedBuilds
  /// L2: the builds by a compiler of another family.
  case secondCompiler
  /// L2: the same call once more.
  case repeatedCall
  /// L2: a call on what the call before left behind.
  case callsInARow
  /// L2: runs in which every allocation fails, or some do.
  case failingAllocations
  /// L2: sizes around the constants of the candidate's text.
  case blockSizes
  /// L2: several sizes beyond the blocks of the candidate's loops at once.
  case jointBlocks
  /// L2: all small sizes, and sizes drawn by the seed.
  case drawnSizes
  /// L2: sizes drawn until they pass the guards of the candidate's text.
  case guardedSizes
  /// L2: sizes about constants too large to be block factors.
  case farSizes
  /// L2: sizes of real use, whatever the text says.
  case vastSizes
  /// L2: sizes at the ends of smaller types.
  case narrowIntegers
  /// L2: sizes at the ends of their types.
  case extremeSizes
  /// L2: contents other than ordinary ones: NaN, zeros of both signs, ties, extremes.
  case specialValues
  /// L2: contents and scalars with the values that the candidate's text names.
  case namedValues
  /// L2: scalars that are no sizes at the values at which they may matter.
  case scalarSweep
  /// L2: memories that lie over each other.
  case overlaps
  /// L2: what the text asks came out both ways, where a rewrite rests on tests.
  case conditions
  /// L2: memories in the other order of addresses.
  case order
  /// L2: memories that lie close to each other without touching.
  case neighbours
  /// L2: null pointers where the original asks for them.
  case nullPointers

  static let all: [Defence] =
    FormRule.allCases.map(Defence.rule) + [
      .independentIterations, .guardPages, .canaries, .readSets, .staleReads, .storeSets,
      .deadStorage, .judgeMemory,
      .undefinedBehaviour, .interpretedRuns, .endings, .filledOutputs, .unoptimizedBuilds,
      .secondCompiler,
      .repeatedCall, .callsInARow, .failingAllocations, .blockSizes, .jointBlocks, .drawnSizes,
      .guardedSizes,
      .farSizes,
      .vastSizes, .narrowIntegers, .extremeSizes, .specialValues, .namedValues, .scalarSweep,
      .overlaps, .conditions, .order, .neighbours, .nullPointers,
    ]
}

/// Lets violations of the rules through that are switched off.
struct FormGate: Sendable {
  var switchedOff: Set<Defence> = []

  func isOpen(_ rule: FormRule) -> Bool { switchedOff.contains(.rule(rule)) }

  func refuse(_ violation: FormViolation) throws(FormViolation) {
    if !isOpen(violation.rule) { throw violation }
  }
}
