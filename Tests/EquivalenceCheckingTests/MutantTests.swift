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

  private func mutants() throws -> [Mutant] {
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
    #expect(Set(mutants.map(\.defect)) == Set(Defect.allCases))
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
    _ place: Int, _ answers: [String: MutantOutcome.Answer], _ defect: Defect = .sign
  ) -> MutantOutcome {
    MutantOutcome(subject: "s", defect: defect, place: place, answers: answers, seconds: 0.5)
  }

  @Test func levelsAreCountedByThemselves() throws {
    let table = KillTable([
      outcome(0, ["L0": .killed]),
      outcome(1, ["L0": .passed, "L1": .killed, "L2": .killed]),
      outcome(2, ["L0": .passed, "L1": .passed, "L2": .killed], .constant),
      outcome(3, ["L0": .passed, "L1": .passed, "L2": .inconclusive]),
    ])
    func row(_ level: String, _ defect: Defect?) throws -> KillTable.Row {
      try #require(table.rows.first { $0.level == level && $0.defect == defect })
    }
    #expect(try row("L0", nil).rate == 0.25)
    #expect(try row("L1", nil).asked == 3)
    #expect(try row("L1", nil).killed == 1)
    #expect(try row("L2", nil).killed == 2)
    #expect(try row("L2", nil).inconclusive == 1)
    #expect(try row("L2", .constant).killed == 1)
    #expect(table.accepted.isEmpty)
    #expect(table.undecided == ["s sign 3"])
    #expect(table.cpuSeconds == 2)
    // None of 4 seen: (1 - p)^4 = 0.05.
    #expect(abs((table.acceptedBound ?? 0) - 0.5271) < 1e-4)
  }

  @Test func whatPassesEverywhereIsNamed() {
    let table = KillTable([outcome(7, ["L0": .passed, "L1": .passed, "L2": .passed])])
    #expect(table.accepted == ["s sign 7"])
    #expect(table.acceptedBound == nil)
  }
}
