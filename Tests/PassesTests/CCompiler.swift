import Foundation

/// Runs a C compiler on texts in a directory of its own.
struct CCompiler {
  var command = "clang"
  let flags: [String]

  /// Throws what the compiler says under `-Wall -Wextra -Werror`.
  func requireNoWarnings(_ text: String, near file: URL) throws {
    let (status, _, messages) = try Subprocess.run(
      [command, "-x", "c", "-", "-fsyntax-only", "-Wall", "-Wextra", "-Werror"] + flags
        + ["-I", file.deletingLastPathComponent().path], input: text)
    if status != 0 {
      throw GoldenError("the output does not compile cleanly: \(messages)\n\(text)")
    }
  }

  /// Throws when the second text draws a warning and the first does not.
  func requireNoNewWarnings(_ before: String, _ after: String) throws {
    func messages(_ text: String) throws -> String {
      try Subprocess.run(
        [command, "-x", "c", "-", "-fsyntax-only", "-Wall", "-Wextra"] + flags, input: text
      ).messages
    }
    guard try messages(before).isEmpty else { return }
    let new = try messages(after)
    if !new.isEmpty { throw GoldenError("the output draws warnings: \(new)\n\(after)") }
  }

  /// Builds a program.
  func build(_ text: String, at program: URL, extra: [String]) throws {
    let (status, _, messages) = try Subprocess.run(
      [command, "-x", "c", "-", "-w", "-o", program.path] + flags + extra + ["-lm"], input: text)
    if status != 0 { throw GoldenError("the program does not build: \(messages)\n\(text)") }
  }
}

enum Subprocess {
  /// Runs a command to its end.
  static func run(_ command: [String], input: String = "") throws -> (
    status: Int32, output: String, messages: String
  ) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    let files = try ["in", "out", "err"].map { name -> URL in
      let file = scratch.appending(path: "\(UUID().uuidString).\(name)")
      try (name == "in" ? input : "").write(to: file, atomically: false, encoding: .utf8)
      return file
    }
    defer { for file in files { try? FileManager.default.removeItem(at: file) } }
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    process.waitUntilExit()
    let status =
      process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    return (
      status, try String(contentsOf: files[1], encoding: .utf8),
      try String(contentsOf: files[2], encoding: .utf8)
    )
  }

  static let scratch: URL = {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "ratchet-passes-\(ProcessInfo.processInfo.processIdentifier)")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }()
}
