internal import CIsl

/// An affine function with integer divisions, given piece by piece: an isl piecewise affine
/// expression.
public final class PiecewiseAffine: CustomStringConvertible {
  /// The parent that outlives this value.
  public let context: Context
  let pointer: OpaquePointer

  /// One piece: where it holds and its value there.
  public struct Piece {
    /// The parameters or vectors for which the piece holds.
    public let domain: IntegerSet
    /// The constant term, numerator over ``denominator``.
    public let constant: Int
    /// The coefficients of the parameters that occur, by name, over ``denominator``.
    public let parameters: [String: Int]
    /// The coefficients of the vector's dimensions over ``denominator``; none where it depends on
    /// parameters alone.
    public let dimensions: [Int]
    /// The common denominator; a denominator other than 1 comes from a rational optimum.
    public let denominator: Int
    /// Whether an integer division occurs, which the coefficients do not show.
    public let hasDivisions: Bool
  }

  init(_ context: Context, _ owned: OpaquePointer?) throws(IslError) {
    self.context = context
    pointer = try context.take(owned)
  }

  /// Reads isl's notation, for example `[n] -> { [(n - 1)] : n > 0 }`.
  public init(_ context: Context, parsing text: String) throws(IslError) {
    self.context = context
    guard let read = isl_pw_aff_read_from_str(context.pointer, text) else {
      throw context.syntaxError(text)
    }
    pointer = read
  }

  deinit { isl_pw_aff_free(pointer) }

  var copy: OpaquePointer? { isl_pw_aff_copy(pointer) }

  /// isl's notation of this function.
  public var description: String { context.text(isl_pw_aff_to_str(pointer)) }

  /// The name of the tuple that it is a function of, when it has one.
  public var tupleName: String? {
    let space = isl_pw_aff_get_domain_space(pointer)
    defer { isl_space_free(space) }
    return isl_space_get_tuple_name(space, isl_dim_set).map { String(cString: $0) }
  }

  /// The same function with fewer pieces where isl sees how.
  public func coalesced() throws(IslError) -> PiecewiseAffine {
    try PiecewiseAffine(context, isl_pw_aff_coalesce(copy))
  }

  /// The greater of both, where both are defined; else the one that is.
  public func unionMaximum(_ other: PiecewiseAffine) throws(IslError) -> PiecewiseAffine {
    try PiecewiseAffine(context, isl_pw_aff_union_max(copy, other.copy))
  }

  /// The smaller of both, where both are defined; else the one that is.
  public func unionMinimum(_ other: PiecewiseAffine) throws(IslError) -> PiecewiseAffine {
    try PiecewiseAffine(context, isl_pw_aff_union_min(copy, other.copy))
  }

  /// The same function written with only what `known` does not already imply.
  public func gist(given known: IntegerSet) throws(IslError) -> PiecewiseAffine {
    try PiecewiseAffine(context, isl_pw_aff_gist(copy, known.copy))
  }

  /// The vectors (or parameters, as a set without dimensions) for which it is defined.
  public func domain() throws(IslError) -> IntegerSet {
    try IntegerSet(context, isl_pw_aff_domain(copy))
  }

  /// The pieces with their coefficients.
  public func pieces() throws(IslError) -> [Piece] {
    let collector = PieceCollector(context)
    let token = Unmanaged.passUnretained(collector).toOpaque()
    let status = isl_pw_aff_foreach_piece(
      pointer,
      { domain, function, token in
        guard let token else { return isl_stat_error }
        let collector = Unmanaged<PieceCollector>.fromOpaque(token).takeUnretainedValue()
        return collector.add(domain, function)
      }, token)
    if let error = collector.error { throw error }
    guard status == isl_stat_ok else { throw context.lastError() }
    return collector.pieces
  }
}

/// Gathers pieces during isl's iteration, which knows neither Swift errors nor captures.
private final class PieceCollector {
  let context: Context
  var pieces: [PiecewiseAffine.Piece] = []
  var error: IslError?

  init(_ context: Context) { self.context = context }

  func add(_ domain: OpaquePointer?, _ function: OpaquePointer?) -> isl_stat {
    defer { isl_aff_free(function) }
    do throws(IslError) {
      let domain = try IntegerSet(context, domain)
      pieces.append(try piece(domain, try context.take(function)))
      return isl_stat_ok
    } catch {
      self.error = error
      return isl_stat_error
    }
  }

  private func piece(
    _ domain: IntegerSet, _ function: OpaquePointer
  ) throws(IslError) -> PiecewiseAffine.Piece {
    let denominator = try integer(isl_aff_get_denominator_val(function))
    func scaled(_ owned: OpaquePointer?) throws(IslError) -> Int {
      let value = isl_val_mul(owned, isl_val_int_from_si(context.pointer, denominator))
      return try integer(value)
    }
    var parameters: [String: Int] = [:]
    for position in 0..<isl_aff_dim(function, isl_dim_param) {
      let value = isl_aff_get_coefficient_val(function, isl_dim_param, position)
      let coefficient = try scaled(value)
      guard coefficient != 0,
        let name = isl_aff_get_dim_name(function, isl_dim_param, UInt32(position))
      else { continue }
      parameters[String(cString: name)] = coefficient
    }
    var dimensions: [Int] = []
    for position in 0..<max(0, isl_aff_dim(function, isl_dim_in)) {
      dimensions.append(
        try scaled(isl_aff_get_coefficient_val(function, isl_dim_in, position)))
    }
    return PiecewiseAffine.Piece(
      domain: domain, constant: try scaled(isl_aff_get_constant_val(function)),
      parameters: parameters, dimensions: dimensions, denominator: denominator,
      hasDivisions: usesDivisions(function))
  }

  private func usesDivisions(_ function: OpaquePointer) -> Bool {
    let count = isl_aff_dim(function, isl_dim_div)
    return (0..<max(0, count)).contains { position in
      let value = isl_aff_get_coefficient_val(function, isl_dim_div, position)
      defer { isl_val_free(value) }
      return isl_val_is_zero(value) != isl_bool_true
    }
  }

  private func integer(_ owned: OpaquePointer?) throws(IslError) -> Int {
    let value = try context.take(owned)
    defer { isl_val_free(value) }
    return try context.integer(value)
  }
}
