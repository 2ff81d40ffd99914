public import ExperimentRecords
public import KernelModel

/// Makes several iterations of a loop one after the other in one iteration.
///
///     for i < n { S(i) }
///         →   for i < n - n % 4 step 4 { S(i); S(i + 1); S(i + 2); S(i + 3) }
///             for i from n - n % 4 ..< n { S(i) }
///
/// The second loop, `i.rest`, makes the iterations that are left over. Without `by`, a loop of few
/// constant iterations is written out in full.
///
/// Legal iff: no iteration leaves the loop by `break`; the order of all work stays the same.
///
/// Also called: loop unwinding, full unrolling (without `by`).
///
/// Reference: Muchnick, Advanced Compiler Design and Implementation, ch. 17.4.3.
public struct Unroll: Pass {
  public static let name = "unroll"
  public static let parameters = [
    PassParameter("loop", .loop, "the loop"),
    PassParameter("by", .factor, isOptional: true, "iterations in one; all of them when absent"),
  ]

  /// The most iterations that are written out in full.
  static let mostFullIterations = 64

  public let loop: LoopLabel
  /// Iterations in one; nil writes out all of them.
  public let factor: Int?

  public init(loop: LoopLabel, by factor: Int? = nil) {
    self.loop = loop
    self.factor = factor
  }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    loop = try reader.loop("loop")
    factor = step["by"] == nil ? nil : try reader.factor("by")
  }

  public var step: Step {
    let label = Argument("loop", .label(loop.text))
    return Step(Self.name, factor.map { [label, Argument("by", .integer($0))] } ?? [label])
  }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    let site = try LoopSite(loop, in: kernel, for: self)
    let statements = try site.repeatableStatements(for: self)
    var copier = StatementCopier(kernel.function)
    let replacement: [Stmt]
    if let factor {
      replacement = try unrolled(site, statements, by: factor, in: kernel, &copier)
    } else {
      replacement = try writtenOut(site, statements, in: kernel, &copier)
    }
    var result = kernel
    result.function = copier.function
    result = try result.replacingLoop(loop, for: self) { _, _ in replacement }
    result.function.dropUnusedLocals([site.variable])
    return result
  }

  private func unrolled(
    _ site: LoopSite, _ statements: [Stmt], by factor: Int, in kernel: Kernel,
    _ copier: inout StatementCopier
  ) throws(Refusal) -> [Stmt] {
    let range = try UnrolledRange(site, by: factor, in: kernel, &copier.function, for: self)
    let iterator = kernel.function.reference(site.variable)
    var body = statements
    for lane in 1..<factor {
      let value = iterator.advanced(lane * site.header.step)
      body += try copier.iteration(of: statements, site, at: value, for: self)
    }
    var main = site.statement
    main.kind = .loop(Loop(label: loop, header: .counted(range.main), body: .block(body)))
    guard let rest = range.rest else { return range.prelude + [main] }
    let remainder = Loop(label: loop, header: .counted(rest), body: site.loop.body)
    return range.prelude + [main, try copier.rest(remainder, for: self)]
  }

  private func writtenOut(
    _ site: LoopSite, _ statements: [Stmt], in kernel: Kernel, _ copier: inout StatementCopier
  ) throws(Refusal) -> [Stmt] {
    guard let trips = site.loop.constantTripCount, let start = site.header.lower?.constantValue
    else {
      throw refusal("the trip count of loop '\(loop)' is not constant; give a factor")
    }
    guard trips <= Self.mostFullIterations else {
      throw refusal("loop '\(loop)' has \(trips) iterations; give a factor")
    }
    let type = kernel.function[site.variable].type.arithmeticType
    var result: [Stmt] = []
    for lane in 0..<trips {
      let value = Expr.integer(start + lane * site.header.step, type: type)
      result += try copier.iteration(
        of: statements, site, at: value, keepsComments: lane == 0, for: self)
    }
    if kernel.function.isIteratorLive(outside: loop) {
      let last = Expr.integer(start + trips * site.header.step, type: type)
      result.append(.expression(.assign(kernel.function.reference(site.variable), last)))
    }
    return result
  }
}

extension LoopSite {
  /// The body's statements, which may be made several times in a row; refuses where one of them
  /// leaves the loop by `break`.
  func repeatableStatements(for pass: some Pass) throws(Refusal) -> [Stmt] {
    guard !loop.body.jumpsBehindLoop else {
      throw pass.refusal("loop '\(label)' can be left by a 'break' or an unknown jump")
    }
    guard let statements = ContinueElimination.statements(loop.body) else {
      throw pass.refusal("a 'continue' in loop '\(label)' cannot be written without a jump")
    }
    return statements
  }
}

extension StatementCopier {
  /// The statements with the iterator replaced by a value. What they declare gets new names, for all
  /// copies stand in one block; where opaque text stands against that, the copy is a block of its own.
  mutating func iteration(
    of statements: [Stmt], _ site: LoopSite, at value: Expr, keepsComments: Bool = false,
    for pass: some Pass
  ) throws(Refusal) -> [Stmt] {
    let shared = Set(
      statements.flatMap { statement -> [VariableID] in
        guard case .declaration(let declarators) = statement.kind else { return [] }
        return declarators.map(\.variable)
      })
    let body = Stmt.block(statements.filter { !$0.isTypeAlias || keepsComments })
    let copied =
      copy(body, sharing: shared, suffix: "copy", keepsComments: keepsComments)
      .map { ($0, isOwnBlock: false) }
      ?? copy(body, suffix: "copy").map { ($0, isOwnBlock: true) }
    guard let (copied, isOwnBlock) = copied,
      let result = copied.replacing(site.variable, with: value, in: function)
    else {
      throw pass.refusal("loop '\(site.label)' contains text that cannot be copied")
    }
    return isOwnBlock ? [result] : result.statements
  }

  /// The loop that makes the remaining iterations, under a label of its own.
  mutating func rest(_ loop: Loop, for pass: some Pass) throws(Refusal) -> Stmt {
    guard let copy = copy(.loop(loop), suffix: "rest") else {
      throw pass.refusal("loop '\(loop.label)' contains text that cannot be copied")
    }
    return copy
  }
}

extension Stmt {
  /// Whether control may go on behind the loop whose body this is before its last iteration.
  var jumpsBehindLoop: Bool {
    switch kind {
    case .breakLoop: true
    case .opaque(let opaque): opaque.mayJump
    case .loop, .whileLoop, .doLoop, .switchOn: contains { $0.isOpaqueJump }
    default: children.contains(where: \.jumpsBehindLoop)
    }
  }

  var isOpaqueJump: Bool {
    if case .opaque(let opaque) = kind { opaque.mayJump } else { false }
  }

  var isTypeAlias: Bool { if case .typeAlias = kind { true } else { false } }
}

extension Expr {
  /// `i + 2`, `i - 2`, or `i` itself.
  func advanced(_ distance: Int) -> Expr {
    if distance == 0 { return self }
    return .binary(distance < 0 ? .subtract : .add, self, .int(abs(distance)))
  }
}
