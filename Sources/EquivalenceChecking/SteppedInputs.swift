import KernelModel
import KernelParsing

/// The blocks in which a text goes over its size inputs: for each input the greatest constant by which a loop
/// steps that ends where the input says.
///
/// What a text does wrong where several of its loops are in their second block at once shows on no call
/// that makes one size large at a time.
struct SteppedInputs {
  let kernel: Kernel
  let shape: InputShape
  let parser: KernelParser

  /// Largest step that is looked at; of larger ones two blocks are no small call.
  static let largestStep = BlockFactors.largest

  /// By input; empty where the text cannot be read, which L0 says: every input then has the text's largest
  /// small number for a block.
  func steps(of text: [UInt8]) -> [ObjectPath: Int] {
    let file = try? parser.parseText(text, at: kernel.source.path, build: kernel.build)
    guard let function = file?.kernel(named: kernel.function.name)?.function,
      function.parameters.count == kernel.function.parameters.count
    else { return [:] }
    let own = Dictionary(
      uniqueKeysWithValues: zip(function.parameters, kernel.function.parameters))
    let origins = ValueOrigins(function.body)
    var steps: [ObjectPath: Int] = [:]
    function.body.walk { statement in
      guard let loop = statement.asLoop, let (step, end) = Self.stride(loop),
        step > 1, step <= Self.largestStep
      else { return }
      let variables = Set(origins.parameters(behind: end).compactMap { own[$0] })
      for input in shape.scalars where input.isSize && variables.contains(input.path.base) {
        steps[input.path] = max(steps[input.path] ?? 0, step)
      }
    }
    return steps
  }

  /// By how much a loop goes on, and what it is compared with.
  private static func stride(_ loop: Loop) -> (Int, Expr)? {
    switch loop.header {
    case .counted(let header): return (abs(header.step), header.bound)
    case .general(_, let condition?, let increment?):
      guard case .assign(let op?, _, let value) = increment.kind, [.add, .subtract].contains(op),
        let step = value.constantValue
      else { return nil }
      return (abs(step), condition)
    case .general: return nil
    }
  }
}

/// Which variables a value of a local is made from.
private struct ValueOrigins {
  private var sources: [VariableID: Set<VariableID>] = [:]

  init(_ body: Stmt) {
    var found: [VariableID: Set<VariableID>] = [:]
    body.walk { statement in
      if case .declaration(let declarators) = statement.kind {
        for declarator in declarators {
          found[declarator.variable, default: []].formUnion(
            declarator.initializer?.mentionedVariables ?? [])
        }
      }
      if let header = statement.asLoop?.counted {
        found[header.variable, default: []].formUnion(
          header.bound.mentionedVariables.union(header.lower?.mentionedVariables ?? []))
      }
    }
    body.walkExpressions { expr in
      if case .assign(_, let target, let value) = expr.kind,
        case .variable(let variable) = target.kind
      {
        found[variable, default: []].formUnion(value.mentionedVariables)
      }
    }
    sources = found
  }

  /// All variables that the expression is made from, by way of locals too.
  func parameters(behind expr: Expr) -> Set<VariableID> {
    var known: Set<VariableID> = []
    var open = Array(expr.mentionedVariables)
    while let next = open.popLast() {
      guard known.insert(next).inserted else { continue }
      open += sources[next] ?? []
    }
    return known
  }
}
