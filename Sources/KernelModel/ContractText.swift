extension Function {
  /// A path as C writes it: `n`, `src->data`, `table.rows`.
  public func text(of path: ObjectPath) -> String {
    var text = self[path.base].name
    var type = self[path.base].type
    for field in path.fields {
      text += type.isPointer ? "->\(field)" : ".\(field)"
      let record = type.isPointer ? type.element : type
      type = record.flatMap { self.type(of: field, in: $0) } ?? .void
    }
    return text
  }

  /// The path that C text of the form `a`, `a->b`, `a.b->c` names; nil when there is no such object.
  public func path(named text: String) -> ObjectPath? {
    let parts = text.split(whereSeparator: { ".->".contains($0) }).map(String.init)
    guard let first = parts.first,
      let base = parameters.first(where: { self[$0].name == first })
        ?? symbols.filter({ $0.value.name == first && $0.value.storage == .global }).keys.min()
    else { return nil }
    return ObjectPath(base, fields: Array(parts.dropFirst()))
  }

  /// The type of the object that the path names; nil when a field is unknown.
  public func type(of path: ObjectPath) -> CType? {
    var type = self[path.base].type
    for field in path.fields {
      let record = type.isPointer ? type.element ?? type : type
      guard let next = self.type(of: field, in: record) else { return nil }
      type = next
    }
    return type
  }

  private func type(of field: String, in type: CType) -> CType? {
    guard case .record(let reference) = type.canonical else { return nil }
    return records[reference]?.fields.first { $0.name == field }?.type
  }

  /// A size as C text, with the parentheses that it needs.
  public func text(of size: SizeExpr) -> String { text(of: size, inProduct: false) }

  private func text(of size: SizeExpr, inProduct: Bool) -> String {
    func sum(_ a: SizeExpr, _ op: String, _ b: SizeExpr) -> String {
      let right = op == "-" ? text(of: b, inProduct: b.isSum) : text(of: b)
      let result = "\(text(of: a)) \(op) \(right)"
      return inProduct ? "(\(result))" : result
    }
    switch size {
    case .constant(let value): return "\(value)"
    case .input(let path): return text(of: path)
    case .add(let a, .constant(let value)) where value < 0:
      return sum(a, "-", .constant(-value))
    case .add(let a, let b): return sum(a, "+", b)
    case .subtract(let a, let b): return sum(a, "-", b)
    case .multiply(let a, let b):
      return "\(text(of: a, inProduct: true)) * \(text(of: b, inProduct: true))"
    case .floorDivide(let a, let b): return "\(text(of: a, inProduct: true)) / \(b)"
    case .minimum(let a, let b): return "\\min(\(text(of: a)), \(text(of: b)))"
    case .maximum(let a, let b): return "\\max(\(text(of: a)), \(text(of: b)))"
    }
  }

  /// The contract as ACSL clauses, one a line, in the order of the parameters.
  public func acsl(_ contract: Contract) -> [String] {
    let paths = contract.extents.keys.sorted {
      ($0.base, $0.fields.joined(separator: ".")) < ($1.base, $1.fields.joined(separator: "."))
    }
    let extents = paths.compactMap { path -> String? in
      guard let extent = contract.extents[path] else { return nil }
      let last = text(of: SizeExpr.subtract(extent.upper, .constant(1)).simplified)
      let range = "\(text(of: extent.lower)) .. \(last)"
      return "requires \\valid(\(text(of: path)) + (\(range)));"
    }
    var clauses = extents + contract.requirements.map { "requires \(text(of: $0));" }
    if let assigns = contract.assigns {
      let names = assigns.map { text(of: $0) }.joined(separator: ", ")
      clauses.append("assigns \(names.isEmpty ? "\\nothing" : names);")
    }
    return clauses
  }

  private func text(of requirement: Requirement) -> String {
    switch requirement {
    case .compare(let a, let op, let b): return "\(text(of: a)) \(op.rawValue) \(text(of: b))"
    case .floatRange(let path, let lower, let upper):
      let name = text(of: path)
      return [lower.map { "\($0) <= " } ?? "", name, upper.map { " <= \($0)" } ?? ""].joined()
    case .isFinite(let path): return "\\is_finite(\(text(of: path)))"
    case .separated(let a, let b): return "\\separated(\(text(of: a)), \(text(of: b)))"
    case .elements(let path, let range, let values):
      let inRange = "\(text(of: range.lower)) <= k < \(text(of: range.upper))"
      let cell = "\(text(of: values.lower)) <= \(text(of: path))[k] < \(text(of: values.upper))"
      return "\\forall integer k; \(inRange) ==> \(cell)"
    case .monotone(let path, let range):
      let inRange = "\(text(of: range.lower)) <= k < \(text(of: range.upper))"
      let name = text(of: path)
      return "\\forall integer k; \(inRange) ==> \(name)[k] <= \(name)[k+1]"
    }
  }
}

extension SizeExpr {
  fileprivate var isSum: Bool {
    switch self {
    case .add, .subtract: true
    default: false
    }
  }

  /// The expression with constants folded and neutral elements dropped.
  public var simplified: SizeExpr {
    switch self {
    case .constant, .input: return self
    case .add(let a, let b): return Self.sum(a.simplified, b.simplified)
    case .subtract(let a, let b):
      let (x, y) = (a.simplified, b.simplified)
      if case .constant(let c) = y, c != .min { return Self.sum(x, .constant(-c)) }
      return x == y ? .constant(0) : .subtract(x, y)
    case .multiply(let a, let b):
      switch (a.simplified, b.simplified) {
      case (.constant(let x), .constant(let y)):
        let (value, overflow) = x.multipliedReportingOverflow(by: y)
        return overflow ? self : .constant(value)
      case (.constant(0), _), (_, .constant(0)): return .constant(0)
      case (.constant(1), let x), (let x, .constant(1)): return x
      case (let x, let y): return .multiply(x, y)
      }
    case .floorDivide(let a, let b): return b == 1 ? a.simplified : .floorDivide(a.simplified, b)
    case .minimum(let a, let b):
      let (x, y) = (a.simplified, b.simplified)
      if case .constant(let p) = x, case .constant(let q) = y { return .constant(min(p, q)) }
      return x == y ? x : .minimum(x, y)
    case .maximum(let a, let b):
      let (x, y) = (a.simplified, b.simplified)
      if case .constant(let p) = x, case .constant(let q) = y { return .constant(max(p, q)) }
      return x == y ? x : .maximum(x, y)
    }
  }

  /// `a + b` with the constants of nested sums collected at the end.
  private static func sum(_ a: SizeExpr, _ b: SizeExpr) -> SizeExpr {
    switch (a, b) {
    case (.constant(let x), .constant(let y)):
      let (value, overflow) = x.addingReportingOverflow(y)
      return overflow ? .add(a, b) : .constant(value)
    case (.constant(0), let x), (let x, .constant(0)): return x
    case (.constant, _): return sum(b, a)
    case (.add(let x, .constant(let c)), .constant(let d)):
      let (value, overflow) = c.addingReportingOverflow(d)
      if overflow { return .add(a, b) }
      return value == 0 ? x : .add(x, .constant(value))
    default: return .add(a, b)
    }
  }
}
