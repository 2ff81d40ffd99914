public import ExperimentRecords
public import KernelModel

/// Replaces multiplications by the iterator in subscripts by additions, and divisions by powers of
/// two by shifts and masks.
///
///     for i { a[i * n + j] = x / 8u; }   →   r = 0; for i { a[r + j] = x >> 3; r += n; }
///
/// A product of the iterator and a value that keeps its value in the loop becomes a running index,
/// of 64 bits for signed products (whose last increment then cannot overflow), of the product's own
/// type for unsigned ones. `x / 2^k` and `x % 2^k` become `x >> k` and `x & (2^k - 1)` where `x` is
/// unsigned or cannot be negative.
///
/// Legal iff: the loop counts with constant steps, the other factor keeps its value in the loop, and
/// control reaches the end of every iteration that another one follows.
///
/// Also called: induction-variable strength reduction.
///
/// Reference: Cooper, Simpson & Vick, "Operator Strength Reduction", TOPLAS 2001; Hacker's Delight,
/// ch. 10.
public struct StrengthReduce: Pass {
  public static let name = "strength_reduce"
  public static let parameters = [
    PassParameter("loop", .loop, "the loop whose iterator is multiplied")
  ]

  /// The loop whose iterator is multiplied.
  public var loop: LoopLabel

  public init(loop: LoopLabel) { self.loop = loop }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    loop = try reader.loop("loop")
  }

  public var step: Step { Step(Self.name, [Argument("loop", .label(loop.text))]) }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    guard let target = kernel.function.body.loop(loop), let header = target.counted,
      let oracle = AliasOracle(kernel, loop: loop)
    else { throw refusal("there is no counted loop '\(loop)'") }
    var function = kernel.function
    var rewriter = RunningIndices(
      oracle: oracle, header: header, function: function,
      wideType: SafeEvaluation.wideType(kernel.build, isSigned: true))
    var body = target.body.reducingDivisions(in: kernel.function, around: loop)
    if !body.continuesIteration {
      body = rewriter.rewrite(body)
      function = rewriter.function
    }
    guard body != target.body else {
      throw refusal(
        target.body.continuesIteration
          ? "'continue' in loop '\(loop)' would skip the step of a running index"
          : "loop '\(loop)' has no product of its iterator in a subscript and no division by a power "
            + "of two")
    }
    let result = function.body.replacingLoop(loop) { statement, target in
      var copy = statement
      var inner = target
      inner.body = .block(body.statements + rewriter.steps)
      copy.kind = .loop(inner)
      return rewriter.starts + [copy]
    }
    if let result { function.body = result }
    var changed = kernel
    changed.function = function
    return changed
  }
}

extension Stmt {
  /// Whether a `continue` of this body's own loop stands in it.
  var continuesIteration: Bool {
    switch kind {
    case .continueLoop: true
    case .loop, .whileLoop, .doLoop: false
    case .opaque(let opaque): opaque.mayJump
    default: children.contains(where: \.continuesIteration)
    }
  }
}
