import DependenceAnalysis
import Foundation
import KernelModel
import KernelParsing

/// A perfect nest of six loops around ten statements that use each other's results and neighbours.
enum DeepNest {
  static let depth = 6
  static let statements = 10

  private static var text: String {
    let iterators = ["i", "j", "k", "l", "p", "q"]
    let type = String(repeating: "[n]", count: depth)
    let parameters = (0..<statements).map { "double a\($0)\(type)" }.joined(separator: ", ")
    let loops = iterators.map { "for (int \($0) = 1; \($0) < n - 1; \($0)++)" }
      .joined(separator: " ")
    let here = iterators.map { "[\($0)]" }.joined()
    let body = (0..<statements).map { number in
      let moved = iterators[number % depth]
      let neighbour = iterators.map { $0 == moved ? "[\($0) - 1]" : "[\($0)]" }.joined()
      return
        "a\(number)\(here) += a\((number + 1) % statements)\(neighbour) * a\(number)\(neighbour);"
    }
    return "void f(int n, \(parameters)) { \(loops) { \(body.joined(separator: " ")) } }\n"
  }

  /// From the tree to an answer for each of its loops; reading the text is not part of it.
  static func milliseconds() throws -> Double {
    let build = BuildFlags(
      compiler: nil, arguments: ["-std=gnu11"], directory: "/", database: nil)
    let file = try KernelParser().parseText(text, at: "/deep.c", build: build)
    guard let kernel = file.kernel(named: "f") else { return .nan }
    let start = ContinuousClock.now
    let legality = Legality(kernel)
    for label in kernel.function.body.loopLabels { _ = legality.isParallel(label) }
    let elapsed = start.duration(to: .now).components
    return Double(elapsed.seconds) * 1e3 + Double(elapsed.attoseconds) * 1e-15
  }
}
