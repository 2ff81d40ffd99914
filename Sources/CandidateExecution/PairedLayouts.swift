import ExperimentRecords
import Foundation
import Sandboxing

extension CompilerDriver {
  /// How many layouts a finalist is measured in.
  public static let layoutCount = 4

  /// The object of `unit` in several layouts: the same compiled text linked behind or before padding
  /// of different sizes, so that code and data stand at other offsets from the boundaries of cache
  /// lines, fetch blocks and pages, and so that a winner does not owe its gain to one of them.
  ///
  /// The text is compiled once more, and linked once per layout; what is there already is found
  /// again. T. Mytkowicz and others, "Producing wrong data without doing anything obviously wrong!",
  /// ASPLOS 2009; C. Curtsinger and E. Berger, "Stabilizer", ASPLOS 2013.
  public func layouts(
    of unit: CompilationUnit, count: Int = CompilerDriver.layoutCount
  ) async throws(CompileError) -> [LoadableObject] {
    let whole = try await build(unit)
    let folder = "\(scratch.path)/\(whole.key.hex)"
    var layouts: [LoadableObject] = []
    var cpuSeconds = 0.0
    let relocatable = "\(folder)/unit.o"
    for number in 0..<count {
      let path = "\(folder)/layout-\(number).so"
      if !FileManager.default.fileExists(atPath: path) {
        if !FileManager.default.fileExists(atPath: relocatable) {
          cpuSeconds += try await compile(unit, whole, to: relocatable)
        }
        cpuSeconds += try await link(relocatable, number, unit, whole, to: path)
      }
      guard let bytes = FileManager.default.contents(atPath: path) else {
        throw .file(path, reason: "it is gone")
      }
      var layout = whole
      layout.path = path
      layout.digest = ContentHash.plain(bytes)
      layout.cpuSeconds = 0
      layouts.append(layout)
    }
    if !layouts.isEmpty { layouts[0].cpuSeconds = cpuSeconds }
    return layouts
  }

  private func compile(
    _ unit: CompilationUnit, _ object: LoadableObject, to path: String
  ) async throws(CompileError) -> Double {
    let folder = "\(scratch.path)/\(object.key.hex)"
    let words =
      object.arguments.filter { !$0.hasPrefix("-Wl,") } + [
        "-w", "-c", "-iquote", directory(unit.sourcePath), "-isystem", folder,
        "-x", "c", "\(folder)/unit.c",
      ]
    return try await make(path, words, unit)
  }

  private func link(
    _ relocatable: String, _ number: Int, _ unit: CompilationUnit, _ object: LoadableObject,
    to path: String
  ) async throws(CompileError) -> Double {
    let name = "\(object.key.hex)/padding-\(number).s"
    let padding = try scratch.write(Array(Self.padding(number).utf8), to: name)
    let inputs = number == 0 ? [relocatable, padding] : [padding, relocatable]
    // Segments that begin at multiples of 64 KiB: objects of different size then still start at the
    // same address in a process, so that fetching and predicting by address treats them alike.
    let words = ["-w", "-shared", "-Wl,-z,max-page-size=65536", "-x", "none"]
    return try await make(path, object.arguments + words + inputs + ["-lm"], unit)
  }

  /// Runs the compiler on `words` and puts what it made in place in one step.
  func make(
    _ path: String, _ words: [String], _ unit: CompilationUnit
  ) async throws(CompileError) -> Double {
    let made = "\(path).\(UUID().uuidString)"
    let result = try await run(words + ["-o", made], in: unit.build.directory)
    try judge(result, String(decoding: result.errors, as: UTF8.self))
    guard rename(made, path) == 0 else {
      throw .file(path, reason: String(cString: strerror(errno)))
    }
    return result.cpuSeconds
  }

  /// Nothing but room: another number of 16-byte steps, and of cache lines, for each layout in code,
  /// constants and data.
  private static func padding(_ number: Int) -> String {
    """
    .text
    .p2align 4
    .skip \(16 * number + 320 * number)
    .section .rodata
    .p2align 4
    .skip \(16 * (3 * number % 4) + 64 * number)
    .data
    .p2align 4
    .skip \(16 * (2 * number % 4) + 192 * number)
    .section .note.GNU-stack,"",@progbits

    """
  }
}
