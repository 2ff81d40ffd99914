import ExperimentRecords
import KernelModel

/// Merges copies of a loop body: loops at the same place become one loop, the statements between two
/// loops stand copy by copy.
struct Jam<P: Pass> {
  /// Loops that the dependence analysis took for loops; what it took as one statement stays whole.
  let merged: Set<LoopLabel>
  let pass: P

  /// The merged statements; `lanes` holds the copies, the original first.
  func statements(_ lanes: [[Stmt]]) throws(Refusal) -> [Stmt] {
    var result: [Stmt] = []
    var groupStart = 0
    for (position, statement) in lanes[0].enumerated() {
      guard try isMerged(statement) else { continue }
      result += group(lanes, groupStart..<position)
      result.append(try loop(lanes.map { $0[position] }))
      groupStart = position + 1
    }
    return result + group(lanes, groupStart..<lanes[0].count)
  }

  private func group(_ lanes: [[Stmt]], _ range: Range<Int>) -> [Stmt] {
    lanes.enumerated().flatMap { lane, statements in
      statements[range].filter { lane == 0 || !$0.isTypeAlias }
    }
  }

  private func isMerged(_ statement: Stmt) throws(Refusal) -> Bool {
    if let label = statement.loopLabel { return merged.contains(label) }
    if let inner = statement.loopLabels.first(where: merged.contains) {
      throw pass.refusal("loop '\(inner)' stands inside a condition or block")
    }
    return false
  }

  private func loop(_ copies: [Stmt]) throws(Refusal) -> Stmt {
    let site = try LoopSite(copies[0], for: pass)
    try site.requireNoEarlyExit(for: pass)
    try site.requireStableStart(for: pass)
    var bodies: [[Stmt]] = []
    for copy in copies {
      let other = try LoopSite(copy, for: pass)
      var header = other.header
      header.variable = site.variable
      guard header == site.header,
        let body = other.loop.body.renaming([other.variable: site.variable]),
        let statements = ContinueElimination.statements(body)
      else {
        throw pass.refusal("the copies of loop '\(site.label)' run over different iterations")
      }
      bodies.append(statements)
    }
    var result = site.statement
    var loop = site.loop
    loop.body = .block(try statements(bodies))
    result.kind = .loop(loop)
    return result
  }
}

extension Jam {
  /// Variables whose declarations come to stand in one block with those of the other copies.
  static func sharedDeclarations(_ statements: [Stmt], merged: Set<LoopLabel>) -> Set<VariableID> {
    var result: Set<VariableID> = []
    for statement in statements {
      switch statement.kind {
      case .declaration(let declarators): result.formUnion(declarators.map(\.variable))
      case .loop(let loop) where merged.contains(loop.label):
        result.formUnion(sharedDeclarations(loop.body.statements, merged: merged))
      default: break
      }
    }
    return result
  }
}
