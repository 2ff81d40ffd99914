import ExperimentRecords
import KernelModel

/// The header and body of a loop whose iterator runs ahead by a multiple of an outer one.
struct SkewedLoop {
  private(set) var function: Function

  private let site: LoopSite
  private let outer: LoopSite
  private let factor: Int
  private let kernel: Kernel
  /// What holds at the place of the loop.
  private let facts: BoundFacts
  private let lowers: [LinearForm]
  private let bounds: [LinearForm]

  init(
    _ site: LoopSite, by factor: Int, over outer: LoopSite, in kernel: Kernel,
    for pass: some Pass
  ) throws(Refusal) {
    self.site = site
    self.outer = outer
    self.factor = factor
    self.kernel = kernel
    function = kernel.function
    let facts = BoundFacts(at: site.label, inside: false, of: kernel)
    self.facts = facts
    let iterator = function.reference(site.variable)
    let lower = try site.lower(for: pass)
    let bound = site.header.bound.asComparedWith(iterator)
    guard !lower.mentionedVariables.contains(site.variable), !lower.hasEffects else {
      throw pass.refusal("the initial value of loop '\(site.label)' cannot be moved")
    }
    guard site.header.comparesAsIntegers(function) || bound != site.header.bound else {
      throw pass.refusal("loop '\(site.label)' compares signed with unsigned values")
    }
    let isUpward = site.header.step > 0
    let starts = isUpward ? lower.maximumOperands : lower.minimumOperands
    let ends = isUpward ? bound.minimumOperands : bound.maximumOperands
    lowers = starts.map { LinearForm($0, facts: facts) }
    bounds = ends.map { LinearForm($0, facts: facts) }
  }

  /// The new loop; `function` receives its iterator.
  mutating func loop(for pass: some Pass) throws(Refusal) -> Loop {
    if let exact = sums(of: own), fitsExactly { return try loop(own, exact, pass) }
    if let integer = own.promoted.integer, integer.isSigned, integer.width <= 32 {
      let wide = SafeEvaluation.wideType(kernel.build, isSigned: true)
      if let sums = widened(to: wide) { return try loop(wide, sums, pass) }
    } else if let sums = sums(of: own), isCounted {
      return try loop(own, sums, pass)
    }
    throw pass.refusal(
      "the iterator of loop '\(site.label)' might not hold its value plus that of '\(outer.label)'")
  }

  private typealias Sums = (lowers: [Expr], bounds: [Expr])

  private var own: CType { function[site.variable].type.unqualified }
  private var outerIterator: LinearForm { LinearForm(function.reference(outer.variable)) }

  private func moved(_ forms: [LinearForm]) -> [LinearForm] {
    forms.map { $0 + outerIterator * factor }
  }

  // MARK: Types

  /// The new bounds computed in the iterator's own type; nil when types of other widths or
  /// signedness meet there.
  private func sums(of type: CType) -> Sums? {
    guard type.canonical == type.promoted else { return nil }
    let forms = moved(lowers) + moved(bounds)
    let meet = forms.flatMap(\.terms).allSatisfy { term in
      guard let atom = term.atom.type.promoted.integer, let own = type.integer else { return false }
      if term.atom.resolvedSmallConstant { return true }
      return atom.isSigned == own.isSigned && atom.width <= own.width
    }
    guard meet else { return nil }
    let wide = (type.integer?.width ?? 0) > 32
    func write(_ forms: [LinearForm]) -> [Expr] {
      moved(forms).map { (wide ? $0.converted(to: type) : $0).expression }
    }
    return (write(lowers), write(bounds))
  }

  /// Whether all values of the new iterator, the one after the last included, and all partial sums
  /// of the bounds stay in the type.
  private var fitsExactly: Bool {
    let step = site.header.step
    let inclusive = [.lessOrEqual, .greaterOrEqual].contains(site.header.relation)
    let beyond = inclusive ? step : step - step.signum()
    let ends = moved(lowers) + moved(bounds) + moved(bounds).map { $0 + beyond }
    return ends.allSatisfy { form in
      form.terms.allSatisfy { facts.prove(LinearForm($0.atom)) }
        && facts.proveAtMostMaximum(form.added, of: own) && facts.proveAtLeastMinimum(form, of: own)
    }
  }

  /// Whether the loops count up from small values in 64 bits, so that no running time takes a sum to
  /// the limit, and an empty range stays empty.
  private var isCounted: Bool {
    let around = function.body.enclosingLoops(of: site.label) ?? []
    let iterators = Set(around.compactMap { function.body.loop($0)?.counted?.variable })
    guard own.integer?.width == 64, site.header.step > 0, outer.header.step > 0,
      let outerLower = outer.header.lower
    else { return false }
    let outerLowers = outerLower.maximumOperands.map { LinearForm($0, facts: facts) }
    return (lowers + outerLowers).allSatisfy { facts.prove($0) && $0.isSum(of: iterators) }
  }

  /// The new bounds in a type that holds every sum of values of 32 bits.
  private func widened(to wide: CType) -> Sums? {
    let forms = moved(lowers) + moved(bounds)
    let isNarrow = forms.flatMap(\.terms).allSatisfy {
      abs($0.coefficient) <= 1 << 20 && ($0.atom.type.promoted.integer?.width ?? 64) <= 32
    }
    guard isNarrow, kernel.build.allowsDeclarationsInFor else { return nil }
    func write(_ forms: [LinearForm]) -> [Expr] {
      moved(forms).map { $0.converted(to: wide).expression }
    }
    return (write(lowers), write(bounds))
  }

