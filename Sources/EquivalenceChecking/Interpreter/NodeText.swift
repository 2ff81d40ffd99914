import CandidateExecution
import JudgeKernels

/// Operations as people read them, cut short: `fma(a[3], b[0], a[2] * …)`.
struct NodeText {
  let graph: SymbolicGraph
  let shape: InputShape
  let input: CallInput
  let callees: CalleeNumbers

  func text(_ value: rk_value, bytes: Int) -> String {
    if value.node == UInt32.max { return "nothing that was stored" }
    if value.node == 0 { return "0x" + String(value.bits, radix: 16) }
    return text(value.node, depth: 3)
  }

  private func text(_ node: UInt32, depth: Int) -> String {
    let g = graph.pointer
    let entry = g.pointee.nodes[Int(node)]
    if depth == 0, rk_op(g, node) != RK_NODE_LEAF { return "…" }
    func inner(_ node: UInt32) -> String { text(node, depth: depth - 1) }
    func list(_ separator: String, _ skip: Int = 0) -> String {
      let words = rk_list(g, node)
      let count = rk_list_count(g, node)
      let shown = (skip..<min(count, skip + 4)).map { inner(UInt32(words?[$0] ?? 0)) }
      return shown.joined(separator: separator) + (count > skip + 4 ? "\(separator)…" : "")
    }
    switch rk_op(g, node) {
    case RK_NODE_LEAF: return leaf(entry)
    case RK_NODE_CONSTANT: return constant(rk_constant_bits(g, node), rk_width(g, node))
    case RK_NODE_LINEAR: return sum(node, depth)
    case RK_NODE_PRODUCT: return list(" * ")
    case RK_NODE_AND: return "(\(list(" & ")))"
    case RK_NODE_OR: return "(\(list(" | ")))"
    case RK_NODE_XOR: return "(\(list(" ^ ")))"
    case RK_NODE_SMIN, RK_NODE_UMIN: return "min(\(list(", ")))"
    case RK_NODE_SMAX, RK_NODE_UMAX: return "max(\(list(", ")))"
    case RK_NODE_CALL:
      let number = Int(rk_extra(g, node))
      let name = callees.names.indices.contains(number) ? callees.names[number] : "call"
      return "\(name)(\(list(", ")))"
    case RK_NODE_BYTES: return "bytes(\(list(", ")))"
    case RK_NODE_FMA:
      let sign = rk_extra(g, node) & 1 == 1 ? "-" : ""
      return "fma(\(sign)\(inner(entry.a)), \(inner(entry.b)), \(inner(entry.c)))"
    case RK_NODE_CHOICE:
      return "(\(inner(entry.a)) ? \(inner(entry.b)) : \(inner(entry.c)))"
    case RK_NODE_LSHR, RK_NODE_ASHR:
      return "(\(inner(entry.a)) >> \(rk_extra(g, node) == 1 ? inner(entry.b) : "\(entry.b)"))"
    case RK_NODE_BYTE: return "byte \(entry.b) of \(inner(entry.a))"
    default: break
    }
    if let infix = Self.infix[rk_op(g, node).rawValue] {
      return "(\(inner(entry.a)) \(infix) \(inner(entry.b)))"
    }
    let name = Self.prefix[rk_op(g, node).rawValue] ?? "operation"
    return "\(name)(\(inner(entry.a)))"
  }

  private static let infix: [UInt32: String] = [
    RK_NODE_SDIV.rawValue: "/", RK_NODE_UDIV.rawValue: "/", RK_NODE_SREM.rawValue: "%",
    RK_NODE_UREM.rawValue: "%", RK_NODE_SHL.rawValue: "<<", RK_NODE_SLT.rawValue: "<",
    RK_NODE_ULT.rawValue: "<u", RK_NODE_FEQ.rawValue: "==", RK_NODE_FLT.rawValue: "<",
    RK_NODE_FLE.rawValue: "<=", RK_NODE_FADD.rawValue: "+", RK_NODE_FMUL.rawValue: "*",
    RK_NODE_FDIV.rawValue: "/",
  ]
  private static let prefix: [UInt32: String] = [
    RK_NODE_SEXT.rawValue: "widened", RK_NODE_ZEXT.rawValue: "widened",
    RK_NODE_TRUNC.rawValue: "narrowed", RK_NODE_ZERO.rawValue: "0 == ",
    RK_NODE_FNEG.rawValue: "-", RK_NODE_FEXT.rawValue: "double",
    RK_NODE_FTRUNC.rawValue: "float", RK_NODE_SITOF.rawValue: "floating",
    RK_NODE_UITOF.rawValue: "floating", RK_NODE_FTOSI.rawValue: "integer",
    RK_NODE_FTOUI.rawValue: "integer",
  ]

  private func leaf(_ entry: rk_node) -> String {
    let object = Int(entry.a)
    let regions = input.image.regions.count
    if object < regions {
      return PointText(shape: shape).cell(region: object, offset: Int(entry.b), in: input)
    }
    if object - regions < shape.globals.count {
      return "\(shape.globals[object - regions].name) at byte \(entry.b)"
    }
    let parameter = Int(UInt32.max - 1 - entry.a)
    guard shape.function.parameters.indices.contains(parameter) else { return "an input" }
    return shape.function[shape.function.parameters[parameter]].name
  }

  private func constant(_ bits: UInt64, _ width: UInt32) -> String {
    bits < 1 << 20 ? "\(bits)" : "0x" + String(bits, radix: 16)
  }

  private func sum(_ node: UInt32, _ depth: Int) -> String {
    let g = graph.pointer
    let width = rk_width(g, node)
    guard let words = rk_list(g, node) else { return "…" }
    let count = rk_list_count(g, node)
    var parts: [String] = []
    if words[0] != 0 { parts.append(constant(words[0], width)) }
    for index in stride(from: 1, to: min(count, 9), by: 2) {
      let term = text(UInt32(words[index + 1]), depth: depth - 1)
      parts.append(words[index] == 1 ? term : "\(constant(words[index], width)) * \(term)")
    }
    return "(" + parts.joined(separator: " + ") + (count > 9 ? " + …)" : ")")
  }
}
