import ExperimentRecords
import KernelModel

/// Loops each of which is the whole body of the one before, outermost first.
struct PerfectNest {
  let sites: [LoopSite]

  var labels: [LoopLabel] { sites.map(\.label) }
  /// What the innermost loop repeats.
  var body: Stmt { sites[sites.count - 1].loop.body }

  /// Finds the nest that these loops form in whatever order they are named; refuses when they form
  /// none.
  init(_ labels: [LoopLabel], in kernel: Kernel, for pass: some Pass) throws(Refusal) {
    var found: [(site: LoopSite, depth: Int)] = []
    for label in labels {
      let site = try LoopSite(label, in: kernel, for: pass)
      found.append((site, kernel.function.body.enclosingLoops(of: label)?.count ?? 0))
    }
    found.sort { $0.depth < $1.depth }
    for (outer, inner) in zip(found, found.dropFirst()) {
      let (a, b) = (outer.site, inner.site)
      guard a.loop.body.loop(b.label) != nil else {
        throw pass.refusal("loop '\(b.label)' is not inside loop '\(a.label)'")
      }
      guard let next = a.loop.perfectlyNested else {
        throw pass.refusal("the nest is not perfect at loop '\(a.label)'; distribute it first")
      }
      guard next.label == b.label else {
        throw pass.refusal("loop '\(next.label)' between '\(a.label)' and '\(b.label)' is missing")
      }
    }
    sites = found.map(\.site)
  }
}

extension Kernel {
  /// The kernel with the loop replaced by statements, which join the enclosing block.
  func replacingLoop(
    _ label: LoopLabel, for pass: some Pass, with f: (Stmt, Loop) throws(Refusal) -> [Stmt]
  ) throws(Refusal) -> Kernel {
    guard let body = try function.body.replacingLoop(label, with: f) else {
      throw pass.refusal("there is no loop '\(label)'")
    }
    return replacing(body: body)
  }
}
