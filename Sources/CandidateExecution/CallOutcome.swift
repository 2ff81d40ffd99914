/// What became of one call.
public enum CallOutcome: Hashable, Sendable {
  case returned(CallReturn)
  case fault(Fault)
  /// It did not return within the limit of one call.
  case timedOut
  /// It ended its process, as `exit` does.
  case exited(status: Int)
  /// The system ended its process, with the signal.
  case killed(signal: Int)
  /// It asked the system for something that no kernel needs, with the system call's number.
  case forbiddenCall(Int)
  /// The object could not be loaded, with the dynamic linker's words.
  case notLoaded(String)
  /// The job's wall limit came before this call.
  case outOfTime
}

/// What a call that returned left behind.
public struct CallReturn: Hashable, Sendable {
  /// Time of the call with its commanding: an indication, not a measurement.
  public var nanoseconds: Int
  /// The bytes of each region of the image.
  public var regions: [[UInt8]]
  public var result: [UInt8]
  /// The bytes of each file-scope object in the trampoline's table.
  public var globals: [[UInt8]]
  /// Bytes read and stored, when the object was built for it and the job asked.
  public var accesses: AccessSets?
  /// A byte beside a region that was overwritten.
  public var damage: OutputPlace?
  /// Where a second call on the same image left something else; the call is not repeatable.
  public var unrepeatable: OutputPlace?
  /// What an audited call touched that was neither its arguments' nor its own.
  public var strays: Strays

  public init(
    nanoseconds: Int, regions: [[UInt8]], result: [UInt8], globals: [[UInt8]] = [],
    accesses: AccessSets? = nil, damage: OutputPlace? = nil, unrepeatable: OutputPlace? = nil,
    strays: Strays = []
  ) {
    self.nanoseconds = nanoseconds
    self.regions = regions
    self.result = result
    self.globals = globals
    self.accesses = accesses
    self.damage = damage
    self.unrepeatable = unrepeatable
    self.strays = strays
  }
}

/// Kinds of memory that a call has no business with. The numbers are the runner's, in `control.h`.
public struct Strays: OptionSet, Hashable, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  /// Stack or allocated memory that the call had not stored to before it loaded from it.
  public static let deadStorage = Strays(rawValue: 1)
  /// The runner's own: its frames, its copies, the images of other calls.
  public static let judgeMemory = Strays(rawValue: 2)
}

/// A byte that a call left behind.
public enum OutputPlace: Hashable, Sendable, Codable {
  /// May lie before or behind the region.
  case region(Int, offset: Int)
  case arguments(offset: Int)
  case result(offset: Int)
  case globals(offset: Int)
}

/// A signal that a call raised.
public struct Fault: Hashable, Sendable, Codable {
  public var signal: Int
  /// The signal's `si_code`.
  public var code: Int
  public var address: UInt64
  /// The nearest region, with the distance from its start, when the address is near one.
  public var place: OutputPlace?
  /// The check of the undefined-behaviour sanitizer that trapped.
  public var check: UndefinedBehaviour?

  public init(
    signal: Int, code: Int, address: UInt64, place: OutputPlace? = nil,
    check: UndefinedBehaviour? = nil
  ) {
    self.signal = signal
    self.code = code
    self.address = address
    self.place = place
    self.check = check
  }
}

/// What clang's undefined-behaviour sanitizer found; the raw value is the number in its trap.
///
/// Source: `LIST_SANITIZER_CHECKS` in clang's `lib/CodeGen/SanitizerHandler.h`.
public enum UndefinedBehaviour: Int, Hashable, Sendable, Codable, CaseIterable {
  case addOverflow = 0
  case builtinUnreachable, controlFlowIntegrity, divisionByZeroOrOverflow, dynamicType
  case floatConversionOutOfRange, functionType, implicitConversion, invalidBuiltin
  case invalidObjectiveC, loadOfInvalidValue, missingReturn, multiplyOverflow, negateOverflow
  case nullabilityArgument, nullabilityReturn, nonnullArgument, nonnullReturn
  case indexOutOfBounds, pointerOverflow, shiftOutOfBounds, subtractOverflow
  case typeMismatch, alignmentAssumption, boundOfArrayNotPositive, bounds
}

extension CallOutcome: CustomStringConvertible {
  /// What happened in house grammar, for messages.
  public var description: String {
    switch self {
    case .returned: "returned"
    case .fault(let fault): fault.description
    case .timedOut: "did not return in time"
    case .exited(let status): "ended its process with status \(status)"
    case .killed(let signal): "was killed by signal \(signal)"
    case .forbiddenCall(let number): "made the forbidden system call \(number)"
    case .notLoaded(let message): "could not be loaded: \(message)"
    case .outOfTime: "was not called before the job's limit"
    }
  }
}

extension Fault: CustomStringConvertible {
  /// What happened in house grammar, for messages.
  public var description: String {
    if let check { return "undefined behaviour (\(check))" }
    let names = [4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 11: "SIGSEGV"]
    let name = names[signal] ?? "signal \(signal)"
    guard case .region(let region, let offset) = place else { return "raised \(name)" }
    return "raised \(name) at byte \(offset) of region \(region)"
  }
}
