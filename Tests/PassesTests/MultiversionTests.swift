import ExperimentRecords
import KernelModel
import Passes
import Testing

struct MultiversionTests {
  private static let filter = """
    void filter(int n, int taps, const float *tap, const float *in, float *out)
    {
        if (n > 60 || taps > 20)
            return;
        for (int i = 0; i < n; i++) {
            float sum = 0.0f;
            for (int t = 0; t < taps; t++)
                sum += tap[t] * in[i + t];
            out[i] = sum;
        }
    }
    """

  @Test func establishesFactsForLaterSteps() throws {
    let bench = try PassBench(Self.filter)
    #expect(throws: Refusal.self) { try bench.applying("vectorize(loop: i, width: 4)") }
    let recipe = "multiversion(loop: i); vectorize(loop: i, width: 4)"
    #expect(try bench.difference(recipe, compiler: "clang") == nil)
    #expect(try bench.difference(recipe, compiler: "gcc") == nil)
  }

  @Test func labelsTheFallback() throws {
    let result = try PassBench(Self.filter).applying("multiversion(loop: i)")
    let labels = result.function.body.loopLabels
    #expect(labels == ["i", "t", "i.fallback", "t.fallback"])
  }

  @Test func refusesExtentsBehindAnEarlyExit() throws {
    let bench = try PassBench(
      """
      int copy_until(int n, int stride, const int *from, int *to)
      {
          for (int i = 0; i < n; i++) {
              to[i] = from[i * stride];
              if (to[i] == 0)
                  return i;
          }
          return n;
      }
      """)
    #expect(throws: Refusal.self) { try bench.applying("multiversion(loop: i)") }
  }

  @Test func readsItsOwnStep() throws {
    for pass in [Multiversion(loop: "i"), Multiversion(loop: "i", restrict: true)] {
      #expect(try Multiversion(step: pass.step) == pass)
    }
  }
}
