import ExperimentRecords
import KernelModel
import Testing

@testable import CandidateExecution

/// What is counted of kernels whose counts can be worked out by hand.
@Suite struct KernelWorkTests {
  private func work(
    _ text: String, _ sizes: [String: Int] = ["n": 100], isExact: Bool = true,
    flags: [String] = ["-O2", "-std=gnu11"], finite: String? = nil
  ) async throws -> KernelWork? {
    var kernel = try await Workbench().kernel(text, flags: flags)
    if let finite, let path = kernel.function.path(named: finite) {
      kernel.contract.requirements.append(.isFinite(path))
    }
    return KernelWork(kernel, sizes: sizes, isExact: isExact)
  }

  @Test func vectorsAreCountedOnce() async throws {
    let axpy =
      "void f(int n, double a, const double *x, double *y) "
      + "{ for (int i = 0; i < n; i++) y[i] += a * x[i]; }"
    let found = try #require(try await work(axpy))
    #expect(found.doubleOperations == 200)
    #expect(found.bytes == 1600)
    #expect(found.certainBytes == 1600)
    #expect(found.isWhole)
    #expect(try await work(axpy, isExact: false)?.certainBytes == 800, "the stores alone")
    #expect(try await work(axpy, flags: ["-ffast-math"])?.certainBytes == 800)
    #expect(try await work(axpy, finite: "x")?.certainBytes == 800, "a x[i] of 0 is 0 then")
    #expect(try await work(axpy, flags: ["-ffp-contract=off"])?.fuses == false)
  }

  @Test func productsOfMatricesTouchEachElementOnce() async throws {
    let text = """
      void f(int n, double c[n][n], const double a[n][n], const double b[n][n]) {
        for (int i = 0; i < n; i++)
          for (int j = 0; j < n; j++) {
            double s = 0;
            for (int k = 0; k < n; k++) s += a[i][k] * b[k][j];
            c[i][j] = s;
          }
      }
      """
    let found = try #require(try await work(text, ["n": 10]))
    #expect(found.doubleOperations == 2000)
    #expect(found.bytes == 2400)
    #expect(found.certainBytes == 2400)
  }

  @Test func trianglesAreRunThrough() async throws {
    let text = """
      float f(int n, const float *x) {
        float s = 0;
        for (int i = 0; i < n; i++)
          for (int j = 0; j < i; j++) s += x[i * n + j];
        return s;
      }
      """
    let found = try #require(try await work(text, ["n": 10]))
    #expect(found.singleOperations == 45)
    #expect(found.bytes == 180)
    #expect(found.certainBytes == 180)
  }

  @Test func stridedColumnsCountTheirOwnBytes() async throws {
    let text =
      "double f(int n, const double *x) "
      + "{ double s = 0; for (int i = 0; i < n; i++) s += x[i * n]; return s; }"
    #expect(try await work(text)?.certainBytes == 800)
  }

  @Test func whatIsTheSameInEveryTurnCountsOnce() async throws {
    let text =
      "void f(int n, double a, double b, const double *x, double *y) "
      + "{ for (int i = 0; i < n; i++) y[i] = x[i] * (a * b); }"
    #expect(try await work(text)?.doubleOperations == 101)
  }

  @Test func neighboursAreOneAccess() async throws {
    let text = """
      void f(int n, unsigned char *g, const unsigned char *p) {
        for (int i = 0; i < n; i++) g[i] = p[3 * i] / 4 + p[3 * i + 1] / 2 + p[3 * i + 2] / 4;
      }
      """
    let found = try #require(try await work(text, ["n": 4_000_000]))
    #expect(found.bytes == 16_000_000)
    #expect(found.isWhole)
  }

  @Test func membersGiveSizes() async throws {
    let text = """
      struct image { int width, height, stride; float *data; };
      void f(struct image *m) {
        for (int y = 0; y < m->height; y++) {
          float *row = m->data + y * m->stride;
          for (int x = 0; x < m->width; x++) row[x] = 0;
        }
      }
      """
    let sizes = ["m->width": 5, "m->height": 3, "m->stride": 8]
    #expect(try await work(text, sizes)?.certainBytes == 60)
  }

