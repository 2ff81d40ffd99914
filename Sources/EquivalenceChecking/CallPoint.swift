import KernelModel

/// One input of a call, by the choices that it is made from: small, printable, and the same bytes
/// for ever.
struct CallPoint: Hashable, Sendable {
  /// Where separate regions stand in their pages.
  enum Placement: String, Hashable, Sendable, CaseIterable {
    /// The last byte is the last before an inaccessible page; aligned to the element only.
    case flushEnd = "flush with the end of a page"
    /// The first byte is the first of a page.
    case flushStart = "flush with the start of a page"
    /// One element after the start of a page.
    case shifted = "one element after the start of a page"
  }

  /// One memory laid over another.
  struct Overlap: Hashable, Sendable {
    /// Index of the memory that moves.
    var memory: Int
    /// Index of the memory that it moves into.
    var into: Int
    /// Where its pointer points, in bytes from the other's pointer.
    var shift: Int
  }

  var sizes: [ObjectPath: Int]
  var valueClass: ValueClass
  var placement: Placement
  var overlaps: [Overlap] = []
  /// Pointers that are null, and with them all that is reached through them.
  var nulls: Set<ObjectPath> = []
  /// Chosen values of scalars that are no sizes; the others are drawn.
  var scalars: [ObjectPath: Int] = [:]
  /// Values that are strewn over the contents and taken for floating scalars.
  var named: [NamedValues.Value] = []
  /// Whether every floating cell holds a named value, or its negation, half or double, or zero, so that
  /// none is lost beside greater ones.
  var holdsNamedAlone = false
  /// Index of the memory that alone holds contents of the class, or a named value in every cell. The
  /// others are ordinary, and those that are written to hold zeros, so that what a small value does is
  /// not lost beside what is added to it.
  var focus: Int?
  var seed: UInt64

  /// Whether memories stand at addresses in the other order.
  var isReversed: Bool { seed % 3 == 1 }

  /// Whether a pointer is null, or what leads to it is.
  func isNull(_ path: ObjectPath) -> Bool {
    nulls.contains { $0.base == path.base && path.fields.starts(with: $0.fields) }
  }
}
