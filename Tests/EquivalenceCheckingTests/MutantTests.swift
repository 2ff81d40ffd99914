import ExperimentRecords
import Foundation
import KernelModel
import KernelParsing
import Testing

@testable import EquivalenceChecking

@Suite struct MutantTests {
  private let text = """
    double f(int n, int m, const double *a, double *out, long *count) {
      double s = 0.5;
      int i = 0;
      if (n > 3 && m < n) {
        for (i = 0; i + 4 <= n; i += 4)
          s = s + a[i] * a[i + 1] + a[i + 2];
        for (; i < n; i++) s += a[i];
      }
      out[0] = s > a[0] ? s : -a[0];
      count[0] = (long)n * m;
      return s;
    }
    """

  private let addresses = """
    double f(long n, const double *a, double *out) {
      if (a + n <= out) for (long k = 0; k < n; k++) out[k + n] = a[0];
      return 0;
    }
    """

  private func mutants() throws -> [Mutant] { try mutants(of: text) }

  private func mutants(of text: String) throws -> [Mutant] {
    let build = BuildFlags(
      compiler: nil, arguments: ["-O1", "-std=c11"], directory: "/tmp", database: nil)
    let file = try KernelParser().parseText(
      Array(text.utf8), at: "/tmp/mutants.c", build: build)
    return Mutants.all(of: try #require(file.kernel(named: "f")))
  }

  private func body(_ mutant: Mutant) -> String {
    String(decoding: mutant.text, as: UTF8.self).split(whereSeparator: \.isWhitespace)
      .joined(separator: " ")
  }

  @Test func everyKindOfDefectIsPlanted() throws {
    let mutants = try mutants()
    let others = try self.mutants(of: addresses)
    #expect(Set((mutants + others).map(\.defect)) == Set(Defect.allCases))
    #expect(Set(mutants.map(\.text)).count == mutants.count)
    #expect(!mutants.contains { $0.text == Array(text.utf8) })
    // The same candidate gives the same mutants.
    #expect(try self.mutants() == mutants)
  }

  @Test func defectsAreWhatTheirNamesSay() throws {
    let mutants = try mutants()
    func texts(_ defect: Defect) -> [String] {
      mutants.filter { $0.defect == defect }.map(body)
    }
    #expect(texts(.tailDropped).contains { !$0.contains("i < n; i++") })
    #expect(texts(.checkDropped).contains { !$0.contains("m < n") && $0.contains("n > 3") })
    #expect(texts(.checkDropped).contains { !$0.contains("if (") })
    #expect(texts(.notANumber).allSatisfy { $0.contains("!(s <= a[0])") })
    #expect(texts(.writeDropped).contains { $0.contains("s = a[i];") })
    #expect(texts(.writeDropped).contains { !$0.contains("count[0] =") })
    #expect(texts(.reassociated).contains { $0.contains("s + (a[i] * a[i + 1] + a[i + 2])") })
    #expect(texts(.choiceExchanged).contains { $0.contains("? -a[0] : s") })
    #expect(texts(.indexOffByOne).contains { $0.contains("a[i + 1 + 1]") })
    #expect(texts(.narrowed).contains { $0.contains("(int)") })
    #expect(texts(.stepChanged).contains { $0.contains("i += 2") })
    #expect(texts(.initialValue).contains { $0.contains("s = 0.5 + 1") })
  }

  @Test func rareDefectsAreWhatTheirNamesSay() throws {
    let mutants = try mutants() + mutants(of: addresses)
    func has(_ defect: Defect, _ text: String) -> Bool {
      mutants.contains { $0.defect == defect && body($0).contains(text) }
    }
    #expect(has(.productParted, "s + (1 ? a[i] * a[i + 1] : a[i] * a[i + 1])"))
    #expect(has(.zeroSign, "(s > a[0] ? s : -a[0]) + 0.0"))
    #expect(has(.minimumOrder, "a[0] >= s ? -a[0] : s"))
    #expect(has(.denormalDropped, "a[i] < 2.2250738585072014e-308"))
    #expect(has(.signedness, "(unsigned int)m < (unsigned int)n"))
    #expect(has(.overlapOffByOne, "a + n <= out - 1"))
    #expect(has(.rareValue, "a[i] > 2.0e21 && a[i] < 2.0000008e21 ? -a[i] : a[i]"))
    #expect(has(.rareSize, "n > 3000000 ? a[0] + 1 : a[0]"))
    #expect(has(.rareDistance, "a + 100 == out ? a[0] + 1 : a[0]"))
    #expect(has(.narrowIndex, "out[(int)(k + n)] = a[0]"))
  }

  @Test func everyMutantDiffersInOnePlace() throws {
    let lines = text.split(separator: "\n")
    for mutant in try mutants() where mutant.defect != .statementsSwapped {
      let other = String(decoding: mutant.text, as: UTF8.self).split(separator: "\n")
      let changes = other.difference(from: lines).count
      // A branch without its condition is printed anew, with all its lines.
      #expect(changes <= 16, "\(mutant.defect) \(mutant.place)")
    }
  }
}

@Suite struct KillTableTests {
  private func outcome(
    _ place: Int, _ answers: [String: MutantOutcome.Answer], _ defect: Defect? = .sign,
    required: Verdict = .bounded, isSampled: Bool = true, nature: MutantOutcome.Nature? = nil
  ) -> MutantOutcome {
    var outcome = MutantOutcome(
      subject: "s", defect: defect, place: place, required: required, isSampled: isSampled,
      answers: answers, seconds: ["L0": 0.5])
    outcome.nature = nature
    return outcome
  }

