import Foundation

/// Renders `PassCatalog+Generated.swift` from the doc comments in the folder of the passes.
struct CatalogRenderer {
  let folder: URL

  var generatedFile: URL { folder.appending(path: "PassCatalog+Generated.swift") }

  func render() throws -> String {
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") && $0 != generatedFile.lastPathComponent }
      .sorted()
    let entries = try files.flatMap { file in
      let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      return passes(in: text).map { (file: file, type: $0.type, documentation: $0.documentation) }
    }
    let list = entries.map { entry in
      let lines = entry.documentation.map { $0.isEmpty ? "" : "        " + $0 }
      return """
            CatalogEntry(
              \(entry.type).self, file: "\(entry.file)",
              documentation: #\"""
        \(lines.joined(separator: "\n"))
                \"""#)
        """
    }
    return """
      // Generated from the doc comments of the passes in this folder by `make catalog`.

      extension PassCatalog {
        /// Every pass, in the order of its file's name.
        public static let all: [CatalogEntry] = [
      \(list.joined(separator: ",\n")),
        ]
      }

      """
  }

  /// Types that are declared `public struct T: Pass`, each with the doc comment above.
  private func passes(in text: String) -> [(type: String, documentation: [String])] {
    var comment: [String] = []
    var found: [(String, [String])] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("///") {
        comment.append(String(line.dropFirst(line.hasPrefix("/// ") ? 4 : 3)))
        continue
      }
      if let match = line.wholeMatch(of: #/public struct (\w+): Pass\b.*/#) {
        found.append((String(match.1), comment))
      }
      comment = []
    }
    return found
  }
}
