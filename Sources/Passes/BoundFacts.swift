import KernelModel

/// Linear inequalities that hold at one place of a function, and a small prover over them.
///
/// Facts come from the loops around the place, the contract, checks of versioned regions and the
/// ranges of types. The prover tries to write a form as a sum of facts and a constant that is not
/// negative; it answers "proved" or "don't know".
struct BoundFacts {
  /// Forms known to be at least zero.
  private var facts: [LinearForm] = []

  /// Whether unsigned sums are taken not to wrap without proof: for estimates, never for rewriting.
  private(set) var ignoresWrapping = false

  /// Whether signed arithmetic wraps (`-fwrapv`), so that signed sums need proof too.
  private(set) var wrapsSigned = false

  static let none = BoundFacts()

  /// For estimates of strides.
  static let ignoringWrapping: BoundFacts = {
    var facts = BoundFacts()
    facts.ignoresWrapping = true
    return facts
  }()

  init() {}

  /// What holds inside the body of the loop with this label (or of no loop, at the place of the
  /// loop itself, when `inside` is false).
  init(at label: LoopLabel, inside: Bool, of kernel: Kernel) {
    wrapsSigned = kernel.build.wrapsSignedOverflow
    let stored = kernel.function.body.storedVariables
    for requirement in kernel.contract.requirements {
      add(requirement, kernel.function, stored: stored)
    }
    for statement in kernel.function.body.path(to: label) ?? [] {
      if case .versioned(let versioned) = statement.kind,
        versioned.fast.contains(where: { $0.loopLabel == label })
      {
        for check in versioned.checks { add(check.fact, stored: stored) }
      }
      if let loop = statement.asLoop, inside || loop.label != label { add(loop, kernel.function) }
    }
  }

  /// Learns that a form is at least zero.
  mutating func assume(_ form: LinearForm) {
    let form = form.resolved
    if !form.terms.isEmpty, !facts.contains(form) { facts.append(form) }
  }

  /// Learns what holds in the body of a counted loop. The initial value is evaluated once, so it
  /// tells something only when the body leaves it alone.
  mutating func add(_ loop: Loop, _ function: Function) {
    guard let header = loop.counted else { return }
    let iterator = LinearForm(function.reference(header.variable))
    let isUpward = header.step > 0
    if let lower = header.lower, !lower.readsMemory,
      lower.mentionedVariables.isDisjoint(with: loop.body.storedVariables),
      keepsValue(lower, convertedTo: function[header.variable].type)
    {
      for bound in isUpward ? lower.maximumOperands : lower.minimumOperands {
        let start = LinearForm(bound, facts: self)
        assume(isUpward ? iterator - start : start - iterator)
      }
    }
    guard header.comparesAsIntegers(function) else { return }
    for bound in isUpward ? header.bound.minimumOperands : header.bound.maximumOperands {
      let end = LinearForm(bound, facts: self)
      switch header.relation {
      case .less: assume(end - iterator + -1)
      case .lessOrEqual: assume(end - iterator)
      case .greater: assume(iterator - end + -1)
      case .greaterOrEqual: assume(iterator - end)
      default: break
      }
    }
  }

  private mutating func add(
    _ requirement: Requirement, _ function: Function, stored: Set<VariableID>
  ) {
    guard case .compare(let left, let op, let right) = requirement,
      left.inputs.union(right.inputs).allSatisfy({
        function.symbols[$0.base]?.storage == .parameter && !stored.contains($0.base)
      }),
      let a = LinearForm(left, function), let b = LinearForm(right, function)
    else { return }
    add(a, op, b)
  }

  private mutating func add(_ fact: Fact, stored: Set<VariableID>) {
    guard case .holds(let expr) = fact, case .binary(let op, let left, let right) = expr.kind,
      expr.mentionedVariables.isDisjoint(with: stored), !expr.readsMemory,
      left.type.integer?.isSigned == right.type.integer?.isSigned
    else { return }
    add(LinearForm(left, facts: self), op, LinearForm(right, facts: self))
  }

  /// Learns that a comparison is true.
  mutating func add(_ a: LinearForm, _ op: BinaryOperator, _ b: LinearForm) {
    switch op {
    case .less: assume(b - a + -1)
    case .lessOrEqual: assume(b - a)
    case .greater: assume(a - b + -1)
    case .greaterOrEqual: assume(a - b)
    case .equal:
      assume(a - b)
      assume(b - a)
    case .notEqual where prove(a - b): assume(a - b + -1)
    default: break
    }
  }

  /// Whether a value is known to be the same after conversion to an integer type.
  func keepsValue(_ expr: Expr, convertedTo type: CType) -> Bool {
    guard let to = type.integer else { return false }
    if let value = expr.constantValue { return to.holds(value) }
    if LinearForm.isWidening(from: expr.type, to: type) { return true }
    // Types narrower than `int` are not those that the proofs are about.
    guard to.width >= 32, to.kind != .bool else { return false }
    return expr.minimumOperands.flatMap(\.maximumOperands).allSatisfy {
      let form = LinearForm($0, facts: self)
      return proveAtMostMaximum(form, of: type) && proveAtLeastMinimum(form, of: type)
    }
  }

