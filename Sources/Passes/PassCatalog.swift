public import ExperimentRecords

/// All passes, by name. The list is generated from the folder, see `PassCatalog+Generated.swift`.
public enum PassCatalog {
  /// The entry of the pass that recipes call by this name.
  public static func entry(named name: String) -> CatalogEntry? {
    all.first { $0.name == name }
  }
}

/// What the catalog tells of a pass. All text comes from the doc comment of its type.
public struct CatalogEntry: Sendable {
  /// The name in recipes.
  public let name: String
  public let parameters: [PassParameter]
  /// File name within the folder of the passes.
  public let sourceFile: String
  /// The whole doc comment, without its comment marks.
  public let documentation: String
  /// Reads the parameters from a step.
  public let make: @Sendable (Step) throws(Refusal) -> any Pass

  /// Creates the entry of a pass type.
  init<P: Pass>(_ type: P.Type, file: String, documentation: String) {
    name = P.name
    parameters = P.parameters
    sourceFile = file
    self.documentation = documentation
    make = { (step) throws(Refusal) in try P(step: step) }
  }

  /// The first sentence.
  public var summary: String { paragraphs.first.map(Self.joined) ?? "" }

  /// The sketch of code before and after, with its line breaks.
  public var beforeAfter: String {
    let blocks = paragraphs.filter { $0.allSatisfy { $0.hasPrefix("    ") } }
    return blocks.first?.map { String($0.dropFirst(4)) }.joined(separator: "\n") ?? ""
  }

  /// When the pass may be applied.
  public var legality: String { section("Legal iff") }

  /// Other names of the transformation.
  public var alsoCalled: String { section("Also called") }

  /// Where it is described.
  public var reference: String { section("Reference") }

  private var paragraphs: [[String]] {
    documentation.split(separator: "\n", omittingEmptySubsequences: false)
      .split(whereSeparator: \.isEmpty)
      .map { $0.map(String.init) }
  }

  /// The paragraph that begins with the word, without it.
  private func section(_ word: String) -> String {
    let prefix = word + ": "
    let paragraph = paragraphs.first { $0.first?.hasPrefix(prefix) == true }
    return paragraph.map { String(Self.joined($0).dropFirst(prefix.count)) } ?? ""
  }

  private static func joined(_ lines: [String]) -> String {
    lines.map { $0.drop { $0 == " " } }.joined(separator: " ")
  }
}
