import CandidateExecution
import Diagnostics
import KernelModel
import KernelParsing

/// L0: the candidate's text is the original's file with one body replaced, by a whitelist.
///
/// What is checked: the numbered rules of `FormRule`, on tokens before macros are expanded
/// (`TokenRules`), on the tree that the project's parser reads from the emitted text under the
/// project's flags (`TreeRules`, `AllocationRule`), and on what the project's compiler says of it.
/// What may be claimed: the text is well formed.
struct WellFormedText {
  /// What became of the check.
  enum Answer {
    case wellFormed(CandidateText)
    case violation(FormViolation)
    /// The text could not be read as far as the rules need; the other levels may still refute it.
    case unreadable(CandidateText, String)
    /// A rule without which the text cannot be cut is switched off.
    case unexamined
  }

  let kernel: Kernel
  let parser: KernelParser
  var gate = FormGate()

  func check(_ bytes: [UInt8]) -> Answer {
    do throws(FormViolation) {
      let function = kernel.function
      let place = FunctionPlace(start: function.range.lowerBound, body: function.bodyRange)
      var text: CandidateText
      do throws(FormViolation) {
        text = try CandidateText(bytes, replacing: place, in: kernel.source.bytes, gate: gate)
      } catch {
        try gate.refuse(error)
        return .unexamined
      }
      let own = ownFunctions
      try TokenRules(
        candidate: text, original: kernel.source.bytes, place: place, functionName: function.name,
        ownFunctions: own, startsThreads: kernel.build.usesOpenMP, gate: gate
      ).check()
      let parallel = try ParallelText(text, of: kernel)
      if !parallel.loops.isEmpty {
        text = try CandidateText(
          parallel.sequential, replacing: place, in: kernel.source.bytes, gate: gate)
        text.parallelLoops = parallel.loops
      }
      if bytes == kernel.source.bytes { return .wellFormed(text) }
      return try checkTree(text, own)
    } catch {
      return .violation(error)
    }
  }

  /// The functions that the file and the project's headers define.
  private var ownFunctions: Set<String> {
    let text = IncludedText.text(kernel.source.bytes, at: kernel.source.path, build: kernel.build)
    return Set(CalleeReach.definitions(CLexer.tokens(of: text)).keys)
  }

  private func checkTree(_ candidate: CandidateText, _ own: Set<String>) throws(FormViolation)
    -> Answer
  {
    let file: ParsedFile
    do throws(InputError) {
      file = try parser.parseText(
        HelperLoops.added(to: candidate), at: kernel.source.path, build: kernel.build)
    } catch {
      if error.diagnostic.message.contains("was killed") || gate.isOpen(.parsing) {
        return .unreadable(candidate, error.diagnostic.message)
      }
      throw FormViolation(.parsing, error.diagnostic.message)
    }
    let helpers = candidate.items.filter { $0.kind == .function }.map(\.name)
    let objects = candidate.items.filter { $0.kind == .object }.map(\.name)
    let rules = TreeRules(
      original: kernel.function, helpers: Set(helpers), objects: Set(objects),
      ownFunctions: own, gate: gate)
    var functions: [Function] = []
    for name in helpers + [kernel.function.name] {
      guard let function = file.kernel(named: name)?.function else {
        let reason = file.skipped.first { $0.name == name }?.reason ?? "it is not found"
        return .unreadable(candidate, "'\(name)' cannot be read: \(reason)")
      }
      try rules.check(function)
      if name == kernel.function.name { try checkParallelLoops(function, candidate) }
      if let text = rules.unmodelled(in: function) { return Self.unmodelled(candidate, text) }
      try checkAllocation(function)
      functions.append(function)
    }
    try rules.checkStack(functions)
    try AddressRule(original: kernel.function, objects: Set(objects), gate: gate).check(functions)
    return .wellFormed(candidate)
  }

  private func checkParallelLoops(_ function: Function, _ candidate: CandidateText)
    throws(FormViolation)
  {
    do throws(FormViolation) {
      try ParallelRule(function: function, loops: candidate.parallelLoops) {
        HelperLoops.byteWithoutLoops($0, in: candidate)
      }.check()
    } catch {
      try gate.refuse(error)
    }
  }

  /// Where the original's own allocations cannot be followed, the candidate's need not be, unless it
  /// brings along a kind of its own.
  private func checkAllocation(_ function: Function) throws(FormViolation) {
    do throws(FormViolation) {
      try AllocationRule(function).check()
    } catch {
      let new = TreeFacts(of: function).calls.subtracting(TreeFacts(of: kernel.function).calls)
      if new.isDisjoint(with: Vocabulary.allocation), !isFollowed(kernel.function) { return }
      try gate.refuse(error)
    }
  }

  private func isFollowed(_ function: Function) -> Bool {
    do throws(FormViolation) {
      try AllocationRule(function).check()
      return true
    } catch {
      return false
    }
  }

  private static func unmodelled(_ candidate: CandidateText, _ text: String) -> Answer {
    .unreadable(candidate, "it holds text that is not modelled: '\(text.prefix(60))'")
  }

  /// Rule 15: messages of a kind that the compiler does not print for the original.
  static func newMessage(_ candidate: [CompilerMessage], over original: [CompilerMessage])
    -> FormViolation?
  {
    var known: [String: Int] = [:]
    for message in original { known[kind(message), default: 0] += 1 }
    for message in candidate where message.severity == .warning {
      if known[kind(message)] == nil {
        return FormViolation(.diagnostics, "the compiler warns: \(message.text)")
      }
    }
    return nil
  }

  /// The option that asked for a warning, else its text without what it quotes.
  private static func kind(_ message: CompilerMessage) -> String {
    if let open = message.text.lastIndex(of: "["), message.text.hasSuffix("]") {
      return String(message.text[open...])
    }
    var isQuoted = false
    return String(
      message.text.filter { character in
        if character == "'" { isQuoted.toggle() }
        return !isQuoted && !character.isNumber
      })
  }
}
