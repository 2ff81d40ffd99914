import ExperimentRecords

/// Plans for loops over the columns left of a diagonal, as factorisations have them: rows are cut into
/// blocks, columns at the first row of the block, and the rows of a block are made side by side where they
/// do not need each other.
///
/// Source: Golub & Van Loan, "Matrix Computations", 4th ed., §3.2.11 and §4.2.9 (block algorithms).
struct TrianglePlans {
  /// Bytes of a vector register.
  var vectorBytes: Int

  private static let rows = [8, 4, 16]

  func plans(for column: LoopShape, in shape: KernelShape) -> [Plan] {
    guard column.isCounted, !column.isVectorized, column.followed.count == 1,
      let row = column.followed.first.flatMap({ shape.loop($0) }), row.isCounted,
      column.parent == row.label
    else { return [] }
    let inner = shape.children(of: column.label).last ?? column
    guard shape.isInnermost(inner.label) else { return [] }
    let lanes = max(2, vectorBytes / shape.laneBytes(in: column.label))
    return Self.rows.enumerated().map { rank, count in
      let scalars = Plan.Part.optional { _ in .onLoop("scalar_replace", inner.label) }
      return Plan(
        name: "rows of a triangle", prior: 0.85 - 0.05 * Double(rank),
        parts: [
          .required { _ in .tile(row.label, by: count) },
          .required { shape in
            shape.loop("\(row.label).tile")?.iterator.map { .split(column.label, at: $0) }
          },
          .required { _ in .onLoop("distribute", "\(row.label).point") },
          // Statements before the columns may have taken the first part of the rows.
          .required { shape in
            shape.loop(column.label)?.parent.map { .onLoop("unroll_jam", $0, by: count) }
          },
          scalars,
          // Where the columns do not need each other either.
          .optional { shape in
            shape.isInnermost(column.label) ? nil : .vectorize(column.label, width: lanes)
          },
        ])
    }
  }
}
