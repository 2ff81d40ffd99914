import Diagnostics
import ExperimentRecords
import Foundation
import LineageLog
import Testing

@Suite struct LineageWriterTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test func entriesComeBackInOrderAndChained() throws {
    let written = try makeLog(scratch.state(), count: 5)
    let lineage = try Lineage.read(scratch.state())
    #expect(lineage.entries == written)
    #expect(lineage.entries.first?.previous == .zero)
    for (entry, next) in zip(lineage.entries, lineage.entries.dropFirst()) {
      #expect(next.previous == entry.id)
    }
    #expect(lineage.head == written.last?.id)
  }

  @Test func linesHaveTheFormThatTheFormatLaysDown() throws {
    let written = try makeLog(scratch.state(), count: 2)
    let lines = try scratch.text(of: ".ratchet/lineage.jsonl").split(
      separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 3)
    #expect(lines.last == "")
    for (line, entry) in zip(lines, written) {
      let opening =
        #"{"sha256":"\#(entry.id)","body":{"previous":"\#(entry.previous)","format":1,"#
      #expect(line.hasPrefix(opening))
      let body = line.dropFirst(#"{"sha256":"","body":"#.count + 64).dropLast()
      #expect(ObjectStore.digest(of: Array(body.utf8)) == entry.id)
      #expect(try JSONSerialization.jsonObject(with: Data(line.utf8)) is [String: Any])
    }
  }

  @Test func theStateDirectoryHidesItselfFromGit() throws {
    try makeLog(scratch.state(), count: 1)
    #expect(try scratch.text(of: ".ratchet/.gitignore") == "*\n")
  }

  @Test func aSecondWriterIsToldWhoWrites() throws {
    let writer = try LineageWriter(scratch.state(), command: "ratchet optimize src")
    let error = #expect(throws: LineageError.self) {
      try LineageWriter(scratch.state(), command: "ratchet apply", patience: .zero)
    }
    guard case .locked(let diagnostic) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    let pid = ProcessInfo.processInfo.processIdentifier
    #expect(diagnostic.message.contains("process \(pid) on '"))
    #expect(diagnostic.notes.first?.message.hasPrefix("it runs 'ratchet optimize src'") == true)
    #expect(error?.exitCode == 2)
    writer.close()
    #expect(throws: Never.self) { try LineageWriter(scratch.state(), command: "ratchet apply") }
  }

  @Test func readersAreNotKeptOutByAWriter() throws {
    let writer = try LineageWriter(scratch.state(), command: "test")
    try writer.append(stop(0))
    #expect(try Lineage.read(scratch.state()).entries.count == 1)
    try writer.append(stop(1))
    #expect(try Lineage.read(scratch.state()).entries.count == 2)
    #expect(writer.lineage.entries.count == 2)
  }

  @Test func aClosedWriterTakesNothing() throws {
    let writer = try LineageWriter(scratch.state(), command: "test")
    writer.close()
    #expect(throws: LineageError.self) { try writer.append(stop(0)) }
  }

  @Test func fourAppendersAtOnceLoseAndDoubleNothing() async throws {
    let state = scratch.state()
    let count = 25
    try await withThrowingTaskGroup(of: Void.self) { group in
      for appender in 0..<4 {
        group.addTask {
          for number in 0..<count {
            let writer = try LineageWriter(state, command: "test", patience: .seconds(60))
            try writer.append(stop(appender * count + number))
            writer.close()
          }
        }
      }
      try await group.waitForAll()
    }
    let lineage = try Lineage.read(state)
    let reasons = lineage.entries.map(\.entry.content)
    #expect(Set(reasons) == Set((0..<(4 * count)).map(stop)))
    #expect(reasons.count == 4 * count)
    #expect(try Lineage.verify(state).defect == nil)
  }

  @Test func oneWriterServesManyTasks() async throws {
    let writer = try LineageWriter(scratch.state(), command: "test")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<40 { group.addTask { try writer.append(stop(number)) } }
      try await group.waitForAll()
    }
    writer.close()
    #expect(try Lineage.read(scratch.state()).entries.count == 40)
  }

  @Test func aDirectoryOfSomebodyElseIsLeftAlone() throws {
    try FileManager.default.createDirectory(
      atPath: scratch.path.appending("mine").string, withIntermediateDirectories: true)
    try scratch.write("text", to: "mine/notes.txt")
    let state = StateDirectory(scratch.path.appending("mine"))
    let error = #expect(throws: LineageError.self) { try LineageWriter(state, command: "test") }
    #expect(error?.diagnostic.message.contains("holds 'notes.txt' and no lineage") == true)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: state.path.string) == ["notes.txt"])
  }

  @Test func readingNothingSaysHowToGetALineage() {
    let error = #expect(throws: LineageError.self) { try Lineage.read(scratch.state()) }
    #expect(error?.description.contains("error: no lineage here; run 'ratchet optimize'") == true)
    #expect(error?.exitCode == 2)
  }

  @Test func findsAnEntryByThePrefixOfItsId() throws {
    let written = try makeLog(scratch.state(), count: 20)
    let lineage = try Lineage.read(scratch.state())
    #expect(try lineage.entry(idPrefix: written[7].id.short) == written[7])
    #expect(try lineage.entry(idPrefix: written[7].id.hex.uppercased()) == written[7])
    #expect(throws: LineageError.self) { try lineage.entry(idPrefix: "abc") }
    #expect(throws: LineageError.self) { try lineage.entry(idPrefix: "zzzz") }
  }
}
