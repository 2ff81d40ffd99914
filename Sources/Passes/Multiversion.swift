import DependenceAnalysis
public import ExperimentRecords
public import KernelModel

/// Tests before a loop nest what the compiler and later steps would like to know, and keeps the
/// original for when it does not hold.
///
///     for i { S }   →   if (facts) { for i { S } } else { for i.fallback { S } }
///
/// The facts: that memory which the nest stores to does not overlap other memory that it touches,
/// tested on the addresses of the first and last element that the nest reaches; that strides which
/// are multiplied with iterators are not negative; that every loop is entered (so that the extremes
/// exist); and comparisons such as `width <= stride` that dependence analysis asks for. Later steps
/// may rely on the facts inside the first version. With `restrict: yes` its pointers are also copied
/// into `restrict`-qualified ones.
///
/// Legal iff: the tests have no effect and are defined wherever the original is; both versions are
/// the original.
/// Also called: loop versioning, run-time disambiguation.
/// Reference: Nicolau, "Run-Time Disambiguation", IEEE ToC 1989; Alves et al., "Runtime Pointer
/// Disambiguation", OOPSLA 2015.
public struct Multiversion: Pass {
  public static let name = "multiversion"
  public static let parameters = [
    PassParameter("loop", .loop, "the outermost loop of the nest"),
    PassParameter(
      "restrict", .word, isOptional: true, "'yes' copies pointers into restrict-qualified ones"),
  ]

  /// The outermost loop of the nest.
  public var loop: LoopLabel
  /// Whether the first version accesses memory through `restrict`-qualified copies.
  public var restrict: Bool

  public init(loop: LoopLabel, restrict: Bool = false) {
    self.loop = loop
    self.restrict = restrict
  }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    loop = try reader.loop("loop")
    restrict = try reader.word("restrict", of: ["yes"]) != nil
  }

  public var step: Step {
    let label = Argument("loop", .label(loop.text))
    return Step(Self.name, restrict ? [label, Argument("restrict", .word("yes"))] : [label])
  }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    guard let found = kernel.function.body.find({ $0.loopLabel == loop }),
      found.statement.asLoop?.counted != nil
    else { throw refusal("there is no counted loop '\(loop)'") }
    let oracle = AliasOracle(kernel, region: found.statement, facts: found.facts)
    if oracle.walk.touchesVolatile { throw refusal("loop '\(loop)' accesses a volatile object") }
    if oracle.walk.writesAnything {
      throw refusal("a call or opaque statement in loop '\(loop)' may touch any memory")
    }
    let tests = SeparationTests(kernel: kernel, oracle: oracle, region: found.statement)
    var checks: [RuntimeCheck]
    do {
      checks = try tests.checks()
    } catch {
      throw refusal(error.reason)
    }
    for fact in strideFacts(kernel, oracle) {
      guard case .holds(let condition) = fact,
        !checks.contains(where: { $0.condition.key == condition.key })
      else { continue }
      checks.append(RuntimeCheck(condition: condition, fact: fact))
    }
    guard !checks.isEmpty else {
      throw refusal("nothing remains to be tested before loop '\(loop)'")
    }
    return versioned(kernel, checks, tests)
  }

  /// Comparisons that would let dependence analysis tell rows apart.
  private func strideFacts(_ kernel: Kernel, _ oracle: AliasOracle) -> [Fact] {
    let legality = DependenceAnalysis.Legality(kernel)
    var facts: [Fact] = []
    for label in oracle.region.loopLabels {
      do throws(Obstacle) {
        try legality.parallelize(label)
      } catch {
        for fact in error.missingFacts {
          if case .holds(let condition) = fact, !condition.hasEffects,
            condition.mentionedVariables.isDisjoint(with: oracle.region.storedVariables),
            oracle.isInvariant(condition), !facts.contains(fact)
          {
            facts.append(fact)
          }
        }
      }
    }
    return facts
  }

  private func versioned(_ kernel: Kernel, _ checks: [RuntimeCheck], _ tests: SeparationTests)
    -> Kernel
  {
    var function = kernel.function
    let body = function.body.replacingLoop(loop) { statement, _ in
      var fast = [statement]
      if restrict { fast = tests.restricted(statement, in: &function) }
      let fallback = Stmt.block([statement.suffixingLabels("fallback")])
      let both = Versioned(checks: checks, fast: .block(fast), fallback: fallback)
      return [Stmt(.versioned(both))]
    }
    var result = kernel
    if let body { function.body = body }
    result.function = function
    return result
  }
}
