import KernelModel

/// The run-time tests which show that the memory stored in a nest is apart from the other memory that
/// the nest touches.
struct SeparationTests {
  let kernel: Kernel
  let oracle: AliasOracle
  let region: Stmt
  private let objects: [TouchedObject]

  /// Everything that the nest does to one object.
  private struct TouchedObject {
    var root: Place.Root
    var accesses: [MemoryAccess]
    var isStored: Bool { accesses.contains(where: \.isWrite) }

    var path: ObjectPath? {
      switch root {
      case .object(let variable): ObjectPath(variable)
      case .pointee(let path): path
      case .unknown: nil
      }
    }
  }

  init(kernel: Kernel, oracle: AliasOracle, region: Stmt) {
    self.kernel = kernel
    self.oracle = oracle
    self.region = region
    var found: [TouchedObject] = []
    for access in oracle.walk.accesses {
      let root = oracle.place(of: access.lvalue).root
      if let index = found.firstIndex(where: { $0.root == root }) {
        found[index].accesses.append(access)
      } else {
        found.append(TouchedObject(root: root, accesses: [access]))
      }
    }
    objects = found
  }

  /// The tests, entry conditions first; none when all objects are known apart.
  func checks() throws(HullObstacle) -> [RuntimeCheck] {
    var conditions: [RuntimeCheck] = []
    var separations: [RuntimeCheck] = []
    for (a, b) in try pairs() {
      guard let first = a.path, let second = b.path else { continue }
      let (x, y) = (try hull(of: a), try hull(of: b))
      for condition in x.conditions + y.conditions
      where !conditions.contains(where: { $0.condition.key == condition.key }) {
        conditions.append(RuntimeCheck(condition: condition, fact: .holds(condition)))
      }
      separations.append(
        RuntimeCheck(condition: apart(x, y), fact: .disjoint(first, second)))
    }
    let kept = conditions.filter { check in
      !conditions.contains {
        $0.condition.isPositive && check.condition.follows(from: $0.condition)
      }
    }
    return kept + separations
  }

  /// Objects of which one is stored and that are not known apart.
  private func pairs() throws(HullObstacle) -> [(TouchedObject, TouchedObject)] {
    var result: [(TouchedObject, TouchedObject)] = []
    for (index, a) in objects.enumerated() {
      for b in objects[(index + 1)...] where a.isStored || b.isStored {
        let mayMeet = a.accesses.contains { x in
          b.accesses.contains { y in
            (x.isWrite || y.isWrite) && oracle.mayShareObject(x.lvalue, y.lvalue)
          }
        }
        guard mayMeet else { continue }
        guard a.path != nil, b.path != nil else {
          let printer = CPrinter(function: kernel.function, source: kernel.source)
          let unknown = (a.path == nil ? a : b).accesses[0].lvalue
          throw HullObstacle(reason: "the object of '\(printer.text(unknown))' is not known")
        }
        result.append((a, b))
      }
    }
    return result
  }

  private struct Hull {
    var firsts: [Expr]
    var lasts: [Expr]
    var conditions: [Expr]
  }

  private func hull(of object: TouchedObject) throws(HullObstacle) -> Hull {
    let finder = HullFinder(function: kernel.function, region: region)
    let printer = CPrinter(function: kernel.function, source: kernel.source)
    var hull = Hull(firsts: [], lasts: [], conditions: [])
    for access in object.accesses {
      var whole = access
      whole.lvalue = access.lvalue.wholeElement
      if hull.firsts.contains(where: { $0.key == whole.lvalue.key }) { continue }
      let one = try finder.hull(of: whole, printer: printer)
      hull.conditions += one.conditions
      hull.firsts.append(one.first)
      hull.lasts.append(one.last)
    }
    let positive = Set(hull.conditions.compactMap(\.nonNegativeKey))
    hull.firsts = Self.extremes(hull.firsts, positive) { $0 - $1 }
    hull.lasts = Self.extremes(hull.lasts, positive) { $1 - $0 }
    guard hull.firsts.count <= 3, hull.lasts.count <= 3 else {
      throw HullObstacle(
        reason: "the extent of '\(printer.text(object.accesses[0].lvalue))' has too many ends")
    }
    return hull
  }

