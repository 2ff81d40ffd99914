internal import CIsl

/// The greatest or smallest value of a function over a set.
public enum Optimum: Equatable, Sendable {
  /// The set has no vector.
  case empty
  /// The function grows without bound.
  case unbounded
  /// The value, when it is an integer that fits.
  case value(Int)
}

extension IntegerSet {
  /// The greatest value of dimension `position`, over all values of the parameters.
  public func maximum(ofDimension position: Int) throws(IslError) -> Optimum {
    try optimum(isl_set_dim_max_val(copy, Int32(position)))
  }

  /// The smallest value of dimension `position`, over all values of the parameters.
  public func minimum(ofDimension position: Int) throws(IslError) -> Optimum {
    try optimum(isl_set_dim_min_val(copy, Int32(position)))
  }

  /// The greatest value of dimension `position` as a function of the parameters.
  public func parametricMaximum(
    ofDimension position: Int
  ) throws(IslError) -> PiecewiseAffine {
    try PiecewiseAffine(context, isl_set_dim_max(copy, Int32(position)))
  }

  /// The smallest value of dimension `position` as a function of the parameters.
  public func parametricMinimum(
    ofDimension position: Int
  ) throws(IslError) -> PiecewiseAffine {
    try PiecewiseAffine(context, isl_set_dim_min(copy, Int32(position)))
  }

  /// Some vector of the set, without regard to parameters (they are sampled too), or nil.
  public func samplePoint() throws(IslError) -> [Int]? {
    let point = try context.take(isl_set_sample_point(copy))
    defer { isl_point_free(point) }
    if try context.truth(isl_point_is_void(point)) { return nil }
    var vector: [Int] = []
    for position in 0..<dimensionCount {
      let value = isl_point_get_coordinate_val(point, isl_dim_set, Int32(position))
      vector.append(try integer(value))
    }
    return vector
  }

  /// The vectors of a bounded set without parameters, up to `limit` of them.
  public func points(limit: Int) throws(IslError) -> [[Int]] {
    var remaining = self
    var found: [[Int]] = []
    while found.count < limit, let point = try remaining.samplePoint() {
      found.append(point)
      let name = tupleName ?? ""
      let list = point.map(String.init).joined(separator: ", ")
      let single = try IntegerSet(context, parsing: "{ \(name)[\(list)] }")
      remaining = try remaining.subtracting(single)
    }
    return found
  }

  private func optimum(_ owned: OpaquePointer?) throws(IslError) -> Optimum {
    let value = try context.take(owned)
    defer { isl_val_free(value) }
    if try context.truth(isl_val_is_nan(value)) { return .empty }
    if try context.truth(isl_val_is_infty(value)) { return .unbounded }
    if try context.truth(isl_val_is_neginfty(value)) { return .unbounded }
    return .value(try context.integer(value))
  }

  private func integer(_ owned: OpaquePointer?) throws(IslError) -> Int {
    let value = try context.take(owned)
    defer { isl_val_free(value) }
    return try context.integer(value)
  }
}

extension Context {
  /// The value as a Swift integer; a fraction or a number beyond 62 bits is an error.
  func integer(_ value: OpaquePointer) throws(IslError) -> Int {
    guard try truth(isl_val_is_int(value)) else { throw .failed("value is not an integer") }
    guard isl_val_cmp_si(value, 1 << 62) < 0, isl_val_cmp_si(value, -(1 << 62)) > 0 else {
      throw .failed("value does not fit 62 bits")
    }
    return isl_val_get_num_si(value)
  }
}
