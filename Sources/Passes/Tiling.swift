import ExperimentRecords
import KernelModel

/// Builds the tile loops and point loops of a band.
struct Tiling {
  private struct Dimension {
    var site: LoopSite
    var size: Int
    /// The iterator of the tile loop.
    var tile: VariableID
    var lowers: [Expr]
    /// Exclusive.
    var uppers: [Expr]

    /// Distance between the starts of two tiles.
    var stride: Int { size * site.header.step }
  }

  private(set) var function: Function
  private let kernel: Kernel
  private let nest: PerfectNest
  private let sizes: [Int]
  private var dimensions: [Dimension] = []
  private var labels: LabelSupply

  init(_ nest: PerfectNest, sizes: [Int], in kernel: Kernel) {
    self.nest = nest
    self.sizes = sizes
    self.kernel = kernel
    function = kernel.function
    labels = LabelSupply(kernel.function.body)
  }

  /// The tiled nest.
  mutating func statement(for pass: some Pass) throws(Refusal) -> Stmt {
    for (site, size) in zip(nest.sites, sizes) { try add(site, size, pass) }
    var result = nest.body
    for dimension in dimensions.reversed() {
      result = block(
        Loop(
          label: labels.unique(dimension.site.label.suffixed("point")),
          header: .counted(pointHeader(dimension)), body: result))
    }
    for (depth, dimension) in dimensions.enumerated().reversed() {
      let header = try tileHeader(dimension, outer: dimensions[..<depth], pass)
      result = block(
        Loop(
          label: labels.unique(dimension.site.label.suffixed("tile")), header: .counted(header),
          body: result))
    }
    var statement = result.statements[0]
    statement.origin = nest.sites[0].statement.origin
    statement.comments = nest.sites[0].statement.comments
    return statement
  }

  private func block(_ loop: Loop) -> Stmt { .block([.loop(loop)]) }

  private mutating func add(_ site: LoopSite, _ size: Int, _ pass: some Pass) throws(Refusal) {
    let facts = BoundFacts(at: site.label, inside: false, of: kernel)
    let lower = try site.lower(for: pass)
    let upper = try site.exclusiveUpper(in: function, facts: facts, for: pass)
    let stride = size.multipliedReportingOverflow(by: site.header.step)
    guard !stride.overflow, stride.partialValue < 1 << 30 else {
      throw pass.refusal("a tile of loop '\(site.label)' is too long")
    }
    let name = function[site.variable].name
    let type = try tileType(site, lower, upper, facts, stride.partialValue, pass)
    let tile = function.introduce("\(name)_tile", type: type)
    dimensions.append(
      Dimension(
        site: site, size: size, tile: tile, lowers: lower.maximumOperands,
        uppers: upper.minimumOperands))
  }

  /// A type in which the start of the tile after the last one cannot overflow.
  ///
  /// Values of 32 bits and less get 64. A 64-bit iterator that indexes memory, or that starts from a
  /// constant, stays far below its limit: no address space and no running time reaches it.
  private func tileType(
    _ site: LoopSite, _ lower: Expr, _ upper: Expr, _ facts: BoundFacts, _ stride: Int,
    _ pass: some Pass
  ) throws(Refusal) -> CType {
    let own = function[site.variable].type.unqualified
    let common = CType.usualArithmeticConversion(own, upper.type)
    guard let type = common?.integer, let iterator = own.integer else {
      throw pass.refusal("the bounds of loop '\(site.label)' are no integers")
    }
    let beyond = LinearForm(upper, facts: facts) + stride
    if iterator == type, facts.proveAtMostMaximum(beyond, of: own) { return own }
    if type.width <= 32 { return SafeEvaluation.wideType(kernel.build, isSigned: type.isSigned) }
    let isIndex = site.loop.body.indexes(with: site.variable)
    guard
      isIndex || lower.constantValue != nil
        || nest.sites.contains(where: {
          lower.mentionedVariables.contains($0.variable)
        })
    else {
      throw pass.refusal(
        "the last tile of loop '\(site.label)' might end beyond the largest value of its type")
    }
    return iterator == type ? own : .integer(type)
  }

  /// Over the tiles: from the least lower bound that any point of the outer tiles has to the
  /// greatest upper bound.
  private func tileHeader(
    _ dimension: Dimension, outer: ArraySlice<Dimension>, _ pass: some Pass
  ) throws(Refusal) -> CountedHeader {
    var lowers = dimension.lowers
    var uppers = dimension.uppers
    for other in outer.reversed() {
      lowers = try eliminate(other, from: lowers, isUpper: false, dimension, pass)
      uppers = try eliminate(other, from: uppers, isUpper: true, dimension, pass)
    }
    return CountedHeader(
      variable: dimension.tile, declares: true, lower: .maximum(lowers), relation: .less,
      bound: .minimum(uppers), step: dimension.stride)
  }

