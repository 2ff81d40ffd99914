import ExperimentRecords
import LineageLog
import SystemPackage
import Testing

@Suite struct FaultInjectionTests {
  static let faults: [FaultyFiles.Fault] = [
    .error(.ioError), .error(.noSpace), .shortWrite, .death,
  ]

  @Test(arguments: faults) func noAcknowledgedEntryIsLostByAFaultInAppend(
    fault: FaultyFiles.Fault
  ) throws {
    for number in 0..<8 {
      let scratch = try Scratch()
      let files = FaultyFiles()
      let writer = try LineageWriter(scratch.state(files), command: "test")
      var acknowledged = [try writer.append(stop(0)), try writer.append(stop(1))]
      files.arm(fault, at: number)
      var refused = 0
      for next in 2..<5 {
        do { acknowledged.append(try writer.append(stop(next))) } catch { refused += 1 }
      }
      let reached = files.operations.count > number
      writer.close()
      // A writer that failed once takes nothing more.
      if reached { #expect(refused == 3 - (acknowledged.count - 2)) }
      try expectSound(scratch.state(), acknowledged)
    }
  }

  @Test(arguments: faults) func noAcknowledgedEntryIsLostByAFaultInOpening(
    fault: FaultyFiles.Fault
  ) throws {
    for number in 0..<60 {
      let scratch = try Scratch()
      let written = try makeLog(scratch.state(), count: 2)
      let tail = Array(try scratch.text(of: ".ratchet/lineage.jsonl").prefix(100).utf8)
      let bytes = try scratch.bytes(of: scratch.state().log)
      try scratch.write(bytes + tail, to: scratch.state().log)
      let files = FaultyFiles()
      files.arm(fault, at: number)
      do { try LineageWriter(scratch.state(files), command: "test").close() } catch {
        // What was torn is still there, or was copied before it was cut.
        let log = try scratch.bytes(of: scratch.state().log)
        #expect(log == bytes + tail || log == bytes)
      }
      if files.operations.count <= number { return }
      try expectSound(scratch.state(), written)
    }
    Issue.record("opening takes more operations than were tried")
  }

  @Test(arguments: faults) func aFaultWhileCreatingLeavesWhatTheNextRunCanUse(
    fault: FaultyFiles.Fault
  ) throws {
    for number in 0..<80 {
      let scratch = try Scratch()
      let files = FaultyFiles()
      files.arm(fault, at: number)
      do { try LineageWriter(scratch.state(files), command: "test").close() } catch {
        #expect(!error.diagnostic.message.isEmpty)
      }
      if files.operations.count <= number { return }
      try expectSound(scratch.state(), [])
    }
    Issue.record("creating takes more operations than were tried")
  }

  @Test(arguments: faults) func anObjectIsWholeOrAbsent(fault: FaultyFiles.Fault) throws {
    let content = Array("int main(void) { return 0; }\n".utf8)
    for number in 0..<40 {
      let scratch = try Scratch()
      try makeLog(scratch.state(), count: 0)
      let files = FaultyFiles()
      files.arm(fault, at: number)
      let store = ObjectStore(scratch.state(files))
      var kept = false
      do {
        try store.put(content)
        kept = true
      } catch {
        #expect(!error.diagnostic.message.isEmpty)
      }
      let clean = ObjectStore(scratch.state())
      let digest = ObjectStore.digest(of: content)
      if try kept || clean.contains(digest) { #expect(try clean.get(digest) == content) }
      if files.operations.count <= number { return }
      try LineageWriter(scratch.state(), command: "test").close()
      #expect(try scratch.state().files.list(scratch.state().path.appending("tmp")).isEmpty)
    }
    Issue.record("putting takes more operations than were tried")
  }

  @Test func nothingIsAcknowledgedBeforeItIsOnTheDisk() throws {
    let scratch = try Scratch()
    let files = FaultyFiles()
    let writer = try LineageWriter(scratch.state(files), command: "test")
    files.disarm()
    try writer.append(stop(0))
    #expect(files.operations == [.write, .synchronize, .write, .synchronize])
    files.disarm()
    try writer.objects.put([1, 2, 3])
    #expect(files.operations.suffix(5) == [.write, .synchronize, .rename, .open, .synchronize])
  }

  @Test func aFullDiskAndAReadOnlyOneAreSaidInOneLine() throws {
    let scratch = try Scratch()
    let files = FaultyFiles()
    let writer = try LineageWriter(scratch.state(files), command: "test")
    files.arm(.error(.noSpace), at: 0)
    let full = #expect(throws: LineageError.self) { try writer.append(stop(0)) }
    #expect(
      full?.description
        == "\(scratch.state().log): error: cannot write it: the disk or the quota is full; "
        + "free space, or choose another directory with --state")
    writer.close()
    files.arm(.error(.readOnlyFileSystem), at: 0)
    let readOnly = #expect(throws: LineageError.self) {
      try LineageWriter(scratch.state(files), command: "test")
    }
    #expect(readOnly?.description.contains("the file system is read-only") == true)
    #expect(readOnly?.exitCode == 2)
  }

  /// Checks that a log opens again, begins with `acknowledged`, holds at most one entry more, and
  /// takes new ones.
  private func expectSound(
    _ state: StateDirectory, _ acknowledged: [StoredEntry],
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws {
    let writer = try LineageWriter(state, command: "test")
    let entries = writer.lineage.entries
    #expect(entries.starts(with: acknowledged), sourceLocation: sourceLocation)
    #expect(entries.count <= acknowledged.count + 1, sourceLocation: sourceLocation)
    try writer.append(stop(1000))
    writer.close()
    let report = try Lineage.verify(state)
    #expect(report.defect == nil, sourceLocation: sourceLocation)
    #expect(report.entries == entries.count + 1, sourceLocation: sourceLocation)
  }
}
