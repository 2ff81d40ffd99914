public import ExperimentRecords
public import KernelModel

/// Brings all loops into the normal form, so that one recipe serves many ways of writing a
/// computation.
///
///     int i, j; for (i = 0; i <= n - 1; i++) { A(i); for (j = 0; j < m; j++) B(j, i) }
///         →   for (int i = 0; i < n; i++) { A(i) }
///             for (int j = 0; j < m; j++) { for (int i = 0; i < n; i++) { B(j, i) } }
///
/// In this order: iterators and scalars that serve each iteration anew are declared in their loop;
/// `<=` becomes `<` where the bound has room; loops that count down count up; every loop is split as
/// far as possible, the innermost first; each perfect nest of at most four loops takes the legal order
/// with the smallest strides innermost (`StrideOrder`).
///
/// Legal iff: each part is, by the rules of `interchange` and `distribute` and, for the direction of
/// a loop, no dependence between its iterations; parts that are not are left out. Refused when
/// nothing changes.
///
/// Also called: canonicalisation, a-priori loop nest normalisation.
///
/// Reference: Trümper et al., A Priori Loop Nest Normalization, arXiv 2406.02510.
public struct Normalize: Pass {
  public static let name = "normalize"
  public static let parameters: [PassParameter] = []

  public init() {}

  public init(step: Step) throws(Refusal) { _ = try ArgumentReader(step, for: Self.parameters) }

  public var step: Step { Step(Self.name) }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    var result = LocalIterators.localized(in: kernel)
    for label in result.function.body.loopLabels.reversed() {
      result = PrivateScalars.localized(in: label, of: result)
    }
    for label in result.function.body.loopLabels { result = plainHeader(label, in: result) }
    for label in result.function.body.loopLabels.reversed() {
      result = orUnchanged(result) { kernel throws(Refusal) in
        try Distribute(loop: label).apply(to: kernel)
      }
    }
    for label in result.function.body.loopLabels {
      result = canonicalOrder(from: label, in: result)
    }
    guard result.function.body != kernel.function.body else {
      throw refusal("the loops are in normal form")
    }
    return result
  }

  /// A part that is refused is left out.
  private func orUnchanged(
    _ kernel: Kernel, _ part: (Kernel) throws(Refusal) -> Kernel
  ) -> Kernel {
    do throws(Refusal) {
      return try part(kernel)
    } catch {
      return kernel
    }
  }

  private func plainHeader(_ label: LoopLabel, in kernel: Kernel) -> Kernel {
    orUnchanged(kernel) { kernel throws(Refusal) in
      let site = try LoopSite(label, in: kernel, for: self)
      guard site.header.step > 0 else {
        return try ReversedLoop(site, in: kernel, for: self).replacingOriginal(for: self)
      }
      let header = try strictlyBounded(site, in: kernel)
      return try kernel.replacingLoop(label, for: self) { statement, loop in
        var copy = loop
        copy.header = .counted(header)
        var whole = statement
        whole.kind = .loop(copy)
        return [whole]
      }
    }
  }

  private func strictlyBounded(_ site: LoopSite, in kernel: Kernel) throws(Refusal) -> CountedHeader
  {
    try site.requireNoEarlyExit(for: self)
    var header = site.header
    if header.relation == .less { return header }
    let facts = BoundFacts(at: site.label, inside: false, of: kernel)
    header.bound = try site.exclusiveUpper(in: kernel.function, facts: facts, for: self)
    header.relation = .less
    return header
  }

  private func canonicalOrder(from label: LoopLabel, in kernel: Kernel) -> Kernel {
    guard let loop = kernel.function.body.loop(label), loop.counted != nil else { return kernel }
    let isInner = kernel.function.body.contains { $0.asLoop?.perfectlyNested?.label == label }
    let nest = Array(loop.perfectNest.prefix { $0.counted != nil })
    guard !isInner, (2...4).contains(nest.count) else { return kernel }
    for order in StrideOrder(nest, kernel.function).betterOrders {
      let permuted = orUnchanged(kernel) { kernel throws(Refusal) in
        try Interchange(order: order).apply(to: kernel)
      }
      if permuted.function.body != kernel.function.body { return permuted }
    }
    return kernel
  }
}
