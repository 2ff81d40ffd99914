import Sandboxing

/// Writes the runner's job format, which is described at the head of `job.c`.
struct JobWriter {
  private(set) var bytes: [UInt8] = []

  enum Mode: Int {
    case examine = 0
    case time = 1
  }

  struct Flags: OptionSet {
    let rawValue: Int
    static let audit = Flags(rawValue: 1)
    static let twice = Flags(rawValue: 2)
    static let withoutSeccomp = Flags(rawValue: 4)
    static let ownExpectation = Flags(rawValue: 8)
    static let restoreAlways = Flags(rawValue: 16)
    static let firstMayLose = Flags(rawValue: 32)
    static let inARow = Flags(rawValue: 64)
  }

  struct Header {
    var mode: Mode
    var flags: Flags
    var seed: UInt64
    var wall: Duration
    var call: Duration
    var memory: Int
    var timing: Duration = .zero
    var pairs = 0
    var callsPerBatch = 0
    var checkEvery = 1
    var loss = 0
    var processor: Duration?
    var threads = 1
    var switchedOff: SandboxLayers = []
  }

  init(_ header: Header, objects: [String], images: [MemoryImage]) {
    bytes.reserveCapacity(images.reduce(4096) { $0 + $1.byteCount })
    bytes += Array("RATCHET3".utf8)
    word(header.mode.rawValue)
    word(header.flags.rawValue | header.switchedOff.rawValue << 32)
    word(header.seed)
    word(header.wall.nanoseconds)
    word(header.call.nanoseconds)
    for value in [header.memory] { word(value) }
    word(header.timing.nanoseconds)
    for value in [header.pairs, header.callsPerBatch, header.checkEvery, header.loss] {
      word(value)
    }
    word(header.processor?.nanoseconds ?? 0)
    word(header.threads)
    word(objects.count)
    for object in objects { string(Array(object.utf8)) }
    word(images.count)
    for image in images { write(image) }
  }

  private mutating func word(_ value: UInt64) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }

  private mutating func word(_ value: Int) { word(UInt64(bitPattern: Int64(value))) }

  private mutating func string(_ content: [UInt8]) {
    word(content.count)
    bytes += content
    bytes += repeatElement(0, count: (8 - content.count % 8) % 8)
  }

  private mutating func write(_ image: MemoryImage) {
    word(image.regions.count)
    for region in image.regions { write(region) }
    word(image.arguments.count)
    for argument in image.arguments { string(argument) }
    word(image.patches.count)
    for patch in image.patches { write(patch) }
    word(image.globals.count)
    for global in image.globals {
      word(global.index)
      string(global.contents)
    }
    word(image.resultSize)
    word(image.site?.start ?? 0)
    word(image.site?.byteCount ?? 0)
  }

  private mutating func write(_ region: MemoryImage.Region) {
    word(region.contents.count)
    switch region.placement {
    case .flushEnd: for value in [0, 0] { word(value) }
    case .flushStart: for value in [1, 0] { word(value) }
    case .offset(let offset): for value in [2, offset] { word(value) }
    }
    word(region.isWritable ? 1 : 0)
    string(region.contents)
  }

  private mutating func write(_ patch: MemoryImage.Patch) {
    switch patch.place {
    case .region(let index): for value in [0, index] { word(value) }
    case .argument(let index): for value in [1, index] { word(value) }
    case .global(let index): for value in [2, index] { word(value) }
    }
    for value in [patch.offset, patch.target, patch.targetOffset] { word(value) }
  }
}

extension MemoryImage {
  /// Bytes of all regions, arguments and globals.
  public var byteCount: Int {
    regions.reduce(0) { $0 + $1.contents.count + 48 }
      + arguments.reduce(0) { $0 + $1.count + 16 }
      + globals.reduce(0) { $0 + $1.contents.count + 24 }
  }

  /// Bytes of address space that an examination needs for the image, inaccessible gaps included: a
  /// bound from above, in whole pages.
  public var reach: Int {
    let gap = 16 << 20
    let page = 4096
    let offsets = regions.reduce(0) { sum, region in
      if case .offset(let offset) = region.placement { sum + offset } else { sum }
    }
    let padding = 64 * (arguments.count + globals.count) + 8 * arguments.count
    let pages = (byteCount + offsets + padding + resultSize) / page + regions.count + 3
    return (pages + 1) * page + (regions.count + 3) * gap
  }
}
