import Foundation

/// Places of the repository as tests see it.
enum TestFiles {
  /// The package's root.
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Whether `RATCHET_UPDATE=1` asks to rewrite expectations; the test still fails.
  static var updatesExpectations: Bool {
    ProcessInfo.processInfo.environment["RATCHET_UPDATE"] == "1"
  }
}
