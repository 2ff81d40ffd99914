import ExperimentRecords
import Foundation
import Testing

@testable import LineageLog

/// What is read without decoding is what decoding gives.
@Suite struct EntryFieldsTests {
  @Test(arguments: UInt64(1)...5) func theShortWayAgreesWithDecoding(seed: UInt64) throws {
    let lineage = try SeededLineage(seed: seed, count: 400)
    let scan = LogScan(lineage.bytes)
    var short = 0
    lineage.bytes.withUnsafeBytes { buffer in
      for (line, entry) in zip(scan.lines, lineage.entries) {
        let body = UnsafeRawBufferPointer(rebasing: buffer[line.body])
        if BulkBody(body) != nil { short += 1 }
        #expect(EntryFields.read(body) == .success(EntryFields(entry)))
      }
    }
    // All but quoted file names and rare kinds.
    #expect(short > 240)
  }

  /// Bodies in forms that no writer gives them, which decoding takes or refuses, and the short way leaves to it.
  @Test(arguments: [
    #"{"kind":"proposal","kind":"winner","proposal":{},"time":"x","version":1}"#,
    #"{"kind": "proposal","proposal":{},"time":"2026-11-22T10:00:01.250Z","version":1}"#,
    #"{"kind":"proposal","proposal":{},"time":"2026-11-22T10:00:01.250Z","version":2}"#,
    #"{"kind":"proposal","proposal":{},"time":"2026-11-22T10:00:01.250Z","version":1,"version":1}"#,
    #"{"kin\u0064":"checkpoint","kind":"proposal","proposal":{},"time":"2026-11-22T10:00:01.250Z"}"#,
    #"{"kind":"checkpoint","proposal":{},"time":"2026-11-22T10:00:01.250Z","version":1}"#,
    #"{"kind":"proposal","proposal":{"time":"2026-11-22T10:00:01.250Z","version":1}"#,
    #"{"kind":"proposal","proposal":{},"time":"2026-11-22T10:00:01.250Z","version":1}}"#,
    #"[]"#, "{", "", #"{"kind":"proposal\"#,
  ]) func otherFormsAreLeftToDecoding(body: String) {
    var body = body
    let isTaken = body.withUTF8 { BulkBody(UnsafeRawBufferPointer($0)) != nil }
    #expect(!isTaken)
  }

  @Test func membersAreGoneThroughWhateverTheyHold() throws {
    var text = #"{"a":1,"b":"x\"}{","c":[{"d":"]"},[]],"e":{"f":{}},"g":null,"h":-1.5e3}"#
    let found = text.withUTF8 { utf8 -> [String] in
      let bytes = UnsafeRawBufferPointer(utf8)
      guard var members = JSONMembers(bytes) else { return [] }
      var found: [String] = []
      while let member = members.next() {
        found.append(bytes.text(member.key) + "=" + bytes.text(member.value))
      }
      return members.isWhole && members.end == bytes.count ? found : []
    }
    #expect(
      found == [
        "a=1", #"b="x\"}{""#, #"c=[{"d":"]"},[]]"#, #"e={"f":{}}"#, "g=null", "h=-1.5e3",
      ])
  }
}
