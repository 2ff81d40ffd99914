import ArgumentParser
import Diagnostics
import Passes

/// `ratchet passes [NAME]`: the catalog.
struct PassesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "passes", abstract: "Lists the passes, or explains one.")

  @Argument(help: "The pass to explain.")
  var name: String?

  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  func run() async throws {
    try await withEndings {
      let entries = try chosen()
      switch format {
      case .text: say(name == nil ? Self.table(entries) : entries.map(Self.page).joined())
      case .json: try sayJSON(Document(passes: entries.map(Document.Pass.init)))
      }
    }
  }

  private func chosen() throws -> [CatalogEntry] {
    guard let name else { return PassCatalog.all }
    guard let entry = PassCatalog.all.first(where: { $0.name == name }) else {
      throw InputError("no pass '\(name)'", remedy: "'ratchet passes' lists them")
    }
    return [entry]
  }

  private static func table(_ entries: [CatalogEntry]) -> String {
    let width = entries.map(\.name.count).max() ?? 0
    return entries.map { entry in
      entry.name.padding(toLength: width + 2, withPad: " ", startingAt: 0) + entry.summary + "\n"
    }.joined()
  }

  private static func page(_ entry: CatalogEntry) -> String {
    var text = "\(entry.name)\n\n\(entry.documentation)\n\nArguments\n"
    for parameter in entry.parameters {
      let optional = parameter.isOptional ? ", optional" : ""
      text += "  \(parameter.name) (\(parameter.kind.rawValue)\(optional)): \(parameter.summary)\n"
    }
    return text
  }

  private struct Document: Encodable {
    struct Pass: Encodable {
      struct Parameter: Encodable {
        var name: String
        var kind: String
        var optional: Bool
        var summary: String
      }
      var name: String
      var summary: String
      var documentation: String
      var parameters: [Parameter]

      init(_ entry: CatalogEntry) {
        name = entry.name
        summary = entry.summary
        documentation = entry.documentation
        parameters = entry.parameters.map {
          Parameter(
            name: $0.name, kind: $0.kind.rawValue, optional: $0.isOptional, summary: $0.summary)
        }
      }
    }
    var schema = "ratchet.passes/1"
    var passes: [Pass]
  }
}
