/// Seeded random loop nests as C text.
struct NestGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  /// xorshift64*: Vigna, An experimental exploration of Marsaglia's xorshift generators, 2016.
  private mutating func random(_ bound: Int) -> Int {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return Int((state &* 0x2545_F491_4F6C_DD1D) >> 33) % bound
  }

  private mutating func pick(_ choices: [String]) -> String { choices[random(choices.count)] }

  /// A perfect nest of two loops over one to three statements; `n` and `m` are its sizes.
  mutating func nest() -> String {
    let inner = statements()
    return """
      double A[64][64]; double B[64][64]; double x[64]; double t;
      void f(int n, int m, double *restrict F) {
        \(outer())
          \(loop("j", around: "i"))
          {
            \(inner)
          }
      }
      """
  }

  /// Two loops with equal headers in sequence, and a body of several statements.
  mutating func sequence() -> String {
    let header = outer()
    return """
      double A[64][64]; double B[64][64]; double x[64]; double t;
      void f(int n, int m, double *restrict F) {
        \(header)
        {
          \(lineOver(["i"]))
          \(lineOver(["i"]))
        }
        \(header)
        {
          \(lineOver(["i"]))
        }
      }
      """
  }

  private mutating func outer() -> String {
    pick([
      "for (int i = 0; i < n; i++)", "for (int i = 1; i < n - 1; i++)",
      "for (int i = n - 1; i >= 0; i--)", "for (int i = 0; i < n; i += 2)",
      "for (int i = n; i > 1; i -= 2)",
    ])
  }

  private mutating func loop(_ name: String, around outer: String) -> String {
    pick([
      "for (int j = 0; j < m; j++)", "for (int j = 0; j < m; j++)",
      "for (int j = 1; j < m - 1; j++)", "for (int j = m - 1; j >= 0; j--)",
      "for (int j = i; j < m; j++)", "for (int j = 0; j <= i; j++)",
      "for (int j = 0; j < (i < m ? i : m); j++)", "for (int j = 0; j < m; j += 3)",
    ])
  }

  private mutating func statements() -> String {
    var lines: [String] = []
    if random(4) == 0 {
      lines.append("double p = \(element(["i", "j"]));")
      lines.append("\(element(["i", "j"])) = p + 1.0;")
    }
    if random(6) == 0 { lines.append("int q = i + \(random(3));\nA[q][j] = x[q];") }
    for _ in 0...random(2) { lines.append(lineOver(["i", "j"])) }
    if random(5) == 0 {
      lines.append("if (\(pick(["i + j < n", "i == j", "j > 1", "i != 2", "i < j || j == 0"])))")
      lines.append(lineOver(["i", "j"]))
    }
    return lines.joined(separator: "\n")
  }

  private mutating func lineOver(_ iterators: [String]) -> String {
    let op = pick(["=", "=", "+="])
    return "\(element(iterators)) \(op) \(element(iterators)) * 2.0 + \(element(iterators));"
  }

  private mutating func element(_ iterators: [String]) -> String {
    let inner = iterators.last ?? "i"
    switch random(8) {
    case 0: return "x[\(subscriptOver(iterators))]"
    case 1: return "t"
    case 2: return iterators.count == 2 ? "F[i * m + \(inner)]" : "F[\(subscriptOver(iterators))]"
    case 3: return iterators.count == 2 ? "F[(i + \(random(2))) * m + \(inner)]" : "x[i]"
    case 4: return "B[\(subscriptOver([inner]))][\(subscriptOver(["i"]))]"
    default: return "A[\(subscriptOver(["i"]))][\(subscriptOver([inner]))]"
    }
  }

  private mutating func subscriptOver(_ iterators: [String]) -> String {
    let iterator = iterators[random(iterators.count)]
    return pick([
      iterator, iterator, "\(iterator) + 1", "\(iterator) - 1", "\(iterator) + 2",
      "n - \(iterator)", "2 * \(iterator)", "\(iterator) / 2",
      "\(iterators[0]) + \(inner(iterators))",
      "3",
    ])
  }

  private func inner(_ iterators: [String]) -> String { iterators.last ?? "i" }
}
