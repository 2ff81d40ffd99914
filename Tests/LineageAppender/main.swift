import ExperimentRecords
import Foundation
import LineageLog
import SystemPackage

// lineage-appender STATE NAME COUNT BATCH: adds entries NAME/0 … NAME/(COUNT - 1) to a lineage, BATCH of them each
// time that it gets the lock, and prints the number of each when it is acknowledged. A later run goes on behind
// what is there. Tests kill it.

let arguments = CommandLine.arguments
guard arguments.count == 5, let count = Int(arguments[3]), let batch = Int(arguments[4]) else {
  fatalError("usage: lineage-appender STATE NAME COUNT BATCH")
}
let state = StateDirectory(FilePath(arguments[1]))
let name = arguments[2]

func own(_ stored: StoredEntry) -> Bool {
  guard case .stopRequested(let request) = stored.entry.content else { return false }
  return request.by == name
}

var next = 0
while next < count {
  let writer = try LineageWriter(state, command: "lineage-appender", patience: .seconds(600))
  next = writer.lineage.entries.count(where: own)
  for _ in 0..<batch where next < count {
    try writer.append(.stopRequested(StopRequested(by: name, reason: "\(next)")))
    try FileHandle.standardOutput.write(contentsOf: Data("\(next)\n".utf8))
    next += 1
  }
  writer.close()
}
