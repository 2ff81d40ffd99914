public import ExperimentRecords
import Foundation
import LineageLog
import Sandboxing

extension JudgeIdentity {
  /// The judge that this process is: the program, the runner and the solver, by their bytes.
  public static var current: JudgeIdentity {
    JudgeIdentity(tool: "ratchet \(ratchetVersion)", program: program)
  }

  /// The digest over the digests of the three files; `nil` when one of them cannot be read.
  private static var program: Digest? {
    guard let runner = try? RunnerLocation.find(), let solver = try? RunnerLocation.findSolver()
    else { return nil }
    var text = ""
    for path in ["/proc/self/exe", runner, solver] {
      guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
      text += ObjectStore.digest(of: Array(bytes)).hex + "\n"
    }
    return ObjectStore.digest(of: Array(text.utf8))
  }
}
