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

/// What the cells of a call's memory hold before a run.
enum MachineDomain {
  /// Sizes are concrete, everything else is a leaf of the graph.
  case symbolic
  /// Everything is what the input's bytes say; functions are those of their numbers.
  case concrete(functions: [UInt16])
  /// Floating values are random elements of Z_p that depend on the key, everything else is concrete.
  case field(key: UInt64)
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
  private let domain: MachineDomain
  /// Kept where the machine looks them up.
  private var functions: UnsafeMutableBufferPointer<UInt16>?

  /// Nil when there is no memory for it.
  init?(
    _ program: BytecodeProgram, on input: CallInput, of shape: InputShape, graph: SymbolicGraph,
    memoryLimit: Int, wraps: Bool, domain: MachineDomain = .symbolic
  ) {
    guard let made = rk_machine_new(graph.pointer, UInt64(memoryLimit), wraps ? 1 : 0) else {
      return nil
    }
    machine = made
    self.graph = graph
    self.program = program
    self.shape = shape
    self.input = input
    self.domain = domain
    inputObjects = input.image.regions.count + input.image.globals.count
    setDomain()
    guard build() else { return nil }
  }

  deinit {
    rk_machine_free(machine)
    functions?.deallocate()
  }

  private func setDomain() {
    switch domain {
    case .symbolic: break
    case .concrete(let numbers):
      let kept = UnsafeMutableBufferPointer<UInt16>.allocate(capacity: numbers.count)
      _ = kept.initialize(from: numbers)
      functions = kept
      rk_machine_set_domain(machine, RK_CONCRETE, 0, kept.baseAddress, kept.count)
    case .field(let key): rk_machine_set_domain(machine, RK_FIELD, key, nil, 0)
    }
  }

  var steps: Int { Int(machine.pointee.steps) }
  var stoppedAt: Int { Int(machine.pointee.at) }

  // MARK: memory

  private func build() -> Bool {
    let image = input.image
    for region in image.regions {
      let address = Self.residue(region)
      guard add(region.contents, address, region.cells) else { return false }
    }
    for (index, global) in image.globals.enumerated() {
      let cells = index < image.globalCells.count ? image.globalCells[index] : .bytes
      guard add(global.contents, 0, cells) else { return false }
    }
    for object in program.objects {
      guard rk_machine_object(machine, RK_LOCAL, UInt64(object.size), 0) >= 0 else {
        return false
      }
    }
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

  private func add(_ contents: [UInt8], _ residue: Int, _ cells: CellLayout) -> Bool {
    let object = rk_machine_object(machine, RK_INPUT, UInt64(contents.count), UInt32(residue))
    guard object >= 0 else { return false }
    // A pattern too long for bytes to count is taken as bytes.
    guard cells.stride > 255 || addPattern(object, cells) else { return false }
    if case .symbolic = domain { return true }
    let isFloating = Self.floatingBytes(cells)
    return rk_machine_set_contents(machine, object, contents, isFloating) != 0
  }

  /// Of each byte of the pattern, whether a floating cell holds it.
  private static func floatingBytes(_ cells: CellLayout) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: cells.stride)
    for cell in cells.cells where cell.kind == .float || cell.kind == .double {
      for byte in cell.offset..<min(cell.offset + cell.kind.size, cells.stride) { bytes[byte] = 1 }
    }
    return bytes
  }

  private func addPattern(_ object: Int, _ cells: CellLayout) -> Bool {
    var starts = (0..<cells.stride).map { UInt8(truncatingIfNeeded: $0) }
    var widths = [UInt8](repeating: 1, count: cells.stride)
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

  /// Sizes and pointers are concrete; any other argument is what the domain makes of it.
  private func arguments() -> [rk_value] {
    let known = Set(MachineLayout(shape, input).known.map(\.place))
    return program.parameters.enumerated().map { index, type in
      let bytes = input.image.arguments[index]
      if let patch = input.image.patches.first(where: { $0.place == .argument(index) }) {
        return rk_value(bits: address(patch), node: 0)
      }
      if known.contains(.argument(index)) || shape.function.parameters.count <= index {
        return rk_value(bits: rk_extend(Self.bits(bytes, 0, type.bytes), type.code), node: 0)
      }
      return free(bytes, index, type)
    }
  }

  private func free(_ bytes: [UInt8], _ index: Int, _ type: MachineType) -> rk_value {
    let object = UInt32.max - 1 - UInt32(index)
    switch domain {
    case .symbolic:
      let leaf = rk_intern(
        graph.pointer, RK_NODE_LEAF, UInt32(8 * type.bytes), 0, object, 0, 0)
      return rk_value(bits: 0, node: leaf)
    case .field(let key) where type.isFloating: return rk_field_leaf(key, UInt64(object), 0)
    case .field, .concrete:
      machine.pointee.has_read_integers = 1
      return rk_value(bits: rk_extend(Self.bits(bytes, 0, type.bytes), type.code), node: 0)
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
