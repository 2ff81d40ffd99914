public import KernelModel

/// A candidate with one defect.
public struct Mutant: Hashable, Sendable {
  public let defect: Defect
  /// Counts the places of this defect in its function, from 0.
  public let place: Int
  /// The text of the whole file.
  public let text: [UInt8]
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
      while let body = Planter.plant(defect, at: place, in: candidate.function.body) {
        let text = candidate.replacing(body: body).emit()
        if seen.insert(text).inserted {
          mutants.append(Mutant(defect: defect, place: place, text: text))
        }
        place += 1
      }
    }
    return mutants
  }
}

/// Walks a body and puts the defect in at one place.
private struct Planter {
  private let defect: Defect
  /// Places to pass by before the one that is meant.
  private var left: Int
  private var isPlanted = false

  /// The body with the defect; nil when it has fewer places.
  static func plant(_ defect: Defect, at place: Int, in body: Stmt) -> Stmt? {
    var planter = Planter(defect: defect, left: place)
    let planted = planter.visit(body)
    return planter.isPlanted ? planted : nil
  }

  private init(defect: Defect, left: Int) {
    self.defect = defect
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
    if let other = chosen(defect.planted(in: statement)) { return other }
    let inner = statement.mapExpressions { visit($0) }
    if isPlanted { return inner }
    return inner.mapChildren { visit($0) }
  }

  private mutating func visit(_ expr: Expr) -> Expr {
    if isPlanted { return expr }
    if let other = chosen(defect.planted(in: expr)) { return other }
    return expr.mapChildren { visit($0) }
  }
}