  /// Drops places that another one is certainly not after (`distance` of the two is not negative).
  private static func extremes(
    _ places: [Expr], _ positive: Set<String>, _ distance: (IndexForm, IndexForm) -> IndexForm
  ) -> [Expr] {
    var kept: [Expr] = []
    func dominates(_ a: Expr, _ b: Expr) -> Bool {
      let (x, y) = (a.subscripts, b.subscripts)
      guard x.count == y.count, a.withoutSubscripts.key == b.withoutSubscripts.key else {
        return false
      }
      return zip(x, y).allSatisfy { i, j in
        let gap = distance(IndexForm(j), IndexForm(i))
        return gap.terms.allSatisfy { term in
          term.value > 0 && term.key.allSatisfy(positive.contains)
        }
      }
    }
    for place in places where !kept.contains(where: { dominates($0, place) }) {
      kept.removeAll { dominates(place, $0) }
      kept.append(place)
    }
    return kept
  }

  private func apart(_ a: Hull, _ b: Hull) -> Expr {
    .binary(.logicalOr, ends(a, before: b), ends(b, before: a))
  }

  private func ends(_ a: Hull, before b: Hull) -> Expr {
    var parts: [Expr] = []
    for last in a.lasts {
      for first in b.firsts {
        parts.append(.binary(.lessOrEqual, address(last, past: true), address(first, past: false)))
      }
    }
    return parts.dropFirst().reduce(parts[0]) { .binary(.logicalAnd, $0, $1) }
  }

  /// The address as a number: pointers into different objects are not ordered (§6.5.8 ¶5).
  private func address(_ lvalue: Expr, past: Bool) -> Expr {
    let pointer = CType.pointer(PointerType(to: lvalue.type))
    var start: Expr
    if case .unary(.dereference, let inner) = lvalue.kind {
      start = inner
    } else {
      start = Expr(.unary(.addressOf, lvalue), type: pointer)
    }
    if past { start = Expr(.binary(.add, start, .int(1)), type: pointer) }
    return .cast(start, to: .named("__UINTPTR_TYPE__", underlying: .unsignedLong))
  }

  /// The nest with every parameter pointer that it dereferences copied into a `restrict` one.
  func restricted(_ statement: Stmt, in function: inout Function) -> [Stmt] {
    var copies: [VariableID: Expr] = [:]
    var declarations: [Stmt] = []
    for object in objects {
      guard case .pointee(let path) = object.root, path.fields.isEmpty,
        case .pointer(var pointer) = function[path.base].type.canonical,
        statement.mentionedVariables.contains(path.base)
      else { continue }
      pointer.qualifiers = [.restrict]
      let copy = function.introduce(
        "\(function[path.base].name)_only", type: .pointer(pointer))
      declarations.append(.declare(copy, function.reference(path.base)))
      copies[path.base] = function.reference(copy)
    }
    let body = statement.replacingTopDown { node in
      if case .variable(let variable) = node.kind { copies[variable] } else { nil }
    }
    return declarations + [body]
  }
}

extension Expr {
  /// The whole structure that a member lies in, else the lvalue itself.
  var wholeElement: Expr {
    switch kind {
    case .member(let base, _, let isArrow):
      guard isArrow else { return base.wholeElement }
      return Expr(
        .unary(.dereference, base), type: base.type.element ?? .unsupported("element"))
    case .subscriptOf(let base, _) where base.type.isArray && base.isMember:
      return base.wholeElement
    default: return self
    }
  }

  private var isMember: Bool {
    switch kind {
    case .member: true
    case .subscriptOf(let base, _): base.type.isArray && base.isMember
    default: false
    }
  }

  /// Whether this is a test `0 < x`.
  var isPositive: Bool {
    guard case .binary(.less, let zero, _) = kind else { return false }
    return zero.constantValue == 0
  }

  /// Whether a test `x >= 0` or `0 <= x - 1` says no more than `0 < x`.
  func follows(from positive: Expr) -> Bool {
    guard case .binary(.less, _, let x) = positive.kind else { return false }
    switch kind {
    case .binary(.greaterOrEqual, let a, let zero):
      return zero.constantValue == 0 && a.key == x.key
    case .binary(.lessOrEqual, let zero, let b):
      guard case .binary(.subtract, let a, let one) = b.kind else { return false }
      return zero.constantValue == 0 && one.constantValue == 1 && a.key == x.key
    default: return false
    }
  }

  /// The atom of a test `atom >= 0`.
  var nonNegativeKey: String? {
    guard case .binary(.greaterOrEqual, let atom, let zero) = kind, zero.constantValue == 0 else {
      return nil
    }
    return atom.key
  }

  /// The lvalue with every index 0.
  var withoutSubscripts: Expr {
    switch kind {
    case .subscriptOf(let base, _):
      Expr(.subscriptOf(base.withoutSubscripts, .int(0)), type: type)
    default: mapChildren { $0.withoutSubscripts }
    }
  }
}
