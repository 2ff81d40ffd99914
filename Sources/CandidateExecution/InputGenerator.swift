import JudgeKernels
public import KernelModel

/// Makes memory images for a function from its contract.
public struct InputGenerator: Sendable {
  let function: Function
  let contract: Contract
  let trampoline: Trampoline
  let layout: TypeLayout
  let objects: [InputObject]
  /// No image is larger than this.
  public var byteLimit = 1 << 30

  /// - Throws: `GenerationError` when an object of the signature is not covered, or when the extent
  ///   of a pointer is not known.
  public init(
    function: Function, contract: Contract, trampoline: Trampoline
  ) throws(GenerationError) {
    self.function = function
    self.contract = contract
    self.trampoline = trampoline
    layout = TypeLayout(records: function.records)
    objects = try InputObjects(function, trampoline).objects
    for object in objects {
      if case .pointer(let pointee, _) = object.kind { _ = try extent(object.path, pointee) }
    }
  }

  /// The integer inputs that extents and requirements are expressed in, by name, in the order of
  /// the signature.
  public var sizeInputs: [String] {
    var mentioned: Set<ObjectPath> = []
    for extent in contract.extents.values {
      mentioned.formUnion(extent.lower.inputs.union(extent.upper.inputs))
    }
    for requirement in contract.requirements { mentioned.formUnion(requirement.sizeInputs) }
    return integers.map(\.path).filter(mentioned.contains).map(name)
  }

  /// Pairs of pointers that the contract and the declarations allow to overlap, by name.
  public var overlapCandidates: [(first: String, second: String)] {
    let free = objects.filter { object in
      if case .pointer(_, let isRestrict) = object.kind { return !isRestrict }
      return false
    }
    var pairs: [(String, String)] = []
    for (index, a) in free.enumerated() {
      for b in free[(index + 1)...] where mayOverlap(a, b) {
        pairs.append((name(a.path), name(b.path)))
      }
    }
    return pairs
  }

  /// Bytes that an image with these sizes takes.
  public func byteCount(sizes: [String: Int]) throws(GenerationError) -> Int {
    let integers = try choose(InputPlan(sizes: sizes, seed: 0))
    var total = 0
    for object in objects {
      guard case .pointer(let pointee, _) = object.kind else { continue }
      total += try range(object.path, pointee, integers).bytes
    }
    return total + trampoline.globals.reduce(0) { $0 + $1.size }
  }

  /// The image that `plan` describes.
  public func image(_ plan: InputPlan) throws(GenerationError) -> MemoryImage {
    var builder = ImageBuilder(self, plan, integers: try choose(plan))
    return try builder.build()
  }

  func name(_ path: ObjectPath) -> String { InputObjects.name(path, in: function) }

  var integers: [(path: ObjectPath, type: IntegerType)] {
    objects.compactMap { object in
      if case .integer(let type) = object.kind { (object.path, type) } else { nil }
    }
  }

  private func mayOverlap(_ a: InputObject, _ b: InputObject) -> Bool {
    guard let x = elementCells(a), let y = elementCells(b), x == y else { return false }
    // An object inside what the other points to is not an array of its own.
    if x.cells.contains(where: { $0.kind == .pointer }) { return false }
    return !contract.requirements.contains { requirement in
      guard case .separated(let p, let q) = requirement else { return false }
      return (p, q) == (a.path, b.path) || (p, q) == (b.path, a.path)
    }
  }

  func elementCells(_ object: InputObject) -> CellLayout? {
    guard case .pointer(let pointee, _) = object.kind else { return nil }
    return cells(ofPointee: pointee)
  }

  func cells(ofPointee type: CType) -> CellLayout {
    layout.cells(of: type) ?? .bytes
  }
}

extension InputGenerator {
  /// The bytes that a pointer's elements take, from where it points.
  struct ByteRange {
    /// May be negative.
    var lower: Int
    var bytes: Int
    var element: Int
  }

  /// The declared or inferred extent; one element where a pointer to a record has none. A pointer
  /// that a settled contract does not mention is not used: what it points to is inaccessible.
  func extent(_ path: ObjectPath, _ pointee: CType) throws(GenerationError) -> Extent? {
    if let extent = contract.extents[path] { return extent }
    if case .record = pointee.canonical { return nil }
    let isSettled = contract.unresolved.isEmpty && !contract.extents.isEmpty
    guard isSettled || !path.fields.isEmpty else { throw .unresolvedExtent(name(path)) }
    return Extent(
      lower: .constant(0), upper: .constant(0), source: .inferred, isProven: false)
  }

  func range(
    _ path: ObjectPath, _ pointee: CType, _ integers: [ObjectPath: Int]
  ) throws(GenerationError) -> ByteRange {
    let element = cells(ofPointee: pointee).stride
    guard let extent = try extent(path, pointee) else {
      return ByteRange(lower: 0, bytes: element, element: element)
    }
    guard let lower = extent.lower.evaluate({ integers[$0] }),
      let upper = extent.upper.evaluate({ integers[$0] })
    else { throw .unresolvedExtent(name(path)) }
    guard upper > lower else { return ByteRange(lower: 0, bytes: 0, element: element) }
    let limit = byteLimit / element
    guard lower > -limit, upper < limit, upper - lower <= limit else {
      throw .tooLarge(bytes: Int.max)
    }
    return ByteRange(lower: lower * element, bytes: (upper - lower) * element, element: element)
  }
}

extension Requirement {
  /// Integer inputs that the clause mentions as sizes.
  var sizeInputs: Set<ObjectPath> {
    switch self {
    case .compare(let a, _, let b): a.inputs.union(b.inputs)
    case .elements(_, let range, let values):
      range.lower.inputs.union(range.upper.inputs)
        .union(values.lower.inputs).union(values.upper.inputs)
    case .monotone(_, let range): range.lower.inputs.union(range.upper.inputs)
    case .floatRange, .isFinite, .separated: []
    }
  }
}