  /// Bounds free of the iterator of an outer loop: its first or last value in the tile stands in.
  private func eliminate(
    _ outer: Dimension, from bounds: [Expr], isUpper: Bool, _ dimension: Dimension,
    _ pass: some Pass
  ) throws(Refusal) -> [Expr] {
    let i = outer.site.variable
    var result: [Expr] = []
    for bound in bounds {
      guard bound.mentionedVariables.contains(i) else {
        result.append(bound)
        continue
      }
      let form = followingForm(bound, of: i, dimension)
      let coefficient = form.coefficient(of: i)
      guard form.isLinear(in: i), coefficient != 0, dimension.site.header.step == 1 else {
        throw pass.refusal(
          "the bounds of loop '\(dimension.site.label)' follow '\(function[i].name)' in a way that "
            + "tiles cannot")
      }
      let wantsLast = (coefficient > 0) == isUpper
      let isExact = coefficient < 0 && function[outer.tile].type.integer?.isSigned == false
      guard !isExact || outer.site.header.step == 1 else {
        throw pass.refusal(
          "the tiles of loop '\(dimension.site.label)' cannot be bounded without wrapping")
      }
      let extreme = wantsLast ? lastValue(outer, isExact: isExact) : firstValue(outer)
      result.append(inTileArithmetic(form.replacing(i, with: extreme)))
    }
    return result
  }

  /// The bound as a sum in which the outer iterator shows.
  ///
  /// Sums of 64 bits that grow with it do not wrap where the loop starts from small values: the loop
  /// would not end.
  private func followingForm(
    _ bound: Expr, of outer: VariableID, _ dimension: Dimension
  ) -> LinearForm {
    let facts = BoundFacts(at: dimension.site.label, inside: false, of: kernel)
    let form = LinearForm(bound, facts: facts)
    if form.isLinear(in: outer) || bound.type.integer?.width != 64 { return form }
    let around = kernel.function.body.enclosingLoops(of: dimension.site.label) ?? []
    let iterators = Set(around.compactMap { kernel.function.body.loop($0)?.counted?.variable })
    let growing = LinearForm(bound, facts: .ignoringWrapping)
    let startsSmall = dimension.lowers.allSatisfy {
      let lower = LinearForm($0, facts: .ignoringWrapping)
      return lower.constant >= 0 && lower.isSum(of: iterators)
    }
    return startsSmall && growing.isLinear(in: outer) && growing.coefficient(of: outer) > 0
      ? growing : form
  }

  private func firstValue(_ outer: Dimension) -> LinearForm {
    LinearForm(function.reference(outer.tile))
  }

  /// A value that is at least the last one of the tile; exactly the last one where it is subtracted
  /// from something unsigned, lest the difference wraps.
  private func lastValue(_ outer: Dimension, isExact: Bool) -> LinearForm {
    let end = firstValue(outer) + outer.stride
    guard isExact else { return end + -outer.site.header.step }
    return LinearForm(atom: .minimum([end.expression] + outer.uppers)) + -1
  }

  /// The form computed in the type of the tiles, in which it cannot overflow.
  private func inTileArithmetic(_ form: LinearForm) -> Expr {
    guard let first = form.terms.first(where: { $0.coefficient > 0 }) ?? form.terms.first,
      let type = first.atom.type.integer, type.isSigned, type.width <= 32
    else { return form.expression }
    return form.widened(to: SafeEvaluation.wideType(kernel.build, isSigned: true)).expression
  }

  /// Over the points of one tile.
  private func pointHeader(_ dimension: Dimension) -> CountedHeader {
    var header = dimension.site.header
    let tile = function.reference(dimension.tile)
    let followed = dimensions.prefix { $0.tile != dimension.tile }.map(\.site.variable)
    let follows = dimension.lowers.contains {
      !$0.mentionedVariables.isDisjoint(with: followed)
    }
    header.lower = follows ? .maximum([tile] + dimension.lowers) : tile
    let end = Expr.binary(.add, tile, .int(dimension.stride))
    header.relation = .less
    let uppers = dimension.uppers.filter { follows || !endsEvenly(dimension, at: $0) }
    header.bound = .minimum([end] + uppers)
    return header
  }

  /// Whether the last tile below the bound is full.
  private func endsEvenly(_ dimension: Dimension, at upper: Expr) -> Bool {
    guard dimension.lowers.count == 1 else { return false }
    let distance = LinearForm(upper) - LinearForm(dimension.lowers[0])
    return distance.constantValue.map { $0 > 0 && $0 % dimension.stride == 0 } == true
  }
}

extension Stmt {
  /// Whether the variable takes part in a subscript or in pointer arithmetic.
  fileprivate func indexes(with variable: VariableID) -> Bool {
    var found = false
    walkExpressions { node in
      switch node.kind {
      case .subscriptOf(_, let index): found = found || index.mentionedVariables.contains(variable)
      case .binary(.add, let a, let b) where a.type.isPointer || b.type.isPointer:
        found = found || node.mentionedVariables.contains(variable)
      default: break
      }
    }
    return found
  }
}
