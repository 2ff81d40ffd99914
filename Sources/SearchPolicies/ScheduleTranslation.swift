import ExperimentRecords

/// Says a schedule in passes, as far as they can say it: loops to part, then reversals, interchanges,
/// fusions with shifts, and skews.
///
/// Whether a step applies is for the passes to decide. What has no words here is left as it stands: times
/// with factors, shifts by sizes, skews to the left, statements of one loop that move apart.
struct ScheduleTranslation {
  /// Loops that hold what the schedule puts one after the other, innermost first. What the other steps
  /// make of the loops holds only where there are none.
  private(set) var partings: [String] = []
  private(set) var steps: [Step] = []
  /// The bands that the steps lead to.
  private(set) var nests: [Nest] = []

  /// Loops of one band, by the labels that they have after the steps.
  struct Nest: Hashable {
    /// Outermost first.
    var labels: [String]
    /// Those whose iterations do not need each other.
    var coincident: [String]
    var isPermutable: Bool
    var isSkewed: Bool
    /// Whether a skewed loop stands outside one that it is skewed over.
    var isWavefront: Bool
  }

  private let schedule: ScheduleShape
  /// The loop that a loop has been fused into.
  private var merged: [String: String] = [:]
  /// Loops of each statement, by place in the source, in the order in which they stand after the steps.
  private var order: [[Int]]
  /// Loops of each statement that bands already hold.
  private var held: [Set<Int>]

  /// What each loop costs innermost, by label.
  private let costs: [String: Double]

  /// How many members of a band are made; what is inside the last stays as it is.
  private let depth: Int

  /// - Parameters:
  ///   - costs: what loops cost innermost; where they are given, the members of a permutable band stand
  ///     in falling order of them, since a schedule leaves that open.
  ///   - depth: how many members of a band are made at most.
  init(_ schedule: ScheduleShape, costs: [String: Double] = [:], depth: Int = .max) {
    self.schedule = schedule
    self.depth = depth
    self.costs = costs
    order = schedule.statements.map { Array($0.indices) }
    held = schedule.statements.map { _ in [] }
    visit(schedule.root, Array(schedule.statements.indices))
  }

  private mutating func visit(_ node: ScheduleShape.Node, _ statements: [Int]) {
    switch node {
    case .leaf: break
    case .sequence(let parts):
      part(parts)
      for part in parts { visit(part.node, part.statements) }
    case .band(var band):
      sort(&band, statements)
      let leads = leads(of: band, statements)
      for count in (0...min(depth, leads.count)).reversed() {
        var attempt = self
        guard count > 0, attempt.realize(band, Array(leads.prefix(count)), statements) else {
          continue
        }
        self = attempt
        if count == band.members.count { visit(band.inner, statements) }
        return
      }
      // Loops of one iteration each say nothing.
      if band.members.allSatisfy({ isScalar($0, statements) }) { visit(band.inner, statements) }
    }
  }

  private func label(_ statement: Int, _ loop: Int) -> String {
    var label = schedule.statements[statement][loop]
    while let next = merged[label] { label = next }
    return label
  }

  // MARK: Parting

  private mutating func part(_ parts: [ScheduleShape.Part]) {
    var seen: Set<String> = []
    var shared: Set<String> = []
    for part in parts {
      let own = Set(
        part.statements.flatMap { statement in
          order[statement].filter { !held[statement].contains($0) }.map { label(statement, $0) }
        })
      shared.formUnion(own.intersection(seen))
      seen.formUnion(own)
    }
    let depths = schedule.statements.flatMap { $0.enumerated().map { ($1, $0) } }
    let depth = Dictionary(depths) { first, _ in first }
    partings += shared.subtracting(partings).sorted {
      (depth[$1] ?? 0, $0) < (depth[$0] ?? 0, $1)
    }
  }

  // MARK: Bands

  /// What a member of a band does with the loops of a statement.
  private struct Lead {
    /// The loop that it is.
    var loop: Int
    var isReversed: Bool
    /// How often the iterators of loops outside it are added.
    var skews: [Int: Int]
    var constant: Int
    var parameters: [String: Int]
  }

  private func isScalar(_ member: ScheduleShape.Member, _ statements: [Int]) -> Bool {
    statements.allSatisfy { member.times[$0]?.coefficients.allSatisfy { $0 == 0 } == true }
  }

