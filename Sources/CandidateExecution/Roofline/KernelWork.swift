public import ExperimentRecords
public import KernelModel

/// What one call of a kernel does at fixed sizes, counted from the text as the user wrote it.
public struct KernelWork: Hashable, Sendable {
  /// Operations of `double`, without those that are the same in every turn of a loop.
  public var doubleOperations: Int
  /// Operations of `float`.
  public var singleOperations: Int
  /// Distinct bytes that a call touches.
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
    self.init(
      doubleOperations: double, singleOperations: single, bytes: all.bytes,
      certainBytes: Self.bytes(of: stores + loads, geometry).bytes,
      isWhole: isWhole && all.isWhole, fuses: kernel.build.contraction != .off)
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

  private static func bytes(
    of accesses: [WorkWalk.Access], _ geometry: NestGeometry
  ) -> (bytes: Int, isWhole: Bool) {
    var ranges: [ObjectPath: [Range<Int>]] = [:]
    var isWhole = true
    for access in accesses {
      guard let bytes = geometry.bytes(at: access.offset, size: access.size, in: access.loops)
      else {
        isWhole = false
        continue
      }
      ranges[access.root, default: []] += bytes
    }
    let total = ranges.values.reduce(0) { sum, ranges in
      sum + NestGeometry.union(ranges).reduce(0) { $0 + $1.count }
    }
    return (total, isWhole)
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
