import IslBindings
import KernelModel

/// A statement of a function with its dependences.
struct Region {
  let path: [Int]
  let statement: Stmt
  let model: PolyhedralModel
  let dependences: DependenceSet

  var function: Function { model.function }

  /// Whether some access to a known object has an index that isl does not see.
  var hasUnknownSubscripts: Bool {
    model.statements.contains { statement in
      statement.accesses.contains { access in
        access.location.object != .everything && access.location.indices.contains { $0 == nil }
      }
    }
  }

  /// The walked loop with this label, when it has affine bounds and is not part of a statement
  /// taken as one.
  func loop(_ label: LoopLabel) -> LoopInstance? {
    let used = Set(model.statements.flatMap(\.loops))
    return model.loops.last { $0.label == label && used.contains($0.id) }
  }

  func statements(in loop: LoopInstance) -> [PolyhedralStatement] {
    model.statements.filter { $0.loops.contains(loop.id) }
  }

  func depth(of loop: LoopInstance) -> Int? {
    statements(in: loop).first?.loops.firstIndex(of: loop.id)
  }
}

extension Stmt {
  /// Indices of children that lead to the loop of any kind with this label.
  func path(to label: LoopLabel) -> [Int]? {
    if loopLabel == label { return [] }
    for (position, child) in children.enumerated() {
      if let rest = child.path(to: label) { return [position] + rest }
    }
    return nil
  }

  func descendant(at path: some Collection<Int>) -> Stmt {
    guard let next = path.first else { return self }
    return children[next].descendant(at: path.dropFirst())
  }
}
