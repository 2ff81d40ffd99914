/// The memory of one call: what every pointer points to and what every argument holds.
///
/// Regions stand apart from each other with inaccessible pages around them; two pointers that are
/// to overlap point into one region. Pointers inside regions, arguments and globals are patches.
public struct MemoryImage: Hashable, Sendable, Codable {
  /// Where a region stands inside its pages.
  public enum Placement: Hashable, Sendable, Codable {
    /// Its last byte is the last one before an inaccessible page.
    case flushEnd
    /// Its first byte is the first one after an inaccessible page.
    case flushStart
    /// This many bytes after an inaccessible page, at most a mebibyte.
    case offset(Int)
  }

  /// Bytes that one or more pointers point into.
  public struct Region: Hashable, Sendable, Codable {
    /// The object as the source calls it, `a` or `m->data`; joined by ` = ` when several share it.
    public var name: String
    public var contents: [UInt8]
    public var placement: Placement
    /// Whether a store is allowed; one to a read-only region is a fault.
    public var isWritable: Bool
    /// What the bytes mean.
    public var cells: CellLayout

    public init(
      name: String, contents: [UInt8], placement: Placement = .flushEnd, isWritable: Bool = true,
      cells: CellLayout = .bytes
    ) {
      self.name = name
      self.contents = contents
      self.placement = placement
      self.isWritable = isWritable
      self.cells = cells
    }
  }

  /// A value for a file-scope object that the function uses.
  public struct Global: Hashable, Sendable, Codable {
    /// Its index in the trampoline's table.
    public var index: Int
    public var contents: [UInt8]

    public init(index: Int, contents: [UInt8]) {
      self.index = index
      self.contents = contents
    }
  }

  /// Where an address is written.
  public enum Place: Hashable, Sendable, Codable {
    case region(Int)
    case argument(Int)
    /// An index in the image's own list of globals.
    case global(Int)
  }

  /// An address inside a region, written over eight bytes.
  public struct Patch: Hashable, Sendable, Codable {
    public var place: Place
    public var offset: Int
    public var target: Int
    /// From the target region's start; may lie outside it.
    public var targetOffset: Int

    public init(at place: Place, offset: Int = 0, to target: Int, targetOffset: Int = 0) {
      self.place = place
      self.offset = offset
      self.target = target
      self.targetOffset = targetOffset
    }
  }

  public var regions: [Region]
  /// The bytes of every parameter's value, in order.
  public var arguments: [[UInt8]]
  public var patches: [Patch]
  public var globals: [Global]
  /// Bytes of the function's result; 0 for `void`.
  public var resultSize: Int
  /// What the result's bytes mean.
  public var resultCells: CellLayout
  /// What the bytes of each global in the trampoline's table mean.
  public var globalCells: [CellLayout]
  /// Where an examination keeps the image; nil to stand behind the image before it, at addresses that
  /// depend on what else is examined.
  public var site: Site?

  /// A part of the address space that one image has to itself, in bytes from the arena's start.
  public struct Site: Hashable, Sendable, Codable {
    public var start: Int
    public var byteCount: Int
    public init(start: Int, byteCount: Int) {
      self.start = start
      self.byteCount = byteCount
    }
  }

  public init(
    regions: [Region] = [], arguments: [[UInt8]] = [], patches: [Patch] = [],
    globals: [Global] = [], resultSize: Int = 0, resultCells: CellLayout = .bytes,
    globalCells: [CellLayout] = []
  ) {
    self.regions = regions
    self.arguments = arguments
    self.patches = patches
    self.globals = globals
    self.resultSize = resultSize
    self.resultCells = resultCells
    self.globalCells = globalCells
  }
}
