import ExperimentRecords

extension Verifier {
  func counterexample(_ findings: [Finding], _ bench: Bench, _ text: CandidateText?) async
    -> Counterexample?
  {
    let search = CounterexampleSearch(
      laboratory: bench.laboratory, shape: bench.shape, original: originalProgram,
      candidate: bench.candidate, comparison: bench.comparison, faults: bench.faults, seed: seed)
    var finding = findings.first
    do {
      finding = try await search.smallest(findings) ?? finding
    } catch {
      // The finding stands as it was made; only its being the smallest is lost.
    }
    guard let finding else { return nil }
    let compiler = plan.compiler(of: finding.choice)
    return Counterexample(
      inputs: PointText(shape: bench.shape).text(finding.input), cell: finding.cell,
      expected: finding.expected, actual: finding.actual,
      reproducer: text.map {
        Reproducer(
          kernel: kernel, candidate: $0, shape: bench.shape, finding: finding,
          compiler: compiler?.name ?? "cc"
        ).text()
      })
  }
}
