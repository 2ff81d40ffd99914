import ExperimentRecords
import KernelModel

/// The places of an array that every iteration of a loop accesses, as earlier iterations can compute
/// them.
struct PrefetchPlaces {
  /// One place for each line of the cache that an iteration comes to.
  private(set) var found: [Place] = []

  struct Place {
    /// The element, with nothing in its address that the loop changes but the iterator.
    var element: Expr
    /// Whether the loop stores to it and does not read it.
    var isStored: Bool
  }

  /// Bytes of a line of the cache on most machines.
  private static let lineBytes = 64

  private let site: LoopSite
  private let kernel: Kernel
  private let oracle: AliasOracle

  init(_ array: String, _ site: LoopSite, in kernel: Kernel, for pass: some Pass) throws(Refusal) {
    self.site = site
    self.kernel = kernel
    guard let oracle = AliasOracle(kernel, loop: site.label) else {
      throw pass.refusal("there is no loop '\(site.label)'")
    }
    self.oracle = oracle
    guard !oracle.walk.writesAnything else {
      throw pass.refusal("what loop '\(site.label)' calls may not return")
    }
    let named = oracle.walk.accesses.filter {
      $0.lvalue.element.arrayName(kernel.function) == array && !$0.within.isEmpty
        && $0.lvalue.kind.isElement
    }
    guard !named.isEmpty else {
      throw pass.refusal("loop '\(site.label)' does not access '\(array)'")
    }
    let certain = named.filter { $0.isUnconditional && $0.within == [site.label] }
    guard !certain.isEmpty else {
      throw pass.refusal(
        "loop '\(site.label)' accesses '\(array)' under conditions or in inner loops only")
    }
    var obstacle: Refusal?
    for access in certain {
      do throws(Refusal) {
        try add(access, pass)
      } catch {
        obstacle = obstacle ?? error
      }
    }
    if found.isEmpty, let obstacle { throw obstacle }
    keepOnePerLine()
  }

  private mutating func add(_ access: MemoryAccess, _ pass: some Pass) throws(Refusal) {
    let printer = CPrinter(function: kernel.function, source: kernel.source)
    let element = withoutLocals(access.lvalue.element)
    func refuse(_ why: String) -> Refusal {
      pass.refusal("\(why) '\(printer.text(access.lvalue.element))'")
    }
    guard element.mentionedVariables.contains(site.variable) else {
      throw refuse("the iterator does not move")
    }
    guard isSteady(element) else { throw refuse("an earlier iteration cannot compute") }
    guard !kernel.function.isBitField(element) else { throw refuse("there is no address of") }
    let isStored = access.isWrite && !access.isRead
    if let index = found.firstIndex(where: { $0.element.key == element.key }) {
      found[index].isStored = found[index].isStored && isStored
    } else {
      found.append(Place(element: element, isStored: isStored))
    }
  }

  /// Whether the address in a later iteration is what computing it now gives: nothing in the loop
  /// stores to what it mentions, the iterator apart, or to memory that it reads.
  private func isSteady(_ element: Expr) -> Bool {
    let address = element.address
    let others = address.mentionedVariables.subtracting([site.variable])
    // Floating operations may be fused in one place and not in the other.
    let isExact = !element.subscripts.contains { $0.contains { $0.type.isFloating } }
    guard isExact, element.type.qualifiers.isDisjoint(with: [.volatile, .atomic]) else {
      return false
    }
    guard !address.hasEffects, others.isDisjoint(with: oracle.region.storedVariables) else {
      return false
    }
    let reads = MemoryWalk(.expression(address), shared: kernel.function.sharedVariables)
    if reads.touchesVolatile { return false }
    if reads.readsAnything, !oracle.walk.writes.isEmpty { return false }
    return !reads.accesses.contains { access in
      oracle.walk.writes.contains { oracle.mayShareObject($0.lvalue, access.lvalue) }
    }
  }

