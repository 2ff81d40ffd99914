import CandidateExecution
import JudgeKernels
import KernelModel
import KernelParsing
import Synchronization

/// What the original computes on an input in about twice the precision of `double`.
///
/// The reference interpreter makes the graph of the original's operations on the input's sizes; the
/// graph is then evaluated on the input's contents (`rk_reference_new`). There is no such result where
/// data steer the original in a way that the interpreter cannot follow, or a function is called whose
/// meaning it does not know.
final class PreciseResults: Sendable {
  /// One floating cell.
  struct Value: Hashable, Sendable {
    var high: Double
    var low: Double
    /// The same operations on magnitudes: what a unit of relative error is felt as.
    var magnitude: Double
  }

  /// The floating cells of every object by offset, in bytes.
  struct Result: Sendable {
    var regions: [[Int: Value]]
    var globals: [[Int: Value]]
    var result: Value?
  }

  private let shape: InputShape
  private let program: BytecodeProgram
  private let functions: [UInt8]
  private let wraps: Bool
  private let known = Mutex<[CallInput.Identity: Result?]>([:])

  private static let limits = SymbolicComparison.Limits(
    steps: 4_000_000, nodes: 1_000_000, words: 4_000_000, memory: 1 << 27)

  /// Nil where the interpreter cannot read the original.
  init?(_ kernel: Kernel, _ shape: InputShape, parser: KernelParser) {
    let callees = CalleeNumbers()
    let globals = Dictionary(
      shape.globals.enumerated().map { ($0.element.name, $0.offset) },
      uniquingKeysWith: { first, _ in first })
    do throws(Uninterpreted) {
      let unit = try InterpretedUnit(kernel.source.bytes, like: kernel, parser: parser)
      program = try BytecodeCompiler.compile(
        kernel.function.name, of: unit, fuses: false, globals: globals, callees: callees)
    } catch {
      return nil
    }
    self.shape = shape
    wraps = kernel.build.wrapsSignedOverflow
    functions = callees.names.map { UInt8(KnownFunction.code($0).rawValue) }
  }

  /// The original's results on an input.
  func result(on input: CallInput) -> Result? {
    if let result = known.withLock({ $0[input.identity] }) { return result }
    let result = evaluate(input)
    known.withLock { $0[input.identity] = .some(result) }
    return result
  }

  private func evaluate(_ input: CallInput) -> Result? {
    guard !input.point.hasExtremeSize,
      let graph = SymbolicGraph(nodes: Self.limits.nodes, words: Self.limits.words),
      let machine = ReferenceMachine(
        program, on: input, of: shape, graph: graph, memoryLimit: Self.limits.memory, wraps: wraps),
      machine.run(steps: Self.limits.steps) == RK_FINISHED, graph.pointer.pointee.exhausted == 0
    else { return nil }
    let image = input.image
    let objects = image.regions.map(\.contents) + image.globals.map(\.contents)
    return Self.withContents(objects) { objects in
      Self.withContents(image.arguments) { arguments in
        read(machine, graph, input, objects, arguments)
      }
    }
  }

  private func read(
    _ machine: ReferenceMachine, _ graph: SymbolicGraph, _ input: CallInput,
    _ objects: [rk_contents], _ arguments: [rk_contents]
  ) -> Result? {
    guard
      let reference = rk_reference_new(
        graph.pointer, objects, objects.count, arguments, arguments.count, functions,
        functions.count)
    else { return nil }
    defer { rk_reference_free(reference) }
    func values(_ object: Int, _ count: Int, _ layout: CellLayout) -> [Int: Value]? {
      var found: [Int: Value] = [:]
      for cell in FloatingCells(layout, count: count) {
        let value = rk_machine_peek(machine.machine, object, UInt64(cell.offset), UInt32(cell.size))
        guard value.node != .max else { continue }
        guard let precise = Self.value(reference, value, cell.type) else { return nil }
        found[cell.offset] = precise
      }
      return found
    }
    let image = input.image
    var result = Result(regions: [], globals: [])
    for (index, region) in image.regions.enumerated() {
      guard let found = values(index, region.contents.count, region.cells) else { return nil }
      result.regions.append(found)
    }
    for (index, global) in image.globals.enumerated() {
      let cells = index < image.globalCells.count ? image.globalCells[index] : .bytes
      guard let found = values(image.regions.count + index, global.contents.count, cells) else {
        return nil
      }
      result.globals.append(found)
    }
    if let own = machine.result, let type = FloatingCells.type(image.resultCells) {
      guard let precise = Self.value(reference, own, type) else { return nil }
      result.result = precise
    }
    return result
  }

  private static func value(_ reference: OpaquePointer, _ value: rk_value, _ type: rk_type)
    -> Value?
  {
    var precise = rk_reference_value()
    guard rk_reference_get(reference, value, type, &precise) != 0 else { return nil }
    return Value(high: precise.high, low: precise.low, magnitude: precise.magnitude)
  }

  /// The bytes of several objects at addresses that hold while `body` runs.
  private static func withContents<R>(_ objects: [[UInt8]], _ body: ([rk_contents]) -> R) -> R {
    var starts: [Int] = []
    var all: [UInt8] = []
    for object in objects {
      starts.append(all.count)
      all += object
    }
    return all.withUnsafeBufferPointer { bytes in
      body(
        zip(starts, objects).map { start, object in
          rk_contents(bytes: bytes.baseAddress.map { $0 + start }, count: object.count)
        })
    }
  }
}
