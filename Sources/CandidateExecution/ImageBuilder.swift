import JudgeKernels
import KernelModel

/// Builds one image: allots regions, fills them, then writes sizes and addresses where they belong.
struct ImageBuilder {
  private let generator: InputGenerator
  private let plan: InputPlan
  private let integers: [ObjectPath: Int]
  private var image = MemoryImage()
  /// For each pointer: its region, where in it the pointer points, and its elements' bytes.
  private var places: [ObjectPath: (region: Int, offset: Int, range: InputGenerator.ByteRange)] =
    [:]
  private var stream: UInt64 = 0

  init(_ generator: InputGenerator, _ plan: InputPlan, integers: [ObjectPath: Int]) {
    self.generator = generator
    self.plan = plan
    self.integers = integers
  }

  mutating func build() throws(GenerationError) -> MemoryImage {
    image.resultSize = generator.trampoline.resultSize
    image.resultCells = generator.layout.cells(of: generator.function.result) ?? .bytes
    image.arguments = generator.trampoline.argumentSizes.map { [UInt8](repeating: 0, count: $0) }
    try allotRegions()
    addGlobals()
    fillScalars()
    for object in generator.objects {
      switch object.kind {
      case .integer(let type): write(integers[object.path] ?? 0, type.width / 8, object)
      case .pointer: point(object)
      case .floating, .block: break
      }
    }
    try applyElementRequirements()
    return image
  }

  // MARK: Regions

  private mutating func allotRegions() throws(GenerationError) {
    let pointers = generator.objects.filter(isPointed)
    let shared = try overlapping(pointers)
    for object in pointers where object.path != shared?.second.path {
      guard case .pointer(let pointee, _) = object.kind else { continue }
      let range = try generator.range(object.path, pointee, integers)
      if let shared, object.path == shared.first.path {
        try allotShared(shared.first, shared.second, range)
      } else {
        let region = add(
          generator.name(object.path), pointee, bytes: range.bytes,
          isWritable: !plan.protectsConst || !isConstant(pointee), path: object.path)
        places[object.path] = (region, -range.lower, range)
      }
    }
    guard image.byteCount <= generator.byteLimit else { throw .tooLarge(bytes: image.byteCount) }
  }

  /// Pointers to functions and to pointers stay null.
  private func isPointed(_ object: InputObject) -> Bool {
    guard case .pointer(let pointee, _) = object.kind else { return false }
    switch pointee.canonical {
    case .function, .pointer: return false
    default: return true
    }
  }

  private func isConstant(_ type: CType) -> Bool {
    if type.qualifiers.contains(.const) { return true }
    if case .array(let array) = type.canonical { return isConstant(array.element) }
    return false
  }

  private func overlapping(
    _ pointers: [InputObject]
  ) throws(GenerationError) -> (first: InputObject, second: InputObject)? {
    guard let overlap = plan.overlap else { return nil }
    let isCandidate = generator.overlapCandidates.contains {
      $0 == (overlap.first, overlap.second) || $0 == (overlap.second, overlap.first)
    }
    guard isCandidate,
      let first = pointers.first(where: { generator.name($0.path) == overlap.first }),
      let second = pointers.first(where: { generator.name($0.path) == overlap.second })
    else { throw .cannotOverlap(overlap.first, overlap.second) }
    return (first, second)
  }

  /// One region from the lower of both starts to the higher of both ends.
  private mutating func allotShared(
    _ first: InputObject, _ second: InputObject, _ a: InputGenerator.ByteRange
  ) throws(GenerationError) {
    guard case .pointer(let pointee, _) = first.kind, case .pointer(let other, _) = second.kind,
      let overlap = plan.overlap
    else { return }
    var b = try generator.range(second.path, other, integers)
    let shift = overlap.shift * a.element
    b.lower += shift
    let lower = min(a.lower, b.lower)
    let upper = max(a.lower + a.bytes, b.lower + b.bytes)
    let region = add(
      "\(overlap.first) = \(overlap.second)", pointee, bytes: upper - lower,
      isWritable: !plan.protectsConst || !(isConstant(pointee) && isConstant(other)),
      path: first.path)
    places[first.path] = (region, -lower, a)
    b.lower -= shift
    places[second.path] = (region, shift - lower, b)
  }

