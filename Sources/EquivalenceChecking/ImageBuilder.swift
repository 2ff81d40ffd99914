import CandidateExecution
import KernelModel

/// Makes the image of a call from a point.
struct ImageBuilder {
  private let shape: InputShape
  private let point: CallPoint
  private var image = MemoryImage()
  private var residents: [[CallInput.Resident]] = []
  private var scalarTexts: [String] = []
  private var values: [ObjectPath: UInt64] = [:]
  /// Where each memory's pointer points.
  private var places: [ObjectPath: (region: Int, offset: Int)] = [:]

  /// The input of `point`; nil when the contract leaves no such input.
  static func input(_ point: CallPoint, of shape: InputShape) -> CallInput? {
    var builder = ImageBuilder(shape: shape, point: point)
    return builder.build()
  }

  private init(shape: InputShape, point: CallPoint) {
    self.shape = shape
    self.point = point
  }

  private mutating func build() -> CallInput? {
    chooseScalars()
    guard layOut() else { return nil }
    for index in shape.memories.indices { fillRecord(index) }
    for parameter in shape.function.parameters { addArgument(parameter) }
    addGlobals()
    image.resultSize = shape.layout.size(shape.function.result) ?? 0
    image.resultCells = CellLayout(of: shape.function.result, layout: shape.layout)
    return CallInput(
      point: point, image: image, residents: residents, scalarTexts: scalarTexts)
  }

  private mutating func chooseScalars() {
    for (index, scalar) in shape.scalars.enumerated() {
      if let size = point.sizes[scalar.path] {
        values[scalar.path] = UInt64(bitPattern: Int64(size))
        continue
      }
      let source = source(scalar.path, index)
      if let type = scalar.type.integer {
        let value =
          point.scalars[scalar.path] ?? source.smallInteger(type, layout: shape.layout)
        values[scalar.path] = UInt64(bitPattern: Int64(value))
        scalarTexts.append("\(scalar.name) = \(value)")
      } else {
        let bits =
          namedBits(scalar, index) ?? source.bits(of: scalar.type, layout: shape.layout)
        values[scalar.path] = bits
        scalarTexts.append("\(scalar.name) = \(CellText.text(bits: bits, scalar.type))")
      }
    }
  }

  private func namedBits(_ scalar: InputShape.Scalar, _ index: Int) -> UInt64? {
    guard !point.named.isEmpty, point.focus == nil,
      !shape.contract.boundsContents(of: scalar.path)
    else { return nil }
    return point.named[(index + Int(point.seed % 64)) % point.named.count].bits(of: scalar.type)
  }

  /// Puts named values into every other cell, or one of them into all.
  private func plant(_ region: inout MemoryImage.Region, _ memory: InputShape.Memory) {
    guard !point.named.isEmpty, !shape.contract.boundsContents(of: memory.path),
      !memory.isRecord
    else { return }
    let cells = Cell.cells(of: memory.element, layout: shape.layout)
    var random = SeededRandom(point.seed, path: 500 + image.regions.count)
    let last = region.contents.count - memory.elementSize
    if point.holdsNamedAlone {
      region.contents.withUnsafeMutableBytes { bytes in
        for start in stride(from: 0, through: last, by: memory.elementSize) {
          for cell in cells where cell.type.floatingType != nil {
            let value = point.named[random.below(point.named.count)].scaled(
              by: [1, 1, 1, -1, 0.5, 2, 0][random.below(7)])
            if let bits = value.bits(of: cell.type) { cell.store(bits, in: bytes, at: start) }
          }
        }
      }
      return
    }
    let isStrewn = point.focus == nil && point.seed % 2 == 0
    let only = isStrewn ? nil : point.named[Int(point.seed / 2 % 64) % point.named.count]
    region.contents.withUnsafeMutableBytes { bytes in
      for start in stride(from: 0, through: last, by: memory.elementSize) {
        for cell in cells where only != nil || random.below(2) == 0 {
          let value = only ?? point.named[random.below(point.named.count)]
          if let bits = value.bits(of: cell.type) { cell.store(bits, in: bytes, at: start) }
        }
      }
    }
  }

