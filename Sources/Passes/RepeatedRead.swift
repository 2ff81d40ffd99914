import ExperimentRecords
import KernelModel

/// A read of an array in a loop that could be made before the loop: the same elements hold the same
/// values then, as far as stores allow.
struct RepeatedRead {
  /// The lvalue as the loop writes it.
  let lvalue: Expr
  /// The statement of the loop.
  let statement: Stmt
  /// Loops inside, the loop itself among them, that the element depends on, outermost first.
  let dimensions: [LoopLabel]
  /// Stores in the loop to the object that is read, whatever their subscripts.
  let storesToSameObject: [Expr]
  /// All loops from the loop itself to the read, outermost first.
  private let within: [LoopSite]

  /// Finds the only read of the array along these loops, or refuses.
  init(
    of array: String, in label: LoopLabel, along order: [LoopLabel]?, of kernel: Kernel,
    for pass: some Pass
  ) throws(Refusal) {
    let site = try LoopSite(label, in: kernel, for: pass)
    guard let oracle = AliasOracle(kernel, loop: label) else {
      throw pass.refusal("there is no loop '\(label)'")
    }
    let search = ReadSearch(kernel: kernel, oracle: oracle, site: site, pass: pass)
    try search.requireModelled()
    let candidates = try search.reads(of: array)
    var chosen = try candidates.map { (access) throws(Refusal) in
      (access, try search.dimensions(of: access))
    }
    if let order { chosen = chosen.filter { Set($0.1.map(\.label)) == Set(order) } }
    let keys = Set(chosen.map(\.0.lvalue.key))
    guard let (first, loops) = chosen.first else {
      let found = try candidates.first.map { (access) throws(Refusal) in
        try search.dimensions(of: access).map(\.label.text).joined(separator: ", ")
      }
      throw pass.refusal("the elements of '\(array)' follow other loops: \(found ?? "")")
    }
    guard keys.count == 1 else {
      let other = chosen.first { $0.0.lvalue.key != first.lvalue.key }?.0.lvalue ?? first.lvalue
      throw pass.refusal(
        "loop '\(label)' reads both '\(search.text(first.lvalue))' and '\(search.text(other))'; "
          + "'order' tells reads along different loops apart")
    }
    guard let access = chosen.map(\.0).first(where: \.isUnconditional) else {
      throw pass.refusal("'\(search.text(first.lvalue))' is read only under a condition")
    }
    guard chosen.allSatisfy({ $0.1.map(\.label) == loops.map(\.label) }) else {
      throw pass.refusal("'\(search.text(first.lvalue))' is read in several loops of one name")
    }
    lvalue = access.lvalue
    statement = site.statement
    dimensions = loops.map(\.label)
    within = try search.loops(around: access)
    try search.requireAffine(lvalue, along: loops)
    try search.requireSteadyRanges(within)
    storesToSameObject = oracle.walk.writes.map(\.lvalue).filter {
      oracle.mayShareObject($0, access.lvalue)
    }
  }

  /// The loops that visit every element read, around a statement. Loops that the element does not
  /// depend on become tests that they are entered, where that is not known.
  func nest(
    around body: Stmt, _ kernel: Kernel, _ copier: inout StatementCopier, for pass: some Pass
  ) throws(Refusal) -> Stmt {
    var result = body
    let within = orderOfCopy
    for (depth, site) in within.enumerated().reversed() {
      if dimensions.contains(site.label) {
        result = try Stmt.block([loop(site, around: result, &copier)])
        continue
      }
      guard case .when(let entry) = site.header.entry(in: kernel.function) else { continue }
      let facts = BoundFacts(at: site.label, inside: false, of: kernel)
      if site.isEntered(in: kernel.function, facts, for: pass) { continue }
      let others = within[..<depth].filter { !dimensions.contains($0.label) }
      guard others.allSatisfy({ !entry.mentionedVariables.contains($0.variable) }) else {
        throw pass.refusal(
          "whether loop '\(site.label)' runs follows a loop that the element does not")
      }
      result = .block([.branch(entry, result)])
    }
    guard let whole = copier.copy(result.statements[0], suffix: "pack") else {
      throw pass.refusal("loop '\(within[0].label)' cannot be copied")
    }
    return whole
  }

  /// The loops as they stand, but for one along which elements lie side by side: it runs innermost where
  /// no other loop's range follows it.
  private var orderOfCopy: [LoopSite] {
    guard let index = lvalue.lastSubscript else { return within }
    let form = LinearForm(index, facts: .ignoringWrapping)
    guard
      let position = within.lastIndex(where: { site in
        dimensions.contains(site.label) && site.header.step == 1
          && form.coefficient(of: site.variable) == 1 && form.isLinear(in: site.variable)
      })
    else { return within }
    let site = within[position]
    let later = within[(position + 1)...]
    let follows = later.contains {
      let bounds = [$0.header.lower, $0.header.bound].compactMap(\.self)
      return bounds.contains { $0.mentionedVariables.contains(site.variable) }
    }
    return follows ? within : within[..<position] + later + [site]
  }

  /// A loop that declares its iterator.
  private func loop(_ site: LoopSite, around body: Stmt, _ copier: inout StatementCopier)
    throws(Refusal) -> Stmt
  {
    var header = site.header
    var body = body
    if !header.declares {
      let symbol = copier.function[site.variable]
      let own = copier.function.introduce(symbol.name, type: symbol.type.unqualified)
      header.variable = own
      header.declares = true
      body = body.renaming([site.variable: own]) ?? body
    }
    return .loop(Loop(label: site.label, header: .counted(header), body: body))
  }

  /// The loops that fill the scratch.
  func copy(
    into scratch: Scratch, _ kernel: Kernel, _ copier: inout StatementCopier, for pass: some Pass
  ) throws(Refusal) -> Stmt {
    let element = scratch.element(copier.function)
    return try nest(around: .expression(.assign(element, lvalue)), kernel, &copier, for: pass)
  }

  /// The statement with the reads replaced.
  func replaced(in body: Stmt, by element: Expr) -> Stmt {
    let key = lvalue.key
    return body.replacingTopDown { $0.key == key ? element : nil }
  }
}

extension Expr {
  fileprivate var lastSubscript: Expr? {
    guard case .subscriptOf(_, let index) = kind else { return nil }
    return index
  }
}

extension LoopSite {
  /// Whether a first iteration is known to take place; only upward loops are looked at.
  func isEntered(in function: Function, _ facts: BoundFacts, for pass: some Pass) -> Bool {
    do throws(Refusal) {
      let lowers = try lower(for: pass).maximumOperands
      let uppers = try exclusiveUpper(in: function, facts: facts, for: pass).minimumOperands
      return uppers.allSatisfy { upper in
        lowers.allSatisfy { lower in
          facts.prove(LinearForm(upper, facts: facts) - LinearForm(lower, facts: facts) + -1)
        }
      }
    } catch {
      return false
    }
  }
}
