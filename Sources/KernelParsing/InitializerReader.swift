import ClangBindings
import KernelModel

/// Initialiser lists and designators.
extension FunctionReader {
  /// The elements of a brace-enclosed list as written: the list is split at its own commas, and each
  /// part is paired with libclang's child in order.
  func elements(_ list: Cursor) throws(ReadFailure) -> [InitializerElement] {
    let parts = parts(of: join.indices(in: list.range))
    let values = list.children
    guard parts.count == values.count else {
      throw .statement("an initialiser list is not modelled")
    }
    var result: [InitializerElement] = []
    for (part, value) in zip(parts, values) { result.append(try element(part, value)) }
    return result
  }

  private func element(_ part: Range<Int>, _ value: Cursor) throws(ReadFailure)
    -> InitializerElement
  {
    let first = join.text(part.lowerBound)
    guard first == "." || first == "[" else {
      return InitializerElement(value: try expression(value))
    }
    guard let equals = topLevel("=", in: part), let inner = value.children.last else {
      throw .statement("a designator is not modelled")
    }
    return InitializerElement(
      designator: join.text(part.lowerBound..<equals), value: try expression(inner))
  }

  /// The parts between the braces of a list; a comma before the closing brace adds none.
  private func parts(of run: Range<Int>) -> [Range<Int>] {
    guard run.count >= 2 else { return [] }
    var result: [Range<Int>] = []
    var start = run.lowerBound + 1
    let end = run.upperBound - 1
    while start < end {
      let comma = topLevel(",", in: start..<end) ?? end
      result.append(start..<comma)
      start = comma + 1
    }
    return result
  }

  /// The first token with this text that no bracket encloses.
  func topLevel(_ wanted: String, in run: Range<Int>) -> Int? {
    var depth = 0
    for index in run {
      let text = join.text(index)
      if depth == 0 && text == wanted { return index }
      switch text {
      case "(", "[", "{": depth += 1
      case ")", "]", "}": depth -= 1
      default: break
      }
    }
    return nil
  }
}
