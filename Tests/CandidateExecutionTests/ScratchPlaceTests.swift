import Foundation
import Testing

@testable import CandidateExecution

@Suite struct ScratchPlaceTests {
  @Test func scratchIsInMemoryWhereThatIsPossible() throws {
    let place = ScratchDirectory.place()
    #expect(["/dev/shm", NSTemporaryDirectory()].contains(place))
    let scratch = try ScratchDirectory()
    #expect(scratch.path.hasPrefix(place))
    #expect(FileManager.default.fileExists(atPath: scratch.path))
  }

  @Test func withoutMemoryTemporaryFilesTakeItsPlace() {
    #expect(ScratchDirectory.place(memory: "/nowhere") == NSTemporaryDirectory())
    #expect(ScratchDirectory.place(memory: "/proc") == NSTemporaryDirectory())
    #expect(ScratchDirectory.place(room: .max) == NSTemporaryDirectory())
  }
}
