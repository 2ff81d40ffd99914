import ExperimentRecords

/// Plans that block a contraction, `c[i][j] += a[i][k] * b[k][j]` in any order of loops and
/// subscripts, for registers and both caches.
///
/// Source: Goto & van de Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM TOMS 34(3),
/// 2008; the sizes of blocks follow Low, Igual, Smith & Quintana-Orti, "Analytical Modeling Is Enough for
/// High-Performance BLIS", ACM TOMS 43(2), 2016: a panel of the one operand stays in the first cache, a block
/// of the other in the second.
struct ContractionPlans {
  /// Bytes of a vector register of the machine.
  var vectorBytes: Int
  /// Capacity of the first and second level data caches, in bytes.
  var cacheBytes: [Int]

  /// The loops of a contraction by what they do, and its operands.
  struct Roles: Hashable {
    /// Moves along the rows of the result and of one operand.
    var row: String
    /// Moves along the result and the other operand, the result by single elements.
    var column: String
    /// Moves both operands and leaves the result where it is.
    var sum: String
    /// The operand that `row` and `sum` move, as recipes call it.
    var left: String
    /// The operand that `sum` and `column` move.
    var right: String
    /// The loops as they stand, outermost first.
    var order: [String]
    var elementBytes: Int
  }

  /// A register tile: rows by columns, in elements.
  private struct Tile {
    var rows: Int
    var columns: Int
    var width: Int
  }

  /// What the loops of a perfect nest do, where three of them are a contraction: of several rows or sums
  /// the innermost.
  static func roles(of nest: [LoopShape], in shape: KernelShape) -> Roles? {
    guard (3...6).contains(nest.count),
      nest.allSatisfy({ $0.isCounted && !$0.isVectorized && !$0.lacksFacts }),
      let inner = nest.last, shape.isInnermost(inner.label)
    else { return nil }
    let order = nest.map(\.label)
    func moves(_ access: AccessShape) -> Set<String> {
      Set(order.filter { access.strides[$0] != .zero })
    }
    let accesses = shape.accesses(in: inner.label)
    let writes = accesses.filter(\.isWrite)
    guard let result = writes.first, writes.allSatisfy({ $0 == result }),
      accesses.contains(where: { !$0.isWrite && $0.isSamePlace(as: result) }),
      let column = moves(result).first(where: { result.strides[$0] == .unit })
    else { return nil }
    let operands = accesses.filter { !$0.isWrite && !$0.isSamePlace(as: result) }
    let rows = order.reversed().filter { $0 != column && result.strides[$0] == .row }
    let sums = order.reversed().filter { result.strides[$0] == .zero }
    for (row, sum) in rows.flatMap({ row in sums.map { (row, $0) } }) {
      let loops: Set<String> = [row, column, sum]
      let left = operands.filter { moves($0).intersection(loops) == [row, sum] }
      let right = operands.filter { moves($0).intersection(loops) == [sum, column] }
      guard left.count == 1, right.count == 1, let leftName = shape.name(of: left[0].object),
        let rightName = shape.name(of: right[0].object)
      else { continue }
      return Roles(
        row: row, column: column, sum: sum, left: leftName, right: rightName, order: order,
        elementBytes: shape.laneBytes(in: inner.label))
    }
    return nil
  }

  /// Whether some perfect nest is a contraction.
  static func areFound(in shape: KernelShape) -> Bool {
    shape.loops.contains { roles(of: shape.perfectNest(from: $0.label), in: shape) != nil }
  }

  /// Contractions whose columns begin or end at a value that follows the row.
  static func triangles(in shape: KernelShape) -> [Roles] {
    shape.loops.compactMap { roles(of: shape.perfectNest(from: $0.label), in: shape) }
      .filter { shape.loop($0.column)?.followed == [$0.row] }
  }

