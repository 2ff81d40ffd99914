internal import CClang

/// A place as line markers give it: the file, line and column that a user knows.
public struct PresumedLocation: Equatable, Hashable, Sendable {
  /// The file's name as the line marker or the command line spells it; empty when there is none.
  public let file: String
  /// The line, counted from 1; 0 when unknown.
  public let line: Int
  /// The column in bytes, counted from 1; 0 when unknown.
  public let column: Int
}

extension CXSourceLocation {
  /// The byte offset in the physical file.
  var offset: Int {
    var offset: UInt32 = 0
    clang_getFileLocation(self, nil, nil, nil, &offset)
    return Int(offset)
  }

  /// The place that line markers give.
  var presumed: PresumedLocation {
    var name = CXString()
    var line: UInt32 = 0
    var column: UInt32 = 0
    clang_getPresumedLocation(self, &name, &line, &column)
    return PresumedLocation(file: name.consumed, line: Int(line), column: Int(column))
  }
}

extension CXSourceRange {
  /// The bytes from start to end in the physical file.
  var byteRange: Range<Int> {
    let start = clang_getRangeStart(self).offset
    return start..<max(start, clang_getRangeEnd(self).offset)
  }
}
