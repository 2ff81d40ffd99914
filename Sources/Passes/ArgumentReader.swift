import ExperimentRecords
import KernelModel

/// Reads a step's arguments by name and kind; every failure is a `Refusal` in house grammar.
struct ArgumentReader {
  let step: Step

  /// Fails when an argument is not among `parameters`, or occurs twice.
  init(_ step: Step, for parameters: [PassParameter]) throws(Refusal) {
    self.step = step
    var seen: Set<String> = []
    for argument in step.arguments {
      guard parameters.contains(where: { $0.name == argument.key }) else {
        throw Refusal(step: step, reason: "unknown argument '\(argument.key)'")
      }
      guard seen.insert(argument.key).inserted else {
        throw Refusal(step: step, reason: "argument '\(argument.key)' occurs twice")
      }
    }
  }

  func loop(_ key: String) throws(Refusal) -> LoopLabel {
    LoopLabel(try value(key, "a loop label") { $0.label })
  }

  func loops(_ key: String) throws(Refusal) -> [LoopLabel] {
    try value(key, "a list of loop labels") { $0.labels ?? $0.label.map { [$0] } }
      .map { LoopLabel($0) }
  }

  /// A factor of at least `minimum`.
  func factor(_ key: String, atLeast minimum: Int = 2) throws(Refusal) -> Int {
    try value(key, "an integer of at least \(minimum)") { value in
      value.integer.flatMap { $0 >= minimum ? $0 : nil }
    }
  }

  func factors(_ key: String, atLeast minimum: Int = 1) throws(Refusal) -> [Int] {
    try value(key, "a list of integers of at least \(minimum)") { value in
      let list = value.integers ?? value.integer.map { [$0] }
      return list.flatMap { $0.allSatisfy { $0 >= minimum } ? $0 : nil }
    }
  }

  /// One of the given words, or nil when the argument is absent.
  func word(_ key: String, of words: [String]) throws(Refusal) -> String? {
    guard step[key] != nil else { return nil }
    return try value(key, "one of \(words.joined(separator: ", "))") { value in
      value.word.flatMap { words.contains($0) ? $0 : nil }
    }
  }

  /// An integer, or the name of a variable.
  func integerOrName(_ key: String) throws(Refusal) -> Argument.Value {
    try value(key, "an integer or the name of a variable") { value in
      value.integer != nil || value.word != nil ? value : nil
    }
  }

  /// A variable's name, with member names behind dots.
  func array(_ key: String) throws(Refusal) -> String {
    try value(key, "the name of an array") { $0.label }
  }

  /// A local scalar's name.
  func scalar(_ key: String) throws(Refusal) -> String {
    try value(key, "the name of a scalar") { $0.word }
  }

  private func value<T>(_ key: String, _ expected: String, _ read: (Argument.Value) -> T?)
    throws(Refusal) -> T
  {
    guard let value = step[key] else {
      throw Refusal(step: step, reason: "missing argument '\(key)', expected \(expected)")
    }
    guard let result = read(value) else {
      throw Refusal(step: step, reason: "argument '\(key)' must be \(expected)")
    }
    return result
  }
}

extension PassParameter {
  /// Of passes that may part a reduction.
  static let order = PassParameter(
    "order", .word, isOptional: true,
    "'free' where floating-point operations of a reduction may come in any order")
}

extension ArgumentReader {
  /// Whether the step says that floating-point operations may come in any order.
  func mayReorder() throws(Refusal) -> Bool { try word("order", of: ["free"]) != nil }
}
