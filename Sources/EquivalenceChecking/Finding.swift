import CandidateExecution
import KernelModel

/// What a level found against a candidate on one input.
struct Finding: Sendable {
  /// What went wrong there.
  enum Kind: Sendable {
    case difference(cell: String, expected: String, actual: String)
    /// The candidate faulted, ended its process or was refused a system call.
    case fault(String)
    /// It overwrote a byte beside a region.
    case damage(cell: String)
    case excess(cell: String, isStore: Bool)
    /// A second call on the same input left something else.
    case unrepeatable(cell: String)
    case timedOut
  }
  var input: CallInput
  var kind: Kind
  var choice: BuildChoice

  var cell: String {
    switch kind {
    case .difference(let cell, _, _), .damage(let cell), .excess(let cell, _),
      .unrepeatable(let cell):
      cell
    case .fault: "fault"
    case .timedOut: "time-out"
    }
  }

  var expected: String {
    switch kind {
    case .difference(_, let expected, _): expected
    case .fault, .timedOut: "returned"
    case .damage: "untouched"
    case .excess(_, let isStore): isStore ? "not stored to" : "not read"
    case .unrepeatable: "the same on every call"
    }
  }

  var actual: String {
    switch kind {
    case .difference(_, _, let actual): actual
    case .fault(let what): what
    case .damage: "overwritten"
    case .excess(_, let isStore): isStore ? "stored to" : "read"
    case .unrepeatable: "another value on the second call"
    case .timedOut: "did not return in time"
    }
  }
}
