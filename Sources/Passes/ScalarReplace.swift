public import ExperimentRecords
public import KernelModel

/// Keeps array elements that a loop does not move on from in scalars.
///
///     for k { c[i][j] += a[i][k] * b[k][j]; }
///       →
///     if (0 < n) { t = c[i][j]; for k { t += a[i][k] * b[k][j]; } c[i][j] = t; }
///
/// Every element (or pointee, or member) whose address is the same in all iterations and whose
/// storage nothing else in the loop touches is loaded once before the loop and stored once after it.
/// The guard, the loop's own first test, is left out where the element is read and stored beside the
/// loop anyway or the loop is known to run.
///
/// Legal iff: for each replaced element, no other access in the loop may overlap it when either
/// writes; it is read (when its old value is needed) and stored (when it is stored at all) in every
/// first iteration, so that no byte is read or stored that the original does not; and control does
/// not leave the loop by `return` or `goto` between a store and the end.
///
/// Also called: register promotion, accumulator scalarisation, load/store motion.
///
/// Reference: Callahan, Carr & Kennedy, "Improving Register Allocation for Subscripted Variables",
/// PLDI 1990; Allen & Kennedy, ch. 8.
public struct ScalarReplace: Pass {
  public static let name = "scalar_replace"
  public static let parameters = [
    PassParameter("loop", .loop, "the loop that the elements do not move with")
  ]

  /// The loop that the elements do not move with.
  public var loop: LoopLabel

  public init(loop: LoopLabel) { self.loop = loop }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    loop = try reader.loop("loop")
  }

  public var step: Step { Step(Self.name, [Argument("loop", .label(loop.text))]) }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    var function = kernel.function
    guard let target = function.body.loop(loop), let header = target.counted,
      let oracle = AliasOracle(kernel, loop: loop)
    else { throw refusal("there is no counted loop '\(loop)'") }
    let analysis = ElementAnalysis(oracle: oracle, loop: target, header: header)
    let elements = try chosenElements(analysis, kernel)
    let leavesIterator = !header.declares && function.isIteratorLive(outside: loop)
    let body = function.body
    let known = function.knownConditions(at: loop)
    let rewritten = try body.replacingLoop(loop) { (statement, target) throws(Refusal) in
      let siblings = body.siblings(of: loop)
      let rewriter = ElementRewriter(
        elements: elements, siblings: siblings, known: known, keepsIterator: leavesIterator,
        facts: { BoundFacts(at: $0, inside: false, of: kernel) })
      guard let result = rewriter.rewrite(statement, target, header, in: &function) else {
        throw refusal("loop '\(loop)' never runs")
      }
      return result
    }
    var result = kernel
    function.body = rewritten ?? body
    result.function = function
    return result
  }

  private func chosenElements(_ analysis: ElementAnalysis, _ kernel: Kernel) throws(Refusal)
    -> [ScalarElement]
  {
    let printer = CPrinter(function: kernel.function, source: kernel.source)
    var firstObstacle: String?
    var elements: [ScalarElement] = []
    for candidate in analysis.candidates {
      switch analysis.judge(candidate, printer) {
      case .success(let element): elements.append(element)
      case .failure(let obstacle): firstObstacle = firstObstacle ?? obstacle.reason
      }
    }
    guard !elements.isEmpty else {
      throw refusal(
        firstObstacle ?? "no element keeps its address in all iterations of loop '\(loop)'")
    }
    return elements
  }
}
