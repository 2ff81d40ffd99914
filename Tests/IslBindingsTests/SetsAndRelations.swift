import IslBindings
import Testing

@Suite struct SetsAndRelations {
  let context = Context(operationLimit: 1_000_000)

  func set(_ text: String) throws -> IntegerSet { try IntegerSet(context, parsing: text) }
  func relation(_ text: String) throws -> Relation { try Relation(context, parsing: text) }

  @Test func algebraOfSets() throws {
    let triangle = try set("[n] -> { [i, j] : 0 <= j <= i < n }")
    let square = try set("[n] -> { [i, j] : 0 <= i, j < n }")
    #expect(try triangle.isSubset(of: square))
    #expect(try !square.isSubset(of: triangle))
    let upper = try square.subtracting(triangle)
    #expect(try upper.isEqual(to: set("[n] -> { [i, j] : 0 <= i < j < n }")))
    #expect(try upper.intersection(triangle).isEmpty())
    #expect(try upper.isDisjoint(from: triangle))
    #expect(try upper.union(triangle).isEqual(to: square))
    #expect(try upper.isBounded())
    #expect(try triangle.parameters().isEqual(to: set("[n] -> { : n > 0 }")))
    #expect(
      try triangle.projectingOut(1, count: 1).isEqual(to: set("[n] -> { [i] : 0 <= i < n }")))
  }

  @Test func optimaTellEmptyFromUnbounded() throws {
    #expect(try set("{ [i] : 3 <= i <= 17 }").maximum(ofDimension: 0) == .value(17))
    #expect(try set("{ [i] : 3 <= i <= 17 }").minimum(ofDimension: 0) == .value(3))
    #expect(try set("{ [i] : i > 0 }").maximum(ofDimension: 0) == .unbounded)
    #expect(try set("{ [i] : i > 0 and i < 0 }").maximum(ofDimension: 0) == .empty)
    #expect(try set("{ [i] : i > 0 and i < 0 }").samplePoint() == nil)
    #expect(try set("{ [i] : 3 <= i <= 5 }").points(limit: 9).count == 3)
  }

  @Test func parametricMaximumHasOnePieceWithCoefficients() throws {
    let shape = try set("[n] -> { [i] : 1 <= i < n - 1 }")
    let pieces = try shape.parametricMaximum(ofDimension: 0).pieces()
    #expect(pieces.count == 1)
    #expect(pieces.first?.constant == -2)
    #expect(pieces.first?.parameters == ["n": 1])
    #expect(pieces.first?.denominator == 1)
    #expect(pieces.first?.hasDivisions == false)
  }

  @Test func algebraOfRelations() throws {
    let shift = try relation("{ S[i] -> S[i + 2] : 0 <= i < 8 }")
    #expect(try shift.deltas().isEqual(to: set("{ S[2] }")))
    #expect(try shift.inverse().domain().isEqual(to: set("{ S[i] : 2 <= i < 10 }")))
    #expect(
      try shift.composed(with: shift).isEqual(to: relation("{ S[i] -> S[i + 4] : 0 <= i < 6 }")))
    #expect(try set("{ S[3] }").apply(shift).isEqual(to: set("{ S[5] }")))
    #expect(try shift.isSingleValued())
    #expect(try shift.isInjective())
    let before = try Relation.lexicographicallyBefore(context, dimensions: 2)
    #expect(try relation("{ [0, 9] -> [1, 0] }").isSubset(of: before))
    #expect(try !relation("{ [1, 0] -> [1, 0] }").isSubset(of: before))
  }

  @Test func unionsKeepSpacesApart() throws {
    let write = try UnionRelation(context, parsing: "{ S[i] -> A[i]; T[i] -> A[i + 1] }")
    let same = try write.composed(with: write.inverse())
    #expect(try same.parts().count == 4)
    let time = try UnionRelation(context, parsing: "{ S[i] -> [i, 0]; T[i] -> [i, 1] }")
    let ordered = try same.intersection(time.lexicographicallyBefore(time))
    let expected = try UnionRelation(context, parsing: "{ T[i] -> S[i + 1] }")
    #expect(try ordered.isEqual(to: expected))
  }

  @Test func flowFindsTheLastWrite() throws {
    let read = try UnionRelation(context, parsing: "{ R[] -> A[0] }")
    let write = try UnionRelation(context, parsing: "{ W[i] -> A[0] : 0 <= i < 5 }")
    let none = try UnionRelation(context, parsing: "{ }")
    let time = try UnionRelation(context, parsing: "{ W[i] -> [0, i]; R[] -> [1, 0] }")
    let flow = try Flow.compute(
      sinks: read, mustSources: write, maySources: none, schedule: time)
    let expected = try UnionRelation(context, parsing: "{ W[4] -> R[] }")
    #expect(try flow.must.isEqual(to: expected))
  }

  @Test func polynomialBoundIsParametric() throws {
    let subscripts = try QuasiPolynomial(
      context, parsing: "[n] -> { [i, j] -> i * n + j : 0 <= i < n and 0 <= j < n }")
    let bound = try subscripts.bound(.upper)
    #expect(bound.isTight)
    #expect(bound.pieces.count == 1)
    let terms = try #require(bound.pieces.first?.candidates.first?.terms)
    #expect(terms.contains { $0.coefficient == 1 && $0.exponents == ["n": 2] })
    #expect(terms.contains { $0.coefficient == -1 && $0.exponents.isEmpty })
  }
}

@Suite struct AnswersThatAreNoAnswers {
  @Test func textThatIsNotIslIsNamed() {
    let context = Context()
    do throws(IslError) {
      _ = try IntegerSet(context, parsing: "{ [i : }")
      Issue.record("parsed nonsense")
    } catch {
      guard case .syntax(let text, _) = error else {
        Issue.record("wrong error \(error)")
        return
      }
      #expect(text == "{ [i : }")
    }
  }

  @Test func limitOnOperationsIsAnErrorOfItsOwn() throws {
    let context = Context()
    let hard = try IntegerSet(
      context,
      parsing: """
        { [a, b, c, d] : exists x, y, z : 7a + 11b = 13x + c and 5b - 3c = 17y + d \
        and a*19 + d*23 = 29z and 0 <= a, b, c, d <= 100000 and a + b > c + d }
        """)
    #expect(throws: IslError.operationLimit) {
      try context.limited(to: 10) { () throws(IslError) in
        _ = try hard.lexicographicMinimum()
      }
    }
    #expect(try !hard.isEmpty())
  }

  @Test func aLimitThatEndsWithinATextIsNoSyntaxError() throws {
    let context = Context()
    let text = "{ [i, j] : exists k : i = 3k + j and 0 <= i <= 99 and 7 <= j <= 50 }"
    #expect(throws: IslError.operationLimit) {
      try context.limited(to: 1) { () throws(IslError) in
        _ = try IntegerSet(context, parsing: text)
      }
    }
    _ = try IntegerSet(context, parsing: text)
  }

  @Test func spacesThatDoNotMatchFail() throws {
    let context = Context()
    let one = try IntegerSet(context, parsing: "{ A[i] }")
    let other = try IntegerSet(context, parsing: "{ B[i, j] }")
    #expect(throws: IslError.self) { try one.intersection(other) }
  }

  @Test func valuesOutliveTheVariableThatHeldTheirContext() throws {
    func make() throws -> IntegerSet { try IntegerSet(Context(), parsing: "{ [i] : i = 4 }") }
    #expect(try make().samplePoint() == [4])
  }
}
