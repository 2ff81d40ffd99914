public import ExperimentRecords

/// Finds the first of a row of things for which a check fails, when all later ones fail too.
public struct Bisection<Element> {
  /// What a check says.
  public enum Answer: Hashable, Sendable {
    case passes, fails
    /// It cannot be told of this one.
    case untestable
  }

  /// What was found.
  public enum Finding {
    /// The last that passes and the first that fails, with those between them of which it cannot be told.
    case between(Element, Element, untestable: [Element])
    /// The check fails for the first of the row already.
    case failsAtOnce
    /// The check passes for the last of the row.
    case passesThroughout
    /// Of the first or the last of the row it cannot be told.
    case endIsUntestable(Element)
  }

  private let row: [Element]

  /// Searches `row`, which has two elements at least.
  public init(_ row: [Element]) {
    precondition(row.count > 1, "nothing lies between")
    self.row = row
  }

  /// Asks `check` about both ends and then of about log2 of the others.
  public func find(_ check: (Element) throws -> Answer) rethrows -> Finding {
    var (low, high) = (0, row.count - 1)
    switch try check(row[low]) {
    case .passes: break
    case .fails: return .failsAtOnce
    case .untestable: return .endIsUntestable(row[low])
    }
    switch try check(row[high]) {
    case .fails: break
    case .passes: return .passesThroughout
    case .untestable: return .endIsUntestable(row[high])
    }
    var dark: Set<Int> = []
    while let middle = Self.nearest(to: (low + high) / 2, in: (low + 1)..<high, without: dark) {
      switch try check(row[middle]) {
      case .passes: low = middle
      case .fails: high = middle
      case .untestable: dark.insert(middle)
      }
    }
    let between = ((low + 1)..<high).map { row[$0] }
    return .between(row[low], row[high], untestable: between)
  }

  private static func nearest(to middle: Int, in range: Range<Int>, without dark: Set<Int>) -> Int?
  {
    range.filter { !dark.contains($0) }.min { abs($0 - middle) < abs($1 - middle) }
  }
}

/// A text that a source file had, or would have had with a winner.
public struct SourceText: Hashable, Sendable {
  /// The entry that gave it.
  public var entry: Digest
  /// The kind of that entry.
  public var kind: String
  /// The text.
  public var digest: Digest
}

extension Lineage {
  /// The texts of the file of `kernel`, oldest first: as it was read, with each winner of the kernel, and as
  /// applications and reversals left it. None follows itself.
  public func texts(of kernel: KernelName) -> [SourceText] {
    var texts: [SourceText] = []
    for stored in entries {
      let digest: Digest
      switch stored.entry.content {
      case .baseline(let baseline) where baseline.kernel == kernel: digest = baseline.source
      case .winner(let winner) where winner.kernel == kernel: digest = winner.newSource
      case .applied(let applied) where applied.kernel.file == kernel.file: digest = applied.after
      case .reverted(let reverted) where reverted.kernel.file == kernel.file:
        digest = reverted.after
      default: continue
      }
      guard texts.last?.digest != digest else { continue }
      texts.append(
        SourceText(entry: stored.id, kind: stored.entry.content.kind, digest: digest))
    }
    return texts
  }
}
