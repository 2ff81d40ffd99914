import ExperimentRecords
import KernelModel
import Passes
import Testing

struct ScalarReplaceTests {
  @Test func keepsARegisterTileAfterUnrollJam() throws {
    let bench = try PassBench(
      """
      void multiply(int n, int m, int p, double c[restrict 36][36], const double a[restrict 36][36],
                    const double b[restrict 36][36])
      {
          if (n > 36 || m > 36 || p > 36)
              return;
          for (int i = 0; i < n; i++)
              for (int j = 0; j < m; j++)
                  for (int k = 0; k < p; k++)
                      c[i][j] += a[i][k] * b[k][j];
      }
      """)
    let recipe = "unroll_jam(loop: i, by: 2); scalar_replace(loop: k)"
    let body = try bench.applying(recipe).function.body
    let loop = try #require(body.loop("k"))
    var stores = 0
    loop.body.walkExpressions {
      if case .assign(_, let target, _) = $0.kind, target.rootVariable == nil { stores += 1 }
    }
    #expect(stores == 0)
    #expect(try bench.difference(recipe, compiler: "clang") == nil)
  }

  @Test func leavesWhatACallMayTouch() throws {
    let bench = try PassBench(
      """
      int flags;
      extern void note(int);
      void count(int n, int *restrict sum)
      {
          for (int i = 0; i < n; i++) {
              sum[0] += i;
              note(i);
          }
      }
      """)
    #expect(throws: Refusal.self) { try bench.applying("scalar_replace(loop: i)") }
  }

  @Test func readsItsOwnStep() throws {
    let pass = ScalarReplace(loop: "k#2")
    #expect(try ScalarReplace(step: pass.step) == pass)
  }
}
