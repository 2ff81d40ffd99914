/// A table for terminals that keeps within a width.
struct Table {
  /// A column.
  struct Column {
    var title: String
    var isRightAligned = false
    /// Whether the beginning goes when a cell is too long, because its end says more.
    var losesStart = false
    /// The width to which the column may shrink; `nil` when it must not.
    var least: Int?
  }

  /// The cells of a row. A row may have fewer cells than there are columns: then the last but one
  /// cell spans what is missing, so that the last column stays where it is.
  struct Row {
    var cells: [String]
    var spans = false
    var emphasis: @Sendable (Int, String) -> String = { $1 }
  }

  var columns: [Column]
  var rows: [Row] = []

  private let gap = "  "

  /// The lines of the table, each at most `width` characters long, without trailing space.
  func lines(width: Int, style: Style) -> [String] {
    let widths = widths(width)
    let titles = Row(cells: columns.map(\.title), emphasis: { style.bold($1) })
    return ([titles] + rows).map { line($0, widths) }
  }

  private func line(_ row: Row, _ widths: [Int]) -> String {
    var cells = row.cells
    var widths = widths
    var columns = columns
    if row.spans, cells.count < widths.count, cells.count >= 2 {
      // The last but one cell takes the room of the columns that the row lacks.
      let first = cells.count - 2
      let missing = widths.count - cells.count
      let room = widths[first...(first + missing)].reduce(gap.count * missing, +)
      widths.replaceSubrange(first...(first + missing), with: [room])
      columns.removeSubrange((first + 1)...(first + missing))
      columns[first].isRightAligned = false
      columns[first].losesStart = false
    }
    cells = zip(cells, widths).enumerated().map { index, pair in
      let shorten = columns[index].losesStart ? truncatedAtStart : truncated
      let text = shorten(pair.0, pair.1)
      let space = String(repeating: " ", count: pair.1 - text.count)
      let shown = row.emphasis(index, text)
      if columns[index].isRightAligned { return space + shown }
      return index == columns.count - 1 ? shown : shown + space
    }
    return trimmed(cells.joined(separator: gap))
  }

  private func widths(_ limit: Int) -> [Int] {
    var widths = columns.indices.map { index in
      let cells = rows.filter { !$0.spans || index + 2 < $0.cells.count }.compactMap {
        index < $0.cells.count ? $0.cells[index].count : nil
      }
      let lasts = index == columns.count - 1 ? rows.compactMap(\.cells.last?.count) : []
      return max(columns[index].title.count, cells.max() ?? 0, lasts.max() ?? 0)
    }
    for row in rows where row.spans && row.cells.count >= 2 && row.cells.count < widths.count {
      let first = row.cells.count - 2
      let last = first + widths.count - row.cells.count
      let room = widths[first...last].reduce(gap.count * (last - first), +)
      widths[last] += max(0, row.cells[first].count - room)
    }
    func excess() -> Int {
      widths.reduce(gap.count * (widths.count - 1), +) - limit
    }
    // The widest of the columns that may shrink gives one character at a time.
    while excess() > 0 {
      let candidates = columns.indices.filter { widths[$0] > columns[$0].least ?? .max }
      guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
      widths[widest] -= 1
    }
    return widths
  }
}

private func trimmed(_ line: String) -> String {
  var line = line
  while line.last == " " { line.removeLast() }
  return line
}
