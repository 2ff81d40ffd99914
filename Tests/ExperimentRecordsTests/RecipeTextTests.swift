import ExperimentRecords
import Testing

@Suite struct RecipeTextTests {
  @Test func readsTheStepsInOrder() throws {
    let recipe = try Recipe(parsing: "tile(loop: i, by: 64); interchange(outer: j)")
    #expect(
      recipe
        == Recipe([
          Step("tile", [Argument("loop", "i"), Argument("by", 64)]),
          Step("interchange", [Argument("outer", "j")]),
        ]))
    #expect(recipe.steps[0]["by"]?.integer == 64)
    #expect(recipe.steps[0]["loop"]?.label == "i")
    #expect(recipe.steps[0]["absent"] == nil)
  }

  @Test(arguments: [
    "", "normalize()", "tile(loop: i, by: 64); interchange(outer: j)",
    "unroll_jam(loop: i.tile.point, by: 4)", "fuse(first: j#2, second: j#3.tile)",
    "tile(loops: [i, j, k#2.point], by: [64, -1, 0], depth: [[1], []])",
    "shift(by: -9223372036854775808)", "skew(loop: größe, by: 1)", "multiversion(check: overlap)",
  ])
  func printsWhatItReads(text: String) throws {
    #expect(try Recipe(parsing: text).description == text)
  }

  @Test func toleratesSpaceAndALastSemicolon() throws {
    let recipe = try Recipe(parsing: "  tile ( loop : i ,\n by:8 ) ;normalize ; ")
    #expect(recipe.description == "tile(loop: i, by: 8); normalize()")
  }

  @Test(arguments: [
    ("tile(loop: i, by: 64", 21, "expected ',' or ')' after an argument, found the end"),
    ("tile(loop i)", 11, "expected ':' after 'loop', found 'i'"),
    ("tile(loop: i,)", 14, "expected the name of an argument, found ')'"),
    ("tile(by: 4x)", 11, "expected ',' or ')' after '4', found 'x'"),
    ("tile(by: 9223372036854775808)", 10, "'9223372036854775808' is no integer of 64 bits"),
    ("tile(by: -)", 10, "'-' is no integer of 64 bits"),
    ("tile(loop: i., by: 1)", 14, "expected a name after 'i.', found ','"),
    ("tile(loop: i#, by: 1)", 14, "expected a number after 'i#', found ','"),
    ("tile(by: 1, by: 2)", 13, "'by' is given twice"),
    ("tile(by: 1) unroll(by: 2)", 13, "expected ';' between steps, found 'u'"),
    ("; tile(by: 1)", 1, "expected the name of a pass, found ';'"),
    ("tile(by: [1, 2)", 15, "expected ',' or ']' in a list, found ')'"),
    ("64(by: 1)", 1, "expected the name of a pass, found '6'"),
  ])
  func namesTheColumnOfAnError(text: String, column: Int, message: String) {
    #expect(throws: RecipeSyntaxError(message, column: column)) { try Recipe(parsing: text) }
  }

  @Test func refusesListsThatWouldExhaustTheStack() {
    let text = "tile(by: " + String(repeating: "[", count: 100_000)
    #expect(throws: RecipeSyntaxError.self) { try Recipe(parsing: text) }
  }

  @Test func readsBackWhateverItPrints() throws {
    var generator = RecipeGenerator(seed: 1)
    for _ in 0..<500 {
      let recipe = generator.recipe()
      #expect(try Recipe(parsing: recipe.description) == recipe)
    }
  }
}

/// Random recipes from a seed.
private struct RecipeGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next(below bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }

  mutating func name() -> String {
    ["i", "j", "_k1", "loop", "Tile", "jj"][next(below: 6)]
  }

  mutating func label() -> String {
    var label = name()
    for _ in 0..<next(below: 3) {
      label += [".tile", ".point", "#\(next(below: 12))"][next(below: 3)]
    }
    return label
  }

  mutating func value(depth: Int) -> Argument.Value {
    switch next(below: depth > 2 ? 2 : 3) {
    case 0: .integer(next(below: 2000) - 1000)
    case 1: .label(label())
    default: .list((0..<next(below: 4)).map { _ in value(depth: depth + 1) })
    }
  }

  mutating func recipe() -> Recipe {
    Recipe(
      (0..<next(below: 4)).map { _ in
        let count = next(below: 4)
        return Step(name(), (0..<count).map { Argument("k\($0)", value(depth: 0)) })
      })
  }
}