  /// Puts members that are one loop each in falling order of costs.
  private func sort(_ band: inout ScheduleShape.Band, _ statements: [Int]) {
    guard band.isPermutable, !costs.isEmpty else { return }
    var means: [Double] = []
    for member in band.members {
      var found: [Double] = []
      for statement in statements {
        guard let time = member.times[statement] else { return }
        let moving = time.coefficients.indices.filter {
          time.coefficients[$0] != 0 && !held[statement].contains($0)
        }
        guard moving.count < 2 else { return }
        found += moving.map { costs[schedule.statements[statement][$0]] ?? 0 }
      }
      means.append(found.isEmpty ? 0 : found.reduce(0, +) / Double(found.count))
    }
    band.members = band.members.indices.sorted { (means[$1], $0) < (means[$0], $1) }
      .map { band.members[$0] }
  }

  /// The members that can be said, up to the first that cannot, by statement. A statement that a member
  /// moves with no loop that is left stays where it stands from there on.
  private func leads(of band: ScheduleShape.Band, _ statements: [Int]) -> [[Int: Lead]] {
    var result: [[Int: Lead]] = []
    var taken: [Int: Set<Int>] = [:]
    var moving = statements
    for member in band.members {
      moving = moving.filter { statement in
        member.times[statement].map {
          !isStill($0, held[statement].union(taken[statement] ?? []))
        } ?? true
      }
      var leads: [Int: Lead] = [:]
      var drifts: Set<[String: Int]> = []
      for statement in moving {
        guard let time = member.times[statement],
          let lead = lead(time, held[statement], taken[statement] ?? [])
        else { return result }
        leads[statement] = lead
        taken[statement, default: []].insert(lead.loop)
        drifts.insert(drift(time, statement))
      }
      // Where loops around move statements apart, no shift says by how much.
      guard drifts.count == 1 else { return result }
      result.append(leads)
    }
    return result
  }

  private func isStill(_ time: ScheduleShape.Time, _ held: Set<Int>) -> Bool {
    time.coefficients.indices.allSatisfy { time.coefficients[$0] == 0 || held.contains($0) }
  }

  /// How the time moves with loops that bands outside hold: alike for all, it orders nothing.
  private func drift(_ time: ScheduleShape.Time, _ statement: Int) -> [String: Int] {
    var result: [String: Int] = [:]
    for loop in held[statement] where time.coefficients[loop] != 0 {
      result[label(statement, loop)] = time.coefficients[loop]
    }
    return result
  }

  private func lead(_ time: ScheduleShape.Time, _ held: Set<Int>, _ taken: Set<Int>) -> Lead? {
    let moving = time.coefficients.indices.filter {
      time.coefficients[$0] != 0 && !held.contains($0)
    }
    guard let loop = moving.last, !taken.contains(loop), abs(time.coefficients[loop]) == 1 else {
      return nil
    }
    let skews = Dictionary(
      uniqueKeysWithValues: moving.dropLast().map { ($0, time.coefficients[$0]) })
    let isReversed = time.coefficients[loop] < 0
    guard skews.isEmpty || !isReversed, skews.values.allSatisfy({ $0 > 0 }) else { return nil }
    return Lead(
      loop: loop, isReversed: isReversed, skews: skews, constant: time.constant,
      parameters: time.parameters)
  }

  /// Adds the steps that bring the members about; false where there are none that do.
  private mutating func realize(
    _ band: ScheduleShape.Band, _ members: [[Int: Lead]], _ statements: [Int]
  ) -> Bool {
    let isSkewed = members.contains { $0.values.contains { !$0.skews.isEmpty } }
    guard reverse(members, statements), isSkewed || interchange(members, statements),
      let places = places(of: members, statements)
    else { return false }
    let inward = members.indices.sorted { places[$0] < places[$1] }
    guard let labels = fuse(members, inward, statements),
      skew(members, inward, labels, statements)
    else { return false }
    if inward != Array(members.indices) {
      steps.append(.interchange(labels))
    }
    for statement in statements {
      held[statement].formUnion(members.compactMap { $0[statement]?.loop })
    }
    nests.append(
      Nest(
        labels: labels,
        coincident: zip(labels, band.members).filter(\.1.isCoincident).map(\.0),
        isPermutable: band.isPermutable, isSkewed: isSkewed,
        isWavefront: inward != Array(members.indices)))
    return true
  }

  /// Loops that run backward, where they are not shared with loops that do not.
  private mutating func reverse(_ members: [[Int: Lead]], _ statements: [Int]) -> Bool {
    for member in members where member.values.contains(where: \.isReversed) {
      let labels = Set(member.map { label($0.key, $0.value.loop) })
      guard member.values.allSatisfy(\.isReversed), labels.count == 1, let label = labels.first
      else { return false }
      steps.append(.onLoop("reverse", label))
    }
    return true
  }