  private mutating func add(
    _ name: String, _ pointee: CType, bytes: Int, isWritable: Bool, path: ObjectPath
  ) -> Int {
    let cells = generator.cells(ofPointee: pointee)
    var contents = [UInt8](repeating: 0, count: bytes)
    fill(&contents, cells, bounds(path))
    image.regions.append(
      MemoryImage.Region(
        name: name, contents: contents, placement: placement(cells.stride),
        isWritable: isWritable, cells: cells))
    return image.regions.count - 1
  }

  /// An offset that no element can find misaligned: its alignment divides its size.
  private func aligned(_ offset: Int, for element: Int) -> Int {
    let alignment = max(1, min(64, element & -element))
    return (offset + alignment - 1) / alignment * alignment
  }

  private func placement(_ element: Int) -> MemoryImage.Placement {
    switch plan.placement {
    case .flushEnd: .flushEnd
    case .flushStart: .flushStart
    case .elements(let count): .offset(count * element)
    case .bytes(let step): .offset(aligned(step * (image.regions.count + 1), for: element))
    }
  }

  // MARK: Values

  private func bounds(_ path: ObjectPath) -> rk_bounds {
    var bounds = rk_bounds(low: 1, high: 0, only_finite: 0)
    for requirement in generator.contract.requirements {
      switch requirement {
      case .isFinite(path): bounds.only_finite = 1
      case .floatRange(path, let lower, let upper):
        bounds.low = lower ?? -.infinity
        bounds.high = upper ?? .infinity
      default: break
      }
    }
    return bounds
  }

  private mutating func fill(_ bytes: inout [UInt8], _ layout: CellLayout, _ bounds: rk_bounds) {
    stream += 1
    let cells = layout.cells.map {
      rk_cell(offset: $0.offset, kind: $0.kind.code, size: $0.kind.size)
    }
    let seed = plan.seed &* 0x9e37_79b9_7f4a_7c15 &+ stream
    let values = rk_value_class(UInt32(plan.values.rawValue))
    bytes.withUnsafeMutableBufferPointer {
      rk_fill(
        $0.baseAddress, $0.count, cells, cells.count, layout.stride, values, bounds, seed)
    }
  }

  private mutating func addGlobals() {
    for (index, global) in generator.trampoline.globals.enumerated() {
      let type = generator.function[global.variable].type
      let cells = generator.layout.cells(of: type) ?? .bytes
      var contents = [UInt8](repeating: 0, count: global.size)
      fill(&contents, cells, bounds(ObjectPath(global.variable)))
      image.globals.append(MemoryImage.Global(index: index, contents: contents))
      image.globalCells.append(cells)
    }
  }

  private mutating func fillScalars() {
    for object in generator.objects {
      guard case .argument(let index) = object.container else { continue }
      switch object.kind {
      case .floating, .block:
        guard let size = generator.layout.size(of: object.type)?.size,
          let cells = generator.layout.cells(of: object.type)
        else { continue }
        var bytes = [UInt8](repeating: 0, count: size)
        fill(&bytes, cells, bounds(object.path))
        image.arguments[index].replaceSubrange(object.offset..<object.offset + size, with: bytes)
      case .integer, .pointer: continue
      }
    }
  }

  /// Where an object's bytes are: a record that several elements of a region hold is in each.
  private func spots(_ object: InputObject) -> [(MemoryImage.Place, Int)] {
    switch object.container {
    case .argument(let index): return [(.argument(index), object.offset)]
    case .global(let index): return [(.global(index), object.offset)]
    case .pointee(let path):
      guard let place = places[path] else { return [] }
      let start = place.offset + place.range.lower
      return stride(from: 0, to: place.range.bytes, by: max(1, place.range.element)).map {
        (.region(place.region), start + $0 + object.offset)
      }
    }
  }

