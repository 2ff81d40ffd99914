import KernelModel

/// Where an lvalue lies: a root and the way from it.
struct Place: Hashable {
  enum Root: Hashable {
    /// The storage of a variable.
    case object(VariableID)
    /// What the value of a pointer points to.
    case pointee(ObjectPath)
    case unknown
  }
  enum Component: Hashable {
    case index(IndexForm)
    /// An index of which nothing is known.
    case anyIndex
    case field(String)
  }
  var root: Root
  var components: [Component] = []
  /// Whether the components lead to the very place; false when a pointer conversion changed the unit
  /// of the indices.
  var isExact = true

  /// The place moved by `count` elements.
  func advanced(by count: IndexForm?) -> Place {
    var copy = self
    switch (components.last, count) {
    case (.index(let index), let count?):
      copy.components[components.count - 1] = .index(index + count)
    case (.index, nil), (.anyIndex, _): copy.components[components.count - 1] = .anyIndex
    default:
      if count?.constant != 0 { copy.isExact = false }
    }
    return copy
  }

  func appending(_ component: Component) -> Place {
    var copy = self
    copy.components.append(component)
    return copy
  }
}

/// Finds the places of lvalues in one function, through local pointers that are set once.
struct PlaceFinder {
  let function: Function
  /// Local pointers with one value in the whole function, and that value.
  private let aliases: [VariableID: Expr]
  /// Pointers that are only moved along (`p++`, `p += n`): they stay in their object.
  private let moved: Set<VariableID>
  /// Pointers that the function sets to something else.
  private let reassigned: Set<VariableID>

  init(_ function: Function) {
    self.function = function
    var initial: [VariableID: Expr] = [:]
    var stored: Set<VariableID> = []
    var movedOnly: Set<VariableID> = []
    function.body.walk { statement in
      if case .declaration(let declarators) = statement.kind {
        for declarator in declarators where function[declarator.variable].type.isPointer {
          if let value = declarator.initializer { initial[declarator.variable] = value }
        }
      }
      if case .opaque(let opaque) = statement.kind { stored.formUnion(opaque.writes) }
      for expr in statement.expressions {
        expr.walk { node in
          switch node.kind {
          case .assign(.add?, let target, _), .assign(.subtract?, let target, _):
            if case .variable(let v) = target.kind { movedOnly.insert(v) }
          case .assign(_, let target, _):
            if case .variable(let v) = target.kind { stored.insert(v) }
          case .unary(.addressOf, let target):
            if let v = target.rootVariable { stored.insert(v) }
          case .unary(let op, let target) where op.stores:
            if case .variable(let v) = target.kind { movedOnly.insert(v) }
          case .opaque(_, let mentions): stored.formUnion(mentions)
          default: break
          }
        }
      }
    }
    reassigned = stored
    moved = movedOnly.subtracting(stored)
    let once = initial.filter { !stored.contains($0.key) && !movedOnly.contains($0.key) }
    // What an alias stands for must itself keep its value from the declaration on.
    aliases = once.filter { _, value in
      value.mentionedVariables.isDisjoint(with: stored.union(movedOnly))
        && value.mentionedVariables.allSatisfy { v in
          let storage = function[v].storage
          return storage == .parameter || once[v] != nil || function[v].type.isArray
        }
    }
  }

  /// The place of an lvalue.
  func place(of lvalue: Expr) -> Place {
    switch lvalue.kind {
    case .variable(let variable): return Place(root: .object(variable))
    case .subscriptOf(let base, let index):
      let start = base.type.isArray ? place(of: base).appending(.index(IndexForm())) : target(base)
      return start.advanced(by: IndexForm(index))
    case .unary(.dereference, let pointer): return target(pointer)
    case .member(let base, let field, let isArrow):
      return (isArrow ? target(base) : place(of: base)).appending(.field(field))
    default: return Place(root: .unknown, isExact: false)
    }
  }

  /// The place that a pointer value points to, as element 0 of an array.
  private func target(_ pointer: Expr) -> Place {
    let unknown = Place(root: .unknown, components: [.anyIndex], isExact: false)
    if pointer.type.isArray { return place(of: pointer).appending(.index(IndexForm())) }
    switch pointer.kind {
    case .variable(let variable):
      if let value = aliases[variable] {
        // A pointer read from memory once stays what it was when the memory changes.
        if !value.readsMemory { return target(value) }
        return Place(root: .pointee(ObjectPath(variable)), components: [.index(IndexForm())])
      }
      if reassigned.contains(variable) || function[variable].storage == .global { return unknown }
      let step: Place.Component = moved.contains(variable) ? .anyIndex : .index(IndexForm())
      if moved.contains(variable), function[variable].storage != .parameter { return unknown }
      return Place(root: .pointee(ObjectPath(variable)), components: [step])
    case .binary(.add, let a, let b):
      return a.type.element != nil
        ? target(a).advanced(by: IndexForm(b)) : target(b).advanced(by: IndexForm(a))
    case .binary(.subtract, let a, let b) where a.type.element != nil && b.type.isInteger:
      return target(a).advanced(by: IndexForm() - IndexForm(b))
    case .unary(.addressOf, let lvalue):
      let inner = place(of: lvalue)
      if case .field = inner.components.last { return inner.appending(.index(IndexForm())) }
      return inner.components.isEmpty ? inner.appending(.index(IndexForm())) : inner
    case .cast(let operand) where operand.type.element != nil:
      var inner = target(operand)
      if operand.type.element?.canonical != pointer.type.element?.canonical {
        inner.isExact = false
      }
      return inner
    case .member:
      if let path = path(of: pointer) {
        return Place(root: .pointee(path), components: [.index(IndexForm())])
      }
      return unknown
    default: return unknown
    }
  }

  /// Where a pointer that is read from memory once was read from.
  func origin(of path: ObjectPath) -> ObjectPath? {
    guard path.fields.isEmpty, let value = aliases[path.base], value.readsMemory else { return nil }
    return self.path(of: value)
  }

  /// `s->data` and the like, from a pointer that nothing reassigns.
  func path(of expr: Expr) -> ObjectPath? {
    switch expr.kind {
    case .variable(let variable):
      if let value = aliases[variable], !value.readsMemory { return path(of: value) }
      return reassigned.contains(variable) || moved.contains(variable) ? nil : ObjectPath(variable)
    case .member(let base, let field, _):
      guard var path = path(of: base) else { return nil }
      path.fields.append(field)
      return path
    case .unary(.addressOf, let lvalue): return path(of: lvalue)
    default: return nil
    }
  }
}

extension CType {
  var isArray: Bool { if case .array = canonical { true } else { false } }
}
