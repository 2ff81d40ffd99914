import KernelModel

/// A part of an object: elements `lower … last` of what its pointer points to.
struct AcslLocation {
  var path: ObjectPath
  var lower: SizeExpr
  var last: SizeExpr
  /// Byte offset of the location in the file.
  var offset = 0
}

/// The objects that a contract may name.
struct AcslObjects {
  let function: Function
  /// Macros and enumerators with an integer value.
  let constant: (String) -> Int?

  func variable(_ name: String) -> VariableID? { function.path(named: name)?.base }

  func type(of path: ObjectPath) -> CType? { function.type(of: path) }

  /// The scalar type of an array's elements.
  func elementType(of path: ObjectPath) -> CType? { type(of: path)?.element?.scalarElement }

  func integer(_ text: String) -> Int? {
    text.lowercased().hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
  }
}

/// What the clauses of a contract say so far.
struct AcslClauses {
  var extents: [ObjectPath: Extent] = [:]
  var requirements: [Requirement] = []
  var assigns: [ObjectPath]?
  /// The range of the quantifier being read.
  var range: SizeRange?

  /// Whether no clause has been read.
  var isEmpty: Bool { extents.isEmpty && requirements.isEmpty && assigns == nil }

  /// Enters a valid location; several for one object make their hull.
  mutating func allow(_ location: AcslLocation, _ objects: AcslObjects) throws(AcslError) {
    guard let element = objects.type(of: location.path)?.element,
      let unit = DeclaredContract.scalarCount(of: element)
    else {
      throw AcslError(message: "a valid location must start at a pointer", offset: location.offset)
    }
    let lower = SizeExpr.multiply(location.lower, unit).simplified
    let count = SizeExpr.add(location.last, .constant(1)).simplified
    let upper = SizeExpr.multiply(count, unit).simplified
    var extent = Extent(lower: lower, upper: upper, source: .acsl, isProven: true)
    if let known = extents[location.path] {
      extent.lower = SizeExpr.minimum(known.lower, lower).simplified
      extent.upper = SizeExpr.maximum(known.upper, upper).simplified
    }
    extents[location.path] = extent
  }

  /// Narrows the range of a floating input.
  mutating func limit(_ path: ObjectPath, lower: Double?, upper: Double?) {
    for (index, requirement) in requirements.enumerated() {
      guard case .floatRange(path, let low, let high) = requirement else { continue }
      let newLow = [low, lower].compactMap { $0 }.max()
      let newHigh = [high, upper].compactMap { $0 }.min()
      requirements[index] = .floatRange(path, lower: newLow, upper: newHigh)
      return
    }
    requirements.append(.floatRange(path, lower: lower, upper: upper))
  }

  /// The limits that a comparison sets for an element.
  struct Limits {
    private var lower: SizeExpr?
    private var upper: SizeExpr?
    private(set) var lowerNumber: Double?
    private(set) var upperNumber: Double?

    /// `element OP operand`.
    mutating func add(_ op: BinaryOperator, _ operand: AcslParser.Value, _ offset: Int)
      throws(AcslError)
    {
      let number = AcslParser.number(operand)
      var size: SizeExpr?
      if case .size(let value) = operand { size = value }
      let above = size.map { SizeExpr.add($0, .constant(1)).simplified }
      switch op {
      case .less: (upper, upperNumber) = (size, number)
      case .lessOrEqual: (upper, upperNumber) = (above, number)
      case .greater: (lower, lowerNumber) = (above, number)
      case .greaterOrEqual: (lower, lowerNumber) = (size, number)
      case .equal:
        (lower, lowerNumber) = (size, number)
        (upper, upperNumber) = (above, number)
      default:
        throw AcslError(message: "this ACSL comparison is not read", offset: offset)
      }
    }

    /// A half-open range, open ends filled with the type's own limits.
    func values(_ type: CType?) -> SizeRange {
      let integer = type?.integer ?? .int
      let width = min(integer.width, 62)
      let low = integer.isSigned ? -(1 << (width - 1)) : 0
      let high = integer.isSigned ? 1 << (width - 1) : 1 << width
      return SizeRange(lower ?? .constant(low), upper ?? .constant(high))
    }
  }
}
