import DependenceAnalysis
import KernelModel
import SearchPolicies

/// Asks for schedules of a kernel and reduces them to what policies see.
struct ScheduleExtraction {
  private let legality: Legality
  private(set) var schedules: [ScheduleShape] = []

  /// Schedules of the nests of the kernel, all of a block together where that can be done; of loops of
  /// fall-back and remainder versions there are none.
  static func schedules(of kernel: Kernel) -> [ScheduleShape] {
    LegalityCache.ask(about: kernel) { legality in
      var extraction = ScheduleExtraction(legality)
      extraction.visit(kernel.function.body)
      return extraction.schedules
    }
  }

  private init(_ legality: Legality) { self.legality = legality }

  /// Finds the outermost loops.
  private mutating func visit(_ statement: Stmt) {
    switch statement.kind {
    case .versioned(let versioned): visit(versioned.fast)
    case .loop(let loop) where loop.counted != nil: schedule([loop])
    case .block(let statements):
      let loops = statements.compactMap(\.asLoop).filter { $0.counted != nil }
      schedule(loops)
      for child in statements where child.asLoop?.counted == nil { visit(child) }
    default: for child in statement.children { visit(child) }
    }
  }

  private mutating func schedule(_ all: [Loop]) {
    let loops = all.filter { !$0.label.isSideVersion && !$0.body.computesWithVectors }
    guard loops.count > 1 || loops.contains(where: { !$0.body.loopLabels.isEmpty }) else { return }
    var found: Set<ScheduleShape.Node> = []
    for fusion in ScheduleTree.Fusion.allCases {
      do throws(Obstacle) {
        let shape = ScheduleShape(try legality.schedule(around: loops.map(\.label), fusion: fusion))
        if found.insert(shape.root).inserted { schedules.append(shape) }
      } catch {
        if loops.count == 1 { return }
        // Too much for one schedule, perhaps not for several.
        for loop in loops { schedule([loop]) }
        return
      }
    }
  }
}

extension ScheduleShape {
  init(_ tree: ScheduleTree) {
    self.init(
      isFused: tree.fusion == .maximal,
      statements: tree.statements.map { $0.loops.map(\.text) },
      loops: Dictionary(
        uniqueKeysWithValues: tree.loops.map {
          ($0.key.text, Counting(step: $0.value.step, range: $0.value.range))
        }),
      root: Node(tree.root))
  }
}

extension ScheduleShape.Node {
  fileprivate init(_ node: ScheduleTree.Node) {
    switch node {
    case .leaf: self = .leaf
    case .sequence(let parts, _):
      self = .sequence(parts.map { .init(statements: $0.statements, node: Self($0.node)) })
    case .band(let band):
      self = .band(
        .init(
          members: band.members.map(ScheduleShape.Member.init), isPermutable: band.isPermutable,
          inner: Self(band.inner)))
    }
  }
}

extension ScheduleShape.Member {
  fileprivate init(_ member: ScheduleTree.Member) {
    self.init(
      times: member.times.compactMapValues { time in
        time.map {
          .init(
            coefficients: $0.coefficients, constant: $0.constant, parameters: $0.parameters)
        }
      }, isCoincident: member.isCoincident)
  }
}
