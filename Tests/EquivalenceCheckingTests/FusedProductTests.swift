import Foundation
import JudgeKernels
import KernelModel
import KernelParsing
import Testing

@testable import EquivalenceChecking

/// Products are fused exactly where clang's front end fuses them, on generated expressions: as many
/// `llvm.fmuladd`, products, sums and differences in its unoptimised code as in the bytecode.
@Suite struct FusedProductTests {
  /// Operations of one function, in kinds.
  struct Counts: Equatable, CustomStringConvertible {
    var fused = 0
    var products = 0
    var sums = 0
    var differences = 0
    var description: String { "fused \(fused), * \(products), + \(sums), - \(differences)" }
  }

  /// An expression of `type` in the variables `a` to `d`.
  struct Generator {
    var random: SeededRandom
    mutating func expression(_ depth: Int, _ type: String) -> String {
      if depth == 0 { return ["a", "b", "c", "d", "x[i]"][random.below(5)] }
      func operand(_ generator: inout Generator) -> String {
        generator.expression(generator.random.below(depth), type)
      }
      switch random.below(9) {
      case 0, 1, 2: return "(\(operand(&self)) * \(operand(&self)))"
      case 3, 4: return "(\(operand(&self)) + \(operand(&self)))"
      case 5, 6: return "(\(operand(&self)) - \(operand(&self)))"
      case 7: return "+(\(operand(&self)))"
      default: return "(\(type))(\(operand(&self)))"
      }
    }
  }

  private static func program(_ seed: UInt64, _ type: String) -> String {
    var generator = Generator(random: SeededRandom(seed))
    let op = ["=", "+=", "-="][generator.random.below(3)]
    let value = generator.expression(4, type)
    return """
      void f\(seed)(int n, \(type) a, \(type) b, \(type) c, \(type) d, \(type) *x) {
        for (int i = 0; i < n; i++) x[i] \(op) \(value);
      }

      """
  }

  private static func counts(ofBytecode unit: InterpretedUnit, _ name: String) throws -> Counts {
    let program = try BytecodeCompiler.compile(
      name, of: unit, fuses: true, globals: [:], callees: CalleeNumbers())
    var counts = Counts()
    for instruction in program.code {
      let isFloating = instruction.type == 8 || instruction.type == 9
      switch Int(instruction.op) {
      case Int(RK_FUSED.rawValue): counts.fused += 1
      case Int(RK_MUL.rawValue) where isFloating: counts.products += 1
      case Int(RK_ADD.rawValue) where isFloating: counts.sums += 1
      case Int(RK_SUB.rawValue) where isFloating: counts.differences += 1
      default: break
      }
    }
    return counts
  }

  private static func counts(ofAssembly text: String) -> [String: Counts] {
    var result: [String: Counts] = [:]
    var name = ""
    for line in text.split(separator: "\n") {
      if line.hasPrefix("define "), let at = line.firstIndex(of: "@") {
        name = String(line[line.index(after: at)...].prefix { $0 != "(" })
        result[name] = Counts()
      } else if line.contains("@llvm.fmuladd") && !line.hasPrefix("declare") {
        result[name]?.fused += 1
      } else if line.contains(" = fmul ") {
        result[name]?.products += 1
      } else if line.contains(" = fadd ") {
        result[name]?.sums += 1
      } else if line.contains(" = fsub ") {
        result[name]?.differences += 1
      }
    }
    return result
  }

  private static func assembly(_ compiler: String, _ source: String) throws -> String {
    let directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("fused-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let (input, output) = (
      directory.appendingPathComponent("f.c"), directory.appendingPathComponent("f.ll")
    )
    try source.write(to: input, atomically: true, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      compiler, "-S", "-emit-llvm", "-O0", "-w", "-ffp-contract=on", "-o", output.path, input.path,
    ]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let text = try String(contentsOf: output, encoding: .utf8)
    try FileManager.default.removeItem(at: directory)
    return text
  }

  @Test(arguments: ["float", "double"]) func productsAreFusedWhereClangFusesThem(_ type: String)
    throws
  {
    let seeds: ClosedRange<UInt64> = 1...200
    let source = seeds.map { Self.program($0, type) }.joined()
    let expected = Self.counts(ofAssembly: try Self.assembly("clang", source))
    let kernel = try BoundedFixture.kernel(source, "f1")
    let unit = try InterpretedUnit(Array(source.utf8), like: kernel, parser: JudgeFixture.parser)
    var fused = 0
    for seed in seeds {
      let own = try Self.counts(ofBytecode: unit, "f\(seed)")
      #expect(own == expected["f\(seed)"], "seed \(seed): \(Self.program(seed, type))")
      fused += own.fused
    }
    #expect(fused > 100)
  }
}