  @Test(arguments: [
    // Only the last product of each turn matters; the other loads may be left out.
    "void f(int n, double *y, const double *x) "
      + "{ for (int t = 0; t < 3; t++) for (int i = 0; i < n; i++) y[0] = x[i]; }",
    // The sum is overwritten.
    "void f(int n, double *y, const double *x) "
      + "{ for (int i = 0; i < n; i++) y[0] += x[i]; y[0] = 1; }",
    // Zero times anything is zero.
    "void f(int n, int *y, const int *x) "
      + "{ int s = 0; for (int i = 0; i < n; i++) s += x[i] * x[i]; y[0] = s; y[1] = 0; }",
    // Only the last value leaves the loop.
    "void f(int n, double *y, const double *x) "
      + "{ double s = 0; for (int i = 0; i < n; i++) { s = 0; s += x[i]; } y[0] = s; }",
    // What is added and taken away again need not be read.
    "void f(int n, unsigned *y, const unsigned *x) { unsigned s = 0; "
      + "for (int i = 0; i < n; i++) { s += x[i]; s -= x[i]; } y[0] = s; y[1] = 0; }",
  ])
  func loadsThatARewriteMayLeaveOutAreNotCertain(text: String) async throws {
    guard let found = try await work(text) else { return }
    #expect(found.certainBytes <= 8)
    #expect(found.bytes > 8)
  }

  @Test func sumsOfIntegersNeedEachElement() async throws {
    let text =
      "unsigned f(int n, const unsigned *x) "
      + "{ unsigned s = 0; for (int i = 0; i < n; i++) s += x[i]; return s; }"
    #expect(try await work(text)?.certainBytes == 400)
  }

  @Test func whatDependsOnDataIsLeftOut() async throws {
    let rows = """
      void f(int n, double *y, const int *start, const double *v, const int *c, const double *x) {
        for (int i = 0; i < n; i++) {
          double s = 0;
          for (int k = start[i]; k < start[i + 1]; k++) s += v[k] * x[c[k]];
          y[i] = s;
        }
      }
      """
    let found = try #require(try await work(rows))
    #expect(!found.isWhole)
    #expect(found.certainBytes == 800, "the stores alone")
    let branch =
      "void f(int n, double *y, const double *x) "
      + "{ for (int i = 0; i < n; i++) if (x[i] > 0) y[i] = 1; }"
    let other = try #require(try await work(branch))
    #expect(!other.isWhole)
    #expect(other.certainBytes == 0)
    let early =
      "void f(int n, double *y, int *stop) "
      + "{ if (*stop) return; for (int i = 0; i < n; i++) y[i] = 1; }"
    #expect(try await work(early)?.certainBytes == 0)
  }

  @Test func copiesToTheSamePlaceAreNotCertain() async throws {
    let text = "void f(int n, double *y) { for (int i = 0; i < n; i++) { y[i] = y[i]; } }"
    #expect(try await work(text)?.certainBytes == 0)
    let one = "void f(int n, double *y) { for (int i = 0; i < n; i++) y[i] *= 1.0; }"
    #expect(try await work(one)?.certainBytes == 0)
  }

  private let peaks = MachinePeaks(
    fingerprint: "0", time: Timestamp(milliseconds: 0), compiler: "clang 1", flags: [],
    double: .init(fused: 4e9, apart: 2e9), single: .init(fused: 8e9, apart: 4e9),
    levels: [
      .init(name: "L1", bytes: 1000, readBytesPerSecond: 10e9, triadBytesPerSecond: 8e9),
      .init(name: "L2", bytes: 3000, readBytesPerSecond: 4e9, triadBytesPerSecond: 5e9),
      .init(name: "memory", bytes: nil, readBytesPerSecond: 1e9, triadBytesPerSecond: 1e9),
    ])

  @Test func trafficIsWhatNoCacheCanHold() {
    // 500 bytes at 10 bytes a nanosecond.
    #expect(peaks.traffic(bytes: 500) == (50, "L1"))
    // 3000 at 10 take 300; 2000 do not fit in L1 and take 400 at 5.
    #expect(peaks.traffic(bytes: 3000) == (400, "L2"))
    // 6000 do not fit in both caches, which hold 4000: 2000 at 1.
    #expect(peaks.traffic(bytes: 6000) == (2000, "memory"))
  }

  @Test func theLimitIsTheLargerOfComputingAndMoving() async throws {
    let product = """
      void f(int n, double c[n][n], const double a[n][n], const double b[n][n]) {
        for (int i = 0; i < n; i++)
          for (int j = 0; j < n; j++)
            for (int k = 0; k < n; k++) c[i][j] += a[i][k] * b[k][j];
      }
      """
    // 2000 operations at 4 a nanosecond; 2400 bytes at 10 take 240, 1400 of them at 5 take 280.
    let work = try #require(try await work(product, ["n": 10]))
    let limit = work.limit(workload: "w", on: peaks)
    #expect(limit.nanoseconds == 500)
    #expect(limit.limitedBy == "compute")
    #expect(limit.certainNanoseconds == 280)
    #expect(limit.intensity == 2000.0 / 2400)
    #expect(limit.distance(nanoseconds: 1000) == 2)
  }
}
