import CandidateExecution
import JudgeKernels
import KernelModel

/// The graph that all machines of one comparison share.
final class SymbolicGraph {
  let pointer: UnsafeMutablePointer<rk_graph>

  init?(nodes: Int, words: Int) {
    guard let made = rk_graph_new(UInt32(clamping: nodes), words) else { return nil }
    pointer = made
  }

  deinit { rk_graph_free(pointer) }

  /// Operations asked for, and the words of lists that they took.
  var operations: Int { Int(pointer.pointee.operations) }
  var words: Int { pointer.pointee.word_count }
}

/// One run of a program on the memory of one call.
final class ReferenceMachine {
  let machine: UnsafeMutablePointer<rk_machine>
  let graph: SymbolicGraph
  let program: BytecodeProgram
  private(set) var status = RK_RUNNING
  /// How many objects are the inputs' regions and file-scope objects, which come first.
  let inputObjects: Int

  private let shape: InputShape
  private let input: CallInput
  private let isConcrete: Bool

  /// Nil when there is no memory for it.
  ///
  /// - Parameter isConcrete: whether all contents are those of the input, and nothing is a symbol.
  init?(
    _ program: BytecodeProgram, on input: CallInput, of shape: InputShape, graph: SymbolicGraph,
    memoryLimit: Int, wraps: Bool, isConcrete: Bool = false
  ) {
    guard let made = rk_machine_new(graph.pointer, UInt64(memoryLimit), wraps ? 1 : 0) else {
      return nil
    }
    machine = made
    self.graph = graph
    self.program = program
    self.shape = shape
    self.input = input
    self.isConcrete = isConcrete
    inputObjects = input.image.regions.count + input.image.globals.count
    guard build() else { return nil }
  }

  deinit { rk_machine_free(machine) }

  var steps: Int { Int(machine.pointee.steps) }
  var stoppedAt: Int { Int(machine.pointee.at) }

  // MARK: memory

  private func build() -> Bool {
    let image = input.image
    for region in image.regions {
      let address = Self.residue(region)
      guard add(RK_INPUT, region.contents.count, address, region.cells) else { return false }
    }
    for (index, global) in image.globals.enumerated() {
      let cells = index < image.globalCells.count ? image.globalCells[index] : .bytes
      guard add(RK_INPUT, global.contents.count, 0, cells) else { return false }
    }
    for object in program.objects {
      guard rk_machine_object(machine, RK_LOCAL, UInt64(object.size), 0) >= 0 else {
        return false
      }
    }
    if isConcrete { guard fill() else { return false } }
    for known in MachineLayout(shape, input).known {
      guard let (object, contents) = object(known.place) else { continue }
      let bits = Self.bits(contents, known.offset, known.size)
      guard rk_machine_set(machine, object, UInt64(known.offset), bits, UInt32(known.size)) != 0
      else { return false }
    }
    for patch in image.patches {
      guard let (object, _) = object(patch.place) else { continue }
      let address = self.address(patch)
      guard rk_machine_set(machine, object, UInt64(patch.offset), address, 8) != 0 else {
        return false
      }
    }
    return true
  }

  /// Gives every cell of the inputs its value.
  private func fill() -> Bool {
    let image = input.image
    let globals = image.globals.enumerated().map { index, global in
      (global.contents, index < image.globalCells.count ? image.globalCells[index] : .bytes)
    }
    let objects = image.regions.map { ($0.contents, $0.cells) } + globals
    for (object, (contents, layout)) in objects.enumerated() {
      for start in stride(from: 0, to: contents.count, by: max(1, layout.stride)) {
        for cell in layout.cells where [1, 2, 4, 8].contains(cell.kind.size) {
          let (offset, size) = (start + cell.offset, cell.kind.size)
          guard offset + size <= contents.count else { continue }
          let bits = Self.bits(contents, offset, size)
          guard rk_machine_set(machine, object, UInt64(offset), bits, UInt32(size)) != 0 else {
            return false
          }
        }
      }
    }
    return true
  }

  private func add(_ kind: rk_object_kind, _ size: Int, _ residue: Int, _ cells: CellLayout)
    -> Bool
  {
    let object = rk_machine_object(machine, kind, UInt64(size), UInt32(residue))
    guard object >= 0 else { return false }
    var starts = (0..<cells.stride).map { UInt8(truncatingIfNeeded: $0) }
    var widths = [UInt8](repeating: 1, count: cells.stride)
    // A pattern too long for bytes to count is taken as bytes.
    guard cells.stride <= 255 else { return true }
    for cell in cells.cells where cell.offset + cell.kind.size <= cells.stride {
      guard [1, 2, 4, 8].contains(cell.kind.size) else { continue }
      for byte in cell.offset..<(cell.offset + cell.kind.size) {
        starts[byte] = UInt8(cell.offset)
        widths[byte] = UInt8(cell.kind.size)
      }
    }
    return rk_machine_pattern(machine, object, starts, widths, cells.stride) != 0
  }