  private func source(_ path: ObjectPath, _ index: Int) -> ValueSource {
    var mixer = SeededRandom(point.seed, path: index)
    let isPlain = shape.switchedOff.contains(.specialValues)
    var source = ValueSource(
      valueClass: isPlain ? .ordinary : point.valueClass, seed: mixer.next())
    for requirement in shape.contract.requirements {
      switch requirement {
      case .floatRange(path, let lower, let upper): (source.lowest, source.highest) = (lower, upper)
      case .isFinite(path): source.isFinite = true
      default: break
      }
    }
    return source
  }

  // MARK: memory

  private mutating func layOut() -> Bool {
    let moved = Dictionary(uniqueKeysWithValues: point.overlaps.map { ($0.memory, $0) })
    let isOverNull = point.overlaps.contains {
      point.isNull(shape.memories[$0.memory].path) || point.isNull(shape.memories[$0.into].path)
    }
    if isOverNull { return false }
    for (index, memory) in inOrder
    where moved[index] == nil && !point.isNull(memory.path) {
      guard var (low, high) = bytes(of: memory) else { return false }
      var members = [(index: index, shift: 0, low: low, high: high)]
      for overlap in point.overlaps where overlap.into == index {
        guard let (otherLow, otherHigh) = bytes(of: shape.memories[overlap.memory]) else {
          return false
        }
        if otherHigh > otherLow {
          low = high > low ? min(low, otherLow + overlap.shift) : otherLow + overlap.shift
          high = max(high, otherHigh + overlap.shift)
        }
        members.append(
          (
            overlap.memory, overlap.shift, otherLow + overlap.shift, otherHigh + overlap.shift
          ))
      }
      // A byte more on one side must not take the elements off their alignment.
      let unit = memory.elementAlignment
      if members.count > 1, unit > 1 {
        low = Int((Double(low) / Double(unit)).rounded(.down)) * unit
        high = Int((Double(high) / Double(unit)).rounded(.up)) * unit
      }
      var region = MemoryImage.Region(
        name: members.map { shape.memories[$0.index].name }.joined(separator: " = "),
        contents: [UInt8](repeating: 0, count: max(0, high - low)),
        placement: placement(of: memory), isWritable: members.count > 1 || !memory.isConst,
        cells: CellLayout(of: memory.element, layout: shape.layout))
      residents.append(
        members.map {
          CallInput.Resident(
            memory: $0.index, pointer: $0.shift - low,
            range: $0.low - low..<max($0.low, $0.high) - low)
        })
      for member in members {
        places[shape.memories[member.index].path] = (image.regions.count, member.shift - low)
      }
      guard fill(&region, memory, index, pointer: -low) else { return false }
      image.regions.append(region)
    }
    return true
  }

  /// Memories from low to high addresses: in the order of the shape, or in the other one.
  private var inOrder: [(offset: Int, element: InputShape.Memory)] {
    let memories = Array(shape.memories.enumerated())
    return point.isReversed && !shape.switchedOff.contains(.order) ? memories.reversed() : memories
  }

  private func placement(of memory: InputShape.Memory) -> MemoryImage.Placement {
    if shape.switchedOff.contains(.guardPages) { return .offset(1024) }
    return switch point.placement {
    case .flushEnd: .flushEnd
    case .flushStart: .flushStart
    case .shifted: .offset(memory.elementAlignment)
    }
  }

  private func bytes(of memory: InputShape.Memory) -> (Int, Int)? {
    guard let lower = memory.extent.lower.evaluate({ point.sizes[$0] }),
      let upper = memory.extent.upper.evaluate({ point.sizes[$0] })
    else { return nil }
    if upper <= lower { return (0, 0) }
    let (low, a) = lower.multipliedReportingOverflow(by: memory.elementSize)
    let (high, b) = upper.multipliedReportingOverflow(by: memory.elementSize)
    return a || b || high - low > 1 << 28 ? nil : (low, high)
  }

  private func fill(
    _ region: inout MemoryImage.Region, _ memory: InputShape.Memory, _ index: Int, pointer: Int
  ) -> Bool {
    var source = source(memory.path, 1000 + index)
    if !memory.isConst, shape.switchedOff.contains(.filledOutputs) { return true }
    if let focus = point.focus, focus != index {
      source.valueClass = memory.isConst ? .ordinary : .zeros
    }
    source.fill(&region.contents, with: memory.element, layout: shape.layout)
    if point.focus == nil || point.focus == index { plant(&region, memory) }
    let constraints = ElementConstraints(
      contract: shape.contract, sizes: point.sizes, memory: memory, origin: pointer)
    return constraints.bringAbout(in: &region, seed: source.seed)
  }

