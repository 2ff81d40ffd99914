import Sandboxing

/// Reads the runner's result format, which is described at the head of `result.c`.
struct AnswerReader {
  private let bytes: [UInt8]
  private var position = 0

  /// Reads the head; a job that the runner refused is an error.
  init(_ bytes: [UInt8]) throws(HarnessError) {
    self.bytes = bytes
    guard bytes.starts(with: Array("RATCHETR".utf8)) else { throw .malformedAnswer }
    position = 8
    let status = try word()
    let message = try text()
    guard status == 0 else { throw .refused(message) }
  }

  /// The layers of the sandbox that were active: the answer's last word.
  var layers: SandboxLayers {
    get throws(HarnessError) {
      guard bytes.count >= 16 else { throw .malformedAnswer }
      var tail = self
      tail.position = bytes.count - 8
      return SandboxLayers(rawValue: try tail.word())
    }
  }

  mutating func word() throws(HarnessError) -> Int {
    guard position + 8 <= bytes.count else { throw .malformedAnswer }
    let value = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position, as: Int64.self) }
    position += 8
    return Int(Int64(littleEndian: value))
  }

  /// A count of things that take at least a word each.
  mutating func count() throws(HarnessError) -> Int {
    let value = try word()
    guard value >= 0, value <= bytes.count / 8 else { throw .malformedAnswer }
    return value
  }

  mutating func string() throws(HarnessError) -> [UInt8] {
    let length = try word()
    guard length >= 0, length <= bytes.count - position else { throw .malformedAnswer }
    defer { position += (length + 7) & ~7 }
    return Array(bytes[position..<position + length])
  }

  mutating func text() throws(HarnessError) -> String {
    String(decoding: try string(), as: UTF8.self)
  }

  mutating func strings() throws(HarnessError) -> [[UInt8]] {
    var all: [[UInt8]] = []
    for _ in 0..<(try count()) { all.append(try string()) }
    return all
  }

  /// The outcome, without what follows one that returned; `nil` stands for that.
  mutating func failure(regions: Int) throws(HarnessError) -> CallOutcome? {
    let kind = try word()
    let (signal, code, check, address) = (try word(), try word(), try word(), try word())
    let (region, offset) = (try word(), try word())
    let message = try text()
    switch kind {
    case 0: return nil
    case 1:
      return .fault(
        Fault(
          signal: signal, code: code, address: UInt64(bitPattern: Int64(address)),
          place: region < 0 ? nil : place(region, offset, regions),
          check: UndefinedBehaviour(rawValue: check)))
    case 2: return .timedOut
    case 3: return .exited(status: code)
    case 4: return .killed(signal: signal)
    case 5: return .forbiddenCall(code)
    case 6: return .notLoaded(message)
    case 7: return .outOfTime
    default: throw .malformedAnswer
    }
  }

  mutating func outcome(for image: MemoryImage) throws(HarnessError) -> CallOutcome {
    if let failure = try failure(regions: image.regions.count) { return failure }
    let nanoseconds = try word()
    var regions = try strings()
    let globals = try strings()
    guard regions.count == image.regions.count + 2 else { throw .malformedAnswer }
    let result = regions.removeLast()
    regions.removeLast()
    let accesses = try accesses(regions: regions, globals: globals)
    let damage = try optionalPlace(image.regions.count)
    let strays = Strays(rawValue: try word())
    let unrepeatable = try optionalPlace(image.regions.count)
    return .returned(
      CallReturn(
        nanoseconds: nanoseconds, regions: regions, result: result, globals: globals,
        accesses: accesses, damage: damage, unrepeatable: unrepeatable, strays: strays))
  }

  private mutating func accesses(
    regions: [[UInt8]], globals: [[UInt8]]
  ) throws(HarnessError) -> AccessSets? {
    let ofRegions = try string()
    let ofGlobals = try string()
    let sizes = regions.map(\.count)
    guard ofRegions.count == sizes.reduce(0, +) else { return nil }
    let hasGlobals = ofGlobals.count == globals.reduce(0) { $0 + $1.count }
    return AccessSets(
      regions: split(ofRegions, sizes),
      globals: hasGlobals ? split(ofGlobals, globals.map(\.count)) : [])
  }

  private func split(_ bytes: [UInt8], _ sizes: [Int]) -> [[UInt8]] {
    var start = 0
    return sizes.map { size in
      defer { start += size }
      return Array(bytes[start..<start + size])
    }
  }

  private mutating func optionalPlace(_ regions: Int) throws(HarnessError) -> OutputPlace? {
    guard try word() != 0 else { return nil }
    return place(try word(), try word(), regions)
  }

  func place(_ region: Int, _ offset: Int, _ regions: Int) -> OutputPlace {
    switch region - regions {
    case ..<0: .region(region, offset: offset)
    case 0: .arguments(offset: offset)
    case 1: .result(offset: offset)
    default: .globals(offset: offset)
    }
  }
}