  /// The element with locals of the body that are set once, where they are declared, written out.
  private func withoutLocals(_ element: Expr) -> Expr {
    var result = element
    let statements = site.loop.body.statements
    for (index, statement) in statements.enumerated().reversed() {
      guard case .declaration(let declarators) = statement.kind else { continue }
      let others = Stmt.block(Array(statements[..<index] + statements[(index + 1)...]))
      for declarator in declarators.reversed() {
        let variable = declarator.variable
        let type = kernel.function[variable].type.unqualified
        guard let value = declarator.initializer, !value.hasEffects,
          !others.storedVariables.contains(variable),
          (type.isInteger && value.type.isInteger) || type.canonical == value.type.canonical
        else { continue }
        result = result.substituting(variable, with: value.asInitialValue(of: type))
      }
    }
    return result
  }

  // MARK: Lines

  /// Leaves out places that stand in a line which another place asks for, in this iteration or an
  /// earlier one.
  private mutating func keepOnePerLine() {
    var kept: [Place] = []
    var rest = found
    // Some place of those left has none ahead of it.
    while let first = rest.firstIndex(where: { place in !rest.contains { isAhead($0, place) } }) {
      let place = rest.remove(at: first)
      if let covering = kept.firstIndex(where: { isCovered(place.element, by: $0.element) }) {
        kept[covering].isStored = kept[covering].isStored && place.isStored
      } else {
        kept.append(place)
      }
    }
    found = kept
  }

  /// Whether the loop comes to the first place before it comes to the second; false for places that do
  /// not move alike.
  private func isAhead(_ a: Place, _ b: Place) -> Bool {
    guard let gap = gap(a.element, b.element) else { return false }
    return movement(of: a.element).map { $0 < 0 } == true ? gap < 0 : gap > 0
  }

  private func isCovered(_ place: Expr, by other: Expr) -> Bool {
    guard let gap = gap(other, place) else { return false }
    if let step = movement(of: other), abs(step) <= Self.lineBytes { return true }
    return abs(gap) < Self.lineBytes
  }

  /// Bytes from the second place to the first; nil where they do not stand in one row.
  private func gap(_ a: Expr, _ b: Expr) -> Int? {
    let (x, y) = (a.subscripts, b.subscripts)
    guard x.count == y.count, let last = x.indices.last, a.type.canonical == b.type.canonical,
      a.withoutSubscripts.key == b.withoutSubscripts.key
    else { return nil }
    for index in x.indices.dropLast() where x[index].key != y[index].key { return nil }
    return (IndexForm(x[last]) - IndexForm(y[last])).constant.map { $0 * bytes(of: a) }
  }

  /// Bytes by which a place moves from one iteration to the next; nil where that is not known.
  private func movement(of place: Expr) -> Int? {
    let subscripts = place.subscripts
    guard let last = subscripts.last,
      !subscripts.dropLast().contains(where: { $0.mentionedVariables.contains(site.variable) })
    else { return nil }
    return IndexForm(last).coefficient(of: site.variable)?.constant
      .map { $0 * site.header.step * bytes(of: place) }
  }

  private func bytes(of element: Expr) -> Int {
    let type = element.type
    if let size = type.byteSize { return size }
    if case .record(let record) = type.canonical, let own = kernel.function.records[record] {
      return own.size
    }
    return 8
  }
}

extension PrefetchPlaces.Place {
  /// The call that asks for the place in a later iteration.
  func call(_ later: LaterIteration) -> Expr {
    let address = later.value(of: element).address
    return Expr(
      .call("__builtin_prefetch", isStored ? [address, .int(1)] : [address], purity: .effects),
      type: .void)
  }
}

extension Expr.Kind {
  /// Whether an lvalue of this kind is an element or a member, not a whole variable.
  fileprivate var isElement: Bool {
    switch self {
    case .subscriptOf, .member, .unary(.dereference, _): true
    default: false
    }
  }
}

extension Expr {
  /// The element at which a vector begins, for `*(const double_x4 *)&b[i]`; else the lvalue itself.
  fileprivate var element: Expr {
    guard case .unary(.dereference, let pointer) = kind, case .cast(let operand) = pointer.kind,
      case .unary(.addressOf, let first) = operand.kind
    else { return self }
    return first
  }

  /// `&element`, or the pointer that it is reached by.
  fileprivate var address: Expr {
    if case .unary(.dereference, let pointer) = kind { return pointer }
    return Expr(.unary(.addressOf, self), type: .pointer(PointerType(to: type)))
  }
}