  /// Gives every nest the order of the members.
  private mutating func interchange(_ members: [[Int: Lead]], _ statements: [Int]) -> Bool {
    var orders: [[String]: [String]] = [:]
    for statement in statements {
      let leads = members.compactMap { $0[statement]?.loop }
      let now = order[statement].filter { !held[statement].contains($0) }
      let new = leads + now.filter { !leads.contains($0) }
      // Loops inside the last that moves stay out of it.
      let count = now.indices.last { now[$0] != new[$0] }.map { $0 + 1 } ?? 0
      let labels = now.prefix(count).map { label(statement, $0) }
      let wanted = new.prefix(count).map { label(statement, $0) }
      order[statement] = order[statement].filter { held[statement].contains($0) } + new
      guard count > 0, orders[labels] != wanted else { continue }
      guard orders.keys.allSatisfy({ Set($0).isDisjoint(with: labels) }) else { return false }
      orders[labels] = wanted
      steps.append(.interchange(wanted))
    }
    return true
  }

  /// Where each member stands among the loops that it and the others are, outermost first; nil when
  /// statements do not agree.
  private func places(of members: [[Int: Lead]], _ statements: [Int]) -> [Int]? {
    var places: [Int: Int] = [:]
    for statement in statements {
      let now = order[statement].filter { !held[statement].contains($0) }
      for (member, leads) in members.enumerated() {
        guard let lead = leads[statement] else { continue }
        let place = now.firstIndex(of: lead.loop)
        guard places[member] == nil || places[member] == place else { return nil }
        places[member] = place
      }
    }
    let found = members.indices.compactMap { places[$0] }
    return found.sorted() == Array(members.indices) ? found : nil
  }

  /// Makes one loop of each member, from the outermost inward; gives their labels by member.
  private mutating func fuse(
    _ members: [[Int: Lead]], _ inward: [Int], _ statements: [Int]
  ) -> [String]? {
    var shifts: [Int: [Int: Int]] = [:]
    var labels = members.map { _ in "" }
    for member in inward {
      let leads = members[member]
      let statements = statements.filter { leads[$0] != nil }
      guard let head = statements.first, let first = leads[head],
        statements.allSatisfy({ leads[$0]?.parameters == first.parameters })
      else { return nil }
      var distances: [String: Int] = [:]
      var origin = 0
      let target = label(head, first.loop)
      for statement in statements {
        guard let lead = leads[statement] else { return nil }
        let moved = lead.skews.reduce(0) { $0 + $1.value * (shifts[statement]?[$1.key] ?? 0) }
        let time = lead.constant - moved
        if statement == head { origin = time }
        let own = label(statement, lead.loop)
        // An earlier time than the first one's: as early as a fusion can say.
        let distance = max(0, time - origin)
        guard distances[own] == nil || distances[own] == distance else { return nil }
        distances[own] = distance
        shifts[statement, default: [:]][lead.loop] = distance
      }
      guard distances[target] == 0 else { return nil }
      join(
        distances, into: target, statements.compactMap { s in leads[s].map { label(s, $0.loop) } })
      labels[member] = target
    }
    return labels
  }

  private mutating func join(_ distances: [String: Int], into target: String, _ all: [String]) {
    for label in all where label != target && merged[label] == nil {
      let distance = distances[label] ?? 0
      let isAlike = schedule.loops[label]?.range == schedule.loops[target]?.range
      steps.append(
        distance == 0 && isAlike
          ? .fuse(target, label) : .fuse(target, label, shift: distance))
      merged[label] = target
    }
  }

  private mutating func skew(
    _ members: [[Int: Lead]], _ inward: [Int], _ labels: [String], _ statements: [Int]
  ) -> Bool {
    for member in inward.reversed() {
      var factors: [String: Int]?
      for statement in statements {
        guard let lead = members[member][statement] else { continue }
        let own = Dictionary(
          lead.skews.map { (label(statement, $0.key), $0.value) }, uniquingKeysWith: +)
        guard factors == nil || factors == own else { return false }
        factors = own
      }
      for outer in inward.reversed() {
        guard let factor = factors?[labels[outer]] else { continue }
        guard [labels[outer], labels[member]].allSatisfy({ schedule.loops[$0]?.step == 1 }) else {
          return false
        }
        steps.append(.skew(labels[member], by: factor, over: labels[outer]))
        factors?[labels[outer]] = nil
      }
      // A loop outside the band, by which all would move.
      guard factors?.isEmpty == true else { return false }
    }
    return true
  }
}

extension Step {
  /// Two loops over the same range as one.
  static func fuse(_ first: String, _ second: String) -> Step {
    Step("fuse", [Argument("first", .label(first)), Argument("second", .label(second))])
  }
}
