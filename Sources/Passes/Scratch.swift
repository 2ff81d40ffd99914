import ExperimentRecords
import KernelModel

/// An aligned array that holds one value for every iteration of some loops.
struct Scratch {
  /// The array, or the pointer to allocated memory.
  let variable: VariableID
  /// What stands before the loop: extents, the array or the allocation.
  private(set) var declarations: [Stmt] = []
  /// Whether the memory must be tested for and freed.
  let isAllocated: Bool
  private let dimensions: [ScratchDimension]
  /// The extents of all dimensions where the subscript is one sum; nil where each dimension has a
  /// subscript of its own.
  private let flatExtents: [Expr]?
  /// The number of elements where there is one dimension and only the run tells.
  let runTimeExtent: Expr?

  /// Of a cache line, which no vector on the targets exceeds.
  private static let alignment = 64
  /// Bytes of all scratch that may stand on the stack.
  private static let stackLimit = 32 << 10

  /// Scratch over the iterations of the loops, the slowest dimension first; `function` receives its
  /// variables.
  ///
  /// Sizes are products without a test for overflow: so many iterations do not end.
  init(
    named name: String, of type: CType, over loops: [LoopSite], before loop: LoopLabel,
    in kernel: Kernel, _ function: inout Function, for pass: some Pass
  ) throws(Refusal) {
    let element = type.unqualified
    let all = try loops.map { (site) throws(Refusal) in
      try ScratchDimension(site, before: loop, in: kernel, for: pass)
    }
    let longer = all.filter { $0.count != 1 }
    dimensions = longer.isEmpty ? [all[0]] : longer
    let counts = dimensions.map(\.count)
    guard let bytes = counts.reduce(element.byteSize, Self.product) else {
      throw pass.refusal("the scratch would be too large")
    }
    let isConstant = counts.allSatisfy { $0 != nil }
    isAllocated = !isConstant || bytes + function.stackScratch > Self.stackLimit
    if !isAllocated {
      flatExtents = nil
      runTimeExtent = nil
      variable = function.introduce(
        name, type: element.array(counts.compactMap { $0 }), alignment: Self.alignment)
      declarations = [.declare(variable, nil)]
      return
    }
    guard kernel.libraryFunctions.isSuperset(of: ["aligned_alloc", "free"]) else {
      throw pass.refusal(
        "the scratch does not fit the stack, and the file does not include <stdlib.h>, which "
          + "declares 'aligned_alloc'")
    }
    var extents: [Expr] = []
    let isUnsigned = dimensions.allSatisfy { $0.isUnsigned(in: function) }
    let type = SafeEvaluation.wideType(kernel.build, isSigned: !isUnsigned)
    for dimension in dimensions {
      if dimension.count == nil {
        let name = "\(function[dimension.site.variable].name)_extent"
        let extent = function.introduce(name, type: .qualified(.const, type))
        declarations.append(.declare(extent, dimension.extent.asInitialValue(of: type)))
        extents.append(function.reference(extent))
      } else {
        extents.append(dimension.extent)
      }
    }
    let inner = counts.dropFirst().compactMap { $0 }
    let hasRows = inner.count == counts.count - 1
    flatExtents = hasRows ? nil : extents
    runTimeExtent = counts.count == 1 && !isConstant ? extents[0] : nil
    let row = hasRows ? element.array(inner) : element
    variable = function.introduce(
      name, type: .pointer(PointerType(to: row, qualifiers: .restrict)))
    let printer = CPrinter(function: function, source: kernel.source)
    let size =
      isConstant
      ? Self.size(ofConstant: element.array(counts.compactMap { $0 }), printer)
      : Self.size(of: row, times: hasRows ? [extents[0]] : extents, kernel.build, printer)
    let call = Expr(
      .call("aligned_alloc", [.int(Self.alignment), size], purity: .effects),
      type: .pointer(PointerType(to: .void)))
    declarations.append(.declare(variable, call))
  }

  /// The product with a count where there is one; nil when it is absurd.
  private static func product(_ bytes: Int?, _ count: Int?) -> Int? {
    guard let bytes else { return nil }
    let (result, overflow) = bytes.multipliedReportingOverflow(by: count ?? 1)
    return overflow || result >= 1 << 40 ? nil : result
  }

  private static func sizeOf(_ type: CType, _ printer: CPrinter) -> Expr {
    let text = printer.declaration(type, name: "").replacing(" [", with: "[")
    return Expr(.sizeOf(type.storageSize, text: "sizeof(\(text))"), type: .unsignedLong)
  }

  /// The size as `aligned_alloc` asks for it: a multiple of the alignment (C11 §7.22.3.1).
  private static func size(ofConstant array: CType, _ printer: CPrinter) -> Expr {
    let bytes = array.storageSize ?? 0
    if bytes % alignment == 0 { return sizeOf(array, printer) }
    return .int((bytes + alignment - 1) / alignment * alignment)
  }

  private static func size(
    of unit: CType, times extents: [Expr], _ build: BuildFlags, _ printer: CPrinter
  ) -> Expr {
    let word = SafeEvaluation.wideType(build, isSigned: false)
    let factors = extents.map { $0.asInitialValue(of: word) }
    let bytes = (factors + [sizeOf(unit, printer)]).dropFirst().reduce(factors[0]) {
      .binary(.multiply, $0, $1)
    }
    if unit.storageSize.map({ $0 % alignment == 0 }) == true { return bytes }
    let lines = Expr.binary(
      .divide, .binary(.add, bytes, .int(alignment - 1)), .int(alignment))
    return .binary(.multiply, lines, .int(alignment))
  }

  /// The element of the present iteration.
  func element(_ function: Function) -> Expr {
    let indices = dimensions.map { $0.index(in: function) }
    let base = Expr(.variable(variable), type: function[variable].type.unqualified)
    guard let flatExtents else { return indices.reduce(base) { .element($0, $1) } }
    let sum = zip(indices, flatExtents).dropFirst().reduce(indices[0]) { sum, next in
      .binary(.add, .binary(.multiply, sum, next.1), next.0)
    }
    return .element(base, sum)
  }

  /// The element with this number, where there is one dimension.
  func element(at index: Expr, _ function: Function) -> Expr {
    .element(Expr(.variable(variable), type: function[variable].type.unqualified), index)
  }

  /// Gives the memory back.
  func release(_ function: Function) -> Stmt {
    .expression(
      Expr(.call("free", [function.reference(variable)], purity: .effects), type: .void))
  }
}

extension Function {
  /// Bytes of the arrays that passes have put on the stack.
  fileprivate var stackScratch: Int {
    symbols.values.filter { $0.storage == .introduced && $0.type.isArray }
      .reduce(0) { $0 + ($1.type.storageSize ?? 0) }
  }
}

extension CType {
  /// Arrays of arrays of the type with these extents, outermost first.
  fileprivate func array(_ extents: [Int]) -> CType {
    extents.reversed().reduce(self) { .array(ArrayType(of: $0, .constant($1))) }
  }

  /// Size in bytes of a number or an array of constant extents; nil for other types.
  fileprivate var storageSize: Int? {
    guard case .array(let array) = canonical else { return byteSize }
    guard case .constant(let count) = array.bound else { return nil }
    return array.element.storageSize.map { $0 * count }
  }
}
