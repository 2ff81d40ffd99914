import Foundation
import Testing

/// Compares texts with files in `fixtures/reports`.
///
/// With `RATCHET_GOLDEN` set the files are rewritten, and the test still fails, so that nothing
/// blesses itself. Otherwise a failure leaves what was seen beside the file, as `.observed`.
func expectGolden(
  _ text: String, _ name: String,
  sourceLocation: Testing.SourceLocation = #_sourceLocation
) throws {
  let file = fixtures.appending(path: "reports/\(name)")
  let environment = ProcessInfo.processInfo.environment
  if environment["RATCHET_GOLDEN"] != nil {
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    let isOld = try? Data(contentsOf: file) == Data(text.utf8)
    guard isOld != true else { return }
    try Data(text.utf8).write(to: file)
    Issue.record("\(name) was rewritten", sourceLocation: sourceLocation)
    return
  }
  let expected = try String(decoding: Data(contentsOf: file), as: UTF8.self)
  guard text != expected else { return }
  let observed = file.appendingPathExtension("observed")
  try Data(text.utf8).write(to: observed)
  Issue.record(
    "\(name) differs from what was seen; compare it with \(observed.lastPathComponent)",
    sourceLocation: sourceLocation)
}

/// The folder of fixtures.
let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().appending(path: "fixtures")