  // MARK: records, arguments, globals

  /// Writes the chosen members into a record that a pointer leads to.
  private mutating func fillRecord(_ index: Int) {
    let memory = shape.memories[index]
    guard memory.isRecord, let place = places[memory.path] else { return }
    var bytes = image.regions[place.region].contents
    guard bytes.count >= place.offset + memory.elementSize else { return }
    write(
      memory.path, memory.element, into: &bytes, at: place.offset, space: .region(place.region))
    image.regions[place.region].contents = bytes
  }

  private mutating func addArgument(_ parameter: VariableID) {
    var type = shape.function[parameter].type
    if case .array(let array) = type.canonical { type = .pointer(PointerType(to: array.element)) }
    var bytes = [UInt8](repeating: 0, count: shape.layout.size(type) ?? 8)
    let space = MemoryImage.Place.argument(image.arguments.count)
    write(ObjectPath(parameter), type, into: &bytes, at: 0, space: space)
    image.arguments.append(bytes)
  }

  private mutating func addGlobals() {
    for (index, global) in shape.globals.enumerated() {
      image.globalCells.append(
        CellLayout(of: global.type.scalarElement, layout: shape.layout))
      guard let size = shape.layout.size(global.type) else { continue }
      var bytes = [UInt8](repeating: 0, count: size)
      let element = global.type.scalarElement
      if case .array = global.type.canonical {
        source(global.path, 2000 + index).fill(&bytes, with: element, layout: shape.layout)
      } else {
        write(global.path, global.type, into: &bytes, at: 0, space: .global(image.globals.count))
      }
      image.globals.append(MemoryImage.Global(index: index, contents: bytes))
    }
  }

  /// Writes the value of the input at `path`, with patches for pointers.
  private mutating func write(
    _ path: ObjectPath, _ type: CType, into bytes: inout [UInt8], at offset: Int,
    space: MemoryImage.Place
  ) {
    switch type.canonical {
    case .integer, .floating:
      guard let value = values[path] else { return }
      bytes.withUnsafeMutableBytes {
        Cell(offset: 0, type: type, path: "").store(value, in: $0, at: offset)
      }
    case .pointer, .array:
      if point.isNull(path) { for byte in 0..<8 { bytes[offset + byte] = 0 } }
      guard let place = places[path] else { return }
      image.patches.append(
        MemoryImage.Patch(
          at: space, offset: offset, to: place.region, targetOffset: place.offset))
    case .record(let reference):
      for field in shape.function.records[reference]?.fields ?? [] where field.bitWidth == nil {
        let inner = ObjectPath(path.base, fields: path.fields + [field.name])
        write(inner, field.type, into: &bytes, at: offset + field.offset, space: space)
      }
    default: break
    }
  }
}

extension NamedValues.Value {
  /// The value as an object of an arithmetic type; nil where the type does not hold it.
  fileprivate func bits(of type: CType) -> UInt64? {
    switch (type.canonical, self) {
    case (.integer(let integer), _) where integer.kind == .bool: nil
    case (.integer, .integer(let value)): UInt64(bitPattern: Int64(value))
    case (.integer, .floating(let value)):
      Int(exactly: value).map { UInt64(bitPattern: Int64($0)) }
    case (.floating(.half), _), (.pointer, _): nil
    case (.floating(let kind), .integer(let value)): Self.bits(Double(value), kind)
    case (.floating(let kind), .floating(let value)): Self.bits(value, kind)
    default: nil
    }
  }

  private static func bits(_ value: Double, _ type: FloatingType) -> UInt64 {
    type == .float ? UInt64(Float(value).bitPattern) : value.bitPattern
  }
}

extension Contract {
  /// Whether it speaks of contents or of floating values.
  var boundsContents: Bool {
    requirements.contains { requirement in
      switch requirement {
      case .floatRange, .isFinite, .elements, .monotone: true
      case .compare, .separated: false
      }
    }
  }

  /// Whether it speaks of what one object holds.
  func boundsContents(of path: ObjectPath) -> Bool {
    requirements.contains { requirement in
      switch requirement {
      case .floatRange(path, _, _), .isFinite(path), .elements(path, _, _), .monotone(path, _): true
      default: false
      }
    }
  }
}