  func plans(for nest: [LoopShape], in shape: KernelShape) -> [Plan] {
    guard let roles = Self.roles(of: nest, in: shape) else { return [] }
    let isTriangle = shape.loop(roles.column)?.followed.isEmpty == false
    let lanes = max(2, vectorBytes / roles.elementBytes)
    // Half of the registers hold the result; the wider tile loads less for each of its products.
    let registers = vectorBytes >= 64 ? 32 : 16
    let tiles = [
      Tile(rows: registers / 4, columns: 2 * lanes, width: 2 * lanes),
      Tile(rows: registers / 2, columns: lanes, width: lanes),
    ]
    return tiles.enumerated().flatMap { rank, tile in
      Copies.allCases.map { copies in
        Plan(
          name: "contraction, \(copies.rawValue)", prior: copies.prior - 0.02 * Double(rank),
          parts: parts(roles, tile, copies, isTriangle: isTriangle), isWhole: true)
      }
    }
  }

  /// What is copied into scratch.
  private enum Copies: String, CaseIterable {
    case both = "both operands packed"
    /// Small enough for the stack.
    case panel = "a panel packed"
    case none = "blocked"

    /// These recipes are long, for which the ranking takes off much; they are known to pay as a whole.
    var prior: Double {
      switch self {
      case .both: 1.25
      case .panel: 1.2
      case .none: 0.95
      }
    }
  }

  private func parts(_ roles: Roles, _ tile: Tile, _ copies: Copies, isTriangle: Bool)
    -> [Plan.Part]
  {
    let (row, column, sum) = (roles.row, roles.column, roles.sum)
    var sizes = blockSizes(tile, roles.elementBytes)
    // Rows stand in blocks already, and columns end at them: larger blocks would never be full.
    if isTriangle {
      sizes.columns = min(sizes.columns, 128)
      sizes.rows = min(sizes.rows, max(tile.rows, RecipeGrowth.rowsOfBlock / 2))
    }
    let order = roles.order.filter { ![row, column, sum].contains($0) } + [column, sum, row]
    var parts: [Plan.Part] = []
    func add(_ step: Step) { parts.append(.step(step)) }
    if order != roles.order { add(.interchange(order)) }
    add(.tile([column, sum, row], by: [sizes.columns, sizes.sum, sizes.rows]))
    add(.interchange([column, row, sum].map { "\($0).point" }))
    add(.tile(["\(column).point", "\(row).point"], by: [tile.columns, tile.rows]))
    let (columns, rows) = ("\(column).point.tile", "\(row).point.tile")
    let (lane, line) = ("\(column).point.point", "\(row).point.point")
    switch copies {
    case .both:
      add(.pack(roles.right, before: "\(row).tile", order: [columns, "\(sum).point", lane]))
      add(.pack(roles.left, before: columns, order: [rows, "\(sum).point", line]))
    case .panel: add(.pack(roles.right, before: rows, order: ["\(sum).point", lane]))
    case .none: break
    }
    add(.onLoop("unroll_jam", line, by: tile.rows))
    add(.onLoop("scalar_replace", "\(sum).point"))
    add(.vectorize(lane, width: tile.width))
    // Columns left over, up to a tile less one of them.
    let rest = max(4, vectorBytes / roles.elementBytes / 2)
    parts.append(.optionalStep(.vectorize("\(lane).rest", width: rest)))
    return parts
  }

  /// Elements of a block in each direction.
  private func blockSizes(_ tile: Tile, _ elementBytes: Int)
    -> (rows: Int, columns: Int, sum: Int)
  {
    let first = cacheBytes.first ?? 32 << 10
    let second = cacheBytes.dropFirst().first ?? 8 * first
    let panel = first / 2 / (tile.columns * elementBytes)
    let sum = min(512, max(32, PlanLibrary.powerOfTwo(atMost: panel)))
    let block = second / 4 / (sum * elementBytes)
    let rows = min(256, max(tile.rows, PlanLibrary.powerOfTwo(atMost: block)))
    return (rows / tile.rows * tile.rows, max(512, tile.columns), sum)
  }
}

extension Step {
  static func pack(_ array: String, before loop: String, order: [String]) -> Step {
    Step(
      "pack",
      [
        Argument("loop", .label(loop)), Argument("array", .label(array)),
        Argument("order", .list(order.map { .label($0) })),
      ])
  }
}