  // MARK: Code

  private mutating func loop(_ type: CType, _ sums: Sums, _ pass: some Pass) throws(Refusal) -> Loop
  {
    var header = site.header
    let isUpward = header.step > 0
    header.lower = isUpward ? .maximum(sums.lowers) : .minimum(sums.lowers)
    header.bound = isUpward ? .minimum(sums.bounds) : .maximum(sums.bounds)
    // In another type every value is cut back to the old one wherever that may be seen.
    guard
      var body = site.loop.body.replacing(
        site.variable, with: value(of: site.variable), in: function)
    else {
      throw pass.refusal("loop '\(site.label)' contains text that cannot be rewritten")
    }
    if type != own {
      declareIterator(of: type, in: &header)
      let value = value(of: header.variable)
      body = site.loop.body.replacingIndex(
        site.variable, with: value, cutBack: .cast(value, to: own),
        mayWiden: !kernel.build.wrapsSignedOverflow, in: function)
    }
    return Loop(label: site.label, header: .counted(header), body: body)
  }

  /// What the iterator was before, in terms of what it is now.
  private func value(of variable: VariableID) -> Expr {
    let iterator = function.reference(variable)
    let isWide = (iterator.type.promoted.integer?.width ?? 0) > 32
    let form = LinearForm(iterator) - outerIterator * factor
    return (isWide ? form.converted(to: iterator.type.unqualified) : form).expression
  }

  private mutating func declareIterator(of type: CType, in header: inout CountedHeader) {
    var symbol = function[site.variable]
    symbol.storage = .introduced
    symbol.type = type
    header.variable = VariableID((function.symbols.keys.max()?.index ?? -1) + 1)
    header.declares = true
    function.symbols[header.variable] = symbol
  }
}

extension LinearForm {
  /// Whether the form is a constant plus these variables.
  func isSum(of variables: Set<VariableID>) -> Bool {
    terms.allSatisfy { term in
      guard case .variable(let variable) = term.atom.kind else {
        return term.atom.constantValue != nil
      }
      return variables.contains(variable) && term.coefficient > 0
    }
  }

  /// The sum of the terms that are added.
  fileprivate var added: LinearForm {
    terms.filter { $0.coefficient > 0 }.reduce(LinearForm(max(constant, 0))) {
      $0 + LinearForm(atom: $1.atom) * $1.coefficient
    }
  }

  /// The form with its arithmetic carried out in a type of 64 bits: products and the term that is
  /// printed first are converted unless they have that width.
  fileprivate func converted(to type: CType) -> LinearForm {
    guard let index = terms.firstIndex(where: { $0.coefficient > 0 }) else {
      return widened(to: type)
    }
    var result = LinearForm(constant)
    for (position, term) in terms.enumerated() {
      let isPlain =
        isSingleAtom || term.atom.type.promoted == type.promoted
        || (position != index && abs(term.coefficient) == 1)
      let atom = isPlain ? term.atom : Expr.cast(term.atom, to: type)
      result = result + LinearForm(atom: atom) * term.coefficient
    }
    return result
  }
}

extension Expr {
  /// Whether this is a constant that any type of 32 bits holds.
  fileprivate var resolvedSmallConstant: Bool {
    constantValue.map { (0..<1 << 31).contains($0) } == true
  }

  /// The expression with a variable replaced by a wider value: as it is where the result is an index
  /// or compared with a signed value and the arithmetic cannot wrap, else cut back to the variable's
  /// type.
  fileprivate func replacingIndex(
    _ variable: VariableID, with value: Expr, cutBack: Expr, isIndex: Bool
  ) -> Expr {
    func replaced(_ expr: Expr, _ isIndex: Bool) -> Expr {
      expr.replacingIndex(variable, with: value, cutBack: cutBack, isIndex: isIndex)
    }
    switch kind {
    case .variable(variable): return isIndex ? value : cutBack
    case .subscriptOf(let base, let index):
      return Expr(.subscriptOf(replaced(base, false), replaced(index, true)), type: type)
    case .binary(let op, let a, let b) where [.add, .subtract, .multiply].contains(op):
      guard type.isPointer || (isIndex && type.integer?.isSigned == true),
        mentionedVariables.contains(variable)
      else { break }
      let result = Expr.binary(op, replaced(a, true), replaced(b, true))
      return type.isPointer ? Expr(result.kind, type: type) : result
    case .binary(let op, let a, let b) where op.isComparison:
      guard [a, b].allSatisfy({ $0.type.promoted.integer?.isSigned == true }) else { break }
      return .binary(op, replaced(a, true), replaced(b, true))
    default: break
    }
    return mapChildren { replaced($0, false) }
  }
}

extension Stmt {
  /// The statement with an iterator replaced by a wider value; see `Expr.replacingIndex`.
  fileprivate func replacingIndex(
    _ variable: VariableID, with value: Expr, cutBack: Expr, mayWiden: Bool,
    in function: Function
  ) -> Stmt {
    rewritten { statement in
      let inner = statement.asLoop?.counted?.variable
      let isHeader = inner.map { function[$0].type.integer?.isSigned == true } == true
      return statement.mapExpressions {
        mayWiden
          ? $0.replacingIndex(variable, with: value, cutBack: cutBack, isIndex: isHeader)
          : $0.substituting(variable, with: cutBack)
      }
    }
  }
}
