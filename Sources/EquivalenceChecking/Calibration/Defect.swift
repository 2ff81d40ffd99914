/// A way in which rewrites of loops go wrong, planted on purpose to find out what the judge sees.
///
/// Mutation testing: R. DeMillo, R. Lipton, F. Sayward, "Hints on test data selection", Computer 11,
/// 1978. The operators are chosen from what optimizers get wrong, not from typing errors.
public enum Defect: String, Codable, Hashable, Sendable, CaseIterable {
  /// A loop or a comparison that is one iteration longer or shorter.
  case boundOffByOne = "bound-off-by-one"
  /// A loop behind another one, or a branch without `else`, that is gone: remainders and tails.
  case tailDropped = "tail-dropped"
  /// Two neighbouring statements in the other order.
  case statementsSwapped = "statements-swapped"
  /// An object that starts with another value.
  case initialValue = "initial-value"
  /// A value that goes through a narrower type on its way to an object.
  case narrowed
  /// One of several conditions that is not asked: overlap checks, guards.
  case checkDropped = "check-dropped"
  /// A sum or product of floating-point numbers in another association.
  case reassociated
  /// A sum for a difference, or a value for its negative.
  case sign
  /// A comparison of floating-point numbers that differs for NaN alone.
  case notANumber = "not-a-number"
  /// An assignment that is gone, or that forgets what stood there.
  case writeDropped = "write-dropped"
  /// The element beside the one that is meant.
  case indexOffByOne = "index-off-by-one"
  /// A constant that is one off.
  case constant
  /// An operator for its neighbour.
  case operatorExchanged = "operator-exchanged"
  /// Another distance between iterations.
  case stepChanged = "step-changed"
  /// The two results of a choice exchanged.
  case choiceExchanged = "choice-exchanged"
  /// A product that is rounded before it is added, where the compiler may fuse the two.
  case productParted = "product-parted"
  /// A zero that loses its sign.
  case zeroSign = "zero-sign"
  /// The operands of a least or greatest value in the other order, which shows with NaN and zeros.
  case minimumOrder = "minimum-order"
  /// Denormal numbers taken for zero.
  case denormalDropped = "denormal-dropped"
  /// An unsigned comparison for a signed one, or the other way round.
  case signedness
  /// An address comparison that is one element off: checks of overlap.
  case overlapOffByOne = "overlap-off-by-one"
  /// A path that goes wrong for values in a narrow range: tables and approximations.
  case rareValue = "rare-value"
  /// A path that goes wrong at large sizes alone.
  case rareSize = "rare-size"
  /// A path that goes wrong at one distance of two arrays.
  case rareDistance = "rare-distance"
  /// A wide index computed in 32 bits.
  case narrowIndex = "narrow-index"

  /// Whether the defect is made to escape tests.
  var isRare: Bool { [.rareValue, .rareSize, .rareDistance, .narrowIndex].contains(self) }
}
