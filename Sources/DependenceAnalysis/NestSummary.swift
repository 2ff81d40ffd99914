public import KernelModel

/// What search policies and reports need to know of a function's loops: a plain value.
public struct NestSummary: Hashable, Sendable {
  /// Every loop of the function in source order, outer before inner.
  public var loops: [LoopSummary]
  /// Every read and write of memory inside loops, in textual order.
  public var accesses: [AccessSummary]
  /// Pairs of `for` loops that follow each other directly in one block.
  public var adjacentLoops: [(first: LoopLabel, second: LoopLabel)] {
    adjacency.map { ($0[0], $0[1]) }
  }
  var adjacency: [[LoopLabel]]

  /// The loop with this label.
  public func loop(_ label: LoopLabel) -> LoopSummary? { loops.first { $0.label == label } }

  /// Accesses inside the loop.
  public func accesses(in label: LoopLabel) -> [AccessSummary] {
    accesses.filter { $0.loops.contains(label) }
  }
}

/// One loop.
public struct LoopSummary: Hashable, Sendable {
  public var label: LoopLabel
  /// The loop directly around this one; nil outermost.
  public var parent: LoopLabel?
  /// Number of loops around it.
  public var depth: Int
  /// Trip count when bounds and step are constants.
  public var constantTripCount: Int?
  /// Whether the loop has affine bounds known on entry and nothing jumps out of it.
  public var isCounted: Bool
  /// Whether no dependence is carried by the loop.
  public var isParallel: Bool
  /// Facts that would make it parallel; empty when it is, or when none are known to.
  public var missingFacts: [Fact]
  /// Whether the next loop inside is the only statement of the body.
  public var isPerfect: Bool
  /// Whether the body holds a branch on something that the loop does not change.
  public var hasInvariantBranch: Bool
  /// Whether the body is a lone statement, or a loop over one, that accumulates into memory or a
  /// scalar that does not move with the loop.
  public var hasScalarAccumulation: Bool
  /// Operators of the updates that are the only dependences which the loop carries.
  public var reductions: [Reduction]
  /// Number of leaf statements in the body.
  public var statementCount: Int
}

/// One access to memory.
public struct AccessSummary: Hashable, Sendable {
  /// How far the element moves from one iteration of a loop to the next, others held fixed.
  public enum Stride: Hashable, Sendable {
    case zero
    /// A constant number of elements.
    case constant(Int)
    /// A number of elements that depends on sizes: a row or more.
    case symbolic
    /// Not affine in the loop's iterator.
    case unknown
  }
  /// The object as the source names it.
  public var object: String
  public var isWrite: Bool
  /// Size of the element in bytes; 0 when it is not known.
  public var elementBytes: Int
  /// Loops around the access, outermost first.
  public var loops: [LoopLabel]
  /// By loop around the access.
  public var strides: [LoopLabel: Stride]
}

extension Legality {
  /// A summary of all loops; what cannot be analysed is described as such, never left out.
  public func summary() -> NestSummary {
    var summary = NestSummary(loops: [], accesses: [], adjacency: [])
    collect(function.body, [], &summary)
    for child in outermostLoops(function.body) { addAccesses(child, to: &summary) }
    return summary
  }

  private func collect(_ statement: Stmt, _ around: [LoopLabel], _ summary: inout NestSummary) {
    var inner = around
    if let label = statement.loopLabel {
      summary.loops.append(describe(statement, label, around))
      inner.append(label)
    }
    if case .block(let statements) = statement.kind {
      for (first, second) in zip(statements, statements.dropFirst()) {
        if let a = first.asLoop?.label, let b = second.asLoop?.label {
          summary.adjacency.append([a, b])
        }
      }
    }
    for child in statement.children { collect(child, inner, &summary) }
  }

  private func describe(
    _ statement: Stmt, _ label: LoopLabel, _ around: [LoopLabel]
  ) -> LoopSummary {
    let refused: Obstacle?
    do throws(Obstacle) {
      try parallelize(label)
      refused = nil
    } catch {
      refused = error
    }
    let body = statement.asLoop?.body
    return LoopSummary(
      label: label, parent: around.last, depth: around.count,
      constantTripCount: statement.asLoop?.constantTripCount,
      isCounted: statement.asLoop?.counted != nil && body?.leavesLoop == false,
      isParallel: refused == nil, missingFacts: refused?.missingFacts ?? [],
      isPerfect: statement.asLoop?.perfectlyNested != nil,
      hasInvariantBranch: body.map { hasInvariantBranch($0, in: statement) } ?? false,
      hasScalarAccumulation: body.map { accumulates($0, statement.asLoop) } ?? false,
      reductions: carriedReductions(label),
      statementCount: leafCount(statement))
  }

