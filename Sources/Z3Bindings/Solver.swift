internal import CZ3

/// What a solver says of the conjunction of its assertions.
public enum Satisfiability: Hashable, Sendable {
  /// There is an assignment: the values of the constants that it gives one, as bit-vectors of at most
  /// 64 bits by name. Constants that are left out may have any value.
  case satisfiable([String: UInt64])
  case unsatisfiable
  /// Z3 gave up, with its own word for why: `canceled` at the limit, `memout`, `incomplete`.
  case unknown(String)
}

/// Decides whether assertions in SMT-LIB 2 hold together.
public struct Solver: ~Copyable {
  private let context: Context
  private let pointer: OpaquePointer

  /// A solver for a logic by its SMT-LIB name; `QF_UFBV` is bit-vectors with functions about which
  /// nothing is known.
  ///
  /// - Throws: `Z3Error.failed` when Z3 has none for that logic.
  public init(_ context: Context, logic: String) throws(Z3Error) {
    self.context = context
    let made = Z3_mk_solver_for_logic(
      context.pointer, Z3_mk_string_symbol(context.pointer, logic))
    try context.check()
    guard let made else { throw .failed("there is no solver for '\(logic)'") }
    pointer = made
    Z3_solver_inc_ref(context.pointer, made)
  }

  deinit { Z3_solver_dec_ref(context.pointer, pointer) }

  /// Adds declarations and assertions.
  ///
  /// - Throws: `Z3Error.syntax` when Z3 cannot read them; nothing is added then.
  public func assert(parsing text: String) throws(Z3Error) {
    Z3_solver_from_string(context.pointer, pointer, text)
    try context.check()
  }

  /// Asks; the limit is of Z3's own count of what it does (its `rlimit`), so that an answer does not
  /// depend on what else the machine is doing. Whoever needs a limit of time runs this in a process that
  /// can be killed.
  public func check(effort: UInt32) throws(Z3Error) -> Satisfiability {
    let parameters = Z3_mk_params(context.pointer)
    Z3_params_inc_ref(context.pointer, parameters)
    defer { Z3_params_dec_ref(context.pointer, parameters) }
    Z3_params_set_uint(
      context.pointer, parameters, Z3_mk_string_symbol(context.pointer, "rlimit"), effort)
    Z3_solver_set_params(context.pointer, pointer, parameters)
    try context.check()
    switch Z3_solver_check(context.pointer, pointer) {
    case Z3_L_TRUE: return .satisfiable(try model())
    case Z3_L_FALSE:
      // An error on the way would make the answer worthless.
      try context.check()
      return .unsatisfiable
    default:
      let reason = Z3_solver_get_reason_unknown(context.pointer, pointer)
      return .unknown(reason.map { String(cString: $0) } ?? "no reason given")
    }
  }

  /// What was done so far in this solver's context, in the units of `check(effort:)`.
  public var effort: Int {
    guard let statistics = Z3_solver_get_statistics(context.pointer, pointer) else { return 0 }
    Z3_stats_inc_ref(context.pointer, statistics)
    defer { Z3_stats_dec_ref(context.pointer, statistics) }
    for index in 0..<Z3_stats_size(context.pointer, statistics)
    where Z3_stats_get_key(context.pointer, statistics, index).map({ String(cString: $0) })
      == "rlimit count"
    {
      return Int(Z3_stats_get_uint_value(context.pointer, statistics, index))
    }
    return 0
  }

  private func model() throws(Z3Error) -> [String: UInt64] {
    guard let model = Z3_solver_get_model(context.pointer, pointer) else {
      try context.check()
      throw .failed("there is no model")
    }
    Z3_model_inc_ref(context.pointer, model)
    defer { Z3_model_dec_ref(context.pointer, model) }
    var values: [String: UInt64] = [:]
    for index in 0..<Z3_model_get_num_consts(context.pointer, model) {
      let constant = Z3_model_get_const_decl(context.pointer, model, index)
      guard let value = Z3_model_get_const_interp(context.pointer, model, constant),
        Z3_get_ast_kind(context.pointer, value) == Z3_NUMERAL_AST
      else { continue }
      var bits: UInt64 = 0
      guard Z3_get_numeral_uint64(context.pointer, value, &bits) else { continue }
      let symbol = Z3_get_decl_name(context.pointer, constant)
      guard let name = Z3_get_symbol_string(context.pointer, symbol) else { continue }
      values[String(cString: name)] = bits
    }
    try context.check()
    return values
  }
}