  @Test func levelsAreCountedByThemselves() throws {
    let outcomes = [
      outcome(0, ["L0": .killed, "L3": .differs]),
      outcome(1, ["L0": .passed, "L1": .killed, "L2": .killed, "L3": .differs]),
      outcome(2, ["L0": .passed, "L1": .passed, "L2": .killed, "L3": .inconclusive], .constant),
      outcome(3, ["L0": .passed, "L1": .passed, "L2": .inconclusive, "L3": .passed]),
      outcome(4, ["L0": .passed, "L2": .killed, "L3": .passed], isSampled: false),
      outcome(5, ["L0": .passed, "L1": .passed, "L2": .passed, "L3": .passed], nil),
    ]
    let table = KillTable(outcomes)
    func row(_ level: String, _ defect: Defect?) throws -> KillTable.Row {
      try #require(table.rows.first { $0.level == level && $0.defect == defect })
    }
    #expect(table.mutants == 5)
    #expect(try row("L0", nil).rate == Proportion(of: 1, in: 4))
    #expect(try row("L1", nil).asked == 3)
    #expect(try row("L1", nil).killed == 1)
    #expect(try row("L2", nil).killed == 2, "the one outside the sample is not counted")
    #expect(try row("L2", nil).inconclusive == 1)
    #expect(try row("L2", .constant).killed == 1)
    #expect(try row("L3", nil).differing == 2)
    #expect(try row("L3", nil).rate.count == 0, "a difference of operations is no kill")
    #expect(try row("L3", nil).stopped == Proportion(of: 3, in: 5))
    #expect(table.accepted.isEmpty)
    #expect(table.unchanged["L3"] == [.passed: 1])
    #expect(table.missed["L3"] == ["s sign 4"])
    #expect(table.acceptedWrong(outcomes) == Proportion(of: 0, in: 4))
    #expect(table.cpuSeconds == 3)
  }

  @Test func theDefaultRequirementDecidesWhatIsAccepted() {
    let passes: [String: MutantOutcome.Answer] = ["L0": .passed, "L1": .passed, "L2": .passed]
    let differs = passes.merging(["L3": .differs]) { $1 }
    let all = passes.merging(["L3": .passed]) { $1 }
    let table = KillTable([
      outcome(0, differs, nature: .wrong), outcome(1, differs, required: .tested, nature: .wrong),
      outcome(2, all, nature: .unknown), outcome(3, all, nature: .equivalent),
      outcome(5, passes.merging(["L3": .killed]) { $1 }, required: .tested, nature: .wrong),
    ])
    #expect(table.accepted.map(\.name) == ["s sign 1", "s sign 2"])
    #expect(table.equivalent == 1)
    #expect(table.passTests[.wrong] == 3)
  }

  @Test func intervalsAreThoseOfTheBooks() {
    // None of 4 seen: (1 - p)^4 = 0.05.
    #expect(abs(Proportion(of: 0, in: 4).interval.upperBound - 0.5271) < 1e-4)
    #expect(Proportion(of: 4, in: 4).interval.upperBound == 1)
    // Newcombe, Statistics in Medicine 17, 1998, table I, method 3: 81 of 263 and 15 of 148.
    let first = Proportion(of: 81, in: 263).interval
    #expect(abs(first.lowerBound - 0.2553) < 1e-4 && abs(first.upperBound - 0.3662) < 1e-4)
    let second = Proportion(of: 15, in: 148).interval
    #expect(abs(second.lowerBound - 0.0624) < 1e-4 && abs(second.upperBound - 0.1605) < 1e-4)
  }

  @Test func theSampleIsRandomAndTheSameForEver() {
    let sample = CalibrationSample(every: 8)
    let names = (0..<8000).map { "subject \($0 % 50) sign \($0)" }
    let chosen = names.filter(sample.contains)
    #expect((850...1150).contains(chosen.count))
    #expect(names.filter(sample.contains) == chosen)
    #expect(names.filter(CalibrationSample(every: 8, seed: 2).contains) != chosen)
  }
}
