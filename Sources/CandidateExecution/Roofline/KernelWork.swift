public import ExperimentRecords
public import KernelModel

/// What one call of a kernel does at fixed sizes, counted from the text as the user wrote it.
public struct KernelWork: Hashable, Sendable {
  /// Operations of `double`, without those that are the same in every turn of a loop.
  public var doubleOperations: Int
  /// Operations of `float`.
  public var singleOperations: Int
  /// Distinct bytes that a call touches; where that depends on data, what the contract allows.
  public var bytes: Int
  /// Distinct bytes that every right candidate must touch: what is stored in every call, and what is
  /// loaded as `CertainLoads` says.
  public var certainBytes: Int
  /// Whether nothing depends on data, so that the counts tell all of it.
  public var isWhole: Bool
  /// Whether the project's flags let the compiler fuse products with sums.
  public var fuses: Bool

  /// Counts; `nil` when nothing can be counted at these sizes.
  ///
  /// - Parameters:
  ///   - sizes: Values of the size inputs by name.
  ///   - isExact: Results must be the same bits; else a NaN proves nothing about loads.
  public init?(_ kernel: Kernel, sizes: [String: Int], isExact: Bool) {
    let function = kernel.function
    var values: [ObjectPath: Int] = [:]
    for (name, size) in sizes {
      if let path = function.path(named: name) { values[path] = size }
    }
    let walk = WorkWalk(function, sizes: values)
    let geometry = NestGeometry(trips: walk.trips)
    var (double, single, isWhole) = (0, 0, walk.isWhole)
    for operation in walk.operations {
      guard let turns = geometry.turns(operation.loops) else {
        isWhole = false
        continue
      }
      switch operation.type {
      case .double: double += turns
      case .float: single += turns
      default: isWhole = false
      }
    }
    let compares = isExact && !kernel.build.isFastMath
    let loads =
      compares
      ? CertainLoads(walk, geometry, restricted: kernel.contract.restrictedObjects).loads() : []
    let stores = walk.accesses.filter { $0.isStore && $0.isCertain }
    let all = Self.bytes(of: walk.accesses, geometry)
    isWhole = isWhole && all.isWhole
    var touched = all.bytes
    if !isWhole {
      // What depends on data touches no more than the contract allows, and mostly that much.
      for (path, allowed) in Self.allowed(kernel, values) {
        touched[path] = max(allowed, touched[path] ?? 0)
      }
    }
    self.init(
      doubleOperations: double, singleOperations: single, bytes: touched.values.reduce(0, +),
      certainBytes: Self.bytes(of: stores + loads, geometry).bytes.values.reduce(0, +),
      isWhole: isWhole, fuses: kernel.build.contraction != .off)
    if bytes == 0 { return nil }
  }

  private init(
    doubleOperations: Int, singleOperations: Int, bytes: Int, certainBytes: Int, isWhole: Bool,
    fuses: Bool
  ) {
    self.doubleOperations = doubleOperations
    self.singleOperations = singleOperations
    self.bytes = bytes
    self.certainBytes = certainBytes
    self.isWhole = isWhole
    self.fuses = fuses
  }

  /// Bytes of all extents that have values at these sizes.
  private static func allowed(
    _ kernel: Kernel, _ values: [ObjectPath: Int]
  ) -> [(ObjectPath, Int)] {
    let layout = TypeLayout(records: kernel.function.records)
    return kernel.contract.extents.compactMap { path, extent in
      guard let lower = extent.lower.evaluate({ values[$0] }),
        let upper = extent.upper.evaluate({ values[$0] }), upper > lower,
        let element = kernel.function.type(of: path)?.element?.scalarElement,
        let size = layout.size(of: element)?.size
      else { return nil }
      let (bytes, overflow) = (upper - lower).multipliedReportingOverflow(by: size)
      return overflow ? nil : (path, bytes)
    }
  }

  private static func bytes(
    of accesses: [WorkWalk.Access], _ geometry: NestGeometry
  ) -> (bytes: [ObjectPath: Int], isWhole: Bool) {
    var ranges: [ObjectPath: [Range<Int>]] = [:]
    var isWhole = true
    for access in merged(accesses) {
      guard let bytes = geometry.bytes(at: access.offset, size: access.size, in: access.loops)
      else {
        isWhole = false
        continue
      }
      ranges[access.root, default: []] += bytes
    }
    let counts = ranges.mapValues { NestGeometry.union($0).reduce(0) { $0 + $1.count } }
    return (counts, isWhole)
  }

  /// Accesses that stand side by side in every turn, `p[3 * i]` and `p[3 * i + 1]`, as one.
  private static func merged(_ accesses: [WorkWalk.Access]) -> [WorkWalk.Access] {
    struct Turning: Hashable {
      var root: ObjectPath
      var terms: [Int: Int]
      var loops: [Int]
    }
    let groups = Dictionary(grouping: accesses) {
      Turning(root: $0.root, terms: $0.offset.terms, loops: $0.loops)
    }
    return groups.values.flatMap { group in
      var result: [WorkWalk.Access] = []
      for access in group.sorted(by: { $0.offset.constant < $1.offset.constant }) {
        if let last = result.last,
          access.offset.constant <= last.offset.constant + last.size
        {
          let end = access.offset.constant + access.size - last.offset.constant
          result[result.count - 1].size = max(last.size, end)
        } else {
          result.append(access)
        }
      }
      return result
    }
  }

  /// What the machine allows.
  public func limit(workload: String, on peaks: MachinePeaks) -> RooflineLimit {
    let compute =
      1e9
      * (Double(doubleOperations) / (fuses ? peaks.double.fused : peaks.double.apart)
        + Double(singleOperations) / (fuses ? peaks.single.fused : peaks.single.apart))
    let traffic = peaks.traffic(bytes: bytes)
    return RooflineLimit(
      workload: workload, operations: doubleOperations + singleOperations, bytes: bytes,
      certainBytes: certainBytes, isWhole: isWhole,
      nanoseconds: max(compute, traffic.nanoseconds),
      limitedBy: compute > traffic.nanoseconds ? "compute" : traffic.level,
      certainNanoseconds: peaks.traffic(bytes: certainBytes).nanoseconds)
  }
}

extension MachinePeaks {
  /// The least time in which a core can touch so many distinct bytes, and the level that decides.
  ///
  /// All of them pass the first level. At most what the caches up to a level hold together can have
  /// stayed there since the call before; the rest comes from behind.
  func traffic(bytes: Int) -> (nanoseconds: Double, level: String) {
    var worst = (nanoseconds: 0.0, level: levels.first?.name ?? "memory")
    var held = 0
    for level in levels {
      let time = 1e9 * Double(max(0, bytes - held)) / level.bytesPerSecond
      if time > worst.nanoseconds { worst = (time, level.name) }
      held += level.bytes ?? 0
    }
    return worst
  }
}

extension Contract {
  /// Objects of whose floating contents something is required.
  fileprivate var restrictedObjects: Set<ObjectPath> {
    var result: Set<ObjectPath> = []
    for requirement in requirements {
      switch requirement {
      case .floatRange(let path, _, _), .isFinite(let path): result.insert(path)
      default: break
      }
    }
    return result
  }
}
