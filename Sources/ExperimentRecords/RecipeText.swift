// The text form of recipes.
//
//     recipe   = [ step { ";" step } [ ";" ] ]
//     step     = name [ "(" [ argument { "," argument } ] ")" ]
//     argument = name ":" value
//     value    = integer | label | "[" [ value { "," value } ] "]"
//     label    = name { "." name | "#" digits }
//     integer  = [ "-" ] digits
//     name     = C identifier, with `$` and extended characters as compilers accept them
//
// White space is free between tokens. The printer writes one canonical form, which the parser gives
// back as the same value.

/// Why a text is no recipe, and at which column.
public struct RecipeSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was met and what was expected, in house grammar.
  public var message: String
  /// The place in bytes, counted from 1.
  public var column: Int

  /// Creates the error saying `message` at `column`.
  public init(_ message: String, column: Int) {
    self.message = message
    self.column = column
  }

  /// The message with its column.
  public var description: String { "recipe, column \(column): \(message)" }
}

extension Recipe: CustomStringConvertible {
  /// Creates the recipe that `text` spells.
  public init(parsing text: String) throws(RecipeSyntaxError) {
    var parser = RecipeParser(text)
    self = try parser.recipe()
  }

  /// The canonical text.
  public var description: String { steps.map(\.description).joined(separator: "; ") }
}

extension Step: CustomStringConvertible {
  /// Creates the one step that `text` spells.
  public init(parsing text: String) throws(RecipeSyntaxError) {
    let recipe = try Recipe(parsing: text)
    guard recipe.steps.count == 1 else {
      throw RecipeSyntaxError("expected one step, found \(recipe.steps.count)", column: 1)
    }
    self = recipe.steps[0]
  }

  /// The canonical text.
  public var description: String {
    "\(pass)(\(arguments.map(\.description).joined(separator: ", ")))"
  }
}

extension Argument: CustomStringConvertible {
  /// The canonical text.
  public var description: String { "\(key): \(value)" }
}

extension Argument.Value: CustomStringConvertible {
  /// The canonical text.
  public var description: String {
    switch self {
    case .integer(let value): String(value)
    case .label(let name): name
    case .list(let values): "[\(values.map(\.description).joined(separator: ", "))]"
    }
  }
}

extension Recipe: Codable {
  /// Decodes the text form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    do {
      try self.init(parsing: container.decode(String.self))
    } catch let error as RecipeSyntaxError {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: error.description)
    }
  }

  /// Encodes the text form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension Step: Codable {
  /// Decodes the text form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    do {
      try self.init(parsing: container.decode(String.self))
    } catch let error as RecipeSyntaxError {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: error.description)
    }
  }

  /// Encodes the text form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
