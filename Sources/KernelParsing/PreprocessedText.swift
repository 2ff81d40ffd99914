/// A translation unit after `-E -dD`: its text with line markers and the directives between.
struct PreprocessedText {
  /// The compiler's output.
  let bytes: [UInt8]
  /// What line markers call the file that was preprocessed.
  let mainFile: String
  /// The output with every `#define` and `#undef` line blanked out, which is what libclang parses;
  /// offsets are the same in both.
  let parsable: [UInt8]
  /// Regions of one presumed file each, in order.
  private let regions: [Region]
  /// `#define`, `#undef` and `#pragma` lines, in order.
  let directives: [Range<Int>]

  private struct Region {
    let start: Int
    let file: String
    let line: Int
  }

  init(_ bytes: [UInt8], mainFile: String) {
    self.bytes = bytes
    self.mainFile = mainFile
    var parsable = bytes
    var regions: [Region] = []
    var directives: [Range<Int>] = []
    for line in Self.directiveLines(bytes) {
      if let marker = Self.marker(bytes[line]) {
        regions.append(Region(start: line.upperBound + 1, file: marker.file, line: marker.line))
      } else {
        directives.append(line)
        if Self.isDefinition(bytes[line]) {
          for offset in line { parsable[offset] = 0x20 }
        }
      }
    }
    self.parsable = parsable
    self.regions = regions
    self.directives = directives
  }

  /// The presumed file and line of an offset.
  func place(of offset: Int) -> (file: String, line: Int)? {
    var low = 0
    var high = regions.count
    while low < high {
      let middle = (low + high) / 2
      if regions[middle].start <= offset { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    let region = regions[low - 1]
    var line = region.line
    for position in region.start..<max(region.start, min(offset, bytes.count))
    where bytes[position] == 0x0A { line += 1 }
    return (region.file, line)
  }

  /// Whether headers of processor intrinsics take part, which only the libclang of the same version
  /// reads.
  var includesIntrinsics: Bool {
    regions.contains { $0.file.hasSuffix("intrin.h") || $0.file.hasSuffix("arm_neon.h") }
  }

  /// The byte ranges that come from the main file itself, in order.
  var mainRanges: [Range<Int>] {
    regions.indices.compactMap { index in
      guard regions[index].file == mainFile else { return nil }
      let end = index + 1 < regions.count ? regions[index + 1].start : bytes.count
      return min(regions[index].start, end)..<end
    }
  }

  private static func directiveLines(_ bytes: [UInt8]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var start = 0
    bytes.withUnsafeBufferPointer { buffer in
      while start < buffer.count {
        var end = start
        while end < buffer.count, buffer[end] != 0x0A { end += 1 }
        var first = start
        while first < end, buffer[first] == 0x20 || buffer[first] == 0x09 { first += 1 }
        if first < end, buffer[first] == UInt8(ascii: "#") { result.append(first..<end) }
        start = end + 1
      }
    }
    return result
  }

  /// The file and line of `# 12 "file" 1 3`.
  private static func marker(_ line: ArraySlice<UInt8>) -> (file: String, line: Int)? {
    var rest = line.dropFirst().drop { $0 == 0x20 }
    if rest.starts(with: Array("line ".utf8)) { rest = rest.dropFirst(5) }
    let digits = rest.prefix { CLexer.isDigit($0) }
    guard !digits.isEmpty, let number = Int(String(decoding: digits, as: UTF8.self)) else {
      return nil
    }
    rest = rest.dropFirst(digits.count).drop { $0 == 0x20 }
    guard rest.first == UInt8(ascii: "\"") else { return nil }
    var name: [UInt8] = []
    var escaped = false
    for byte in rest.dropFirst() {
      if escaped {
        name.append(byte)
        escaped = false
      } else if byte == 0x5C {
        escaped = true
      } else if byte == UInt8(ascii: "\"") {
        break
      } else {
        name.append(byte)
      }
    }
    return (String(decoding: name, as: UTF8.self), number)
  }

  private static func isDefinition(_ line: ArraySlice<UInt8>) -> Bool {
    let word = line.dropFirst().drop { $0 == 0x20 || $0 == 0x09 }.prefix {
      CLexer.continuesIdentifier($0)
    }
    return word.elementsEqual("define".utf8) || word.elementsEqual("undef".utf8)
  }
}
