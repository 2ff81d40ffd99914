import DependenceAnalysis
import ExperimentRecords
import KernelModel

/// One place in a loop's body where the loop may be cut in two.
struct LoopCut {
  private let label: LoopLabel
  /// The kernel with the values computed again that both parts need.
  private let kernel: Kernel
  /// Statements of the first part.
  private let count: Int

  /// Nil when one part would do nothing.
  init?(_ label: LoopLabel, at position: Int, in kernel: Kernel, for pass: some Pass)
    throws(Refusal)
  {
    let site = try LoopSite(label, in: kernel, for: pass)
    let statements = site.loop.body.statements
    let isIdle = [statements[..<position], statements[position...]].contains { part in
      part.allSatisfy { if case .declaration = $0.kind { true } else { false } }
    }
    if isIdle { return nil }
    self.label = label
    count = position
    self.kernel = Self.recomputing(site, at: position, in: kernel)
  }

  /// Repeats, behind the cut, the declarations of the first part whose values are the same there.
  private static func recomputing(_ site: LoopSite, at position: Int, in kernel: Kernel) -> Kernel {
    var result = kernel
    let statements = site.loop.body.statements
    var tail = Stmt.block(Array(statements[position...]))
    var repeated: [Stmt] = []
    for (index, statement) in statements[..<position].enumerated().reversed() {
      guard case .declaration(let declarators) = statement.kind else { continue }
      for declarator in declarators.reversed() {
        let variable = declarator.variable
        let isNeeded = tail.mentionedVariables.contains(variable)
        let between = Stmt.block(Array(statements[(index + 1)..<position]))
        guard isNeeded, let value = declarator.initializer,
          isSame(value, after: between, tail, of: variable)
        else { continue }
        var symbol = kernel.function[variable]
        symbol.storage = .introduced
        let copy = VariableID((result.function.symbols.keys.max()?.index ?? -1) + 1)
        guard let renamed = tail.renaming([variable: copy]) else { continue }
        result.function.symbols[copy] = symbol
        repeated.insert(.declare(copy, value), at: 0)
        tail = .block([.declare(copy, value)] + renamed.statements)
      }
    }
    guard !repeated.isEmpty else { return kernel }
    let body = kernel.function.body.replacingLoop(site.label) { statement, loop in
      var copy = loop
      copy.body.kind = .block(Array(statements[..<position]) + tail.statements)
      var whole = statement
      whole.kind = .loop(copy)
      return [whole]
    }
    result.function.body = body ?? kernel.function.body
    return result
  }

  /// Whether an initial value is the same when it is computed behind the statements between, and
  /// its variable keeps it.
  private static func isSame(
    _ value: Expr, after between: Stmt, _ tail: Stmt, of variable: VariableID
  ) -> Bool {
    let stored = between.storedVariables.union(tail.storedVariables)
    return !value.hasEffects && value.mentionedVariables.isDisjoint(with: between.storedVariables)
      && !stored.contains(variable) && !(value.readsMemory && between.storesToMemory)
  }

  /// The kernel with the loop cut in two, and the label of the second loop.
  func split(for pass: some Pass) throws(Refusal) -> (Kernel, LoopLabel) {
    let site = try LoopSite(label, in: kernel, for: pass)
    let statements = site.loop.body.statements
    let (first, second) = (Array(0..<count), Array(count..<statements.count))
    try pass.ask(kernel) { (legality) throws(Obstacle) in
      try legality.distribute(label, into: [first, second])
    }
    var result = kernel
    var labels = LabelSupply(kernel.function.body)
    let secondLabel = labels.next(after: label)
    var header = site.header
    var tail = Stmt.block(Array(statements[count...]))
    if header.declares {
      var symbol = kernel.function[site.variable]
      symbol.storage = .introduced
      header.variable = VariableID((kernel.function.symbols.keys.max()?.index ?? -1) + 1)
      guard let renamed = tail.renaming([site.variable: header.variable]) else {
        throw pass.refusal("opaque text names the iterator of loop '\(label)'")
      }
      result.function.symbols[header.variable] = symbol
      tail = renamed
    } else if header.lower == nil {
      throw pass.refusal("loop '\(label)' has no initial value of its own")
    }
    var head = site.loop
    head.body.kind = .block(Array(statements[..<count]))
    var headStatement = site.statement
    headStatement.kind = .loop(head)
    let tailLoop = Stmt.loop(Loop(label: secondLabel, header: .counted(header), body: tail))
    result = try result.replacingLoop(label, for: pass) { _, _ in [headStatement, tailLoop] }
    result.function.dropUnusedLocals(
      Set((head.body.statements + tail.statements).flatMap(\.namesDeclaredHere)))
    return (result, secondLabel)
  }
}

extension LabelSupply {
  /// The next free label over the same name: `i#2` after `i`, `i.point#2` after `i.point`.
  mutating func next(after label: LoopLabel) -> LoopLabel {
    unique(LoopLabel(String(label.text.prefix { $0 != "#" })))
  }
}
