import KernelModel

/// Divides a counted loop of step 1 into a main loop that takes `lanes` iterations at a time and a
/// loop for the rest.
///
/// No bound that is computed here overflows where the original loop is defined: a start of 0 needs
/// only `n - n % lanes`, whose sign is that of `n`; any other start is guarded by the loop's first
/// test, unless the facts at the loop say how it comes out.
struct LaneStrip {
  /// Statements before both loops.
  var setUp: [Stmt] = []
  /// What must hold for either loop to run, when their bounds need it.
  var condition: Expr?
  /// Statements before the main loop, under the condition.
  var inner: [Stmt] = []
  var main: CountedHeader
  /// Nil when no iterations remain.
  var rest: CountedHeader?

  /// Nil when the loop is of another form.
  init?(_ header: CountedHeader, lanes: Int, facts: BoundFacts, in function: inout Function) {
    guard header.step == 1, let lower = header.lower,
      [.less, .lessOrEqual, .notEqual].contains(header.relation),
      !header.bound.mentionedVariables.contains(header.variable)
    else { return nil }
    main = header
    main.step = lanes
    main.relation = .less
    rest = header
    let iterator = function.reference(header.variable)
    if lower.constantValue == nil || header.bound.constantValue == nil,
      function.endsEvenly(header, by: lanes)
    {
      rest = nil
      return
    }
    var end = Self.exclusiveEnd(of: header)
    let isEntered =
      if case .always = header.entry(in: function, facts: facts) { true } else { false }
    if let first = lower.constantValue, let last = end.constantValue {
      guard last - first >= lanes else { return nil }
      let middle = last - (last - first) % lanes
      main.bound = .integer(middle, type: end.type)
      rest?.lower = header.declares ? main.bound : nil
      if middle == last { rest = nil }
      return
    }
    if !end.isPlain {
      let variable = function.introduce(
        "\(function[header.variable].name)_end", type: .qualified(.const, end.type.unqualified))
      setUp.append(.declare(variable, end))
      end = function.reference(variable)
    }
    let width = Expr.int(lanes)
    if lower.constantValue == 0 {
      main.bound = .binary(.subtract, end, .binary(.remainder, end, width))
      rest?.lower = header.declares ? main.bound : nil
      return
    }
    let isPlainStart =
      lower.constantValue != nil || lower.type.canonical == iterator.type.canonical
      || (lower.isPlain && facts.keepsValue(lower, convertedTo: iterator.type))
    var start = isPlainStart ? lower : Expr.cast(lower, to: iterator.type)
    if !header.declares {
      setUp.append(.expression(.assign(iterator, lower)))
      main.lower = nil
      start = iterator
    }
    if !isEntered { condition = .binary(.less, start, end) }
    let remaining: Expr
    if end.type.integer?.isSigned == true, (lower.constantValue ?? -1) < 0,
      !(isEntered && facts.prove(LinearForm(lower, facts: facts))),
      let type = end.type.promoted.integer
    {
      let unsigned = CType.integer(type.unsignedCounterpart)
      let distance = Expr.binary(.subtract, .cast(end, to: unsigned), .cast(start, to: unsigned))
      let over = Expr.binary(.remainder, distance, .integer(lanes, type: unsigned))
      remaining = .cast(over, to: .integer(type))
    } else {
      remaining = .binary(.remainder, .binary(.subtract, end, start), width)
    }
    let middle = Expr.binary(.subtract, end, remaining)
    let variable = function.introduce(
      "\(function[header.variable].name)_rest", type: .qualified(.const, middle.type.unqualified))
    inner.append(.declare(variable, middle))
    main.bound = function.reference(variable)
    rest?.lower = header.declares ? main.bound : nil
  }

  private static func exclusiveEnd(of header: CountedHeader) -> Expr {
    guard header.relation == .lessOrEqual else { return header.bound }
    if case .binary(.subtract, let end, let one) = header.bound.kind, one.constantValue == 1,
      header.bound.spelling == nil, header.bound.type.integer?.isSigned == true,
      end.type.canonical == header.bound.type.canonical
    {
      return end
    }
    if let bound = header.bound.constantValue {
      return .integer(bound + 1, type: header.bound.type)
    }
    return .binary(.add, header.bound, .int(1))
  }

  /// The statements, given the main loop's body and the loop for the rest.
  func statements(_ statement: Stmt, label: LoopLabel, main body: Stmt, rest: Stmt?) -> [Stmt] {
    let first = Stmt(
      .loop(Loop(label: label, header: .counted(main), body: body)), origin: statement.origin,
      comments: statement.comments)
    let loops = inner + [first] + (rest.map { [$0] } ?? [])
    guard let condition else { return setUp + loops }
    return setUp + [.branch(condition, .block(loops))]
  }
}

extension Expr {
  /// A variable, a constant, or one of them plus a constant: cheap to write more than once.
  var isPlain: Bool {
    switch kind {
    case .variable, .integer: true
    case .binary(let op, let a, let b) where op == .add || op == .subtract:
      a.isPlain && b.constantValue != nil
    default: spelling != nil && constantValue != nil
    }
  }
}