  /// The start's offset in its page.
  private static func residue(_ region: MemoryImage.Region) -> Int {
    switch region.placement {
    case .flushStart: 0
    case .flushEnd: (4096 - region.contents.count % 4096) % 4096
    case .offset(let offset): offset
    }
  }

  private func object(_ place: MemoryImage.Place) -> (Int, [UInt8])? {
    switch place {
    case .region(let index): (index, input.image.regions[index].contents)
    case .global(let index):
      (input.image.regions.count + index, input.image.globals[index].contents)
    case .argument: nil
    }
  }

  private func address(_ patch: MemoryImage.Patch) -> UInt64 {
    rk_machine_address(machine, patch.target) &+ UInt64(bitPattern: Int64(patch.targetOffset))
  }

  private static func bits(_ bytes: [UInt8], _ offset: Int, _ size: Int) -> UInt64 {
    bytes[offset..<min(offset + size, bytes.count)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  // MARK: running

  /// Takes conditions for known; false when there is no memory.
  func assume(_ path: [QueryText.Condition]) -> Bool {
    path.allSatisfy { rk_machine_assume(machine, $0.node, $0.isTrue ? 1 : 0) != 0 }
  }

  /// The condition that would have to be known for the run to go on.
  var fork: UInt32? {
    let node = machine.pointee.fork
    return node == 0 ? nil : node
  }

  func run(steps: Int) -> rk_status {
    let arguments = arguments()
    var constants = program.constants.map { constant($0) }
    // Base addresses must be there even where a list is empty.
    if constants.isEmpty { constants.append(rk_value(bits: 0, node: 0)) }
    var types = program.variableTypes
    if types.isEmpty { types.append(0) }
    status = program.code.withUnsafeBufferPointer { code in
      constants.withUnsafeBufferPointer { constants in
        types.withUnsafeBufferPointer { types in
          var bytecode = rk_program(
            code: code.baseAddress, count: code.count,
            register_count: UInt32(program.registerCount), constants: constants.baseAddress,
            constant_count: UInt32(program.constants.count), variable_types: types.baseAddress,
            variable_count: UInt32(program.variableTypes.count))
          return rk_machine_run(
            machine, &bytecode, arguments, arguments.count, UInt64(steps))
        }
      }
    }
    return status
  }

  private func constant(_ constant: Constant) -> rk_value {
    let bits: UInt64 =
      switch constant {
      case .bits(let bits): bits
      case .localAddress(let index): rk_machine_address(machine, inputObjects + index)
      case .localIndex(let index): UInt64(inputObjects + index)
      case .globalAddress(let index):
        rk_machine_address(machine, input.image.regions.count + index)
      }
    return rk_value(bits: bits, node: 0)
  }

  /// Sizes and pointers are concrete; any other argument is a leaf.
  private func arguments() -> [rk_value] {
    let known = Set(MachineLayout(shape, input).known.map(\.place))
    return program.parameters.enumerated().map { index, type in
      let bytes = input.image.arguments[index]
      if let patch = input.image.patches.first(where: { $0.place == .argument(index) }) {
        return rk_value(bits: address(patch), node: 0)
      }
      if isConcrete || known.contains(.argument(index)) || shape.function.parameters.count <= index
      {
        return rk_value(bits: rk_extend(Self.bits(bytes, 0, type.bytes), type.code), node: 0)
      }
      let object = UInt32.max - 1 - UInt32(index)
      let leaf = rk_intern(
        graph.pointer, RK_NODE_LEAF, UInt32(8 * type.bytes), 0, object, 0, 0)
      return rk_value(bits: 0, node: leaf)
    }
  }

  // MARK: results

  var result: rk_value? {
    program.result.map { rk_machine_register(machine, $0) }
  }

  /// What was touched without a condition, as an audited call says it.
  var accesses: AccessSets {
    func flags(_ object: Int, _ count: Int) -> [UInt8] {
      guard count > 0, let start = rk_machine_flags(machine, object) else { return [] }
      return Array(UnsafeBufferPointer(start: start, count: count))
    }
    let image = input.image
    return AccessSets(
      regions: image.regions.enumerated().map { flags($0.offset, $0.element.contents.count) },
      globals: image.globals.enumerated().map {
        flags(image.regions.count + $0.offset, $0.element.contents.count)
      })
  }
}
