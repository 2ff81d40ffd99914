import EquivalenceChecking
import Foundation
import KernelModel
import KernelParsing

/// Two ways to write one kernel, and how large it is run.
struct Subject {
  var name: String
  var signature: String
  var original: String
  var candidate: String
  var sizes: [String: Int]
  var domains = InterpreterThroughput.Domain.allCases

  static let all = [matrixProduct, stencil, reduction, hash]

  func throughput() throws -> InterpreterThroughput {
    let parser = KernelParser()
    let build = BuildFlags(
      compiler: nil, arguments: ["-O2", "-std=gnu11", "-ffp-contract=on"], directory: "/",
      database: nil)
    let file = try parser.parseText(
      Array("\(signature) { \(original) }\n".utf8), at: "/\(name).c", build: build)
    guard let kernel = file.kernel(named: "f") else { throw CocoaError(.fileReadCorruptFile) }
    return try InterpreterThroughput(
      original: kernel,
      candidate: Array("\(signature) { \(candidate) }\n".utf8),
      parser: parser)
  }

  /// Rows of the second factor are read in another order than they were in the original.
  private static let matrixProduct = Subject(
    name: "matrix product",
    signature:
      "void f(int n, int m, int k, float c[restrict static n][m], const float a[restrict static n][k], "
      + "const float b[restrict static k][m])",
    original: """
      for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++)
          for (int p = 0; p < k; p++) c[i][j] += a[i][p] * b[p][j];
      """,
    candidate: """
      for (int i = 0; i < n; i++)
        for (int p = 0; p < k; p++)
          for (int j = 0; j < m; j++) c[i][j] += b[p][j] * a[i][p];
      """,
    sizes: ["n": 13, "m": 129, "k": 1025])

  private static let stencil = Subject(
    name: "stencil",
    signature:
      "void f(int t, int n, double a[restrict static n][n], double b[restrict static n][n])",
    original: """
      for (int s = 0; s < t; s++) {
        for (int i = 1; i < n - 1; i++)
          for (int j = 1; j < n - 1; j++)
            b[i][j] = 0.2 * (a[i][j] + a[i - 1][j] + a[i + 1][j] + a[i][j - 1] + a[i][j + 1]);
        for (int i = 1; i < n - 1; i++)
          for (int j = 1; j < n - 1; j++) a[i][j] = b[i][j];
      }
      """,
    candidate: """
      for (int s = 0; s < t; s++) {
        for (int ii = 1; ii < n - 1; ii += 32)
          for (int jj = 1; jj < n - 1; jj += 32)
            for (int i = ii; i < (ii + 32 < n - 1 ? ii + 32 : n - 1); i++)
              for (int j = jj; j < (jj + 32 < n - 1 ? jj + 32 : n - 1); j++)
                b[i][j] = 0.2 * (a[i][j] + a[i - 1][j] + a[i + 1][j] + a[i][j - 1] + a[i][j + 1]);
        for (int i = 1; i < n - 1; i++)
          for (int j = 1; j < n - 1; j++) a[i][j] = b[i][j];
      }
      """,
    sizes: ["t": 8, "n": 200])

  private static let reduction = Subject(
    name: "reduction",
    signature: "float f(int n, const float a[restrict static n], const float b[restrict static n])",
    original: "float s = 0; for (int i = 0; i < n; i++) s += a[i] * b[i]; return s;",
    candidate: """
      float s = 0;
      int i = 0;
      for (; i + 3 < n; i += 4) {
        s += a[i] * b[i];
        s += a[i + 1] * b[i + 1];
        s += a[i + 2] * b[i + 2];
        s += a[i + 3] * b[i + 3];
      }
      for (; i < n; i++) s += a[i] * b[i];
      return s;
      """,
    sizes: ["n": 400_003])

  private static let hash = Subject(
    name: "hash",
    signature:
      "unsigned f(int n, int m, const unsigned char a[restrict static n], unsigned r[restrict static m])",
    original: """
      unsigned all = 0;
      for (int j = 0; j < m; j++) {
        unsigned h = 2166136261u + (unsigned)j;
        for (int i = 0; i < n; i++) { h ^= a[i]; h *= 16777619u; h ^= h >> 13; }
        r[j] = h;
        all += h;
      }
      return all;
      """,
    candidate: """
      unsigned all = 0;
      for (int j = 0; j < m; j++) {
        unsigned h = 2166136261u + (unsigned)j;
        int i = 0;
        for (; i + 1 < n; i += 2) {
          h ^= a[i]; h *= 16777619u; h ^= h >> 13;
          h ^= a[i + 1]; h *= 16777619u; h ^= h >> 13;
        }
        for (; i < n; i++) { h ^= a[i]; h *= 16777619u; h ^= h >> 13; }
        r[j] = h;
        all += h;
      }
      return all;
      """,
    sizes: ["n": 3001, "m": 100], domains: [.symbolic, .concrete])
}
