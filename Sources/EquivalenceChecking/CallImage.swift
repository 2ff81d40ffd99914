import KernelModel

/// The memory and the arguments of one call, before any process maps them.
struct CallImage: Sendable {
  struct Region: Sendable {
    var bytes: [UInt8]
    var placement: CallPoint.Placement
    /// Bytes between the page's start and the region for `.shifted`.
    var offset: Int
    var isWritable: Bool
    /// The memories that lie in it: index in the shape, and where its pointer points in the region.
    var memories: [(index: Int, pointer: Int)]
  }

  /// Eight bytes that hold an address inside a region.
  struct Patch: Sendable {
    enum Space: Hashable, Sendable {
      case region(Int)
      case argument(Int)
      case global(Int)
    }
    var space: Space
    var offset: Int
    var targetRegion: Int
    var targetOffset: Int
  }

  struct GlobalValue: Sendable {
    var name: String
    var bytes: [UInt8]
  }

  var regions: [Region] = []
  var arguments: [[UInt8]] = []
  var patches: [Patch] = []
  var globals: [GlobalValue] = []
  var resultSize = 0
  /// The chosen values of scalars that are no sizes, for people.
  var scalarTexts: [String] = []
}
