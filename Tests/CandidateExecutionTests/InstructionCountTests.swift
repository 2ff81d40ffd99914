import Foundation
import KernelModel
import Testing

@testable import CandidateExecution

@Suite struct InstructionCountTests {
  private let text = """
    long mix(int n, const unsigned char *a, long *out) {
      long s = 0;
      for (int i = 0; i < n; i++) {
        switch (a[i] & 7) {
        case 0: s += a[i]; break;
        case 1: s ^= s << 3; break;
        case 2: s -= 5; break;
        case 3: s = -s; break;
        case 4: s *= 3; break;
        case 5: if (s < 0) return s; break;
        default: s ^= a[i];
        }
      }
      out[0] = s;
      return s;
    }
    """

  private func counts(
    _ bench: Workbench, _ text: String, flags: [String], sizes: [Int], seed: UInt64 = 1,
    extents: [String: String]
  ) async throws -> [UInt64]? {
    let kernel = try bench.kernel(text, flags: flags, extents: extents)
    let unit = try CompilationUnit(kernel)
    let generator = try InputGenerator(
      function: kernel.function, contract: kernel.contract, trampoline: unit.trampoline)
    let images = try sizes.map {
      try generator.image(InputPlan(sizes: ["n": $0], placement: .bytes(64), seed: seed))
    }
    return try await InstructionCounter(driver: bench.driver, harness: bench.harness)
      .count(unit, images: images)?.calls
  }

  @Test(arguments: ["clang", "gcc"]) func aLoopsCountIsAffineInItsIterations(
    _ compiler: String
  ) async throws {
    guard CompilerProbe.find(compiler) != nil else { return }
    let bench = try await Workbench(compiler)
    let sum = """
      double sum(int n, const double *a) {
        double s = 0;
        for (int i = 0; i < n; i++) s += a[i];
        return s;
      }
      """
    let found = try await counts(
      bench, sum, flags: ["-O1", "-fno-unroll-loops"], sizes: [1, 2, 3, 1003], extents: ["a": "n"])
    guard bench.compiler.target?.hasPrefix("x86_64") == true else { return }
    let count = try #require(found)
    let step = count[1] - count[0]
    // An addition from memory, a step, a comparison or nothing, a jump.
    #expect((3...5).contains(step))
    #expect(count[2] - count[1] == step)
    #expect(count[3] - count[2] == 1000 * step)
  }

  @Test(arguments: ["clang", "gcc"], ["-O0", "-O2", "-O3"])
  func resultsStayAndCountsRepeat(_ compiler: String, _ level: String) async throws {
    guard CompilerProbe.find(compiler) != nil else { return }
    let bench = try await Workbench(compiler)
    let extents = ["a": "n", "out": "1"]
    let kernel = try bench.kernel(text, flags: [level], extents: extents)
    var unit = try CompilationUnit(kernel)
    let generator = try InputGenerator(
      function: kernel.function, contract: kernel.contract, trampoline: unit.trampoline)
    let images = try (1...20).map {
      try generator.image(
        InputPlan(sizes: ["n": 17 * $0], placement: .bytes(64), seed: UInt64($0)))
    }
    let plain = try await bench.harness.examine(try await bench.driver.build(unit), images: images)
    let counting = try #require(try await bench.driver.counting(unit))
    let counted = try await bench.harness.examine(counting, images: images)
    for (a, b) in zip(plain, counted) {
      let (a, b) = (try #require(a.returned), try #require(b.returned))
      #expect(a.result == b.result)
      #expect(a.regions == b.regions)
    }
    let counter = InstructionCounter(driver: bench.driver, harness: bench.harness)
    let (first, second) = (
      try await counter.count(unit, images: images)?.calls,
      try await counter.count(unit, images: Array(images.reversed()))?.calls
    )
    #expect(first == second?.reversed())
    unit.bytes = Array(text.replacing("s *= 3", with: "s = s * s * s * 3 + s / 7").utf8)
    #expect(try await counter.count(unit, images: images)?.calls != first)
    #expect(try await counter.count(unit, images: images)?.compiles == 0)
  }

  @Test func blocksBeginAtLabelsAndBehindJumps() throws {
    let assembly = """
      \t.text
      f:
      \t.cfi_startproc
      \tmovl\t%edi, %eax   # a comment: with a colon
      \ttestl\t%edi, %edi
      \tjle\t.L2
      \taddl\t$1, %eax
      \tcall\tg@PLT
      \trep stosq
      .L2:
      \tnotrack jmp\t*%rdx
      \t.section\t.rodata
      .L9:
      \t.long\t.L2-.L9
      \t.text
      ratchet_entry:
      \tret
      \t.size\tratchet_entry, .-ratchet_entry
      h:
      \tret

      """
    let counted = try #require(CountedAssembly(assembly, except: "ratchet_entry"))
    let added = counted.text.split(separator: "\n").compactMap { line -> Int? in
      guard line.hasPrefix("\tleaq\t"), line.hasSuffix("(%rax), %rax") else { return nil }
      return Int(line.dropFirst(6).prefix { $0.isNumber })
    }
    #expect(added == [3, 3, 1, 1])
    #expect(counted.blocks == 4)
    // Nothing of the compiler's is lost or moved.
    let kept = counted.text.split(separator: "\n").filter {
      !$0.contains("ratchet_kept") && !$0.contains("ratchet_instructions")
        && !($0.hasPrefix("\tleaq\t") && $0.hasSuffix("(%rax), %rax"))
    }
    #expect(kept == assembly.split(separator: "\n"))
    #expect(CountedAssembly("\t.pushsection .data\n", except: "x") == nil)
  }
}