  private func carriedReductions(_ label: LoopLabel) -> [Reduction] {
    do throws(Obstacle) {
      return try reductions(carriedBy: label).compactMap(\.reduction)
    } catch {
      return []
    }
  }

  private func leafCount(_ statement: Stmt) -> Int {
    switch statement.kind {
    case .expression, .declaration, .returnValue, .opaque: 1
    default: statement.children.reduce(0) { $0 + leafCount($1) }
    }
  }

  private func hasInvariantBranch(_ body: Stmt, in loop: Stmt) -> Bool {
    let stored = loop.storedVariables
    return body.contains { inner in
      guard case .branch(let test, _, _) = inner.kind else { return false }
      return !test.hasEffects && !test.readsMemory
        && test.mentionedVariables.isDisjoint(with: stored)
    }
  }

  /// Whether some update in the body, or in a loop of it, has a target that the loop leaves alone.
  private func accumulates(_ body: Stmt, _ loop: Loop?) -> Bool {
    guard let variable = loop?.counted?.variable else { return false }
    return body.contains { inner in
      guard case .expression(let expr) = inner.kind,
        case .assign(let op, let target, let value) = expr.kind
      else { return false }
      let updates = op != nil || value.contains { $0.kind == target.kind }
      return updates && !target.mentionedVariables.contains(variable)
    }
  }

  // MARK: Accesses

  private func outermostLoops(_ statement: Stmt) -> [LoopLabel] {
    if let label = statement.loopLabel { return [label] }
    return statement.children.flatMap(outermostLoops)
  }

  private func addAccesses(_ label: LoopLabel, to summary: inout NestSummary) {
    let found: Region
    do throws(Obstacle) {
      found = try region(around: [label])
    } catch {
      return
    }
    for statement in found.model.statements {
      for access in statement.accesses {
        guard let described = describe(access, statement, in: found) else { continue }
        summary.accesses.append(described)
      }
    }
  }

  private func describe(
    _ access: Access, _ statement: PolyhedralStatement, in region: Region
  ) -> AccessSummary? {
    // Scalars live in registers; they say nothing of memory.
    if case .variable(let variable) = access.location.object,
      function[variable].type.isScalar
    {
      return nil
    }
    let loops = (statement.loops + access.innerLoops).map { region.model.loops[$0] }
    var strides: [LoopLabel: AccessSummary.Stride] = [:]
    for loop in loops { strides[loop.label] = stride(access.location, loop, region) }
    let path = access.location.object.path
    return AccessSummary(
      object: path.map(function.name(of:)) ?? "memory", isWrite: access.isWrite,
      elementBytes: region.byteSize(access.type), loops: loops.map(\.label), strides: strides)
  }

  private func stride(
    _ location: Location, _ loop: LoopInstance, _ region: Region
  ) -> AccessSummary.Stride {
    let atom = Atom.iterator(loop.id)
    let moved = Polynomial(atom) + 1
    var result = AccessSummary.Stride.zero
    for (position, component) in location.components.enumerated() {
      guard case .index(let index, _) = component else { continue }
      guard let index else { return .unknown }
      let difference = index.replacing(atom, with: moved) - index
      if difference == Polynomial() { continue }
      guard !difference.atoms.contains(atom) else { return .unknown }
      // A step in any index but the last skips a row.
      let isLast = !location.components[(position + 1)...].contains {
        if case .index = $0 { true } else { false }
      }
      if isLast, let constant = difference.constant, result == .zero {
        result = .constant(constant)
      } else {
        result = .symbolic
      }
    }
    return result
  }
}

extension Region {
  func byteSize(_ type: CType) -> Int {
    switch type.canonical {
    case .integer(let integer): Swift.max(1, integer.width / 8)
    case .floating(let floating): floating.size
    case .pointer: 8
    case .vector(let element, let lanes): byteSize(element) * lanes
    case .record(let reference): function.records[reference]?.size ?? 0
    default: 0
    }
  }
}