  /// Whether the form is known to be at least zero.
  func prove(_ form: LinearForm) -> Bool { prove(form.resolved, depth: 4) }

  /// Whether the form is known to be at most the largest value of the type.
  func proveAtMostMaximum(_ form: LinearForm, of type: CType) -> Bool {
    guard let type = type.promoted.integer else { return false }
    // Of wider types a value far below the largest will do.
    let maximum = type.modestRange?.upperBound ?? 1 << 40
    if prove(LinearForm(maximum) - form) { return true }
    return (facts.flatMap(\.terms) + form.resolved.terms).contains { term in
      // An atom of the same width and without a sign may be beyond the largest signed value.
      guard let atom = term.atom.type.integer,
        atom.isSigned == type.isSigned
          ? atom.width <= type.width : type.isSigned && atom.width < type.width
      else { return false }
      return prove(LinearForm(term.atom) - form)
    }
  }

  /// Whether the form is known to be at least the smallest value of the type.
  func proveAtLeastMinimum(_ form: LinearForm, of type: CType) -> Bool {
    guard let type = type.promoted.integer else { return false }
    return prove(form + (type.isSigned ? 1 << min(type.width - 1, 40) : 0))
  }

  private func prove(_ form: LinearForm, depth: Int) -> Bool {
    if form.leastByTypes.map({ $0 >= 0 }) == true { return true }
    guard depth > 0, form.terms.count <= 6 else { return false }
    return facts.contains { fact in
      fact.cancels(in: form) && prove(form - fact, depth: depth - 1)
    }
  }
}

extension LinearForm {
  /// Whether taking this form away makes some term of the other one vanish or shrink.
  fileprivate func cancels(in form: LinearForm) -> Bool {
    terms.contains { term in
      form.terms.contains {
        $0.atom == term.atom && $0.coefficient.signum() == term.coefficient.signum()
      }
    }
  }

  /// The least value that the atoms' types allow; nil when it is not known or huge.
  fileprivate var leastByTypes: Int? {
    var least = constant
    for term in terms {
      guard let type = term.atom.type.integer, abs(term.coefficient) < 1 << 20 else { return nil }
      if let range = type.modestRange {
        least += term.coefficient * (term.coefficient > 0 ? range.lowerBound : range.upperBound)
      } else if type.isSigned || term.coefficient < 0 {
        return nil
      }
    }
    return least
  }

  /// The form of an expression over inputs; nil when it is not linear.
  fileprivate init?(_ size: SizeExpr, _ function: Function) {
    switch size {
    case .constant(let value): self.init(value)
    case .input(let path):
      guard path.fields.isEmpty, function.symbols[path.base] != nil else { return nil }
      self.init(function.reference(path.base))
    case .add(let a, let b):
      guard let x = LinearForm(a, function), let y = LinearForm(b, function) else { return nil }
      self = x + y
    case .subtract(let a, let b):
      guard let x = LinearForm(a, function), let y = LinearForm(b, function) else { return nil }
      self = x - y
    case .multiply(.constant(let factor), let a), .multiply(let a, .constant(let factor)):
      guard abs(factor) < 1 << 20, let x = LinearForm(a, function) else { return nil }
      self = x * factor
    case .multiply, .floorDivide, .minimum, .maximum: return nil
    }
  }
}

extension IntegerType {
  /// The values of a type of at most 32 bits, small enough to compute with.
  fileprivate var modestRange: ClosedRange<Int>? {
    guard width <= 32 else { return nil }
    return isSigned ? -(1 << (width - 1))...(1 << (width - 1)) - 1 : 0...(1 << width) - 1
  }
}

extension CountedHeader {
  /// Whether the comparison with the bound is that of the mathematical integers: both sides of one
  /// signedness, or the iterator cannot be negative where the bound is unsigned.
  func comparesAsIntegers(_ function: Function) -> Bool {
    guard let iterator = function[variable].type.promoted.integer,
      let bound = bound.type.promoted.integer
    else { return false }
    if iterator.isSigned == bound.isSigned { return true }
    if iterator.isSigned {
      return bound.width < iterator.width
        || (step > 0 && lower?.constantValue.map { $0 >= 0 } == true)
    }
    return iterator.width < bound.width || self.bound.constantValue.map { $0 >= 0 } == true
  }
}

extension Stmt {
  /// The statements from this one down to the loop with the label.
  func path(to label: LoopLabel) -> [Stmt]? {
    if loopLabel == label { return [self] }
    for child in children {
      if let tail = child.path(to: label) { return [self] + tail }
    }
    return nil
  }
}
