import Diagnostics
import ExperimentRecords
import Foundation
import LineageLog

/// The patches of winners as files that `git apply` and `patch -p1` take from the project's root.
struct PatchFiles {
  private let state: StateDirectory

  init(_ state: StateDirectory) { self.state = state }

  /// Writes `STATE/patches/<file-with-dashes>.<function>.patch` for every winner and returns the
  /// paths; of a winner on several threads, `….<function>.<n>-threads.patch`.
  func write(_ winners: [KernelName: StoredWinner]) throws -> [KernelName: String] {
    guard !winners.isEmpty else { return [:] }
    let directory = state.path.appending("patches").string
    var paths: [KernelName: String] = [:]
    var taken: Set<String> = []
    try state.refuseLink(state.path.appending("patches"))
    do {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true)
      for (kernel, stored) in winners.sorted(by: { $0.key < $1.key }) {
        var name = Self.name(of: kernel, threads: stored.winner.threads)
        // `a/b.c` and `a-b.c` would share a name.
        if !taken.insert(name).inserted { name = "\(stored.id.short)-\(name)" }
        let path = "\(directory)/\(name)"
        try PlainFiles.write(
          try bytes(of: stored.winner), to: path,
          remedy: "'ratchet lineage diff \(stored.id.short)' prints the patch")
        paths[kernel] = path
      }
    } catch let error where error is LineageError || error is InputError {
      throw error
    } catch {
      throw InputError(
        "cannot write patches: \(reason(of: error))", at: SourceLocation(file: directory),
        remedy: "the winners are in the lineage; 'ratchet lineage diff ID' prints them")
    }
    return paths
  }

  /// Removes the patches of retracted winners, and writes those of the winners that take their places.
  func withdrawRetracted(in lineage: Lineage) throws {
    let retracted = lineage.standings.retractions
    let directory = state.path.appending("patches").string
    guard !retracted.isEmpty, FileManager.default.fileExists(atPath: directory) else { return }
    for stored in lineage.entries where retracted[stored.id] != nil {
      guard case .winner(let winner) = stored.entry.content else { continue }
      let path = "\(directory)/\(Self.name(of: winner.kernel, threads: winner.threads))"
      guard let present = FileManager.default.contents(atPath: path),
        Array(present) == (try bytes(of: winner))
      else { continue }
      try FileManager.default.removeItem(atPath: path)
    }
    _ = try write(lineage.latestWinners)
    _ = try write(lineage.latestParallelWinners)
  }

  private static func name(of kernel: KernelName, threads: Int?) -> String {
    let mark = threads.map { ".\($0)-threads" } ?? ""
    return "\(plain(kernel.file)).\(plain(kernel.function))\(mark).patch"
  }

  /// A name from a log or a project as a part of a file name: one that leads nowhere else, moves no cursor
  /// and needs no quotes.
  private static func plain(_ name: String) -> String {
    String(name.map { $0.isLetter || $0.isNumber || "._-+".contains($0) ? $0 : "-" })
  }

  private func bytes(of winner: Winner) throws(LineageError) -> [UInt8] {
    let objects = ObjectStore(state)
    if let patch = winner.patch { return try objects.get(patch) }
    return UnifiedDiff(
      from: try objects.get(winner.baseSource), to: try objects.get(winner.newSource),
      path: winner.kernel.file
    ).bytes
  }
}
