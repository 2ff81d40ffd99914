import Diagnostics
import Foundation
import KernelModel
import KernelParsing
import Testing

/// A directory of files that is removed at the end of a test.
final class Project {
  let root: String

  init(_ files: [String: String]) throws {
    root =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("ratchet-project-" + UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    for (name, text) in files {
      let path = root + "/" + name
      let parent = URL(fileURLWithPath: path).deletingLastPathComponent()
      try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
      try text.write(toFile: path, atomically: false, encoding: .utf8)
    }
  }

  deinit {
    do {
      try FileManager.default.removeItem(atPath: root)
    } catch {
      Issue.record("the test directory is not removed: \(error)")
    }
  }

  /// Paths below the root that discovery finds.
  func found(_ path: String = "") throws -> [String] {
    try SourceDiscovery().files(in: [root + path]).map {
      String($0.file.dropFirst(root.count + 1))
    }
  }
}

private let kernelText = "void f(int n, int *a) { for (int i = 0; i < n; i++) a[i] = 0; }\n"

@Suite struct SourceDiscoveryTests {
  @Test func foldersOfBuildsAndIgnoredFilesAreSkipped() throws {
    let project = try Project([
      "a.c": "", "b.h": "", "c.cpp": "", "src/d.c": "", "build/e.c": "", ".git/f.c": "",
      "cmake-build-debug/g.c": "", ".ratchet/h.c": "", "node_modules/i.c": "",
      ".gitignore": "# comment\n*.gen.c\n/top.c\nout/\n!keep.gen.c\ndocs/**/x?.c\n[ab]z.c\n",
      "j.gen.c": "", "keep.gen.c": "", "top.c": "", "src/top.c": "", "out/k.c": "",
      "docs/deep/down/x1.c": "", "docs/y.c": "", "az.c": "", "cz.c": "",
      "src/.gitignore": "local.c\n", "src/local.c": "", "local.c": "",
    ])
    #expect(
      try project.found() == [
        "a.c", "cz.c", "docs/y.c", "keep.gen.c", "local.c", "src/d.c", "src/top.c",
      ])
    #expect(try project.found("/j.gen.c") == ["j.gen.c"])
  }

  @Test(arguments: [
    ("/none", "no such file or directory"),
    ("/empty", "the directory holds no C file that is not ignored"),
    ("/x.cpp", "this is C++, and only C is read"),
    ("/x.h", "this is a header, and only C files are optimized"),
    ("/x.txt", "this is no C file"),
  ])
  func badPathsAreNamed(_ path: String, _ message: String) throws {
    let project = try Project(["x.cpp": "", "x.h": "", "x.txt": "", "empty/readme": ""])
    let error = #expect(throws: InputError.self) { try project.found(path) }
    #expect(error?.diagnostic.message == message)
    #expect(error?.diagnostic.location?.file == project.root + path)
    #expect(error?.diagnostic.remedy?.isEmpty == false)
  }
}

@Suite struct CompileCommandsTests {
  @Test func commandsAndArgumentsAreRead() throws {
    let project = try Project(["src/a.c": kernelText, "src/b.c": kernelText])
    let database = """
      [{"directory": "\(project.root)/obj", "file": "../src/a.c",
        "command": "ccache /usr/bin/gcc -DNAME='\\"x y\\"' -I../include -o a.o -c ../src/a.c -MD -MF a.d"},
       {"directory": "\(project.root)", "file": "\(project.root)/src/b.c",
        "arguments": ["clang", "-O2", "-fwrapv", "-c", "src/b.c", "-o", "b.o"]}]
      """
    try database.write(
      toFile: project.root + "/compile_commands.json", atomically: false, encoding: .utf8)
    let parser = KernelParser()
    let a = try parser.build(for: project.root + "/src/a.c")
    #expect(a.compiler == "/usr/bin/gcc")
    #expect(a.arguments == ["-DNAME=\"x y\"", "-I../include"])
    #expect(a.directory == project.root + "/obj")
    #expect(a.database == project.root + "/compile_commands.json")
    let b = try parser.build(for: project.root + "/src/b.c")
    #expect(b.arguments == ["-O2", "-fwrapv"])
    #expect(b.wrapsSignedOverflow)
    #expect(try parser.parse(project.root + "/src/b.c").kernels.count == 1)
  }

  @Test func withoutADatabaseFlagsAreAssumed() throws {
    let project = try Project(["src/a.c": "#include \"inc.h\"\n" + kernelText, "inc.h": ""])
    let file = try KernelParser().parse(project.root + "/src/a.c", root: project.root)
    #expect(file.build.database == nil)
    #expect(file.build.arguments == ["-O3", "-march=native", "-std=gnu11", "-I", project.root])
    #expect(file.kernels.count == 1)
  }

  @Test func aBrokenDatabaseIsNamed() throws {
    let project = try Project(["a.c": kernelText, "compile_commands.json": "{"])
    let error = #expect(throws: InputError.self) { try KernelParser().parse(project.root + "/a.c") }
    #expect(error?.diagnostic.message == "this is no JSON compilation database")
  }
}

