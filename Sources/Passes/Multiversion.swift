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
///
/// Also called: loop versioning, run-time disambiguation.
///
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
    guard let found = kernel.function.body.find({ $0.loopLabel == loop }) else {
      throw refusal("there is no loop '\(loop)'")
    }
    // Inside the first version bounds keep their value, if the facts say so.
    let (region, bounds) = found.statement.assumingBounds(in: kernel.function)
    guard region.asLoop?.counted != nil else {
      throw refusal("the trip count of loop '\(loop)' is not known on entry")
    }
    let oracle = AliasOracle(kernel, region: region, facts: found.facts)
    if oracle.walk.touchesVolatile { throw refusal("loop '\(loop)' accesses a volatile object") }
    if oracle.walk.writesAnything {
      throw refusal("a call or opaque statement in loop '\(loop)' may touch any memory")
    }
    let tests = SeparationTests(kernel: kernel, oracle: oracle, region: region)
    var checks: [RuntimeCheck]
    do {
      checks = try tests.checks()
    } catch {
      throw refusal(error.reason)
    }
    let informed = AliasOracle(kernel, region: region, facts: found.facts + checks.map(\.fact))
    guard bounds.allSatisfy(informed.isInvariant) else {
      throw refusal("the bounds in loop '\(loop)' may change while it runs")
    }
    for fact in strideFacts(kernel, informed, checks) {
      guard case .holds(let condition) = fact,
        !checks.contains(where: { $0.condition.key == condition.key })
      else { continue }
      checks.append(RuntimeCheck(condition: condition, fact: fact))
    }
    guard !checks.isEmpty else {
      throw refusal("nothing remains to be tested before loop '\(loop)'")
    }
    return try versioned(kernel, region, checks, tests)
  }

  /// Comparisons that would let dependence analysis tell rows apart, given the checks.
  private func strideFacts(_ kernel: Kernel, _ oracle: AliasOracle, _ checks: [RuntimeCheck])
    -> [Fact]
  {
    var facts = rowFacts(kernel, oracle)
    let checks =
      checks
      + facts.map { fact in
        if case .holds(let condition) = fact {
          RuntimeCheck(condition: condition, fact: fact)
        } else {
          checks[0]
        }
      }
    let trial = checks.isEmpty ? kernel : self.trial(kernel, oracle.region, checks)
    let legality = Legality(trial)
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

  /// Comparisons that keep the iterations of a loop within rows.
  private func rowFacts(_ kernel: Kernel, _ oracle: AliasOracle) -> [Fact] {
    var facts: [Fact] = []
    for label in oracle.region.loopLabels {
      guard let loop = oracle.region.loop(label), let header = loop.counted else { continue }
      let test = LaneIndependence(oracle: oracle, loop: loop, iterator: header.variable)
      for condition in test.missingComparisons()
      where condition.mentionedVariables.isDisjoint(with: oracle.region.storedVariables)
        && oracle.isInvariant(condition)
      {
        facts.append(.holds(condition))
      }
    }
    return facts
  }

  /// The kernel as it would be with these checks, to ask what else is missing.
  private func trial(_ kernel: Kernel, _ region: Stmt, _ checks: [RuntimeCheck]) -> Kernel {
    let both = Versioned(checks: checks, fast: region, fallback: .block([]))
    var result = kernel
    result.function.body = kernel.function.body.replacingStatement(
      loop, with: Stmt(.versioned(both)))
    return result
  }

  private func versioned(
    _ kernel: Kernel, _ region: Stmt, _ checks: [RuntimeCheck], _ tests: SeparationTests
  ) throws(Refusal) -> Kernel {
    let original = kernel.function.body.find { $0.loopLabel == loop }?.statement ?? region
    // Later steps see a scalar that serves each iteration anew as the loop's own only where nothing else
    // mentions it, and the fall-back would.
    let own = region.loopLabels.reduce(kernel) { PrivateScalars.localized(in: $1, of: $0) }
    let region =
      region == original
      ? own.function.body.find { $0.loopLabel == loop }?.statement ?? region : region
    var copier = StatementCopier(own.function)
    guard let fallback = copier.copy(original, suffix: "fallback") else {
      throw refusal("loop '\(loop)' cannot be copied")
    }
    var result = kernel
    result.function = copier.function
    var fast = [region]
    if restrict { fast = tests.restricted(region, in: &result.function) }
    let both = Stmt(
      .versioned(Versioned(checks: checks, fast: .block(fast), fallback: .block([fallback]))))
    result.function.body = kernel.function.body.replacingStatement(loop, with: both)
    return result
  }
}

extension Stmt {
  /// The statement with the loop of this label, of whatever kind, replaced.
  func replacingStatement(_ label: LoopLabel, with other: Stmt) -> Stmt {
    loopLabel == label ? other : mapChildren { $0.replacingStatement(label, with: other) }
  }
}
