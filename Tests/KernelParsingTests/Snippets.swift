import Foundation
import KernelModel
import KernelParsing

/// Parses a text as a file that exists nowhere on disk.
func parse(_ text: String, flags: [String] = ["-O3", "-std=gnu11"]) throws -> ParsedFile {
  let directory = NSTemporaryDirectory()
  let build = BuildFlags(compiler: nil, arguments: flags, directory: directory, database: nil)
  return try KernelParser().parseText(text, at: "\(directory)/snippet.c", build: build)
}

/// The first kernel of a text.
func kernel(_ text: String, flags: [String] = ["-O3", "-std=gnu11"]) throws -> Kernel {
  let file = try parse(text, flags: flags)
  guard let kernel = file.kernels.first else {
    throw NoKernel(reasons: file.skipped.map(\.reason))
  }
  return kernel
}

/// The tree of the only function of a text, without types.
func tree(_ text: String, flags: [String] = ["-O3", "-std=gnu11"]) throws -> String {
  TreeDump(try kernel(text, flags: flags)).text()
}

/// The reason why the first function of a text is skipped.
func skipReason(_ text: String, flags: [String] = ["-O3", "-std=gnu11"]) throws -> String? {
  try parse(text, flags: flags).skipped.first?.reason
}

struct NoKernel: Error {
  let reasons: [String]
}
