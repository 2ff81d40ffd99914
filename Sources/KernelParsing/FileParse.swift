import ClangBindings
import Diagnostics
import Foundation
import KernelModel

/// The reading of one file from its bytes to its kernels.
struct FileParse {
  let source: SourceFile
  let build: BuildFlags
  let isOnDisk: Bool
  let driver: CompilerDriver

  func run() throws(InputError) -> ParsedFile {
    let reading = FlagReading(build)
    let replacement = isOnDisk ? nil : source.bytes
    let text = try preprocessed(replacement, reading)
    // Where nothing is taken from the file no program of the project's choice is run for it.
    let other = reading.obstacle == nil ? try otherCompiler() : nil
    var rival: RivalTokens?
    if let other {
      rival = RivalTokens(
        try driver.preprocess(with: other, source.path, replacedBy: replacement, build: build))
    }
    let unit = UnitReader(unit: try parsed(text, reading), text: text)
    return read(unit, text, rival, reading)
  }

  /// The text from the driver's own headers, or from libclang's where those of another version would
  /// not be read.
  private func preprocessed(_ replacement: [UInt8]?, _ reading: FlagReading) throws(InputError)
    -> PreprocessedText
  {
    let text = try driver.preprocess(
      source.path, replacedBy: replacement, build: build, reading: reading)
    guard text.includesIntrinsics, let headers = Index.resourceDirectory else { return text }
    return try driver.preprocess(
      source.path, replacedBy: replacement, build: build, reading: reading, headers: headers)
  }

  private func parsed(_ text: PreprocessedText, _ reading: FlagReading) throws(InputError)
    -> TranslationUnit
  {
    // `-undef`: what the predefined macros meant is settled; their names must not expand again.
    let arguments = ["-w", "-undef", "-ferror-limit=0"] + reading.parsing
    let unit: TranslationUnit
    do {
      unit = try Index().parse(
        path: "ratchet.i", unsavedBytes: text.parsable, arguments: arguments)
    } catch {
      throw .libclangFailed(source.path, error)
    }
    let errors = unit.diagnostics.filter { $0.severity >= .error && !$0.isInSystemHeader }
    if let first = errors.first {
      let isLibclangTooOld = try driver.accepts(text, build: build, reading: reading)
      throw .rejected(first, by: source.path, isLibclangTooOld: isLibclangTooOld)
    }
    return unit
  }

  /// The user's compiler, when it is another one than clang.
  private func otherCompiler() throws(InputError) -> String? {
    guard let name = build.compiler else { return nil }
    guard let path = CompilerDriver.locate(name, in: build.directory) else {
      throw .noCompiler(source.path, name, build.database)
    }
    let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().lastPathComponent
    return real.contains("clang") ? nil : path
  }

  private func read(
    _ unit: UnitReader, _ text: PreprocessedText, _ rival: RivalTokens?, _ reading: FlagReading
  ) -> ParsedFile {
    var result = ParsedFile(kernels: [], skipped: [], diagnostics: [], build: build)
    let reader = KernelReader(
      unit: unit, source: source, original: OriginalTokens(source.bytes), build: build,
      usesOpenMP: reading.usesOpenMP)
    var macros = MacroTable()
    var directives = text.directives[...]
    for definition in unit.definitions where Self.hasLoop(definition) {
      guard let place = text.place(of: definition.range.lowerBound), place.file == text.mainFile
      else { continue }
      while let next = directives.first, next.lowerBound < definition.range.lowerBound {
        macros.apply(directive: next, of: text.bytes)
        directives = directives.dropFirst()
      }
      do throws(ReadFailure) {
        if let obstacle = reading.obstacle { throw .function(obstacle) }
        let read = try reader.read(definition, line: place.line, macros: macros)
        if let rival, !rival.agrees(with: read.join, line: place.line) {
          throw .function(
            "'\(build.compiler ?? "cc")' preprocesses it into other tokens than clang")
        }
        result.kernels.append(read.kernel)
        result.diagnostics += read.diagnostics
      } catch {
        result.skipped.append(
          SkippedFunction(name: definition.spelling, line: place.line, reason: error.reason))
      }
    }
    return result
  }

  private static func hasLoop(_ definition: Cursor) -> Bool {
    var found = false
    definition.walk { cursor in
      switch cursor.kind {
      case .forStmt, .whileStmt, .doStmt: found = true
      default: break
      }
    }
    return found
  }
}

extension InputError {
  fileprivate static func rejected(
    _ diagnostic: ClangDiagnostic, by file: String, isLibclangTooOld: Bool
  ) -> InputError {
    let name = diagnostic.location.file
    return InputError(
      file: name.isEmpty || name == "<stdin>" ? file : name, line: diagnostic.location.line,
      column: diagnostic.location.column,
      message: isLibclangTooOld
        ? "libclang does not read what clang accepts here: \(diagnostic.message)"
        : diagnostic.message,
      remedy: isLibclangTooOld ? newerLibclang : "")
  }

  private static let newerLibclang =
    "build with a newer libclang, such as RATCHET_LLVM=/usr/lib/llvm-19 from libclang-19-dev"

  fileprivate static func libclangFailed(_ file: String, _ failure: ParseFailure) -> InputError {
    InputError(
      file: file, message: "libclang gave up on the file (\(failure))",
      remedy: newerLibclang)
  }

  fileprivate static func noCompiler(_ file: String, _ name: String, _ database: String?)
    -> InputError
  {
    InputError(
      file: file,
      message: "the compiler '\(name)'"
        + (database.map { " that '\($0)' names" } ?? "") + " is not installed",
      remedy: "install it or name another with --cc")
  }
}
