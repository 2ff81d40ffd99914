import Foundation

/// A JSON file of results, sorted and indented so that two of them can be compared line by line.
public enum ResultFile {
  public static func write(_ document: some Encodable, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try encoder.encode(document).write(to: URL(fileURLWithPath: path))
    print("written to \(path)")
  }
}
