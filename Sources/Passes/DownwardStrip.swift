import ExperimentRecords
import KernelModel

/// Strips of a loop that counts down by one.
///
///     for (v = start; v >= last; v--)
///       →
///     for (t = start; t >= last; t -= size) for (v = t; v >= max(t - (size - 1), last); v--)
struct DownwardStrip {
  let site: LoopSite
  let size: Int
  let kernel: Kernel

  /// The strip loop around the loop; `function` receives its iterator.
  func statement(_ function: inout Function, for pass: some Pass) throws(Refusal) -> Stmt {
    let header = site.header
    guard header.step == -1, header.relation != .notEqual else {
      throw pass.refusal("loop '\(site.label)' counts downward by a step other than 1")
    }
    guard header.comparesAsIntegers(function) else {
      throw pass.refusal("loop '\(site.label)' compares signed with unsigned values")
    }
    let start = try site.lower(for: pass)
    let type = try stripType(function, for: pass)
    let tile = function.introduce("\(function[site.variable].name)_tile", type: type)
    let reference = function.reference(tile)
    let distance = header.relation == .greaterOrEqual ? size - 1 : size
    var point = header
    point.lower = reference
    point.bound = .maximum(
      [.binary(.subtract, reference, .int(distance))] + header.bound.maximumOperands)
    var labels = LabelSupply(function.body)
    let inner = Loop(
      label: labels.unique(site.label.suffixed("point")), header: .counted(point),
      body: site.loop.body)
    let outer = Loop(
      label: labels.unique(site.label.suffixed("tile")),
      header: .counted(
        CountedHeader(
          variable: tile, declares: true, lower: start, relation: header.relation,
          bound: header.bound, step: -size)),
      body: .block([.loop(inner)]))
    return Stmt(.loop(outer), origin: site.statement.origin, comments: site.statement.comments)
  }

  /// A signed type in which the start of the strip after the last one cannot overflow.
  private func stripType(_ function: Function, for pass: some Pass) throws(Refusal) -> CType {
    let own = function[site.variable].type.unqualified
    let start = try site.lower(for: pass)
    guard let iterator = own.integer, iterator.isSigned, iterator.width >= 32,
      start.type.promoted.integer?.isSigned == true, site.header.bound.type.isInteger,
      let common = CType.usualArithmeticConversion(own, site.header.bound.type)?.integer
    else {
      throw pass.refusal("loop '\(site.label)' counts downward in a narrow or unsigned type")
    }
    let facts = BoundFacts(at: site.label, inside: false, of: kernel)
    let isClear = site.header.bound.maximumOperands.contains {
      facts.proveAtLeastMinimum(LinearForm($0, facts: facts) + -size, of: own)
    }
    if isClear, common == iterator, facts.keepsValue(start, convertedTo: own) { return own }
    guard common.width <= 32, iterator.width <= 32 else {
      throw pass.refusal(
        "the last tile of loop '\(site.label)' might end beyond the least value of its type")
    }
    guard facts.keepsValue(start, convertedTo: own) else {
      throw pass.refusal("loop '\(site.label)' may not start where its initial value says")
    }
    return SafeEvaluation.wideType(kernel.build, isSigned: true)
  }
}
