/// What the sentinels say of the measurement, as far as decisions need it.
struct MeasurementTrust: Hashable, Sendable {
  /// The smallest gain that is kept.
  var smallestEffect = Fitness.smallestEffect
  /// Why no winner is to be believed; nil while the sentinels behave.
  var distrust: String?
}
