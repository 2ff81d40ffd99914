import ExperimentRecords
import KernelModel

/// Writes the points of a square as one loop along the Z-order curve.
struct MortonCurve {
  /// Points on a side of the square, a power of two.
  let side: Int
  private(set) var function: Function

  /// A loop over the points of a tile.
  private struct Points {
    var header: CountedHeader
    /// The first point of the tile.
    var start: Expr
    /// Where the loop ends before the tile does, if it does.
    var ends: [Expr]
  }

  /// The nest of tiles with one loop in the place of both loops over the points of one.
  mutating func replacingPoints(in tiles: Stmt, for pass: some Pass) throws(Refusal) -> Stmt {
    guard let row = tiles.asLoop?.perfectlyNested?.perfectlyNested, let column = row.perfectlyNested
    else { preconditionFailure("two tiled loops are four") }
    let turn = function.introduce("turn", type: .int)
    let body = try along(
      [points(row, for: pass), points(column, for: pass)], at: function.reference(turn),
      column.body)
    let label = row.label.text.dropLast("point".count)
    let curve = Loop(
      label: LoopLabel("\(label)turn"),
      header: .counted(
        CountedHeader(
          variable: turn, declares: true, lower: .int(0), relation: .less,
          bound: .int(side * side), step: 1)),
      body: .block(body))
    guard let whole = tiles.replacingLoop(row.label, with: { _, _ in [.loop(curve)] }) else {
      throw pass.refusal("loop '\(row.label)' cannot be replaced")
    }
    return whole
  }

  private func points(_ loop: Loop, for pass: some Pass) throws(Refusal) -> Points {
    guard let header = loop.counted, let start = header.lower else {
      preconditionFailure("a loop over points counts from its tile")
    }
    let end = Expr.binary(.add, start, .int(side * header.step))
    return Points(
      header: header, start: start, ends: header.bound.minimumOperands.filter { $0 != end })
  }

  /// The point of the turn, and the body where it lies in the range.
  private mutating func along(_ points: [Points], at turn: Expr, _ body: Stmt) -> [Stmt] {
    var (places, conditions, iterators): ([Stmt], [Expr], [Stmt]) = ([], [], [])
    for (dimension, point) in points.enumerated() {
      let type = function[point.header.variable].type.unqualified
      let value = place(of: point, at: turn, odd: dimension == 0)
      // Beyond the range the iterator's own type may not hold the value.
      guard value.type.integer != type.integer else {
        places.append(setting(point.header, to: value))
        conditions += point.ends.map {
          .binary(.less, function.reference(point.header.variable), $0)
        }
        continue
      }
      let place = function.introduce(
        "\(function[point.header.variable].name)_point", type: value.type)
      places.append(.declare(place, value))
      conditions += point.ends.map { .binary(.less, function.reference(place), $0) }
      iterators.append(
        setting(point.header, to: function.reference(place).asInitialValue(of: type)))
    }
    let inner = iterators + body.statements
    guard let first = conditions.first else { return places + inner }
    let condition = conditions.dropFirst().reduce(first) { .binary(.logicalAnd, $0, $1) }
    return places + [.branch(condition, .block(inner))]
  }

  private func setting(_ header: CountedHeader, to value: Expr) -> Stmt {
    header.declares
      ? .declare(header.variable, value)
      : .expression(.assign(function.reference(header.variable), value))
  }

  /// The start of the tile and as many steps as every second bit of the turn says.
  private func place(of point: Points, at turn: Expr, odd: Bool) -> Expr {
    let bits = (0..<side.trailingZeroBitCount).map { bit -> Expr in
      let shift = odd ? bit + 1 : bit
      let moved = shift == 0 ? turn : .binary(.shiftRight, turn, .int(shift))
      return .binary(.bitAnd, moved, .int(1 << bit))
    }
    let steps = bits.dropFirst().reduce(bits[0]) { .binary(.bitOr, $0, $1) }
    let distance =
      point.header.step == 1 ? steps : .binary(.multiply, .int(point.header.step), steps)
    return .binary(.add, point.start, distance)
  }
}
