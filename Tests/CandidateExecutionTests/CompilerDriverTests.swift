import Foundation
import KernelModel
import Sandboxing
import Testing

@testable import CandidateExecution

@Suite struct CompilerDriverTests {
  private let sum = """
    double sum(int n, const double *a) {
      double s = 0;
      for (int i = 0; i < n; i++) s += a[i];
      return s;
    }
    """

  @Test func compilersAreRecognised() {
    let clang = CompilerProbe.identity("Debian clang version 14.0.6\nTarget: x86_64\n")
    #expect(clang?.family == "clang")
    #expect(clang?.version == "14.0.6")
    let gcc = CompilerProbe.identity(
      "gcc (Debian 12.2.0-14+deb12u1) 12.2.0\nCopyright (C) 2022 Free Software Foundation, Inc.\n")
    #expect(gcc?.family == "gcc")
    #expect(gcc?.version == "12.2.0")
    #expect(CompilerProbe.identity("hello\n") == nil)
  }

  @Test func aMissingCompilerIsNamed() async throws {
    let probe = CompilerProbe(runner: try Runner())
    await #expect(throws: CompileError.compilerNotFound("no-such-cc")) {
      try await probe.resolve("no-such-cc")
    }
  }

  @Test func theWidthOfVectorsFollowsTheProjectsFlags() async throws {
    #expect(
      CompilerProbe.vectorWidths(macros: "#define __SSE2__ 1\n#define __AVX__ 1\n").filled == 32)
    #expect(
      CompilerProbe.vectorWidths(macros: "#define __SSE2__ 1\n#define NOT__AVX__ 1\n").filled == 16)
    let bench = try await Workbench()
    let probe = CompilerProbe(runner: try Runner())
    for (flag, bytes) in [("-mavx", 32), ("-mno-avx", 16)] {
      let flags = BuildFlags(
        compiler: nil, arguments: ["-O2", flag, "-c", "-o", "x.o"], directory: "/", database: nil)
      guard bench.driver.compiler.target?.hasPrefix("x86_64") == true else { continue }
      #expect(try await probe.vectorWidths(of: bench.driver.compiler, under: flags).filled == bytes)
    }
  }

  @Test func equalQuestionsAreBuiltOnce() async throws {
    let bench = try await Workbench()
    let unit = try CompilationUnit(bench.kernel(sum))
    let first = try await bench.driver.build(unit)
    let second = try await bench.driver.build(unit)
    #expect(first.cpuSeconds > 0)
    #expect(second.cpuSeconds == 0)
    #expect(first.digest == second.digest)
    #expect(try await bench.driver.build(unit, as: .unoptimized).key != first.key)
  }

  @Test func aTextThatDoesNotCompileIsRejectedWithItsFirstError() async throws {
    let bench = try await Workbench()
    var unit = try CompilationUnit(bench.kernel(sum))
    unit.bytes = Array("double sum(int n, const double *a) {\n  return n +;\n}\n".utf8)
    let rejected = unit
    let error = await #expect(throws: CompileError.self) {
      try await bench.driver.build(rejected)
    }
    guard case .rejected(let message, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(message.line == 2)
    #expect(message.file.hasSuffix("snippet.c"))
    #expect(message.text == "expected expression")
  }

  @Test func theProjectsWarningsComeBackAndTheTrampolinesDoNot() async throws {
    let bench = try await Workbench()
    let flags = ["-O1", "-std=c99", "-Wall", "-Wextra", "-Wmissing-prototypes", "-pedantic"]
    let text = sum.replacing("double s = 0;", with: "double s = 0; int unused;")
    let object = try await bench.driver.build(
      try CompilationUnit(bench.kernel(text, flags: flags + ["-Werror=implicit"])))
    let texts = object.messages.map(\.text)
    #expect(texts.contains { $0.contains("unused variable") })
    #expect(object.messages.allSatisfy { $0.file.hasSuffix("snippet.c") })
    let strict = flags + ["-Werror", "-Wno-unused-variable", "-Wno-missing-prototypes"]
    _ = try await bench.driver.build(try CompilationUnit(bench.kernel(text, flags: strict)))
  }

  @Test func headersBesideTheSourceAreFound() async throws {
    let bench = try await Workbench()
    let directory = bench.scratch.path + "/project dir"
    try FileManager.default.createDirectory(
      atPath: directory + "/src", withIntermediateDirectories: true)
    try Data("#define TWO 2\n".utf8).write(to: URL(fileURLWithPath: directory + "/src/two.h"))
    try Data("#define THREE 3\n".utf8).write(to: URL(fileURLWithPath: directory + "/three.h"))
    let text = """
      #include "two.h"
      #include "../three.h"
      int f(int n) { int s = 0; for (int i = 0; i < n; i++) s += TWO * THREE; return s; }
      const char *where = __FILE__;
      """
    let function = try bench.kernel("int f(int n) { for (int i = 0; i < n; i++); return n; }")
    let path = directory + "/src/f.c"
    let object = try await bench.driver.build(
      CompilationUnit(
        bytes: Array(text.utf8), sourcePath: path,
        build: BuildFlags(
          compiler: nil, arguments: ["-O2", "-c", "-o", "x.o", "-MD", "-MF", "x.d"],
          directory: directory, database: nil),
        trampoline: try Trampoline(function.function)))
    let image = MemoryImage(arguments: [bytes(Int32(5))], resultSize: 4)
    let outcome = try await bench.harness.examine(object, images: [image])[0]
    #expect(outcome.returned?.result == bytes(Int32(30)))
    let content = try #require(FileManager.default.contents(atPath: object.path))
    #expect(content.range(of: Data(path.utf8)) != nil)
    #expect(!FileManager.default.fileExists(atPath: directory + "/x.o"))
  }

  @Test(arguments: [
    ("exec sleep 60", "hung"), ("kill -SEGV $$", "crashed"),
    ("echo 'x.c:1:1: internal compiler error: in foo' >&2; exit 4", "crashed"),
    ("echo 'x.c:3:9: error: no' >&2; exit 1", "rejected"), ("exit 0", "file"),
  ])
  func aMisbehavingCompilerIsATypedError(script: String, expected: String) async throws {
    let bench = try await Workbench()
    let path = bench.scratch.path + "/fake-cc"
    try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    var compiler = bench.compiler
    compiler.path = path
    let driver = CompilerDriver(
      compiler: compiler, runner: bench.runner, scratch: bench.scratch, wall: .milliseconds(500))
    let unit = try CompilationUnit(bench.kernel(sum))
    let started = ContinuousClock.now
    let error = await #expect(throws: CompileError.self) { try await driver.build(unit) }
    #expect(ContinuousClock.now - started < .seconds(300))
    let found =
      switch error {
      case .hung: "hung"
      case .crashed: "crashed"
      case .rejected: "rejected"
      case .file: "file"
      default: "other"
      }
    #expect(found == expected)
  }

  @Test func flagsOfAProgramAreNotThoseOfAnObject() throws {
    func kept(_ flags: [String], foreign: Bool = false) throws -> [String] {
      let build = BuildFlags(compiler: nil, arguments: flags, directory: "/", database: nil)
      return try BuildArguments(build, foreignCompiler: foreign).arguments
    }
    #expect(try kept(["-O2", "-c", "-o", "a.o", "-DX=1", "-MMD", "-MF", "d"]) == ["-O2", "-DX=1"])
    #expect(try kept(["-fsanitize=address", "-flto", "-g"]) == ["-g"])
    #expect(try kept(["-fgcse", "-fwrapv", "-I", "x"], foreign: true) == ["-fwrapv", "-I", "x"])
    #expect(throws: CompileError.unsupportedFlag("-m32")) { try kept(["-m32"]) }
  }

  @Test func gccBuildsTheSameUnits() async throws {
    guard CompilerProbe.find("gcc") != nil else { return }
    let bench = try await Workbench("gcc")
    let unit = try CompilationUnit(bench.kernel(sum))
    let image = MemoryImage(
      regions: [.init(name: "a", contents: bytes([1.5, 2]), isWritable: false)],
      arguments: [bytes(Int32(2)), bytes([UInt64(0)])], patches: [.init(at: .argument(1), to: 0)],
      resultSize: 8)
    for flavour in [Flavour.shipping, .unoptimized, .undefinedBehaviour] {
      let object = try await bench.driver.build(unit, as: flavour)
      let outcome = try await bench.harness.examine(object, images: [image])[0]
      #expect(outcome.returned?.result == bytes([3.5]))
    }
  }
}
