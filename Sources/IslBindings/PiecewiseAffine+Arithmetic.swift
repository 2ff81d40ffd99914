internal import CIsl

/// Arithmetic and comparison of functions on one domain.
extension PiecewiseAffine {
  /// The sum, where both are defined.
  public func plus(_ other: PiecewiseAffine) throws(IslError) -> PiecewiseAffine {
    try PiecewiseAffine(context, isl_pw_aff_add(copy, other.copy))
  }

  /// The difference, where both are defined.
  public func minus(_ other: PiecewiseAffine) throws(IslError) -> PiecewiseAffine {
    try PiecewiseAffine(context, isl_pw_aff_sub(copy, other.copy))
  }

  /// The function times an integer.
  public func times(_ factor: Int) throws(IslError) -> PiecewiseAffine {
    try PiecewiseAffine(
      context, isl_pw_aff_scale_val(copy, isl_val_int_from_si(context.pointer, factor)))
  }

  /// The quotient by an integer above zero, rounded toward negative infinity.
  public func floorDivided(by divisor: Int) throws(IslError) -> PiecewiseAffine {
    let quotient = isl_pw_aff_scale_down_val(copy, isl_val_int_from_si(context.pointer, divisor))
    return try PiecewiseAffine(context, isl_pw_aff_floor(quotient))
  }

  /// The quotient by an integer above zero, rounded toward zero as C does (§6.5.5 ¶6).
  public func truncatedQuotient(by divisor: Int) throws(IslError) -> PiecewiseAffine {
    try PiecewiseAffine(context, isl_pw_aff_tdiv_q(copy, try constant(divisor).copy))
  }

  /// What the truncated quotient leaves; its sign is the dividend's.
  public func truncatedRemainder(by divisor: Int) throws(IslError) -> PiecewiseAffine {
    try PiecewiseAffine(context, isl_pw_aff_tdiv_r(copy, try constant(divisor).copy))
  }

  /// The smaller of both, where both are defined.
  public func minimum(_ other: PiecewiseAffine) throws(IslError) -> PiecewiseAffine {
    try PiecewiseAffine(context, isl_pw_aff_min(copy, other.copy))
  }

  /// The greater of both, where both are defined.
  public func maximum(_ other: PiecewiseAffine) throws(IslError) -> PiecewiseAffine {
    try PiecewiseAffine(context, isl_pw_aff_max(copy, other.copy))
  }

  /// The function on the part of its domain that lies in `domain`.
  public func restricted(to domain: IntegerSet) throws(IslError) -> PiecewiseAffine {
    try PiecewiseAffine(context, isl_pw_aff_intersect_domain(copy, domain.copy))
  }

  /// Either function where it is defined; both domains must be disjoint.
  public func joined(with other: PiecewiseAffine) throws(IslError) -> PiecewiseAffine {
    try PiecewiseAffine(context, isl_pw_aff_union_add(copy, other.copy))
  }

  /// Where both are defined and this one is less.
  public func isLess(than other: PiecewiseAffine) throws(IslError) -> IntegerSet {
    try IntegerSet(context, isl_pw_aff_lt_set(copy, other.copy))
  }

  /// Where both are defined and this one is not greater.
  public func isAtMost(_ other: PiecewiseAffine) throws(IslError) -> IntegerSet {
    try IntegerSet(context, isl_pw_aff_le_set(copy, other.copy))
  }

  /// Where both are defined and equal.
  public func isSame(as other: PiecewiseAffine) throws(IslError) -> IntegerSet {
    try IntegerSet(context, isl_pw_aff_eq_set(copy, other.copy))
  }

  /// Where it is defined and not zero.
  public func nonZero() throws(IslError) -> IntegerSet {
    try IntegerSet(context, isl_pw_aff_non_zero_set(copy))
  }

  /// The value when it is one integer constant on one piece.
  public func constantValue() throws(IslError) -> Int? {
    guard isl_pw_aff_n_piece(pointer) == 1, try context.truth(isl_pw_aff_is_cst(pointer)) else {
      return nil
    }
    guard let piece = try pieces().first, piece.denominator == 1, !piece.hasDivisions else {
      return nil
    }
    return piece.constant
  }

  /// Whether the parameter `name` occurs.
  public func involves(parameter name: String) throws(IslError) -> Bool {
    let position = isl_pw_aff_find_dim_by_name(pointer, isl_dim_param, name)
    guard position >= 0 else { return false }
    return try context.truth(
      isl_pw_aff_involves_dims(pointer, isl_dim_param, UInt32(position), 1))
  }

  private func constant(_ value: Int) throws(IslError) -> PiecewiseAffine {
    let domain = isl_pw_aff_get_domain_space(pointer)
    let set = isl_set_universe(domain)
    return try PiecewiseAffine(
      context, isl_pw_aff_val_on_domain(set, isl_val_int_from_si(context.pointer, value)))
  }
}
