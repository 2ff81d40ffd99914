import ExperimentRecords
import Foundation
import Testing

@testable import CandidateExecution

@Suite struct PeakProbeTests {
  @Test(arguments: ["clang", "gcc"])
  func peaksFallFromLevelToLevel(compiler: String) async throws {
    let bench = try await Workbench(compiler)
    let machine = MachineProbe.current(compilers: [bench.compiler])
    let probe = PeakProbe(runner: bench.runner, compiler: bench.compiler, milliseconds: 8)
    let peaks = try await probe.measure(machine)
    let last = try #require(peaks.levels.last)
    #expect(last.name == "memory")
    #expect(peaks.levels.count == PeakProbe.levels(of: machine).count)
    if let first = peaks.levels.first, peaks.levels.count > 2 {
      #expect(first.bytesPerSecond > last.bytesPerSecond)
    }
    #expect(last.bytesPerSecond > 1e8)
    #expect(peaks.double.fused > 1e8)
    #expect(peaks.single.fused > peaks.double.fused)
  }

  @Test func setsLieInsideTheirLevel() {
    let machine = Machine(
      cpu: "c",
      caches: [
        .init(level: 1, kind: "data", bytes: 32 << 10),
        .init(level: 1, kind: "instruction", bytes: 32 << 10),
        .init(level: 2, kind: "unified", bytes: 1 << 20),
        .init(level: 3, kind: "unified", bytes: 32 << 20),
      ], cores: 2, kernel: "k", operatingSystem: "o", memoryBytes: 16 << 30)
    let levels = PeakProbe.levels(of: machine)
    #expect(levels.map(\.name) == ["L1", "L2", "L3", "memory"])
    let sets = levels.map { PeakProbe.workingSet(of: $0, in: levels, machine) }
    #expect(sets[0] == 16 << 10)
    #expect(sets[1] == 128 << 10)
    #expect(sets[2] == 4 << 20)
    #expect(sets[3] == 4 * ((32 << 10) + (1 << 20) + (32 << 20)))
  }

  @Test func peaksAreMeasuredOnceForAFingerprint() async throws {
    let bench = try await Workbench()
    var machine = MachineProbe.current(compilers: [bench.compiler])
    let store = PeakStore(directory: bench.scratch.path + "/peaks")
    let probe = PeakProbe(runner: bench.runner, compiler: bench.compiler, milliseconds: 2)
    let first = try await store.peaks(of: machine, compiler: bench.compiler, probe: probe)
    var broken = bench.compiler
    broken.path = "/no/such/compiler"
    let none = PeakProbe(runner: bench.runner, compiler: broken)
    let second = try await store.peaks(of: machine, compiler: bench.compiler, probe: none)
    #expect(first == second)
    machine.governor = "another"
    await #expect(throws: CompileError.self) {
      try await store.peaks(of: machine, compiler: bench.compiler, probe: none)
    }
  }

  @Test func measuringAgainOnlyRaises() {
    func peaks(_ rate: Double, _ bandwidth: Double) -> MachinePeaks {
      MachinePeaks(
        fingerprint: "f", time: Timestamp(milliseconds: 0), compiler: "c", flags: [],
        double: .init(fused: rate, apart: rate), single: .init(fused: rate, apart: rate),
        levels: [
          .init(
            name: "L1", bytes: 1, readBytesPerSecond: bandwidth, triadBytesPerSecond: bandwidth)
        ])
    }
    let both = peaks(2, 5).raised(by: peaks(3, 4))
    #expect(both == peaks(3, 5))
  }
}