@Suite struct CompilerTests {
  @Test func whatDoesNotParseHasClangsOwnMessageAndPlace() throws {
    let project = try Project(["a.c": "int x;\nvoid f(void) { int y = 1 + ; }\n"])
    let error = #expect(throws: InputError.self) { try KernelParser().parse(project.root + "/a.c") }
    #expect(
      error?.description.hasPrefix("\(project.root)/a.c:2:28: error: expected expression") == true)
  }

  @Test func newerStandardsAreReadAsFarAsLibclangGoes() throws {
    let text = "void f(int n, double *a) { for (int i = 0; i < n; i++) a[i] = 0b101; }"
    #expect(try kernel(text, flags: ["-std=gnu23"]).function.name == "f")
  }

  @Test func aMissingHeaderComesWithARemedy() throws {
    let project = try Project(["a.c": "\n#include \"none.h\"\n"])
    let error = #expect(throws: InputError.self) { try KernelParser().parse(project.root + "/a.c") }
    #expect(error?.diagnostic.message == "'none.h' file not found")
    #expect(error?.diagnostic.location?.line == 2)
    #expect(error?.diagnostic.remedy?.contains("--cflags") == true)
  }

  /// A program that stands for a compiler. A shell writes it: a file that this process itself held open
  /// for writing while another test forked could not be started (ETXTBSY).
  private func script(_ project: Project, _ body: String) throws -> String {
    let path = project.root + "/cc"
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    let write = #"printf '#!/bin/sh\n%s\n' "$1" > "$0" && chmod +x "$0""#
    shell.arguments = ["-c", write, path, body]
    try shell.run()
    shell.waitUntilExit()
    #expect(shell.terminationStatus == 0)
    return path
  }

  @Test func aMissingCompilerIsNamed() throws {
    let project = try Project(["a.c": kernelText])
    let parser = KernelParser(.init(compiler: "no-such-cc"))
    let error = #expect(throws: InputError.self) { try parser.parse(project.root + "/a.c") }
    #expect(error?.diagnostic.message == "the compiler 'no-such-cc' is not installed")
  }

  @Test func aCompilerThatHangsIsKilled() throws {
    let project = try Project(["a.c": kernelText])
    let hanging = try script(project, "sleep 600")
    let parser = KernelParser(.init(clang: hanging, wallLimit: 0.3))
    let start = ContinuousClock.now
    let error = #expect(throws: InputError.self) { try parser.parse(project.root + "/a.c") }
    #expect(error?.diagnostic.message.contains("did not end within") == true)
    #expect(ContinuousClock.now - start < .seconds(300))
  }

  @Test func aCompilerThatCrashesIsNamed() throws {
    let project = try Project(["a.c": kernelText])
    let crashing = try script(project, "kill -SEGV $$")
    let parser = KernelParser(.init(clang: crashing))
    let error = #expect(throws: InputError.self) { try parser.parse(project.root + "/a.c") }
    #expect(error?.diagnostic.message.hasSuffix("was ended by signal 11") == true)
  }

  @Test func gccSeesTheSameTokensOrTheFunctionIsSkipped() throws {
    let project = try Project([
      "a.c": """
      #include <float.h>
      #include <limits.h>
      #include <math.h>
      #ifdef __clang__
      #define STEP 1
      #else
      #define STEP 2
      #endif
      void same(int n, double *a)
      { for (int i = 0; i < n && i < INT_MAX; i++) a[i] = fmin(a[i], DBL_MAX) + INFINITY; }
      void other(int n, double *a) { for (int i = 0; i < n; i += STEP) a[i] = 0; }
      """
    ])
    let file = try KernelParser(.init(compiler: "gcc")).parse(project.root + "/a.c")
    #expect(file.kernels.map(\.function.name) == ["same"])
    #expect(
      file.skipped.map(\.reason) == ["'gcc' preprocesses it into other tokens than clang"])
  }

  @Test func aTextStandsAtThePathOfItsFile() throws {
    let project = try Project(["src/a.c": kernelText, "src/own.h": "#define ONE 1\n"])
    let path = project.root + "/src/a.c"
    let parser = KernelParser()
    let build = try parser.build(for: path)
    let text =
      "#include \"own.h\"\nvoid f(int n, int *a) { for (int i = 0; i < n; i++) a[i] = ONE; }"
    let file = try parser.parseText(text, at: path, build: build)
    #expect(
      file.kernels.map { TreeDump($0).text() } == [
        "{(for[i] int i = 0 < n step 1 {(= a[i] ONE<1>);})}"
      ])
    #expect(try parser.parse(path).kernels.first?.emittedText() == kernelText)
  }
}

@Suite struct SystemHeaderTests {
  @Test func intrinsicsAreReadThroughLibclangsOwnHeaders() throws {
    let text = """
      #include <immintrin.h>
      void f(int n, float *a) {
        for (int i = 0; i + 4 <= n; i += 4) {
          __m128 v = _mm_loadu_ps(a + i);
          _mm_storeu_ps(a + i, _mm_shuffle_ps(v, v, 0x1b));
        }
      }
      """
    let kernel = try kernel(text, flags: ["-O3", "-march=native", "-std=gnu11"])
    #expect(RoundTrip.complaint(kernel, KernelParser()) == nil)
  }

  @Test func everydayHeadersAreRead() throws {
    let text = """
      #include <assert.h>
      #include <complex.h>
      #include <errno.h>
      #include <inttypes.h>
      #include <pthread.h>
      #include <signal.h>
      #include <stdatomic.h>
      #include <stdbool.h>
      #include <stdio.h>
      #include <stdlib.h>
      #include <string.h>
      #include <tgmath.h>
      #include <time.h>
      #include <unistd.h>
      int f(size_t n, float *a, bool flip) {
        assert(n < SIZE_MAX);
        int *p = malloc(n * sizeof *p);
        for (size_t i = 0; i < n; i++) a[i] = flip ? sqrt(a[i]) : (float)UINT8_C(3);
        free(p);
        if (errno == ERANGE) fprintf(stderr, "%s: %" PRIu64 "\\n", __func__, (uint64_t)n);
        return p != NULL;
      }
      """
    let kernel = try kernel(text)
    #expect(RoundTrip.complaint(kernel, KernelParser()) == nil)
  }
}
