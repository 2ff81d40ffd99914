/// A compiler's assembly with every basic block counting the instructions that it is about to run.
///
/// The counter is `ratchet_instructions`, which the text defines. What is added keeps flags, stack
/// and registers: on x86-64 `mov` and `lea` set no flags (Intel SDM, volume 2), and the one register
/// that is needed is kept in memory, so that code with values below its stack pointer stays right.
/// A block begins at a label or behind a jump; calls stay inside, for they come back.
struct CountedAssembly {
  /// The text to assemble.
  private(set) var text = ""
  /// Blocks that count.
  private(set) var blocks = 0

  /// The block that is being read.
  private var lines: [Substring] = []
  private var instructions = 0
  private var section = Section.code

  private enum Section { case code, other }

  /// - Parameters:
  ///   - assembly: what a compiler wrote for x86-64, in AT&T syntax.
  ///   - uncounted: a function whose instructions are not of interest.
  /// - Returns: nil for a text that moves between sections in ways that compilers do not.
  init?(_ assembly: String, except uncounted: String) {
    var isCounted = true
    for line in assembly.split(separator: "\n", omittingEmptySubsequences: false) {
      let statement = Self.statement(line)
      if let label = Self.label(statement) {
        endBlock()
        if label == uncounted { isCounted = false }
        text += "\(line)\n"
        continue
      }
      if statement.hasPrefix(".") {
        if Self.hides(statement) { return nil }
        if statement.hasPrefix(".size"), statement.contains(uncounted) {
          endBlock()
          isCounted = true
        }
        if let section = Self.section(statement) {
          endBlock()
          self.section = section
        }
        // Within a block, directives stay where they are between its instructions.
        if lines.isEmpty { text += "\(line)\n" } else { lines.append(line) }
        continue
      }
      guard !statement.isEmpty, section == .code, isCounted else {
        if lines.isEmpty { text += "\(line)\n" } else { lines.append(line) }
        continue
      }
      lines.append(line)
      instructions += 1
      if Self.endsBlock(statement) { endBlock() }
    }
    endBlock()
    text += "\t.local\tratchet_kept\n\t.comm\tratchet_kept,8,8\n"
  }

  private mutating func endBlock() {
    if instructions > 0 {
      text += """
        \tmovq\t%rax, ratchet_kept(%rip)
        \tmovq\tratchet_instructions(%rip), %rax
        \tleaq\t\(instructions)(%rax), %rax
        \tmovq\t%rax, ratchet_instructions(%rip)
        \tmovq\tratchet_kept(%rip), %rax

        """
      blocks += 1
    }
    for line in lines { text += "\(line)\n" }
    lines = []
    instructions = 0
  }

  /// The line without comment and surrounding blanks.
  private static func statement(_ line: Substring) -> Substring {
    let code = line.prefix { $0 != "#" }
    let start = code.drop { $0 == " " || $0 == "\t" }
    guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
    return start[...last]
  }

  private static func label(_ statement: Substring) -> Substring? {
    guard statement.last == ":" else { return nil }
    let name = statement.dropLast()
    return name.contains(where: { $0 == " " || $0 == "\t" || $0 == "\"" }) ? nil : name
  }

  /// The section that a directive changes to; nil when it changes none.
  private static func section(_ statement: Substring) -> Section? {
    let words = statement.split(whereSeparator: { " \t,".contains($0) })
    switch words.first {
    case ".text": return .code
    case ".data", ".bss": return .other
    case ".section":
      guard words.count > 1 else { return .other }
      return words[1].hasPrefix(".text") ? .code : .other
    default: return nil
    }
  }

  private static func hides(_ statement: Substring) -> Bool {
    [".pushsection", ".popsection", ".previous", ".subsection", ".macro", ".rept", ".intel_syntax"]
      .contains { statement.hasPrefix($0) }
  }

  private static let prefixes: Set<Substring> = ["bnd", "notrack", "rep", "repz", "repnz", "lock"]

  private static func endsBlock(_ statement: Substring) -> Bool {
    let words = statement.split(whereSeparator: { $0 == " " || $0 == "\t" })
    guard let word = words.first(where: { !prefixes.contains($0) }) else { return false }
    return word.hasPrefix("j") || word.hasPrefix("ret") || word.hasPrefix("loop") || word == "ud2"
  }
}
