import Testing

@testable import CandidateExecution

@Suite struct MachineProbeTests {
  @Test func theMachineIsDescribed() {
    let machine = MachineProbe.current()
    #expect(machine.cores > 0)
    #expect(machine.kernel.hasPrefix("Linux"))
    #expect(!machine.cpu.isEmpty)
    #expect((machine.memoryBytes ?? 0) > 1 << 26)
  }

  @Test func cacheSizesHaveUnits() {
    #expect(MachineProbe.bytes("32K") == 32_768)
    #expect(MachineProbe.bytes("8M") == 8_388_608)
    #expect(MachineProbe.bytes("") == nil)
  }
}
