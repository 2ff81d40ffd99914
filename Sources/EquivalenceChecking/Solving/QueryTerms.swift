import JudgeKernels

/// Each operation in SMT-LIB 2, with the values that `rk_evaluate` gives where C has none.
extension QueryText {
  mutating func term(_ node: UInt32) throws(Untranslatable) -> String {
    let g = graph
    let op = rk_op(g, node)
    let x = operands(node)
    let entry = g.pointee.nodes[Int(node)]
    let (width, extra) = (rk_width(g, node), rk_extra(g, node))
    if let name = Self.chained[op.rawValue] { return "(\(name) \(x.joined(separator: " ")))" }
    if let name = Self.extreme[op.rawValue] {
      return Self.extreme(x[...], name)
    }
    switch op {
    case RK_NODE_LINEAR: return sum(node)
    case RK_NODE_SHL, RK_NODE_LSHR, RK_NODE_ASHR:
      let name = op == RK_NODE_SHL ? "bvshl" : op == RK_NODE_LSHR ? "bvlshr" : "bvashr"
      let amount = extra == 0 ? Self.number(UInt64(entry.b), width) : x[1]
      return "(\(name) \(x[0]) \(amount))"
    case RK_NODE_SEXT: return "((_ sign_extend \(width - extra)) \(x[0]))"
    case RK_NODE_ZEXT: return "((_ zero_extend \(width - extra)) \(x[0]))"
    case RK_NODE_TRUNC: return "((_ extract \(width - 1) 0) \(x[0]))"
    case RK_NODE_ZERO: return truth("(= \(x[0]) \(Self.number(0, extra)))")
    case RK_NODE_SLT: return truth("(bvslt \(x[0]) \(x[1]))")
    case RK_NODE_ULT: return truth("(bvult \(x[0]) \(x[1]))")
    case RK_NODE_FEQ, RK_NODE_FLT, RK_NODE_FLE:
      let name = function("compare\(op.rawValue)of\(extra)", [extra, extra], "Bool")
      return truth("(\(name) \(x[0]) \(x[1]))")
    case RK_NODE_FNEG:
      return "(bvxor \(x[0]) \(Self.number(1 << UInt64(width - 1), width)))"
    case RK_NODE_FADD, RK_NODE_FMUL, RK_NODE_FDIV, RK_NODE_FMA, RK_NODE_FEXT, RK_NODE_FTRUNC,
      RK_NODE_SITOF, RK_NODE_UITOF, RK_NODE_FTOSI, RK_NODE_FTOUI, RK_NODE_CALL:
      let widths = (0..<x.count).map { rk_width(g, rk_operand(g, node, $0)) }
      let kind =
        "op\(op.rawValue)x\(extra)to\(width)from\(widths.map(String.init).joined(separator: "x"))"
      let name = function(kind, widths, "(_ BitVec \(width))")
      return x.isEmpty ? name : "(\(name) \(x.joined(separator: " ")))"
    case RK_NODE_CHOICE:
      let zero = Self.number(0, rk_width(g, entry.a))
      return "(ite (= \(x[0]) \(zero)) \(x[2]) \(x[1]))"
    case RK_NODE_BYTE: return "((_ extract \(8 * entry.b + 7) \(8 * entry.b)) \(x[0]))"
    case RK_NODE_BYTES: return "(concat \(x.reversed().joined(separator: " ")))"
    default: throw Untranslatable(reason: "an operation without a term")
    }
  }

  private static let chained: [UInt32: String] = [
    RK_NODE_PRODUCT.rawValue: "bvmul", RK_NODE_AND.rawValue: "bvand", RK_NODE_OR.rawValue: "bvor",
    RK_NODE_XOR.rawValue: "bvxor", RK_NODE_SDIV.rawValue: "bvsdiv", RK_NODE_UDIV.rawValue: "bvudiv",
    RK_NODE_SREM.rawValue: "bvsrem", RK_NODE_UREM.rawValue: "bvurem",
  ]
  private static let extreme: [UInt32: String] = [
    RK_NODE_SMIN.rawValue: "bvslt", RK_NODE_SMAX.rawValue: "bvsgt", RK_NODE_UMIN.rawValue: "bvult",
    RK_NODE_UMAX.rawValue: "bvugt",
  ]

  /// The extreme of some values, each written once: as a tree of pairs, whose text is as long as the list.
  private static func extreme(_ values: ArraySlice<String>, _ relation: String) -> String {
    guard values.count > 1 else { return values.first ?? "" }
    let middle = values.startIndex + values.count / 2
    let (left, right) = (
      extreme(values[..<middle], relation), extreme(values[middle...], relation)
    )
    return "(let ((l \(left)) (r \(right))) (ite (\(relation) l r) l r))"
  }

  private func truth(_ formula: String) -> String {
    "(ite \(formula) \(Self.number(1, 32)) \(Self.number(0, 32)))"
  }

  private func sum(_ node: UInt32) -> String {
    guard let words = rk_list(graph, node) else { return "" }
    let width = rk_width(graph, node)
    let x = operands(node)
    var terms = words[0] == 0 ? [] : [Self.number(words[0], width)]
    for (index, name) in x.enumerated() { terms.append(scaled(name, words[2 * index + 1], width)) }
    return terms.count == 1 ? terms[0] : "(bvadd \(terms.joined(separator: " ")))"
  }

  func scaled(_ name: String, _ coefficient: UInt64, _ width: UInt32) -> String {
    switch coefficient & rk_mask(width) {
    case 1: name
    case rk_mask(width): "(bvneg \(name))"
    default: "(bvmul \(Self.number(coefficient, width)) \(name))"
    }
  }
}
