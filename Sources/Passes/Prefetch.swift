public import ExperimentRecords
public import KernelModel

/// Asks for the elements of an array that a later iteration will access.
///
///     for i < n { S(x[at[i]]) }
///         →   for i < n { if (n - i > 16) __builtin_prefetch(&x[at[i + 16]]); S(x[at[i]]) }
///
/// An address is computed only where the iteration that accesses it takes place, so that it is one that
/// the loop itself computes. Places that move along one line of the cache are asked for once, those that
/// the loop only stores to for storing. Places of the array whose address cannot be computed ahead are not
/// asked for beside those whose can. Later steps see a call: prefetch comes last.
///
/// Legal iff: every iteration takes place: nothing in the loop leaves it, calls what may not return, or
/// may run for ever; the iteration accesses the array under no condition and in no inner loop; and
/// nothing in the loop stores to what the address is computed from.
///
/// Also called: software prefetching.
///
/// Reference: Mowry, Lam & Gupta, "Design and Evaluation of a Compiler Algorithm for Prefetching",
/// ASPLOS 1992; Ainsworth & Jones, "Software Prefetching for Indirect Memory Accesses", CGO 2017.
public struct Prefetch: Pass {
  public static let name = "prefetch"
  public static let parameters = [
    PassParameter("loop", .loop, "the loop"),
    PassParameter("array", .array, "the array whose elements are asked for"),
    PassParameter("ahead", .factor, "how many iterations before they are accessed"),
  ]

  /// Addresses that one iteration asks for at most.
  static let mostPlaces = 8

  public let loop: LoopLabel
  /// The array's name, or the path to it.
  public let array: String
  /// Iterations between asking and access.
  public let distance: Int

  public init(loop: LoopLabel, array: String, ahead distance: Int) {
    self.loop = loop
    self.array = array
    self.distance = distance
  }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    loop = try reader.loop("loop")
    array = try reader.array("array")
    distance = try reader.factor("ahead", atLeast: 1)
    guard distance <= 1 << 16 else {
      throw Refusal(step: step, reason: "argument 'ahead' is more than \(1 << 16)")
    }
  }

  public var step: Step {
    Step(
      Self.name,
      [
        Argument("loop", .label(loop.text)), Argument("array", .label(array)),
        Argument("ahead", .integer(distance)),
      ])
  }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    // What was asked for before has no effects that matter.
    var quiet = kernel
    quiet.function.body = kernel.function.body.withoutPrefetches
    let site = try LoopSite(loop, in: quiet, for: self)
    try requireAllIterations(site)
    let later = LaterIteration(site, by: distance, in: quiet)
    let test = try later.takesPlace(for: self)
    let places = try PrefetchPlaces(array, site, in: quiet, for: self).found
    guard places.count <= Self.mostPlaces else {
      throw refusal("loop '\(loop)' accesses '\(array)' in \(places.count) places")
    }
    let calls = places.map { $0.call(later) }
    return try kernel.replacingLoop(loop, for: self) { statement, loop in
      var copy = loop
      copy.body = loop.body.asking(calls, where: test, kernel)
      var whole = statement
      whole.kind = .loop(copy)
      return [whole]
    }
  }

  /// Refuses when an iteration that the header announces may not take place.
  private func requireAllIterations(_ site: LoopSite) throws(Refusal) {
    try site.requireNoEarlyExit(for: self)
    let mayRunForever = site.loop.body.contains { statement in
      switch statement.kind {
      case .whileLoop, .doLoop: true
      case .loop(let inner): inner.counted == nil
      default: false
      }
    }
    if mayRunForever { throw refusal("a loop in loop '\(loop)' may run for ever") }
    if let trips = site.loop.constantTripCount, trips <= distance {
      throw refusal("loop '\(loop)' has only \(trips) iterations")
    }
  }
}

extension Stmt {
  /// The statement without hints, and without conditions that decide about nothing else.
  fileprivate var withoutPrefetches: Stmt {
    rewritten { statement in
      guard case .block(let statements) = statement.kind else { return statement }
      var copy = statement
      copy.kind = .block(statements.filter { !$0.onlyPrefetches })
      return copy
    }
  }

  private var onlyPrefetches: Bool {
    switch kind {
    case .expression(let expr): expr.isPrefetch
    case .branch(let condition, let then, nil):
      !condition.hasEffects && (then.statements.isEmpty || then.prefetches != nil)
    default: false
    }
  }

  /// The hints that the statement consists of; nil where there is something else.
  private var prefetches: [Stmt]? {
    let own = statements
    return !own.isEmpty && own.allSatisfy(\.onlyPrefetches) ? own : nil
  }

  /// The loop body that begins with the calls, under a condition.
  fileprivate func asking(_ calls: [Expr], where test: Expr, _ kernel: Kernel) -> Stmt {
    // Before C99 declarations come first (C90 §3.6.2).
    let isStrict = !kernel.build.allowsDeclarationsInFor
    let declared = statements.prefix {
      if case .declaration = $0.kind { isStrict } else { false }
    }
    var rest = Array(statements.dropFirst(declared.count))
    var asked = calls.map(Stmt.expression)
    if let first = rest.first, case .branch(let condition, let then, nil) = first.kind,
      condition.key == test.key, let earlier = then.prefetches
    {
      asked = earlier + asked
      rest.removeFirst()
    }
    return .block(declared + [.branch(test, .block(asked))] + rest)
  }
}

extension Expr {
  fileprivate var isPrefetch: Bool {
    if case .call("__builtin_prefetch", let arguments, _) = kind {
      return !arguments.contains(where: \.hasEffects)
    }
    return false
  }
}
