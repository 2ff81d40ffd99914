/// Makes C functions with random affine loop nests: rectangles, triangles, steps, signed and unsigned
/// iterators, imperfect nests, temporaries, sums, a local array and conditions. All subscripts stay inside the arrays for
/// sizes up to 36.
struct KernelGenerator {
  private var random: SplitMix
  private let name: String
  private var lines: [String] = []
  private var iterators: [String] = []
  private var temporaries = 0
  private var data = "double"
  private var index = "int"
  private var declares = true
  private var isFlat = false

  init(seed: UInt64, name: String) {
    random = SplitMix(seed: seed)
    self.name = name
  }

  /// The function's text.
  mutating func text() -> String {
    data = random.pick(["double", "float", "unsigned", "long long", "short"])
    index = random.pick(["int", "int", "long", "unsigned", "unsigned long"])
    declares = !random.once(in: 4)
    isFlat = random.once(in: 4)
    let qualifier = random.once(in: 5) ? "" : "restrict "
    let arrays = ["a", "b", "c"].map {
      isFlat ? "\(data) *\(qualifier)\($0)" : "\(data) \($0)[\(qualifier)56][56]"
    }
    let loops = random.once(in: 3) ? 2 : 1
    for _ in 0..<loops { nest(depth: 1 + Int(random.next() % 3), indent: "  ") }
    // For scratch that does not fit the stack.
    let include = random.once(in: 2) ? "#include <stdlib.h>\n" : ""
    let parameters = "\(index) n, \(index) m, \(arrays.joined(separator: ", "))"
    let head = include + "void \(name)(\(parameters)) {\n"
    let iteratorText = declares ? "" : "  \(index) i, j, k;\n"
    let arrayText = lines.contains { $0.contains("w[") } ? "  \(data) w[56];\n" : ""
    let variables = iteratorText + arrayText
    return head + variables + lines.joined(separator: "\n") + "\n}\n"
  }

  private mutating func nest(depth: Int, indent: String) {
    let iterator = ["i", "j", "k"][iterators.count]
    lines.append("\(indent)for (\(header(iterator))) {")
    iterators.append(iterator)
    let inner = indent + "  "
    if depth > 1 {
      if random.once(in: 3) { statement(inner) }
      nest(depth: depth - 1, indent: inner)
      if random.once(in: 4) { nest(depth: 1, indent: inner) }
      if random.once(in: 4) { statement(inner) }
    } else {
      statement(inner)
      if random.once(in: 2) { statement(inner) }
    }
    iterators.removeLast()
    lines.append("\(indent)}")
  }

  private mutating func header(_ iterator: String) -> String {
    let type = declares ? "\(index) " : ""
    let isUnsigned = index.hasPrefix("unsigned")
    var lowers = ["0", "0", "0", "1", "2"]
    var uppers = ["n", "m", "n", "m"]
    if !isUnsigned { uppers += ["n - 1", "m - 2"] }
    if let outer = iterators.last, random.once(in: 3) {
      lowers += [outer, "\(outer) + 1"]
      if !isUnsigned { lowers.append("\(outer) - 1") }
      uppers += [outer, "\(outer) + 1", "\(outer) + 2"]
      if !isUnsigned { uppers.append("n - \(outer)") }
    }
    let step = random.pick([1, 1, 1, 1, 2, 3])
    let lower = random.pick(lowers)
    let upper = random.pick(uppers)
    if !isUnsigned, random.once(in: 8) {
      return "\(type)\(iterator) = \(upper) - 1; \(iterator) >= \(lower); \(iterator)--"
    }
    let advance = step == 1 ? "\(iterator)++" : "\(iterator) += \(step)"
    let relation = random.once(in: 6) ? "<=" : "<"
    return "\(type)\(iterator) = \(lower); \(iterator) \(relation) \(upper); \(advance)"
  }

  private mutating func statement(_ indent: String) {
    switch random.next() % 10 {
    case 8 where !iterators.isEmpty && iterators.count < 3: sum(indent)
    case 9 where !iterators.isEmpty:
      let element = "w[\(random.pick(iterators)) + 3]"
      lines.append("\(indent)\(element) = \(value());")
      lines.append("\(indent)\(access()) = \(element) + \(value());")
    case 0:
      temporaries += 1
      let name = "t\(temporaries)"
      lines.append("\(indent)\(data) \(name) = \(value());")
      lines.append("\(indent)\(access()) = \(name) + \(value());")
    case 1:
      lines.append("\(indent)if (\(position()) % 2 == 0) \(access()) = \(value());")
    case 2: lines.append("\(indent)\(access()) += \(value()) * \(value());")
    case 3: lines.append("\(indent)\(access()) += \(value());")
    default: lines.append("\(indent)\(access()) = \(value()) + \(value());")
    }
  }

  /// A temporary that a loop of its own adds to, or takes a minimum in.
  private mutating func sum(_ indent: String) {
    temporaries += 1
    let name = "t\(temporaries)"
    let iterator = ["i", "j", "k"][iterators.count]
    lines.append("\(indent)\(data) \(name) = \(value());")
    lines.append("\(indent)for (\(header(iterator)))")
    iterators.append(iterator)
    let operand = access()
    lines.append(
      random.once(in: 3)
        ? "\(indent)  \(name) = \(name) < \(operand) ? \(name) : \(operand);"
        : "\(indent)  \(name) += \(value());")
    iterators.removeLast()
    lines.append("\(indent)\(access()) = \(name);")
  }

  private mutating func value() -> String {
    switch random.next() % 6 {
    case 0: "(\(data))(\(position()))"
    case 1: random.pick(["1", "3", "2"])
    default: access()
    }
  }

  private mutating func access() -> String {
    let array = random.pick(["a", "b", "c"])
    let (row, column) = (position(), position())
    return isFlat ? "\(array)[(\(row)) * 56 + \(column)]" : "\(array)[\(row)][\(column)]"
  }

  /// Between 0 and 55 for iterators from -1 to 40.
  private mutating func position() -> String {
    let iterator = iterators.isEmpty ? "n" : random.pick(iterators)
    return random.pick([
      "\(iterator) + 3", "\(iterator) + 3", "\(iterator) + 4", "\(iterator) + 2", "5",
    ])
  }
}
