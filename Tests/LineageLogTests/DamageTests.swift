import ExperimentRecords
import Foundation
import LineageLog
import Testing

@Suite struct DamageTests {
  let scratch: Scratch
  let state: StateDirectory

  init() throws {
    scratch = try Scratch()
    state = scratch.state()
  }

  @Test func everyFlippedBitIsFoundAndTheEntryNamed() throws {
    try makeLog(state, count: 3)
    let bytes = try scratch.bytes(of: state.log)
    let lineOf = lineNumbers(of: bytes)
    for position in bytes.indices {
      for bit in 0..<8 {
        var flipped = bytes
        flipped[position] ^= 1 << bit
        let defect = Lineage.verifyChain(flipped, file: "log").defect
        guard defect?.line == lineOf[position] else {
          Issue.record("bit \(bit) of byte \(position): \(String(describing: defect))")
          return
        }
      }
    }
  }

  @Test func aDamagedLogIsNeitherReadNorWrittenNorMended() throws {
    try makeLog(state, count: 3)
    let bytes = try scratch.bytes(of: state.log)
    for position in [0, 40, 200, bytes.count - 2, bytes.count - 1] {
      var flipped = bytes
      flipped[position] ^= 4
      try scratch.write(flipped, to: state.log)
      for attempt in [
        { _ = try Lineage.read(state) }, { _ = try LineageWriter(state, command: "test") },
      ] {
        let error = #expect(throws: LineageError.self) { try attempt() }
        guard case .damaged = error else {
          Issue.record("byte \(position): \(String(describing: error))")
          return
        }
        #expect(error?.exitCode == 4)
      }
      #expect(try scratch.bytes(of: state.log) == flipped)
    }
  }

  @Test func aLogCutAnywhereKeepsItsWholeEntries() throws {
    let written = try makeLog(state, count: 4)
    let bytes = try scratch.bytes(of: state.log)
    let lineOf = lineNumbers(of: bytes)
    for length in 0...bytes.count {
      try scratch.write(Array(bytes[..<length]), to: state.log)
      let whole = length == bytes.count ? 4 : lineOf[length] - 1
      let isTorn = length > 0 && bytes[length - 1] != UInt8(ascii: "\n")
      let report = Lineage.verifyChain(Array(bytes[..<length]), file: "log")
      #expect(report.entries == whole)
      #expect((report.defect != nil) == isTorn)
      // Opening takes long; every eleventh length, and all around the ends of lines, will do.
      let isNearEnd = bytes[max(0, length - 3)..<min(bytes.count, length + 3)].contains(10)
      guard length % 11 == 0 || isNearEnd else { continue }
      #expect(try Lineage.read(state).entries == Array(written[..<whole]))
      let writer = try LineageWriter(state, command: "test")
      #expect((writer.savedTail != nil) == isTorn)
      if let saved = writer.savedTail {
        let start = bytes[..<length].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        #expect(try scratch.bytes(of: saved) == Array(bytes[start..<length]))
      }
      try writer.append(stop(99))
      writer.close()
      let mended = try Lineage.verify(state)
      #expect(mended.defect == nil)
      #expect(mended.entries == whole + 1)
    }
  }

  /// `make durability` cuts a log of a thousand entries at every byte.
  @Test func aLongLogCutAnywhereKeepsItsWholeEntries() throws {
    let isWhole = ProcessInfo.processInfo.environment["RATCHET_DURABILITY"] != nil
    try makeLog(state, count: 1000)
    let bytes = try scratch.bytes(of: state.log)
    let lineOf = lineNumbers(of: bytes)
    for length in stride(from: 0, through: bytes.count, by: isWhole ? 1 : 1009) {
      let report = Lineage.verifyChain(Array(bytes[..<length]), file: "log")
      let whole = length == bytes.count ? 1000 : lineOf[length] - 1
      let isTorn = length > 0 && bytes[length - 1] != UInt8(ascii: "\n")
      guard report.entries == whole, (report.defect != nil) == isTorn else {
        Issue.record("cut at \(length): \(report)")
        return
      }
    }
  }