  private mutating func write(_ value: Int, _ size: Int, _ object: InputObject) {
    let bytes = (0..<max(1, size)).map {
      UInt8(truncatingIfNeeded: $0 < 8 ? value >> (8 * $0) : value >> 63)
    }
    for (place, offset) in spots(object) {
      let range = offset..<offset + bytes.count
      switch place {
      case .argument(let index): image.arguments[index].replaceSubrange(range, with: bytes)
      case .region(let index): image.regions[index].contents.replaceSubrange(range, with: bytes)
      case .global(let index): image.globals[index].contents.replaceSubrange(range, with: bytes)
      }
    }
  }

  private mutating func point(_ object: InputObject) {
    guard let target = places[object.path] else { return }
    for (place, offset) in spots(object) {
      image.patches.append(
        .init(at: place, offset: offset, to: target.region, targetOffset: target.offset))
    }
  }

  // MARK: Requirements on elements

  private mutating func applyElementRequirements() throws(GenerationError) {
    for requirement in generator.contract.requirements {
      switch requirement {
      case .elements(let path, let range, let values):
        guard let low = evaluate(values.lower), let high = evaluate(values.upper) else { continue }
        try draw(path, range, low, high)
      default: continue
      }
    }
    for requirement in generator.contract.requirements {
      if case .monotone(let path, let range) = requirement { sort(path, range) }
    }
  }

  private func evaluate(_ expression: SizeExpr) -> Int? { expression.evaluate { integers[$0] } }

  private mutating func draw(
    _ path: ObjectPath, _ range: SizeRange, _ low: Int, _ high: Int
  ) throws(GenerationError) {
    let indices = elements(path, range)
    guard !indices.isEmpty else { return }
    guard high > low else {
      throw .outsideContract("no value is allowed for the elements of '\(generator.name(path))'")
    }
    stream += 1
    var random = SeededRandom(seed: plan.seed &* 31 &+ stream)
    for index in indices { set(path, index, low + random.below(high - low)) }
  }

  private mutating func sort(_ path: ObjectPath, _ range: SizeRange) {
    // `a[k] <= a[k+1]` for every k of the range concerns one element more.
    var indices = elements(path, range)
    if let last = indices.last, let count = count(path), last + 1 < count {
      indices.append(last + 1)
    }
    let sorted = indices.map { get(path, $0) }.sorted()
    for (index, value) in zip(indices, sorted) { set(path, index, value) }
  }

  /// Indices inside the object, counted from where the pointer points.
  private func elements(_ path: ObjectPath, _ range: SizeRange) -> [Int] {
    guard let low = evaluate(range.lower), let high = evaluate(range.upper),
      let count = count(path), high > low
    else { return [] }
    let first = max(low, (places[path]?.range).map { $0.lower / $0.element } ?? 0)
    return first < min(high, count) ? Array(first..<min(high, count)) : []
  }

  private func count(_ path: ObjectPath) -> Int? {
    guard let place = places[path] else { return nil }
    return (place.range.lower + place.range.bytes) / place.range.element
  }

  private mutating func set(_ path: ObjectPath, _ index: Int, _ value: Int) {
    guard let place = places[path] else { return }
    let size = min(8, place.range.element)
    let start = place.offset + index * place.range.element
    // In place: a copy for every element would make large images quadratic.
    for byte in 0..<size {
      image.regions[place.region].contents[start + byte] = UInt8(
        truncatingIfNeeded: value >> (8 * byte))
    }
  }

  private func get(_ path: ObjectPath, _ index: Int) -> Int {
    guard let place = places[path] else { return 0 }
    let region = image.regions[place.region]
    let size = min(8, place.range.element)
    let start = place.offset + index * place.range.element
    var value = 0
    for byte in (0..<size).reversed() { value = value << 8 | Int(region.contents[start + byte]) }
    guard case .signed = region.cells.cells.first?.kind, size < 8 else { return value }
    let shift = 64 - 8 * size
    return (value << shift) >> shift
  }
}

extension CellLayout.Kind {
  /// The kind as `JudgeKernels` counts it.
  var code: rk_cell_kind {
    switch self {
    case .signed: RK_SIGNED
    case .unsigned: RK_UNSIGNED
    case .bool: RK_BOOL
    case .half: RK_HALF
    case .float: RK_FLOAT
    case .double: RK_DOUBLE
    case .extended: RK_EXTENDED
    case .pointer: RK_POINTER
    }
  }
}
