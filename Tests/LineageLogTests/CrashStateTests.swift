import ExperimentRecords
import Foundation
import LineageLog
import SystemPackage
import Testing

/// Loss of power at every operation of a life of a lineage, in every state that may leave on the disk.
@Suite struct CrashStateTests {
  static let root: FilePath = "/project"
  static let file: FilePath = "/project/src.c"
  static let before = Array("void f(int n, int *a) { for (; n > 0; n--) a[n - 1] = 0; }\n".utf8)
  static let after = Array("void f(int n, int *a) { while (n > 0) a[--n] = 0; }\n".utf8)

  /// States for each operation; `make durability` looks at more.
  static let limit =
    Int(ProcessInfo.processInfo.environment["RATCHET_CRASH_STATES"] ?? "") ?? 200

  @Test func noAcknowledgedEntryIsLostWhereverThePowerFails() throws {
    var random = Seeded(state: 1)
    var states = 0
    let whole = try disk()
    var story = Story()
    try story.live(on: whole)
    for point in 0..<whole.operations {
      let disk = try disk()
      disk.die(at: point)
      var story = Story()
      #expect(throws: (any Error).self) { try story.live(on: disk) }
      for crashed in disk.crashes(atMost: Self.limit, &random) {
        states += 1
        try check(crashed, story.acknowledged, point)
      }
    }
    #expect(whole.operations > 150 && states > 500, "\(states) states")
    print("\(whole.operations) operations, \(states) states after a crash")
  }

  /// The same life, of which one operation fails and the process goes on, as far as it can.
  @Test(arguments: [
    FaultyFiles.Fault.error(.ioError), .error(.noSpace), .error(.interrupted),
    .error(.readOnlyFileSystem), .error(Errno(rawValue: 122)), .shortWrite, .death,
  ])
  func noAcknowledgedEntryIsLostWhicheverOperationFails(_ fault: FaultyFiles.Fault) throws {
    var points = 0
    while true {
      let disk = try disk()
      let files = FaultyFiles(disk)
      files.arm(fault, at: points)
      var story = Story()
      // Some faults, as one in looking whether a file is there, are passed over.
      try? story.live(on: files)
      guard files.operations.count > points else { break }
      disk.closeAll()
      try check(disk, story.acknowledged, points)
      points += 1
    }
    #expect(points > 150)
  }

  /// The disk does lose what was not brought onto it, else the test above would prove nothing.
  @Test func theDiskLosesWhatWasNotSynchronized() throws {
    var random = Seeded(state: 1)
    let disk = try disk()
    let log = try disk.open(Self.file, .append)
    _ = try disk.write([1, 2, 3, 4], to: log)
    let lost = try disk.crashes(atMost: 100, &random).map { try $0.contents(of: Self.file) }
    #expect(lost.contains(Self.before) && lost.contains(Self.before + [1, 2, 3, 4]))
    #expect(lost.contains(Self.before + [1]) && lost.contains(Self.before + [0, 0, 3, 4]))
    try disk.synchronize(log)
    let kept = try disk.crashes(atMost: 100, &random).map { try $0.contents(of: Self.file) }
    #expect(kept == [Self.before + [1, 2, 3, 4]])
  }

  private func disk() throws -> CrashingDisk {
    let disk = CrashingDisk()
    disk.store(Self.before, at: Self.file)
    return disk
  }

  /// Entries, objects, a checkpoint, a change of a source and its reversal, by two writers.
  private struct Story {
    var acknowledged: [StoredEntry] = []

    mutating func live(on disk: any FileOperations) throws {
      let state = StateDirectory(root.appending(".ratchet"), files: disk)
      let writer = try LineageWriter(state, command: "test", patience: .zero)
      acknowledged.append(try writer.append(stop(0)))
      let winner = Winner(
        kernel: KernelName(file: "src.c", function: "f"), recipe: .empty, proposal: .zero,
        baseSource: try writer.objects.put(before), newSource: try writer.objects.put(after),
        verdict: .tested, measurements: [])
      acknowledged.append(try writer.append(.winner(winner)))
      let id = acknowledged[1].id
      acknowledged.append(try writer.checkpoint())
      acknowledged.append(try PatchApplication(writer, root: root).apply(id))
      writer.close()
      let second = try LineageWriter(state, command: "test", patience: .zero)
      acknowledged.append(try PatchApplication(second, root: root).revert(id))
      acknowledged.append(try second.checkpoint())
      second.close()
    }
  }

  private func check(
    _ disk: CrashingDisk, _ acknowledged: [StoredEntry], _ point: Int
  ) throws {
    let state = StateDirectory(Self.root.appending(".ratchet"), files: disk)
    let writer = try LineageWriter(state, command: "test", patience: .zero)
    let entries = writer.lineage.entries
    #expect(entries.map(\.id).starts(with: acknowledged.map(\.id)), "operation \(point)")
    #expect(entries.count <= acknowledged.count + 1, "operation \(point)")
    // The source is one of the two texts, and what the lineage says of it can be gone on with.
    let bytes = try disk.contents(of: Self.file)
    #expect(bytes == Self.before || bytes == Self.after, "operation \(point)")
    if let source = writer.lineage.appliedSources["src.c"] {
      #expect(source.state(of: ObjectStore.digest(of: bytes)) != nil, "operation \(point)")
    }
    try writer.append(stop(99))
    writer.close()
    let report = try Lineage.verify(state)
    #expect(report.defect == nil, "operation \(point)")
  }
}

/// Random numbers that are the same in every run (Steele, Lea & Flood, "Fast splittable pseudorandom
/// number generators", 2014).
private struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