  @Test func zerosAfterACrashAreATornTail() throws {
    let written = try makeLog(state, count: 2)
    let bytes = try scratch.bytes(of: state.log)
    try scratch.write(bytes + [UInt8](repeating: 0, count: 100), to: state.log)
    #expect(try Lineage.verify(state).defect?.line == 3)
    try LineageWriter(state, command: "test").close()
    #expect(try scratch.bytes(of: state.log) == bytes)
    #expect(try Lineage.read(state).entries == written)
  }

  @Test func aRemovedDoubledOrSwappedEntryIsFound() throws {
    try makeLog(state, count: 4)
    let lines = try scratch.text(of: ".ratchet/lineage.jsonl").split(separator: "\n")
    for (order, bad) in [
      ([0, 2, 3], 2), ([0, 1, 1, 2, 3], 3), ([0, 2, 1, 3], 2), ([1, 2, 3], 1),
    ] {
      try scratch.write(
        order.map { lines[$0] + "\n" }.joined(), to: ".ratchet/lineage.jsonl")
      #expect(try Lineage.verify(state).defect?.line == bad)
    }
  }

  @Test func anotherFormatIsRefusedAndUntouched() throws {
    let body = #"{"previous":"\#(Digest.zero)","format":2,"kind":"x"}"#
    let id = ObjectStore.digest(of: Array(body.utf8))
    let log = #"{"sha256":"\#(id)","body":\#(body)}"# + "\n"
    try makeLog(state, count: 0)
    try scratch.write(log, to: ".ratchet/lineage.jsonl")
    for attempt in [
      { _ = try Lineage.read(state) }, { _ = try Lineage.verify(state) },
      { _ = try LineageWriter(state, command: "test") },
    ] {
      let error = #expect(throws: LineageError.self) { try attempt() }
      guard case .otherVersion(let diagnostic) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(diagnostic.message.hasSuffix("it has format '2'"))
      #expect(error?.exitCode == 2)
    }
    #expect(try scratch.text(of: ".ratchet/lineage.jsonl") == log)
  }

  @Test func anEntryOfALaterVersionIsRefused() throws {
    let body =
      #"{"previous":"\#(Digest.zero)","format":1,"kind":"stopRequested","stopRequested":"#
      + #"{"by":"x","reason":""},"time":"2026-11-22T15:36:01.123Z","version":2}"#
    let id = ObjectStore.digest(of: Array(body.utf8))
    try makeLog(state, count: 0)
    try scratch.write(
      #"{"sha256":"\#(id)","body":\#(body)}"# + "\n", to: ".ratchet/lineage.jsonl")
    let error = #expect(throws: LineageError.self) { try Lineage.read(state) }
    #expect(error?.diagnostic.message.hasSuffix("entry 1 has version 2") == true)
  }

  @Test func damagedAndMissingObjectsAreNamed() throws {
    let writer = try LineageWriter(state, command: "test")
    let before = try writer.objects.put(Array("before".utf8))
    let after = try writer.objects.put(Array("after".utf8))
    try writer.append(stop(0))
    let kernel = KernelName(file: "a.c", function: "f")
    try writer.append(
      .applied(Applied(winner: .zero, kernel: kernel, before: before, after: after)))
    writer.close()
    #expect(try Lineage.verify(state).objects == 2)

    let path = state.objects.appending(String(after.hex.prefix(2))).appending(
      String(after.hex.dropFirst(2)))
    try scratch.write(Array("aftes".utf8), to: path)
    #expect(
      try Lineage.verify(state).defect?.reason
        == "object '\(after.short)' is not what its name says")
    #expect(throws: LineageError.self) { try ObjectStore(state).get(after) }
    try FileManager.default.removeItem(atPath: path.string)
    let defect = try Lineage.verify(state).defect
    #expect(defect?.reason == "object '\(after.short)' is missing")
    #expect(defect?.line == 2)
    #expect(throws: LineageError.self) { try ObjectStore(state).get(after) }
    #expect(try ObjectStore(state).get(before) == Array("before".utf8))
  }
}

/// The line, counted from 1, that every byte belongs to.
private func lineNumbers(of bytes: [UInt8]) -> [Int] {
  var line = 1
  return bytes.map { byte in
    defer { line += byte == UInt8(ascii: "\n") ? 1 : 0 }
    return line
  }
}
