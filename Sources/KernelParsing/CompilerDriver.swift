import Diagnostics
import Foundation
import KernelModel

/// Runs compilers as preprocessors.
struct CompilerDriver {
  /// The clang whose preprocessed text is parsed.
  let clang: String
  /// Wall limit of one run in seconds.
  let wallLimit: Double

  /// The text of a file as clang's preprocessor leaves it, with definitions kept (`-E -dD`).
  ///
  /// - Parameters:
  ///   - text: stands for the file's contents when it is given.
  ///   - headers: resource directory to take the compiler's own headers from.
  func preprocess(
    _ file: String, replacedBy text: [UInt8]?, build: BuildFlags, reading: FlagReading,
    headers: String? = nil
  ) throws(InputError) -> PreprocessedText {
    var arguments = ["-E", "-dD", "-w", "-x", "c"] + reading.preprocessing
    if let headers { arguments += ["-resource-dir", headers] }
    if let text, FilePaths.isDirectory(file) == nil {
      arguments += ["-iquote", FilePaths.parent(file), "-"]
      let output = try run(clang, arguments, build.directory, input: text, file: file)
      return PreprocessedText(output, mainFile: Self.standardInput)
    }
    var overlay: TextOverlay?
    if let text {
      let made = try TextOverlay(file: file, text: text)
      arguments += ["-ivfsoverlay", made.description]
      overlay = made
    }
    defer { overlay?.remove() }
    let output = try run(clang, arguments + [file], build.directory, input: [], file: file)
    return PreprocessedText(output, mainFile: file)
  }

  /// What line markers call a text that comes through standard input.
  private static let standardInput = "<stdin>"

  /// Whether the driver itself finds no error in a preprocessed text.
  func accepts(_ text: PreprocessedText, build: BuildFlags, reading: FlagReading)
    throws(InputError) -> Bool
  {
    let arguments = ["-fsyntax-only", "-w", "-x", "cpp-output"] + reading.parsing + ["-"]
    do {
      return try ChildProcess(
        path: clang, arguments: arguments, directory: nil, input: text.parsable,
        wallLimit: wallLimit
      ).run().exitCode == 0
    } catch {
      throw .failure(error, clang, text.mainFile, wallLimit)
    }
  }

  /// The text of a file as another compiler's preprocessor leaves it.
  func preprocess(
    with compiler: String, _ file: String, replacedBy text: [UInt8]?, build: BuildFlags
  ) throws(InputError) -> PreprocessedText {
    var arguments = ["-E", "-w"] + build.arguments
    if text != nil {
      arguments += ["-iquote", FilePaths.parent(file), "-x", "c", "-"]
    } else {
      arguments.append(file)
    }
    return PreprocessedText(
      try run(compiler, arguments, build.directory, input: text ?? [], file: file),
      mainFile: text == nil ? file : Self.standardInput)
  }

  private func run(
    _ program: String, _ arguments: [String], _ directory: String, input: [UInt8], file: String
  ) throws(InputError) -> [UInt8] {
    let place = FilePaths.isDirectory(directory) == true ? directory : FilePaths.parent(file)
    let outcome: ChildProcess.Outcome
    do {
      outcome = try ChildProcess(
        path: program, arguments: arguments, directory: place, input: input, wallLimit: wallLimit
      ).run()
    } catch {
      throw .failure(error, program, file, wallLimit)
    }
    if outcome.exitCode == 0 { return outcome.standardOutput }
    let errors = String(decoding: outcome.standardError, as: UTF8.self)
    if let reported = CompilerMessage(firstErrorIn: errors) {
      throw reported.inputError(orIn: file, in: place)
    }
    throw .crashed(program, file, outcome)
  }

  /// The absolute path of a program, as a shell would find it.
  static func locate(_ program: String, in directory: String? = nil) -> String? {
    if program.contains("/") {
      let path = FilePaths.absolute(program, in: directory ?? FilePaths.currentDirectory)
      return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/\(program)" }.first {
      FileManager.default.isExecutableFile(atPath: $0)
    }
  }

