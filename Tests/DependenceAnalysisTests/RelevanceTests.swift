import IslBindings
import KernelModel
import Testing

@testable import DependenceAnalysis

@Suite struct RelevanceTests {
  private static let inputs = (0..<4).map { Polynomial(.input(VariableID($0))) }

  private func image(_ operand: Polynomial) -> Polynomial {
    Polynomial(.function("u32", [operand]))
  }

  /// What a conversion to an unsigned type says.
  private func conversion(of operand: Polynomial) -> Condition {
    .any([.nonNegative(-operand - 1), .zero(image(operand) - operand)])
  }

  @Test func factsOfTypesStayOnlyWhereTheyTakePart() {
    let inputs = Self.inputs
    let known: [Condition] = [
      .nonNegative(inputs[0]), .nonNegative(inputs[1]), .nonNegative(inputs[2] - 5),
      .nonNegative(image(inputs[1] - 1)), conversion(of: inputs[1] - 1),
    ]
    var relevance = Relevance()
    #expect(relevance.part(of: known, to: .nonNegative(inputs[0] - 1)) == [known[0], known[2]])
    #expect(
      relevance.part(of: known, to: .nonNegative(image(inputs[1] - 1) - 7))
        == [known[1], known[2], known[3], known[4]])
  }

  /// A fact inside `all` is never left out, and says the same.
  @Test func answersAreThoseOfAllFacts() {
    var generator = Seeded(state: 1)
    var proved = 0
    for round in 0..<400 {
      let known = (0..<6).map { _ in fact(&generator) }
      let question = Condition.nonNegative(value(&generator))
      let some = Prover(Context(operationLimit: 1_000_000))
      let all = Prover(Context(operationLimit: 1_000_000))
      let answer = some.isAlwaysTrue(question, given: known)
      #expect(
        answer == all.isAlwaysTrue(question, given: known.map { .all([$0]) }),
        "round \(round): \(question) given \(known)")
      if answer { proved += 1 }
    }
    #expect(proved > 0 && proved < 400)
  }

  private func value(_ generator: inout Seeded) -> Polynomial {
    var sum = Polynomial(Int.random(in: -3...6, using: &generator))
    for input in Self.inputs where Int.random(in: 0..<3, using: &generator) == 0 {
      let factor = Polynomial(Int.random(in: -2...2, using: &generator))
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: sum = sum + factor * image(input - 1)
      case 1: sum = sum + factor * Polynomial(.maximum(input, Polynomial(2)))
      case 2: sum = sum + factor * input * Self.inputs[0]
      default: sum = sum + factor * input
      }
    }
    return sum
  }

  private func fact(_ generator: inout Seeded) -> Condition {
    let input = Self.inputs.randomElement(using: &generator) ?? Polynomial()
    switch Int.random(in: 0..<5, using: &generator) {
    case 0: return .nonNegative(input)
    case 1: return .nonNegative(image(input - 1))
    case 2: return conversion(of: input - 1)
    case 3: return conversion(of: image(input - 1) - 3)
    default: return .nonNegative(value(&generator))
    }
  }
}

/// The same numbers in every run: Steele, Lea and Flood's SplitMix64.
private struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
