import KernelModel

/// Finds the loads that every right candidate must make: those whose value reaches memory or the
/// result whatever the other values are.
///
/// Of floating numbers through + - * / and square roots alone: any of them may be a NaN, which
/// comes out, so none may be passed over. Of integers through + - ^ ~ alone and once each, since
/// what is added twice may cancel. A value that is overwritten before it is used does not count.
struct CertainLoads {
  private let walk: WorkWalk
  private let geometry: NestGeometry
  /// Objects whose contents the contract says something of: they may hold no NaN.
  private let restricted: Set<ObjectPath>

  init(_ walk: WorkWalk, _ geometry: NestGeometry, restricted: Set<ObjectPath>) {
    self.walk = walk
    self.geometry = geometry
    self.restricted = restricted
  }

  /// The loads; none where something may be stored at a place that is not known.
  func loads() -> [WorkWalk.Access] {
    guard !walk.storesAnywhere else { return [] }
    var needed: [WorkWalk.Access] = []
    var seen: Set<Int> = []
    var pending = walk.flows.filter { $0.isCertain && isFinal($0) }
    while let flow = pending.popLast() {
      needed += flow.loads
      for variable in flow.variables {
        for source in sources(of: variable, for: flow) where seen.insert(source.order).inserted {
          pending.append(source)
        }
      }
    }
    let stored = Set(walk.accesses.filter(\.isStore).map(\.root))
    return needed.filter { load in
      load.isCertain && !stored.contains(load.root) && !restricted.contains(load.root)
        && (load.type.isFloating || isAlone(load))
    }
  }

  /// Whether what flows is still there when the call returns.
  private func isFinal(_ flow: WorkWalk.Flow) -> Bool {
    switch flow.target {
    case .variable: return false
    case .result: return true
    case .memory(let index):
      let access = walk.accesses[index]
      guard flow.accumulates || isInjective(access) else { return false }
      return walk.flows.allSatisfy { other in
        guard case .memory(let its) = other.target, other.order != flow.order,
          walk.accesses[its].root == access.root, !other.accumulates
        else { return true }
        return other.order < flow.order && walk.accesses[its].offset == access.offset
          && isInjective(walk.accesses[its])
      }
    }
  }

  /// The assignments whose values `variable` holds where `use` reads it; none unless it is sure.
  private func sources(of variable: VariableID, for use: WorkWalk.Flow) -> [WorkWalk.Flow] {
    let all = walk.flows.filter { $0.target == .variable(variable) }
    let first = all.filter { !$0.accumulates }
    guard !walk.unknownVariables.contains(variable), let start = first.first, first.count == 1,
      start.loops == use.loops,
      all.allSatisfy({
        $0.isCertain && $0.order < use.order && $0.order >= start.order
          && $0.loops.starts(with: use.loops)
      })
    else { return [] }
    return all
  }

  /// Whether no two turns of the loops around it reach the same bytes.
  private func isInjective(_ access: WorkWalk.Access) -> Bool {
    guard let turns = geometry.turns(Set(access.loops)),
      let ranges = geometry.bytes(at: access.offset, size: access.size, in: access.loops)
    else { return false }
    return ranges.reduce(0) { $0 + $1.count } == turns * access.size
  }

  private func isAlone(_ load: WorkWalk.Access) -> Bool {
    let same = walk.accesses.filter { $0.root == load.root }
    return same.count == 1 && isInjective(load)
  }
}