  /// A clang driver: `clang` from PATH, else the one that came beside `swift`.
  static func locateClang() -> String? {
    if let found = locate("clang") { return found }
    guard let swift = locate("swift") else { return nil }
    let beside = FilePaths.parent(URL(fileURLWithPath: swift).resolvingSymlinksInPath().path)
    return locate(beside + "/clang")
  }
}

/// A file system overlay that lets clang read a text in place of a file, so that includes are
/// looked up as if the text stood there.
private struct TextOverlay {
  let directory: String
  var description: String { directory + "/overlay.json" }

  init(file: String, text: [UInt8]) throws(InputError) {
    directory = NSTemporaryDirectory() + "/ratchet-parse-" + UUID().uuidString
    let overlay: [String: Any] = [
      "version": 0, "use-external-names": false,
      "roots": [["name": file, "type": "file", "external-contents": directory + "/text.c"]],
    ]
    do {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true)
      try Data(text).write(to: URL(fileURLWithPath: directory + "/text.c"))
      try JSONSerialization.data(withJSONObject: overlay)
        .write(to: URL(fileURLWithPath: description))
    } catch {
      throw InputError(
        file: directory, message: "cannot write a temporary file",
        remedy: "free some space or set TMPDIR")
    }
  }

  func remove() {
    do {
      try FileManager.default.removeItem(atPath: directory)
    } catch {
      // Nothing depends on the removal; the system clears its temporary directory.
    }
  }
}

/// The first error that a compiler printed.
struct CompilerMessage {
  var file: String?
  var line: Int?
  var column: Int?
  var message: String

  /// Reads `file:line:column: error: message`, or `clang: error: message`.
  init?(firstErrorIn text: String) {
    for line in text.split(whereSeparator: \.isNewline) {
      guard let mark = line.range(of: ": error: ") ?? line.range(of: ": fatal error: ") else {
        continue
      }
      message = String(line[mark.upperBound...])
      let place = line[..<mark.lowerBound].split(separator: ":").map(String.init)
      if place.count >= 3, let number = Int(place[place.count - 2]) {
        file = place.dropLast(2).joined(separator: ":")
        self.line = number
        column = Int(place[place.count - 1])
      }
      return
    }
    return nil
  }

  /// The error as bad input; a header that is not found comes with a remedy.
  func inputError(orIn main: String, in directory: String) -> InputError {
    let isMissingHeader =
      message.hasSuffix("file not found") || message.contains("No such file or directory")
    let place = file.map { $0 == "<stdin>" ? main : FilePaths.absolute($0, in: directory) } ?? main
    return InputError(
      file: place, line: line, column: column,
      message: message, remedy: isMissingHeader ? Self.flagRemedy : "")
  }

  static let flagRemedy =
    "give all flags with --cflags \"-O3 -march=native -I DIR\", or put a compile_commands.json "
    + "above the file"
}

extension InputError {
  fileprivate static func failure(
    _ failure: ChildProcess.Failure, _ program: String, _ file: String, _ limit: Double
  ) -> InputError {
    switch failure {
    case .notStarted(let reason):
      InputError(
        file: file, message: "the compiler '\(program)' does not start: \(reason)",
        remedy: "install it or name another with --cc")
    case .timedOut:
      InputError(
        file: file,
        message: "the compiler '\(program)' did not end within \(Int(limit)) s and was killed",
        remedy: "run it by hand with -E or name another with --cc")
    case .tooMuchOutput:
      InputError(
        file: file,
        message: "the compiler '\(program)' wrote more than can be read",
        remedy: "run it by hand with -E")
    }
  }

  fileprivate static func crashed(
    _ program: String, _ file: String, _ outcome: ChildProcess.Outcome
  ) -> InputError {
    let end =
      outcome.signal.map { "was ended by signal \($0)" }
      ?? "ended with code \(outcome.exitCode ?? -1) and no error message"
    return InputError(
      file: file, message: "the compiler '\(program)' \(end)",
      remedy: "run it by hand with -E or name another with --cc")
  }
}
