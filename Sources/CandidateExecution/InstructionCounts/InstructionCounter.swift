import ExperimentRecords
import Foundation
import KernelModel
public import Sandboxing

/// Counts the instructions that a call runs: a second signal beside its time that no noise reaches.
///
/// Virtual machines seldom have hardware counters, and an emulator such as callgrind needs system
/// calls that the sandbox forbids. So the object counts for itself: the compiler's assembly is made
/// to count (`CountedAssembly`), assembled, and called once in the sandbox like any object that is
/// examined. Counted is what the unit itself runs; a call of a library counts as one instruction.
/// The count decides nothing: it lies in memory that the candidate can reach.
public struct InstructionCounter: Sendable {
  private let driver: CompilerDriver
  private let harness: Harness

  public init(driver: CompilerDriver, harness: Harness) {
    self.driver = driver
    self.harness = harness
  }

  /// What was counted.
  public struct Count: Hashable, Sendable {
    /// Instructions of the call on each image.
    public var calls: [UInt64]
    /// Compiler runs that it took; 0 when the object was there.
    public var compiles: Int
  }

  /// Instructions of one call on each image.
  ///
  /// - Returns: nil where the machine or the text does not allow to count, or the call fails.
  public func count(
    _ unit: CompilationUnit, images: [MemoryImage], limits: Limits = Limits(wall: .seconds(30))
  ) async throws(CompileError) -> Count? {
    guard let object = try await driver.counting(unit) else { return nil }
    let outcomes: [CallOutcome]
    do {
      outcomes = try await harness.examine(
        object, images: images, options: .init(limits: limits))
    } catch {
      return nil
    }
    let calls = outcomes.compactMap { outcome -> UInt64? in
      guard case .returned(let left) = outcome, let bytes = left.globals.last, bytes.count == 8
      else { return nil }
      return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    guard calls.count == images.count else { return nil }
    return Count(calls: calls, compiles: object.cpuSeconds > 0 ? 1 : 0)
  }
}

extension CompilerDriver {
  /// The unit's object with its blocks counting; nil where that is not to be had.
  func counting(_ unit: CompilationUnit) async throws(CompileError) -> LoadableObject? {
    guard compiler.target?.hasPrefix("x86_64") == true else { return nil }
    var unit = unit
    unit.trampoline = unit.trampoline.counting
    let flags = try flags(of: unit, extra: ["-w", "-g0", "-masm=att"])
    let key = key(of: unit, flags: flags + ["-S"], flavour: .shipping)
    let question = question(of: unit, flags: flags, flavour: .shipping)
    let object = "\(scratch.path)/\(key.hex)/object.so"
    if let found = existing(object, key, .shipping, flags, question) { return found }
    let folder = "\(scratch.path)/\(key.hex)"
    let (text, assembly) = (try write(unit, key), "\(folder)/unit.s")
    let places = ["-iquote", directory(unit.sourcePath), "-isystem", folder, "-x", "c", text]
    var seconds = try await make(
      assembly, flags.filter { !$0.hasPrefix("-Wl,") } + ["-S"] + places, unit)
    guard let written = FileManager.default.contents(atPath: assembly),
      let counted = CountedAssembly(
        String(decoding: written, as: UTF8.self), except: "ratchet_entry")
    else { return nil }
    let source = try scratch.write(Array(counted.text.utf8), to: "\(key.hex)/counting.s")
    _ = try scratch.write([], to: "\(key.hex)/messages.txt")
    let words = ["-w", "-shared", "-Wl,-Bsymbolic", "-x", "assembler", source, "-lm"]
    seconds += try await make(object, words, unit)
    var made = existing(object, key, .shipping, flags, question)
    made?.cpuSeconds = seconds
    return made
  }
}

extension Trampoline {
  /// The same trampoline with a counter as the last object of its table.
  var counting: Trampoline {
    let counter = "ratchet_instructions"
    let entry = "  {(void *)&\(counter), sizeof(\(counter))},\n"
    let counted =
      text
      .replacing(
        "struct ratchet_global {",
        with: "static unsigned long \(counter);\nstruct ratchet_global {"
      )
      .replacing("  {0, 0},\n", with: entry + "  {0, 0},\n")
      .replacing(
        "ratchet_global_count = \(globals.count);",
        with: "ratchet_global_count = \(globals.count + 1);")
    return Trampoline(self, text: "#undef \(counter)\n" + counted)
  }
}
