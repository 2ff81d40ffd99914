public import KernelModel

/// A candidate with one defect.
public struct Mutant: Hashable, Sendable {
  public let defect: Defect
  /// Counts the places of this defect in the candidate, from 0.
  public internal(set) var place: Int
  /// The text of the whole file.
  public let text: [UInt8]
  /// Where it shows, where that is known from the defect; calls on which it does not are no proof.
  public var witnesses: [Witness] { defect.witnesses }
}

/// Every way of planting one defect into a function.
public enum Mutants {
  /// The mutants of a candidate's function, in a fixed order; texts that come out equal are listed
  /// once, and the candidate itself never.
  ///
  /// - Parameter candidate: a function as it was read from the candidate's text.
  public static func all(of candidate: Kernel) -> [Mutant] {
    var seen: Set<[UInt8]> = [candidate.source.bytes]
    var mutants: [Mutant] = []
    for defect in Defect.allCases {
      var place = 0
      let planting = Planting(defect, in: candidate.function)
      while let body = Planter.plant(planting, at: place, in: candidate.function.body) {
        let text = candidate.replacing(body: body).emit()
        if seen.insert(text).inserted {
          mutants.append(Mutant(defect: defect, place: place, text: text))
        }
        place += 1
      }
    }
    return mutants
  }

  /// Mutants of several functions under places that do not repeat.
  static func numbered(_ mutants: [Mutant]) -> [Mutant] {
    var next: [Defect: Int] = [:]
    return mutants.map { mutant in
      var copy = mutant
      copy.place = max(mutant.place, next[mutant.defect, default: 0])
      next[mutant.defect] = copy.place + 1
      return copy
    }
  }
}

/// A defect, and what it needs to know of the function that it is planted into.
struct Planting {
  let defect: Defect
  let function: Function

  init(_ defect: Defect, in function: Function) {
    self.defect = defect
    self.function = function
  }

  func planted(in statement: Stmt) -> [Stmt] { defect.planted(in: statement) }

  func planted(in expr: Expr) -> [Expr] {
    defect.planted(in: expr) + defect.rarelyPlanted(in: expr, of: function)
  }
}

/// Walks a body and puts the defect in at one place.
private struct Planter {
  private let planting: Planting
  /// Places to pass by before the one that is meant.
  private var left: Int
  private var isPlanted = false

  /// The body with the defect; nil when it has fewer places.
  static func plant(_ planting: Planting, at place: Int, in body: Stmt) -> Stmt? {
    var planter = Planter(planting: planting, left: place)
    let planted = planter.visit(body)
    return planter.isPlanted ? planted : nil
  }

  private init(planting: Planting, left: Int) {
    self.planting = planting
    self.left = left
  }

  private mutating func chosen<Node>(_ others: [Node]) -> Node? {
    if left < others.count {
      isPlanted = true
      return others[left]
    }
    left -= others.count
    return nil
  }

  private mutating func visit(_ statement: Stmt) -> Stmt {
    if isPlanted { return statement }
    if let other = chosen(planting.planted(in: statement)) { return other }
    let inner = statement.mapExpressions { visit($0) }
    if isPlanted { return inner }
    return inner.mapChildren { visit($0) }
  }

  private mutating func visit(_ expr: Expr) -> Expr {
    if isPlanted { return expr }
    if let other = chosen(planting.planted(in: expr)) { return other }
    return expr.mapChildren { visit($0) }
  }
}
