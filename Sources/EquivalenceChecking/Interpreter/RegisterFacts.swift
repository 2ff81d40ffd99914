/// What is known of the values that a register of a program may hold, over all calls.
struct RegisterFacts {
  /// Whether it may hide sizes.
  var isDerived = false
  /// The variables that it comes from.
  var origins: Set<UInt32> = []
  /// Whether it is something else than a parameter, a constant or what the call was given.
  var isMade = false
  /// By how much what it comes from may be multiplied in it; no more than `DerivedValues.largestScale`.
  var scale: UInt64 = 1
  /// In how many bits it is, whatever the sizes are; 0 of what only the text says.
  var width: UInt32 = 0
  /// Whether it may be a part of another value that was the whole of it on all calls, or nothing.
  var isCut = false
  /// Whether it may be another one on another call.
  var isOpen = false

  mutating func join(_ other: RegisterFacts) {
    isDerived = isDerived || other.isDerived
    origins.formUnion(other.origins)
    isMade = isMade || other.isMade
    scale = max(scale, other.scale)
    width = max(width, other.width)
    isCut = isCut || other.isCut
    isOpen = isOpen || other.isOpen
  }

  /// Grows with every fact that is added.
  var weight: Int {
    origins.count + (isDerived ? 1 : 0) + (isMade ? 1 : 0) + Int(scale) + Int(width)
      + (isCut ? 1 : 0) + (isOpen ? 1 : 0)
  }
}
