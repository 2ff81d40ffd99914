import ExperimentRecords

/// Plans for tables over intervals, as in `t[i][j] = max(t[i][j], t[i][k] + t[k + 1][j])` for all k between i
/// and j: rows and columns are cut into blocks, and what lies between the rows and the columns of a block,
/// which is a product of matrices over (max, +), is set apart from the little that the block needs of
/// itself.
///
/// Source: Galil & Park, "Parallel algorithms for dynamic programming recurrences with more than O(1)
/// dependency", 1994; Li, Ranka & Sahni, "Multicore and GPU algorithms for Nussinov RNA folding", 2014.
struct IntervalPlans {
  /// Bytes of a vector register.
  var vectorBytes: Int

  func plans(for split: LoopShape, in shape: KernelShape) -> [Plan] {
    guard isOverSplits(split, in: shape),
      let column = split.parent.flatMap({ shape.loop($0) }), column.isCounted,
      let row = column.parent.flatMap({ shape.loop($0) }), row.isCounted,
      split.followed == [row.label, column.label], column.followed == [row.label]
    else { return [] }
    let lanes = max(2, vectorBytes / shape.laneBytes(in: split.label))
    return [(8, lanes), (4, lanes), (8, 2 * lanes)].enumerated().map { rank, block in
      let (rows, columns) = block
      return Plan(
        name: "blocks of intervals", prior: 0.95 - 0.03 * Double(rank),
        parts: Self.blocks(row.label, column.label, split.label, rows, columns, lanes: lanes),
        isWhole: true)
    } + [
      Plan(
        name: "columns of intervals", prior: 0.8,
        parts: Self.columns(column.label, split.label, lanes))
    ]
  }

  /// Whether one place is updated from a row and a column.
  private func isOverSplits(_ loop: LoopShape, in shape: KernelShape) -> Bool {
    guard loop.isCounted, !loop.isVectorized, shape.isInnermost(loop.label) else { return false }
    let accesses = shape.accesses(in: loop.label)
    let writes = accesses.filter(\.isWrite)
    guard writes.allSatisfy({ $0.strides[loop.label] == .zero }) else { return false }
    let objects = Set(writes.map(\.object))
    let reads = accesses.filter { !$0.isWrite && objects.contains($0.object) }
    return reads.contains { $0.strides[loop.label] == .unit }
      && reads.contains { $0.strides[loop.label] == .row }
  }

  /// Blocks of rows and columns.
  private static func blocks(
    _ row: String, _ column: String, _ split: String, _ rows: Int, _ columns: Int, lanes: Int
  ) -> [Plan.Part] {
    let (right, far) = ("\(column).after", "\(split).after.after")
    return [
      .step(.tile(row, by: rows)),
      .required { shape in
        shape.loop("\(row).tile")?.iterator.map { .split(column, at: $0, plus: 1) }
      },
      .step(.onLoop("distribute", "\(row).point")),
      .step(.tile(right, by: columns)),
      .required { shape in
        shape.loop("\(right).tile")?.parent.map {
          Step("interchange", [Argument("outer", .label($0))])
        }
      },
      .required { shape in
        shape.loop("\(row).tile")?.iterator.map { .split("\(split).after", at: $0, plus: 1) }
      },
      .required { shape in
        shape.loop("\(right).tile")?.iterator.map { .split(far, at: $0) }
      },
      .required { shape in
        shape.loop("\(right).point")?.parent.map { .setApart(far, from: $0) }
      },
      .required { shape in
        shape.loop("\(right).point.apart")?.parent.map { .onLoop("unroll_jam", $0, by: rows) }
      },
      .step(.vectorize("\(right).point.apart", width: lanes)),
    ]
  }

  /// Blocks of columns in one row.
  private static func columns(_ column: String, _ split: String, _ lanes: Int) -> [Plan.Part] {
    [
      .step(.tile(column, by: lanes)),
      .required { shape in
        shape.loop("\(column).tile")?.iterator.map { .split(split, at: $0) }
      },
      .step(.setApart(split, from: "\(column).point")),
      .step(.vectorize("\(column).point.apart", width: lanes)),
    ]
  }
}
