internal import CIsl

/// A piecewise quasi-polynomial: values that are polynomial in parameters and iterators.
public final class QuasiPolynomial: CustomStringConvertible {
  /// The parent that outlives this value.
  public let context: Context
  let pointer: OpaquePointer

  /// Which side a bound lies on.
  public enum Side: Sendable {
    /// At least every value.
    case upper
    /// At most every value.
    case lower
  }

  init(_ context: Context, _ owned: OpaquePointer?) throws(IslError) {
    self.context = context
    pointer = try context.take(owned)
  }

  /// Reads isl's notation, for example `[n] -> { [i, j] -> (i * n + j) : 0 <= i, j < n }`.
  public init(_ context: Context, parsing text: String) throws(IslError) {
    self.context = context
    guard let read = isl_pw_qpolynomial_read_from_str(context.pointer, text) else {
      throw context.syntaxError(text)
    }
    pointer = read
  }

  deinit { isl_pw_qpolynomial_free(pointer) }

  var copy: OpaquePointer? { isl_pw_qpolynomial_copy(pointer) }

  /// isl's notation of this function.
  public var description: String { context.text(isl_pw_qpolynomial_to_str(pointer)) }

  /// A bound on the values for all parameters, piece by piece, and whether isl says that it is
  /// reached.
  public func bound(_ side: Side) throws(IslError) -> Bound {
    var tight = isl_bool_false
    let kind = side == .upper ? isl_fold_max : isl_fold_min
    let fold = try context.take(isl_pw_qpolynomial_bound(copy, kind, &tight))
    defer { isl_pw_qpolynomial_fold_free(fold) }
    let collector = BoundCollector(context)
    let token = Unmanaged.passUnretained(collector).toOpaque()
    let status = isl_pw_qpolynomial_fold_foreach_piece(
      fold,
      { domain, fold, token in
        guard let token else { return isl_stat_error }
        let collector = Unmanaged<BoundCollector>.fromOpaque(token).takeUnretainedValue()
        return collector.add(domain, fold)
      }, token)
    if let error = collector.error { throw error }
    guard status == isl_stat_ok else { throw context.lastError() }
    return Bound(pieces: collector.pieces, isTight: try context.truth(tight))
  }

  /// A bound on a function's values.
  public struct Bound {
    /// Where each piece holds, and the polynomials of which the greatest (smallest, for a lower
    /// bound) is the bound there.
    public let pieces: [(domain: IntegerSet, candidates: [ParameterPolynomial])]
    /// Whether the bound is reached.
    public let isTight: Bool
  }
}

/// A polynomial in parameters, with one denominator for all coefficients.
public struct ParameterPolynomial: Equatable, Sendable {
  /// A coefficient and the parameters that it multiplies, with their exponents.
  public struct Term: Equatable, Sendable {
    /// Numerator over the polynomial's denominator.
    public let coefficient: Int
    /// Exponents by name; no zero among them.
    public let exponents: [String: Int]
  }
  /// The terms; none for zero.
  public let terms: [Term]
  /// The common denominator of all coefficients.
  public let denominator: Int
}

/// Gathers the pieces of a bound during isl's iterations.
private final class BoundCollector {
  let context: Context
  var pieces: [(domain: IntegerSet, candidates: [ParameterPolynomial])] = []
  var candidates: [ParameterPolynomial] = []
  var terms: [(numerator: Int, denominator: Int, exponents: [String: Int])] = []
  var error: IslError?

  init(_ context: Context) { self.context = context }

  func add(_ domain: OpaquePointer?, _ fold: OpaquePointer?) -> isl_stat {
    defer { isl_qpolynomial_fold_free(fold) }
    candidates = []
    let token = Unmanaged.passUnretained(self).toOpaque()
    let status = isl_qpolynomial_fold_foreach_qpolynomial(
      fold,
      { polynomial, token in
        guard let token else { return isl_stat_error }
        return Unmanaged<BoundCollector>.fromOpaque(token).takeUnretainedValue()
          .addPolynomial(polynomial)
      }, token)
    do throws(IslError) {
      pieces.append((try IntegerSet(context, domain), candidates))
    } catch {
      self.error = error
      return isl_stat_error
    }
    return status
  }

  private func addPolynomial(_ polynomial: OpaquePointer?) -> isl_stat {
    defer { isl_qpolynomial_free(polynomial) }
    if isl_qpolynomial_is_infty(polynomial) != isl_bool_false
      || isl_qpolynomial_is_neginfty(polynomial) != isl_bool_false
    {
      error = .failed("the function is unbounded")
      return isl_stat_error
    }
    terms = []
    let names = parameterNames(polynomial)
    guard let names else { return isl_stat_error }
    let token = Unmanaged.passUnretained(self).toOpaque()
    self.names = names
    let status = isl_qpolynomial_foreach_term(
      polynomial,
      { term, token in
        guard let token else { return isl_stat_error }
        return Unmanaged<BoundCollector>.fromOpaque(token).takeUnretainedValue().addTerm(term)
      }, token)
    guard status == isl_stat_ok else { return status }
    let denominator = terms.reduce(1) {
      $0 / greatestCommonDivisor($0, $1.denominator) * $1.denominator
    }
    candidates.append(
      ParameterPolynomial(
        terms: terms.map {
          .init(
            coefficient: $0.numerator * (denominator / $0.denominator), exponents: $0.exponents)
        }, denominator: denominator))
    return isl_stat_ok
  }

  private var names: [String] = []

  private func parameterNames(_ polynomial: OpaquePointer?) -> [String]? {
    guard let space = isl_qpolynomial_get_domain_space(polynomial) else { return nil }
    defer { isl_space_free(space) }
    return (0..<isl_space_dim(space, isl_dim_param)).map { position in
      isl_space_get_dim_name(space, isl_dim_param, UInt32(position))
        .map { String(cString: $0) } ?? "p\(position)"
    }
  }

  private func addTerm(_ term: OpaquePointer?) -> isl_stat {
    defer { isl_term_free(term) }
    guard isl_term_dim(term, isl_dim_div) >= 0 else { return isl_stat_error }
    for position in 0..<isl_term_dim(term, isl_dim_div)
    where isl_term_get_exp(term, isl_dim_div, UInt32(position)) != 0 {
      error = .failed("the bound holds an integer division")
      return isl_stat_error
    }
    var exponents: [String: Int] = [:]
    for (position, name) in names.enumerated() {
      let exponent = isl_term_get_exp(term, isl_dim_param, UInt32(position))
      if exponent > 0 { exponents[name] = Int(exponent) }
    }
    let value = isl_term_get_coefficient_val(term)
    defer { isl_val_free(value) }
    guard isl_val_is_rat(value) == isl_bool_true else { return isl_stat_error }
    terms.append((isl_val_get_num_si(value), isl_val_get_den_si(value), exponents))
    return isl_stat_ok
  }
}

private func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
  second == 0 ? abs(first) : greatestCommonDivisor(second, first % second)
}
